"""How loud a player is, moved without a click."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.outputs.output import RATE_HZ

Gains = NDArray[np.float32]


class Gain:
    """A factor that moves in a straight line to where it is told. Touched by the mixer only."""

    def __init__(self) -> None:
        self._now = self._target = 1.0
        self._frames_left = 0

    def move(self, gain_db: float, ramp_s: float) -> None:
        self._target = 10.0 ** (gain_db / 20.0)
        self._frames_left = round(ramp_s * RATE_HZ)
        if not self._frames_left:
            self.arrive()

    def arrive(self) -> None:
        """End the ramp: what begins now begins at the new level."""
        self._now, self._frames_left = self._target, 0

    def next(self, frames: int) -> Gains | None:
        """Return one factor for each of the next frames; None when all are 1."""
        if not self._frames_left:
            return None if self._now == 1.0 else np.full(frames, self._now, np.float32)
        ramp = np.minimum(np.arange(1, frames + 1), self._frames_left) / self._frames_left
        gains = (self._now + (self._target - self._now) * ramp).astype(np.float32)
        self._frames_left = max(0, self._frames_left - frames)
        self._now = float(gains[-1]) if self._frames_left else self._target
        return gains
