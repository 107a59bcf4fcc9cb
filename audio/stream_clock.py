"""When each frame of a running output is heard."""

from __future__ import annotations

from collections import deque

from audio.outputs.output import RATE_HZ

_SHARE = 0.02
_JUMP_S = 0.003
_WINDOW_S = 0.6


class StreamClock:
    """A slow filter over (now - frames / rate): steadier by far than the moment of any one callback.

    A device asks late when the machine is busy, but never early: so the earliest of the last 0.6 s is what
    counts, and the estimate moves by 2 % of its distance to it. A distance over 3 ms is no noise: the
    output ran dry and everything after it is heard later by that much, so it is taken over at once.
    """

    def __init__(self) -> None:
        self._zero_s = 0.0
        self._seen: deque[tuple[float, float]] = deque()

    def observe(self, now_s: float, frames: int) -> None:
        """The device asks at `now_s` for what follows after `frames` frames."""
        self._seen.append((now_s, now_s - frames / RATE_HZ))
        while self._seen[0][0] < now_s - _WINDOW_S:
            self._seen.popleft()
        earliest_s = min(zero_s for _, zero_s in self._seen)
        off_s = earliest_s - self._zero_s
        self._zero_s = earliest_s if abs(off_s) > _JUMP_S else self._zero_s + _SHARE * off_s

    def frame_at(self, moment_s: float) -> int:
        return round((moment_s - self._zero_s) * RATE_HZ)

    def time_of(self, frame: int) -> float:
        return self._zero_s + frame / RATE_HZ
