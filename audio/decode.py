"""A stranger's file, turned into 48 kHz mono WAV: whatever a phone, a recorder or a camera makes.

Streamed: nothing is held but a second of sound. What the header claims is not believed; lengths are counted.
Decoding is PyAV's, from an open file and as a named kind only, so that no file can make it open another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from audio.decode_kinds import WAV, Kind, kind_of, wav_stated_s
from audio.decode_words import length
from audio.formats import CLIP_RATE_HZ, BadSound, Samples
from audio.mastering_stream import write_stream

HEADROOM = np.float32(0.5)
"""Decoded MP3 rises above full scale; 16 bits keep it whole at half its level, and mastering turns it up."""
LEAST_RATE_HZ, MOST_RATE_HZ = 4000, 384_000
MOST_CHANNELS = 8
SILENT_START_S = 600.0
_SILENT_BELOW = np.float32(10 ** (-70 / 20))
_MOST_DAMAGED = 0.05
"""Part of the packets that may be broken before the whole counts as broken."""
_MOST_BARREN = 3000
"""So many packets in a row without a sound: a minute of the shortest there are."""
_MISSING_S, _MISSING_PART = 2.0, 0.03
_BATCH_FRAMES = CLIP_RATE_HZ
_CODECS = ("aac", "ac3", "adpcm", "alac", "amr", "eac3", "flac", "mp1", "mp2", "mp3", "opus", "pcm", "vorbis",
           "wma")  # fmt: skip

Progress = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Found:
    """What was in a file."""

    codec: str
    seconds: float
    rate_hz: int
    channels: int
    damaged: int
    """Packets that could not be decoded and were left out."""


def decode_file(
    source: Path, wav: Path, name: str, longest_s: float, progress: Progress = lambda _: None
) -> Found:
    """Write the sound of `source` to `wav`, at half its level. Raises BadSound, a sentence naming `name`."""
    with source.open("rb") as file:
        kind = kind_of(file, name)
        size = max(1, source.stat().st_size)
        stated_s = wav_stated_s(file) if kind is WAV else None
        file.seek(0)
        reader = _Reader(name, kind, longest_s, stated_s, progress, lambda: file.tell() / size)
        try:
            with av.open(
                file, format=kind.demuxer, metadata_errors="replace", buffer_size=1 << 17
            ) as container:
                write_stream(wav, reader.read(container))
        except BadSound:
            raise
        except (av.error.FFmpegError, ValueError, OverflowError) as error:
            raise _broken(name, kind) from error
    return reader.found()


class _Reader:
    """Reads one file, counting."""

    def __init__(
        self,
        name: str,
        kind: Kind,
        longest_s: float,
        stated_s: float | None,
        progress: Progress,
        position: Callable[[], float],
    ) -> None:
        """`position` tells how far in the file we are, 0 to 1: for a sound whose length nobody knows."""
        self._name = name
        self._kind = kind
        self._longest_s = longest_s
        self._progress = progress
        self._position = position
        self._stream: Any = None
        self._claimed_s = stated_s
        self._frames = self._packets = self._damaged = 0
        self._highest = np.float32(0)

    def read(self, container: Any) -> Iterator[Samples]:
        """Yield the sound, some second at a time, in mono at 48 kHz. Raises BadSound."""
        self._stream = self._chosen(container)
        if self._claimed_s is None and self._kind.states_length:
            self._claimed_s = _claimed_s(container, self._stream)
        if self._claimed_s is not None and self._claimed_s > self._longest_s:
            raise self._too_long(self._claimed_s)
        for samples in _batches(self._mono(container)):
            self._frames += len(samples)
            self._highest = max(self._highest, np.abs(samples).max(initial=np.float32(0)))
            self._check()
            yield samples * HEADROOM
            self._progress(min(1.0, self._done()))

    def _done(self) -> float:
        return self._frames / CLIP_RATE_HZ / self._claimed_s if self._claimed_s else self._position()

    def found(self) -> Found:
        """Say what was read; raises BadSound when it is not all there."""
        seconds = self._frames / CLIP_RATE_HZ
        if not self._frames:
            raise BadSound(
                f"Tệp “{self._name}” không có đoạn âm thanh nào đọc được; hãy thu lại rồi gửi lại."
            )
        if self._damaged > _MOST_DAMAGED * self._packets + 2:
            raise _broken(self._name, self._kind)
        claimed_s = self._claimed_s or 0.0
        if seconds < claimed_s * (1 - _MISSING_PART) - _MISSING_S:
            raise BadSound(
                f"Tệp “{self._name}” bị cụt: ghi dài {length(claimed_s)} nhưng chỉ đọc được "
                f"{length(seconds)}; hãy chép lại cả tệp từ máy thu rồi gửi lại."
            )
        context = self._stream.codec_context
        return Found(context.name, seconds, context.sample_rate, context.layout.nb_channels, self._damaged)

    def _chosen(self, container: Any) -> Any:
        streams = container.streams.audio
        if not streams:
            raise BadSound(f"Tệp “{self._name}” không có phần âm thanh; hãy chọn tệp có tiếng.")
        context = streams[0].codec_context
        if context is None or not _is_readable(context):
            raise BadSound(
                f"Tệp “{self._name}” ghi âm theo kiểu mà máy này không đọc; "
                "hãy đổi sang MP3 hoặc WAV rồi gửi lại."
            )
        context.thread_count = 1
        return streams[0]

    def _mono(self, container: Any) -> Iterator[Samples]:
        resampler = _resampler()
        for frame in self._decoded(container):
            try:
                pieces = resampler.resample(frame)
            except ValueError:  # the sound changes its rate or channels in the middle
                yield from _samples(resampler.resample(None))
                resampler = _resampler()
                pieces = resampler.resample(frame)
            yield from _samples(pieces)
        if self._packets > self._damaged:
            yield from _samples(resampler.resample(None))

    def _decoded(self, container: Any) -> Iterator[Any]:
        barren = 0
        for packet in container.demux(self._stream):
            self._packets += 1
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                self._damaged += 1
                frames = []
            barren = 0 if frames else barren + 1
            if barren > _MOST_BARREN:
                raise _broken(self._name, self._kind)
            yield from frames

    def _check(self) -> None:
        seconds = self._frames / CLIP_RATE_HZ
        if seconds > self._longest_s:
            raise self._too_long(None)
        if seconds > SILENT_START_S and self._highest < _SILENT_BELOW:
            raise BadSound(
                f"Tệp “{self._name}” im lặng suốt {length(seconds)} đầu; hãy kiểm tra micrô rồi thu lại, "
                "hoặc cắt bỏ đoạn im lặng rồi gửi lại."
            )

    def _too_long(self, seconds: float | None) -> BadSound:
        is_long = f"dài {length(seconds)}, quá" if seconds is not None else "dài quá"
        return BadSound(
            f"Tệp “{self._name}” {is_long} {length(self._longest_s)}; "
            "hãy cắt thành nhiều tệp ngắn hơn rồi gửi."
        )


def _claimed_s(container: Any, stream: Any) -> float | None:
    """Return how long the file says that it is; None where it does not say."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else float(container.duration / av.time_base)


