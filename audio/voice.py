"""One item in a mixer: where it is, how loud it was, and its way out."""

from __future__ import annotations

import math
import sys
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.gain import Gains
from audio.outputs.output import RATE_HZ
from audio.player_words import SILENCE_DBFS, How
from audio.sources import Source

Ramp = NDArray[np.float32]
_FULL_SCALE = 32768.0
_SHORT_PAUSE_FRAMES = 2 * RATE_HZ


def fade_ramp(fade_s: float) -> Ramp:
    """Return the gains of a fade to silence, one per frame: a quarter of a cosine (equal power)."""
    frames = round(fade_s * RATE_HZ)
    return np.cos(np.linspace(0.0, math.pi / 2, frames, dtype=np.float32))


def dbfs(mean_square: float) -> float:
    """`mean_square` is in squared 16-bit steps; a full-scale sine gives -3 dBFS."""
    if mean_square <= 0.0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 10.0 * math.log10(mean_square / _FULL_SCALE**2))


class Voice:
    """Touched by the mixer only, under its rules; others may read the numbers."""

    def __init__(self, item: str, rank: int, target_s: float, source: Source) -> None:
        self.item = item
        self.rank = rank
        self.target_s = target_s
        self.source = source
        self.state: Literal["waiting", "playing", "over"] = "waiting"
        self.how: How = "whole"
        self.text = ""
        self.accepted = 0
        self.energy = 0.0
        self.peak = 0.0
        """Since it was last set to 0 by who reports."""
        self.is_starved = False
        self._pause_frames = 0
        self._elapsed = 0
        self._ramp: Ramp | None = None
        self._ramp_from = 0

    @property
    def is_fading(self) -> bool:
        return self._ramp is not None

    @property
    def is_in_long_pause(self) -> bool:
        """Nothing has come for 2 s: what is kept of the item need not hold the rest of this silence."""
        return self._pause_frames > _SHORT_PAUSE_FRAMES

    @property
    def position_s(self) -> float:
        return self.source.position / RATE_HZ

    @property
    def seconds_accepted(self) -> float:
        """Of its own sound; a pause between the parts of a queue does not count."""
        return self.accepted / RATE_HZ

    @property
    def level_dbfs(self) -> float:
        return dbfs(self.energy / self.accepted) if self.accepted else SILENCE_DBFS

    def end(self, how: How, text: str = "") -> None:
        self.state, self.how, self.text = "over", how, text

    def fade_out(self, ramp: Ramp, after: int, text: str) -> None:
        """Begin to fade `after` frames from now; the first fade counts."""
        if self._ramp is None:
            self._ramp, self._ramp_from, self.text = ramp, self._elapsed + after, text

    def mix_into(
        self, mix: NDArray[np.float32], scratch: NDArray[np.float32], gains: Gains | None = None
    ) -> int:
        """Add what comes next to `mix` and return how far it sounds; the others are as long as `mix`."""
        wanted = min(len(mix), self._frames_to_fade_end())
        part = scratch[:wanted]
        taken = self.source.take(part)
        part = part[:taken]
        self._fade(part)
        if gains is not None:
            part *= gains[:taken]
        mix[:taken] += part
        self._measure(part)
        self._elapsed += wanted
        self._pause_frames = 0 if taken else self._pause_frames + wanted
        self.is_starved = self.source.is_late
        self._note_end()
        return taken if self.source.is_finished else wanted

    def _frames_to_fade_end(self) -> int:
        if self._ramp is None:
            return sys.maxsize
        return max(0, self._ramp_from + len(self._ramp) - self._elapsed)

    def _fade(self, part: NDArray[np.float32]) -> None:
        if self._ramp is None:
            return
        start = self._elapsed - self._ramp_from
        faded = part[max(0, -start) :]
        gains = self._ramp[max(0, start) :]
        faded *= gains[: len(faded)]

    def _measure(self, part: NDArray[np.float32]) -> None:
        if not len(part):
            return
        self.accepted += len(part)
        self.energy += float(np.dot(part, part))
        self.peak = max(self.peak, float(part.max()), -float(part.min()))

    def _note_end(self) -> None:
        is_finished = self.source.is_finished
        if is_finished and self.source.failure:
            self.end("failed", self.source.failure)
        elif self._ramp is not None and (is_finished or self._frames_to_fade_end() == 0):
            self.end("cut", self.text)
        elif is_finished:
            self.end("whole")
