"""What sounds while a relayed stream is gone: a clip, or a quiet tone of ours, over and over."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.outputs.output import RATE_HZ, Samples
from audio.sources import BadSource, ClipSource

_HELD_FRAMES = 10 * RATE_HZ
"""A shorter clip is held in memory: it comes round again sooner than a disk may answer."""
_TONE_HZ = (523.25, 659.26)
_NOTE_S = 0.7
_TONE_EVERY_S = 4.0
"""Below the 5 s after which silence counts as dead air."""
_TONE_PEAK = 0.08
"""-22 dBFS: plainly heard beside a loudspeaker, not taken for a programme."""


class Filler(Protocol):
    def take(self, out: NDArray[np.float32]) -> None:
        """Fill all of `out`, in steps of a 16-bit sample."""

    def read_ahead(self) -> None: ...

    def close(self) -> None: ...


def filler_of(path: Path | None) -> Filler:
    """Return the filler that repeats the clip at `path`; None is the tone. Raises BadSource."""
    if path is None:
        return HeldFiller(_tone())
    clip = ClipSource(path)
    clip.read_ahead()
    if clip.frames >= _HELD_FRAMES:
        return ClipFiller(path, clip)
    whole = np.empty(clip.frames, np.float32)
    clip.take(whole)
    clip.close()
    return HeldFiller(whole.astype(np.int16))


class HeldFiller:
    """Samples in memory."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._position = 0

    def take(self, out: NDArray[np.float32]) -> None:
        taken = 0
        while taken < len(out):
            part = self._samples[self._position : self._position + len(out) - taken]
            out[taken : taken + len(part)] = part
            taken += len(part)
            self._position = (self._position + len(part)) % len(self._samples)

    def read_ahead(self) -> None:
        pass

    def close(self) -> None:
        pass


class ClipFiller:
    """A clip on disk; the next round is read ahead while this one plays."""

    def __init__(self, path: Path, clip: ClipSource) -> None:
        self._path = path
        self._now: ClipSource = clip
        self._next: ClipSource | None = None
        self._tone: HeldFiller | None = None
        """Stands in when the clip has gone since: better that than silence."""
        self._done: list[ClipSource] = []

    def take(self, out: NDArray[np.float32]) -> None:
        taken = self._now.take(out)
        if self._now.is_finished and self._next is not None:
            self._done.append(self._now)
            self._now, self._next = self._next, None
            taken += self._now.take(out[taken:])
        out[taken:] = 0.0
        if self._tone is not None and taken < len(out):
            self._tone.take(out[taken:])

    def read_ahead(self) -> None:
        while self._done:
            self._done.pop().close()
        self._now.read_ahead()
        if self._next is None and self._tone is None:
            self._begin_next_round()

    def close(self) -> None:
        for clip in (*self._done, self._now, *filter(None, [self._next])):
            clip.close()

    def _begin_next_round(self) -> None:
        try:
            following = ClipSource(self._path)
        except BadSource:
            self._tone = HeldFiller(_tone())
            return
        following.read_ahead()
        self._next = following


def _tone() -> Samples:
    """Return two soft notes and a rest."""
    time_s = np.arange(round(_NOTE_S * RATE_HZ)) / RATE_HZ
    envelope = (
        np.minimum(1.0, time_s / 0.02) * np.exp(-time_s / 0.25) * np.minimum(1.0, (_NOTE_S - time_s) / 0.05)
    )
    loop = np.zeros(round(_TONE_EVERY_S * RATE_HZ))
    for place, note_hz in enumerate(_TONE_HZ):
        start = round(place * 0.45 * RATE_HZ)
        loop[start : start + len(time_s)] += envelope * np.sin(2 * np.pi * note_hz * time_s)
    scaled: Samples = np.rint(loop / np.abs(loop).max() * _TONE_PEAK * 32767).astype(np.int16)
    return scaled