def _resampler() -> Any:
    return av.AudioResampler(format="flt", layout="mono", rate=CLIP_RATE_HZ)


def _samples(frames: list[Any]) -> Iterator[Samples]:
    for frame in frames:
        yield np.frombuffer(frame.planes[0], np.float32, frame.samples)


def _batches(pieces: Iterator[Samples]) -> Iterator[Samples]:
    held: list[Samples] = []
    frames = 0
    for piece in pieces:
        held.append(piece)
        frames += len(piece)
        if frames >= _BATCH_FRAMES:
            yield _sane(held)
            held, frames = [], 0
    if held:
        yield _sane(held)


def _sane(pieces: list[Samples]) -> Samples:
    """Return `pieces` as one, what is no number or far beyond full scale held at an end."""
    return np.clip(np.nan_to_num(np.concatenate(pieces), nan=0.0), -2.0, 2.0)


def _broken(name: str, kind: Kind) -> BadSound:
    return BadSound(
        f"Tệp “{name}” ({kind.words}) bị hỏng nên không đọc được; hãy chép lại từ máy thu rồi gửi lại."
    )


def _is_readable(context: Any) -> bool:
    rate_fits = LEAST_RATE_HZ <= context.sample_rate <= MOST_RATE_HZ
    return bool(
        rate_fits and 1 <= context.layout.nb_channels <= MOST_CHANNELS and context.name.startswith(_CODECS)
    )
