"""What time is it? Two clocks: the wall's, which a person or NTP may set, and one that only runs forward."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
"""The station's own time: UTC+7, no summer time since 1975."""
OFFSET_FILE_VARIABLE = "BROADCASTER_CLOCK_OFFSET_FILE"
_SETTLED_S = 0.1
"""Two writes within one tick of the file system leave the same stamp: a file this young is read again."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the wall clock's moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, whatever happens to the wall clock."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class OffsetClock:
    """The system clock moved by the seconds written in a small file; for rehearsals of wrong clocks.

    The file may change at any moment and is looked at on every call (one `stat`). While it is missing the
    offset is 0; while it holds something that is no number, the last good offset stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset_s = 0.0
        self._stamp: tuple[int, ...] | None = None

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._current_offset_s())

    def monotonic(self) -> float:
        return time.monotonic()

    def _current_offset_s(self) -> float:
        try:
            stat = os.stat(self._path)  # noqa: PTH116  half the cost of Path.stat, and asked at every tick
        except OSError:
            self._stamp, self._offset_s = None, 0.0
            return 0.0
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp != self._stamp or time.time() - stat.st_mtime < _SETTLED_S:
            self._stamp = stamp
            self._offset_s = self._read(otherwise=self._offset_s)
        return self._offset_s

    def _read(self, otherwise: float) -> float:
        try:
            return timedelta(seconds=float(self._path.read_text(encoding="ascii"))).total_seconds()
        except (OSError, ValueError, OverflowError):
            return otherwise


def clock_from_environment() -> Clock:
    """Return the system clock, or an `OffsetClock` when BROADCASTER_CLOCK_OFFSET_FILE names a file."""
    path = os.environ.get(OFFSET_FILE_VARIABLE, "")
    return OffsetClock(Path(path)) if path else SystemClock()


@dataclass(frozen=True, slots=True)
class Step:
    """The wall clock was set: forward by `by_s` seconds, or back when negative."""

    by_s: float


class ClockGuard:
    """Notices that the wall clock was set, by comparing it with the monotonic clock at each look.

    Only a jump between two looks counts. A clock that NTP pulls slowly into place is no step.
    """

    def __init__(self, threshold_s: float = 2.0) -> None:
        self._threshold_s = threshold_s
        self._difference_s: float | None = None

    def check(self, now: datetime, monotonic: float) -> Step | None:
        difference_s = now.timestamp() - monotonic
        before_s, self._difference_s = self._difference_s, difference_s
        if before_s is None or abs(difference_s - before_s) <= self._threshold_s:
            return None
        return Step(by_s=difference_s - before_s)
