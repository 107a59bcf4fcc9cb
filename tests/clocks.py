"""A clock that stands still until a test moves it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class FakeClock:
    """A small working clock. `advance` lets time pass; `step` is somebody setting the wall clock.

    Like the real one it is aware and in UTC, and its monotonic time never goes back. Safe across threads.
    """

    def __init__(
        self, now: datetime = datetime(2026, 11, 23, 22, 0, tzinfo=UTC), monotonic: float = 1000.0
    ) -> None:
        assert now.tzinfo is not None, "a clock tells aware moments"
        self._now = now.astimezone(UTC)
        self._monotonic = monotonic
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        with self._lock:
            return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on both clocks."""
        assert seconds >= 0, "time does not run back; use step()"
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._monotonic += seconds

    def advance_to(self, moment: datetime) -> None:
        self.advance((moment - self.now()).total_seconds())

    def step(self, seconds: float) -> None:
        """Set the wall clock forward or, if negative, back; no time passes."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
