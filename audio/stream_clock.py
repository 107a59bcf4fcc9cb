"""When each frame of a running output is heard."""

from __future__ import annotations

from audio.outputs.output import RATE_HZ

_SHARE = 0.02
_STEP_S = 0.005
_SETTLING_CALLS = 25
_JUMP_S = 0.05


class StreamClock:
    """A slow filter over (now - frames / rate): steadier by far than the moment of any one callback.

    A device asks for samples in bursts and late, never early. So the earliest of the first calls is the
    start, each later call may move it by 2 % of what it is off, and at most by 2 % of 5 ms: calls that
    come late under load then count little. A shift that stays (the server paused) is taken over.
    """

    def __init__(self) -> None:
        self._zero_s = 0.0
        self._calls = 0
        self._calls_off = 0

    def observe(self, now_s: float, frames: int) -> None:
        """The device asks at `now_s` for what follows after `frames` frames."""
        seen_s = now_s - frames / RATE_HZ
        if self._calls == 0 or self._has_jumped(seen_s):
            self._calls, self._calls_off, self._zero_s = 1, 0, seen_s
        elif self._calls < _SETTLING_CALLS:
            self._calls += 1
            self._zero_s = min(self._zero_s, seen_s)
        else:
            off_s = max(-_STEP_S, min(_STEP_S, seen_s - self._zero_s))
            self._zero_s += _SHARE * off_s

    def frame_at(self, moment_s: float) -> int:
        return round((moment_s - self._zero_s) * RATE_HZ)

    def time_of(self, frame: int) -> float:
        return self._zero_s + frame / RATE_HZ

    def _has_jumped(self, seen_s: float) -> bool:
        is_off = self._calls >= _SETTLING_CALLS and abs(seen_s - self._zero_s) > _JUMP_S
        self._calls_off = self._calls_off + 1 if is_off else 0
        return self._calls_off > _SETTLING_CALLS
