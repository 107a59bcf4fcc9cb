"""Mastering of sound that is too long to be held at once: the same chain as `mastering`, window by window.

Half an hour is 350 MB of samples. So it is read from its file three times: to know how loud each moment is,
to write it with gain and limiter, and to measure what was written.
"""

from __future__ import annotations

import math
import wave
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from audio import filters, levels, mastering
from audio.formats import CLIP_RATE_HZ, Pcm, Samples, from_s16, to_s16
from audio.limiter import BLOCK_FRAMES, Decibels
from audio.mastering import Analysis, Drive, Tone

_HOP_BLOCKS = levels.HOP_FRAMES // BLOCK_FRAMES
_READ_FRAMES = 1 << 18
_SETTLING_FRAMES = 1 << 12
"""What a filter must have heard before its output counts, as in `filters`."""
_FILTERED_FRAMES = 12 * levels.HOP_FRAMES * 7
"""8.4 s: whole gating hops, whole blocks."""
_RELEASE_FRAMES = CLIP_RATE_HZ
"""A limiter that lets go at 60 dB a second has forgotten a peak by then."""
_AHEAD_FRAMES = 6400
_LIMITED_FRAMES = 20 * CLIP_RATE_HZ
_SEARCHED_BLOCKS = 20 * 60 * CLIP_RATE_HZ // BLOCK_FRAMES
"""The drive is found on so much sound, taken evenly: what it misses is seen when the result is measured."""
_PIECE_BLOCKS = 400 * _HOP_BLOCKS
_FADE_FRAMES = 480
_CLOSE_LU = 0.2
_SAFE_DB = 0.05
_TRIES = 3
_AT_ONCE = 2

Result = TypeVar("Result")
Progress = Callable[[float], object]
Ranges = Sequence[tuple[int, int]]
"""Stretches of a sound, each [from, to) in blocks, in order."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a stream with its neighbourhood; beyond the ends of the stream there is silence."""

    samples: Samples
    start: int
    """Frame of the stream with which the middle begins."""
    frames: int
    """Of the middle; fewer than asked for only at the end."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on a finished file."""

    seconds: float
    loudness_lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """How loud a sound is from block to block, once shaped."""

    energies: Samples
    """K-weighted mean squares."""
    peaks_db: Decibels

    def kept(self, ranges: Ranges) -> Survey:
        """Return the survey of what is left of the sound when only `ranges` are kept."""
        energies = [self.energies[:0], *(self.energies[first:last] for first, last in ranges)]
        peaks_db = [self.peaks_db[:0], *(self.peaks_db[first:last] for first, last in ranges)]
        return Survey(np.concatenate(energies), np.concatenate(peaks_db))

    def loudness(self) -> float:
        """Return the gated loudness in LUFS; -inf for silence and for less than 0.4 s."""
        hops = _per_hop(self.energies)
        return levels.gated_loudness(hops) if len(hops) >= 4 else -math.inf

    def drive_to(self, target_lufs: float, ceiling_dbtp: float) -> Drive | None:
        """Return the drive with which the sound is at the target once limited; None for silence."""
        loudness = self.loudness()
        if not math.isfinite(loudness):
            return None
        part = self._evenly(_SEARCHED_BLOCKS)
        differs_lu = part.loudness() - loudness if math.isfinite(part.loudness()) else 0.0
        nothing = np.zeros(0, np.float32)
        return Analysis(nothing, part.energies, part.peaks_db).drive_to(
            target_lufs + differs_lu, ceiling_dbtp
        )

    def _evenly(self, blocks: int) -> Survey:
        """Return pieces of 40 s, together `blocks` long at most, from all over the sound."""
        pieces = len(self.energies) // _PIECE_BLOCKS
        wanted = blocks // _PIECE_BLOCKS
        if pieces <= wanted:
            return self
        starts = np.linspace(0, pieces - 1, wanted).astype(int) * _PIECE_BLOCKS
        return self.kept([(int(start), int(start) + _PIECE_BLOCKS) for start in starts])


