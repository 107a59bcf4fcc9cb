"""What a person should know is wrong, told by any duty: it stands in the sign of life, and so on every page.

Faults of a player and of an airing that sounds are told by themselves (`signs`); here is what outlives the
airing or belongs to none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LASTS_S = 600.0
"""What happened and is over is shown for this long, so that somebody sees it."""
MOST = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, or was until a moment ago."""

    key: str
    """What it is about, e.g. `dead_air 3`; one fault stands for each key."""
    text: str
    """A Vietnamese phrase that names the thing."""
    since: datetime
    until: datetime | None
    """None: until it is cleared."""

    def as_sign(self) -> dict[str, str]:
        return {"key": self.key, "text": self.text, "since": self.since.isoformat()}


class Faults:
    """The faults that stand now. Used by the engine's thread only."""

    def __init__(self) -> None:
        self._standing: dict[str, Fault] = {}

    def note(self, key: str, text: str, now: datetime, lasts_s: float | None = None) -> None:
        """Let `text` stand under `key`, from when `key` was first noted, until cleared or for `lasts_s`."""
        self._drop_what_is_over(now)
        before = self._standing.pop(key, None)
        until = None if lasts_s is None else now + timedelta(seconds=lasts_s)
        self._standing[key] = Fault(key, text, before.since if before else now, until)
        while len(self._standing) > MOST:
            del self._standing[next(iter(self._standing))]

    def clear(self, key: str) -> None:
        self._standing.pop(key, None)

    def standing(self, now: datetime) -> tuple[Fault, ...]:
        """Return what is to be shown, oldest first."""
        self._drop_what_is_over(now)
        return tuple(sorted(self._standing.values(), key=lambda fault: fault.since))

    def _drop_what_is_over(self, now: datetime) -> None:
        for fault in tuple(self._standing.values()):
            if fault.until is not None and fault.until <= now:
                del self._standing[fault.key]
