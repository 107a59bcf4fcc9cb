"""When the loudspeakers may sound. Limits are values, and what they forbid comes out as values too.

Hours differ from place to place: each commune's own regulation (quy chế, Nghị định 49/2024/NĐ-CP) sets them.
The default only keeps clear of the night.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from schedules.clock import LOCAL
from schedules.recurrence import require_aware, require_local


class RuleCode(StrEnum):
    TOO_EARLY = "too_early"
    """It would start before the allowed hours of its date."""
    TOO_LATE = "too_late"
    """It would start when the allowed hours of its date are over."""
    ENDS_TOO_LATE = "ends_too_late"
    """It would start in time and end after the allowed hours, perhaps after midnight."""


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """Which rule forbids a broadcast, with the values a sentence needs; moments are in LOCAL."""

    code: RuleCode
    starts_at: datetime
    ends_at: datetime
    allowed_from: time
    allowed_until: time


class Limit(Protocol):
    def broken_by(self, starts_at: datetime, ends_at: datetime) -> BrokenRule | None:
        """Return how a broadcast between two moments in LOCAL breaks this limit, or None."""
        ...


@dataclass(frozen=True, slots=True)
class AllowedHours:
    """Hours of each day, on the station's clock, in which something may sound; both ends included."""

    start: time = time(5, 0)
    end: time = time(21, 30)

    def __post_init__(self) -> None:
        require_local(self.start)
        require_local(self.end)
        if self.start >= self.end:
            raise ValueError(f"allowed hours end before they start: {self.start} to {self.end}")

    def broken_by(self, starts_at: datetime, ends_at: datetime) -> BrokenRule | None:
        code = self._code(starts_at, ends_at)
        return BrokenRule(code, starts_at, ends_at, self.start, self.end) if code else None

    def _code(self, starts_at: datetime, ends_at: datetime) -> RuleCode | None:
        closing = datetime.combine(starts_at.date(), self.end, LOCAL)
        if starts_at < datetime.combine(starts_at.date(), self.start, LOCAL):
            return RuleCode.TOO_EARLY
        if starts_at >= closing:
            return RuleCode.TOO_LATE
        return RuleCode.ENDS_TOO_LATE if ends_at > closing else None


DEFAULT_LIMITS: tuple[Limit, ...] = (AllowedHours(),)


def broken_rules(
    start: datetime, length_s: float, limits: Iterable[Limit] = DEFAULT_LIMITS
) -> tuple[BrokenRule, ...]:
    """Return what forbids `length_s` seconds of sound from `start` on, in the order of `limits`.

    Raises ValueError for a moment without a time zone.
    """
    require_aware(start)
    starts_at = start.astimezone(LOCAL)
    ends_at = starts_at + timedelta(seconds=length_s)
    found = (limit.broken_by(starts_at, ends_at) for limit in limits)
    return tuple(broken for broken in found if broken)