# --- streams ---


def seconds_of(wav: Path) -> float:
    with wave.open(str(wav), "rb") as file:
        return file.getnframes() / file.getframerate()


def blocks_of(wav: Path, progress: Progress = lambda _: None) -> Iterator[Samples]:
    """Yield the samples of a mono 16-bit WAV, some seconds at a time."""
    with wave.open(str(wav), "rb") as file:
        total = max(1, file.getnframes())
        while raw := file.readframes(_READ_FRAMES):
            yield from_s16(raw, CLIP_RATE_HZ).samples
            progress(min(1.0, file.tell() / total))


def windows(stream: Iterable[Samples], middle: int, before: int = 0, after: int = 0) -> Iterator[Window]:
    """Yield the whole of `stream` in windows whose middles follow each other without a gap."""
    held, start = np.zeros(before, np.float32), 0
    for block in stream:
        held = np.concatenate([held, block])
        while len(held) >= before + middle + after:
            yield Window(held[: before + middle + after], start, middle)
            held, start = held[middle:], start + middle
    while len(held) > before:
        frames = min(middle, len(held) - before)
        whole = np.pad(held, (0, max(0, before + middle + after - len(held))))
        yield Window(whole[: before + middle + after], start, frames)
        held, start = held[frames:], start + frames


def each(work: Callable[[Window], Result], some: Iterable[Window]) -> Iterator[Result]:
    """Yield what `work` makes of each window, in order, two at a time: numpy lets go of Python to compute."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting: deque[Future[Result]] = deque()
        for window in some:
            waiting.append(pool.submit(work, window))
            if len(waiting) > _AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def shaped(stream: Iterable[Samples], tone: Tone) -> Iterator[Samples]:
    def work(window: Window) -> Samples:
        filtered = filters.apply(window.samples, tone.sections())
        return filtered[_SETTLING_FRAMES : _SETTLING_FRAMES + window.frames]

    return each(work, windows(stream, _FILTERED_FRAMES, before=_SETTLING_FRAMES))


def cut(stream: Iterable[Samples], ranges: Ranges) -> Iterator[Samples]:
    """Yield what `ranges` keep of `stream`, each stretch faded in and out over 10 ms."""
    stretches = [(first * BLOCK_FRAMES, last * BLOCK_FRAMES) for first, last in ranges]
    position = 0
    for block in stream:
        end = position + len(block)
        for first, last in stretches:
            begin, stop = max(first, position), min(last, end)
            if begin < stop:
                yield _faded(block[begin - position : stop - position], begin, first, last)
        position = end


def limited(stream: Iterable[Samples], drive: Drive, ceiling_dbtp: float) -> Iterator[Samples]:
    nothing, none = np.zeros(0, np.float32), np.zeros(0)

    def work(window: Window) -> Samples:
        driven, _ = Analysis(window.samples, nothing, none).driven(drive, ceiling_dbtp)
        return driven[_RELEASE_FRAMES : _RELEASE_FRAMES + window.frames]

    return each(work, windows(stream, _LIMITED_FRAMES, _RELEASE_FRAMES, _AHEAD_FRAMES))


def write_stream(wav: Path, stream: Iterable[Samples]) -> None:
    """Write a mono 16-bit WAV at 48 kHz."""
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(CLIP_RATE_HZ)
        for samples in stream:
            file.writeframesraw(to_s16(Pcm(samples, CLIP_RATE_HZ)))


# --- the three passes ---


def survey(wav: Path, tone: Tone, progress: Progress = lambda _: None) -> Survey:
    """Return how loud `wav` is, block by block, once shaped by `tone`."""
    settled = _SETTLING_FRAMES // BLOCK_FRAMES

    def work(window: Window) -> tuple[Samples, Decibels]:
        seen = mastering.analyse(Pcm(window.samples, CLIP_RATE_HZ), tone)
        blocks = slice(settled, settled + -(-window.frames // BLOCK_FRAMES))
        return seen.energies[blocks], seen.sample_peaks_db[blocks]

    energies, peaks_db = [np.zeros(0, np.float32)], [np.zeros(0)]
    for part in each(work, windows(blocks_of(wav, progress), _FILTERED_FRAMES, before=_SETTLING_FRAMES)):
        energies.append(part[0])
        peaks_db.append(part[1])
    return Survey(np.concatenate(energies), np.concatenate(peaks_db))


def measure(wav: Path, progress: Progress = lambda _: None) -> Measured:
    """Return loudness and true peak of a finished file (ITU-R BS.1770-4)."""
    highest = 0.0

    def work(window: Window) -> tuple[Samples, float]:
        weighted = filters.apply(window.samples, levels.K_WEIGHTING)[_SETTLING_FRAMES:]
        near = max(highest, float(np.abs(window.samples).max(initial=0.0))) * levels.NEAR_PEAK
        peak = float(levels.true_peaks(window.samples, BLOCK_FRAMES, near).max()) if near > 0 else 0.0
        return levels.energy_per_block(weighted[: window.frames], levels.HOP_FRAMES), peak

    hops = [np.zeros(0, np.float32)]
    for part in each(work, windows(blocks_of(wav, progress), _FILTERED_FRAMES, before=_SETTLING_FRAMES)):
        hops.append(part[0])
        highest = max(highest, part[1])
    energies = np.concatenate(hops)
    loudness = levels.gated_loudness(energies) if len(energies) >= 4 else -math.inf
    return Measured(seconds_of(wav), loudness, levels.to_db(highest))


def master_file(
    wav: Path,
    clip: Path,
    seen: Survey,
    ranges: Ranges,
    tone: Tone,
    target_lufs: float = mastering.TARGET_LUFS,
    ceiling_dbtp: float = mastering.CEILING_DBTP,
    progress: Progress = lambda _: None,
) -> Measured:
    """Write what `ranges` keep of `wav` to `clip` at `target_lufs`, no peak above `ceiling_dbtp`.

    `seen` is the survey of the whole of `wav`. What the result misses is made good by writing it again.
    Raises ValueError for silence.
    """
    kept, aim_lufs, top_dbtp = seen.kept(ranges), target_lufs, ceiling_dbtp
    for _ in range(_TRIES):
        drive = kept.drive_to(aim_lufs, top_dbtp)
        if drive is None:
            raise ValueError("silence has no loudness")
        source = shaped(blocks_of(wav, lambda done: progress(done * 0.6)), tone)
        write_stream(clip, limited(cut(source, ranges), drive, top_dbtp))
        made = measure(clip, lambda done: progress(0.6 + done * 0.4))
        too_high_db = made.true_peak_dbtp - ceiling_dbtp
        missing_lu = target_lufs - made.loudness_lufs
        if too_high_db <= 0 and (abs(missing_lu) <= _CLOSE_LU or made.loudness_lufs < aim_lufs - 1):
            return made
        aim_lufs += missing_lu if abs(missing_lu) > _CLOSE_LU else 0.0
        top_dbtp -= max(0.0, too_high_db + _SAFE_DB if too_high_db > 0 else 0.0)
    return made


def _per_hop(energies: Samples) -> Samples:
    whole = len(energies) // _HOP_BLOCKS * _HOP_BLOCKS
    means: Samples = energies[:whole].reshape(-1, _HOP_BLOCKS).mean(axis=1)
    return means


def _faded(part: Samples, begin: int, first: int, last: int) -> Samples:
    """Return `part`, which begins at frame `begin` of a stretch [first, last), with the stretch's fades."""
    end = begin + len(part)
    if begin - first >= _FADE_FRAMES and last - end >= _FADE_FRAMES:
        return part
    frame = np.arange(begin, end)
    rise = np.minimum((frame - first + 1) / _FADE_FRAMES, (last - frame) / _FADE_FRAMES)
    faded: Samples = part * np.minimum(1.0, rise).astype(np.float32)
    return faded
