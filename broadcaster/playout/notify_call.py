"""When the notifier is needed: it runs only while something waits to be sent.

Nothing heavier than the standard library here: the supervisor asks every two seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from broadcaster.store import pulse

PROCESS = "notifier"
LOST_S = 20.0
"""A station that shows no new sign of life for so long is told to people."""
_DUE = "notices.due"
_LOST = "station.lost"


def call(folder: Path, at: float) -> None:
    """Have the notifier started at `at` (seconds since 1970), or at once when that is over."""
    with suppress(OSError):
        (folder / "run" / _DUE).write_text(f"{at:.3f}", encoding="utf-8")


def clear(folder: Path) -> None:
    """Nothing waits any more."""
    with suppress(OSError):
        (folder / "run" / _DUE).unlink(missing_ok=True)


def due_at(folder: Path) -> float | None:
    try:
        return float((folder / "run" / _DUE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def take_lost(folder: Path) -> bool:
    """Return whether the station was found lost, once."""
    try:
        (folder / "run" / _LOST).unlink()
    except OSError:
        return False
    return True


class Caller:
    """Asked by the supervisor, which thereby also watches whether the station lives."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._now = monotonic
        self._beat = 0.0
        self._alive_at = monotonic()
        self._has_told = False

    def __call__(self) -> bool:
        if self._is_lost():
            self._has_told = True
            with suppress(OSError):
                (self._folder / "run" / _LOST).touch()
            return True
        at = due_at(self._folder)
        return at is not None and time.time() >= at

    def _is_lost(self) -> bool:
        """Judge by whether the sign of life changes, not by its time: the wall clock may be set."""
        beat = pulse.read(self._folder, "station")
        if beat is not None and beat.at != self._beat:
            self._beat, self._alive_at, self._has_told = beat.at, self._now(), False
        return not self._has_told and self._now() - self._alive_at > LOST_S
