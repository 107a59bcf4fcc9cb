"""When the loudspeakers of a zone may sound, and for how long. Limits are values; so is what they forbid.

Hours, lengths and days differ from place to place: each commune's own regulation (quy chế, Nghị định
49/2024/NĐ-CP) sets them, so they are data. The default only keeps clear of the night. An emergency is not
asked here at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from schedules.clock import LOCAL
from schedules.recurrence import EVERY_DAY, require_aware, require_local

SESSION_GAP = timedelta(minutes=5)
"""Sounds closer to each other than this are one session (buổi phát) to those who hear them."""


class RuleCode(StrEnum):
    TOO_EARLY = "too_early"
    """It would start before the allowed hours of its date."""
    TOO_LATE = "too_late"
    """It would start when the allowed hours of its date are over."""
    ENDS_TOO_LATE = "ends_too_late"
    """It would start in time and end after the allowed hours, perhaps after midnight."""
    QUIET_HOURS = "quiet_hours"
    """It would sound while its surroundings are to be left in peace."""
    DAY_OFF = "day_off"
    """Nothing sounds on this day of the week."""
    SESSION_TOO_LONG = "session_too_long"
    TOO_MANY_SESSIONS = "too_many_sessions"
    TOO_MANY_MINUTES = "too_many_minutes"
    TOO_FEW_MINUTES = "too_few_minutes"
    """The day as planned stays below the least that is asked of the station."""


@dataclass(frozen=True, slots=True)
class Span:
    """Sound on a zone from one moment to another, both aware."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        require_aware(self.starts_at)
        require_aware(self.ends_at)

    @property
    def seconds(self) -> float:
        return (self.ends_at - self.starts_at).total_seconds()

    @property
    def local_day(self) -> date:
        return self.starts_at.astimezone(LOCAL).date()


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """Which limit forbids a broadcast, with the values a sentence needs; moments are in LOCAL."""

    code: RuleCode
    starts_at: datetime
    ends_at: datetime
    limit: Limit
    found: float = 0.0
    """What it would come to: minutes or sessions, whatever the limit counts."""


class Limit(Protocol):
    def broken_by(self, span: Span, others: Sequence[Span]) -> BrokenRule | None:
        """Return how `span` (in LOCAL) breaks this limit when `others` sound on its zone too, or None."""
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

    def broken_by(self, span: Span, others: Sequence[Span]) -> BrokenRule | None:
        code = self._code(span.starts_at, span.ends_at)
        return BrokenRule(code, span.starts_at, span.ends_at, self) if code else None

    def _code(self, starts_at: datetime, ends_at: datetime) -> RuleCode | None:
        closing = datetime.combine(starts_at.date(), self.end, LOCAL)
        if starts_at < datetime.combine(starts_at.date(), self.start, LOCAL):
            return RuleCode.TOO_EARLY
        if starts_at >= closing:
            return RuleCode.TOO_LATE
        return RuleCode.ENDS_TOO_LATE if ends_at > closing else None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours in which the surroundings of a zone are left in peace, over midnight where `end` is earlier."""

    start: time
    end: time
    days: frozenset[int] = EVERY_DAY
    """Days of the week (0 = Monday) on which they begin: a school is quiet while it teaches."""

    def __post_init__(self) -> None:
        require_local(self.start)
        require_local(self.end)
        if self.start == self.end:
            raise ValueError(f"quiet hours have no length: {self.start} to {self.end}")

    def broken_by(self, span: Span, others: Sequence[Span]) -> BrokenRule | None:
        first, last = span.starts_at.date() - timedelta(days=1), span.ends_at.date()
        for number in range((last - first).days + 1):
            if self._covers(first + timedelta(days=number), span):
                return BrokenRule(RuleCode.QUIET_HOURS, span.starts_at, span.ends_at, self)
        return None

    def _covers(self, day: date, span: Span) -> bool:
        start = datetime.combine(day, self.start, LOCAL)
        end = datetime.combine(day, self.end, LOCAL)
        end += timedelta(days=1) if self.end <= self.start else timedelta(0)
        return day.weekday() in self.days and span.starts_at < end and span.ends_at > start


@dataclass(frozen=True, slots=True)
class DaysOfWeek:
    """The days of the week (0 = Monday) on which something may sound."""

    days: frozenset[int]

    def broken_by(self, span: Span, others: Sequence[Span]) -> BrokenRule | None:
        if span.starts_at.weekday() in self.days:
            return None
        return BrokenRule(RuleCode.DAY_OFF, span.starts_at, span.ends_at, self)


@dataclass(frozen=True, slots=True)
class LongestSession:
    minutes: float

    def broken_by(self, span: Span, others: Sequence[Span]) -> BrokenRule | None:
        session = next(each for each in sessions([*others, span]) if each.ends_at >= span.ends_at)
        found = session.seconds / 60
        if found <= self.minutes:
            return None
        return BrokenRule(RuleCode.SESSION_TOO_LONG, span.starts_at, span.ends_at, self, found)


@dataclass(frozen=True, slots=True)
class SessionsADay:
    most: int

    def broken_by(self, span: Span, others: Sequence[Span]) -> BrokenRule | None:
        before, found = len(sessions(_on_day(span, others))), len(sessions([*_on_day(span, others), span]))
        if found <= max(self.most, before):
            return None
        return BrokenRule(RuleCode.TOO_MANY_SESSIONS, span.starts_at, span.ends_at, self, found)


@dataclass(frozen=True, slots=True)
class MinutesADay:
    most: float

    def broken_by(self, span: Span, others: Sequence[Span]) -> BrokenRule | None:
        found = minutes([*_on_day(span, others), span])
        if found <= self.most:
            return None
        return BrokenRule(RuleCode.TOO_MANY_MINUTES, span.starts_at, span.ends_at, self, found)


@dataclass(frozen=True, slots=True)
class LeastMinutesADay:
    """The least that must sound on a day; a day is measured by `shortfall`, no single sound breaks it."""

    least: float

    def broken_by(self, span: Span, others: Sequence[Span]) -> BrokenRule | None:
        return None

    def shortfall(self, day: date, spans: Sequence[Span]) -> BrokenRule | None:
        """Return how `day` as planned stays below the least, or None."""
        found = minutes(spans)
        if found >= self.least:
            return None
        start = datetime.combine(day, time(), LOCAL)
        return BrokenRule(RuleCode.TOO_FEW_MINUTES, start, start + timedelta(days=1), self, found)


DEFAULT_LIMITS: tuple[Limit, ...] = (AllowedHours(),)


def broken_rules(
    start: datetime, length_s: float, limits: Iterable[Limit] = DEFAULT_LIMITS, others: Iterable[Span] = ()
) -> tuple[BrokenRule, ...]:
    """Return what forbids `length_s` seconds of sound from `start` on, in the order of `limits`.

    `others` is what sounds on the zone besides, at least from the day before to the day after.
    Raises ValueError for a moment without a time zone.
    """
    require_aware(start)
    starts_at = start.astimezone(LOCAL)
    span = Span(starts_at, starts_at + timedelta(seconds=length_s))
    beside = list(others)
    found = (limit.broken_by(span, beside) for limit in limits)
    return tuple(broken for broken in found if broken)


def sessions(spans: Iterable[Span], gap: timedelta = SESSION_GAP) -> list[Span]:
    """Return the sessions that `spans` make on one zone, in order: what overlaps or nearly touches is one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda each: each.starts_at):
        if merged and span.starts_at - merged[-1].ends_at <= gap:
            merged[-1] = Span(merged[-1].starts_at, max(merged[-1].ends_at, span.ends_at))
        else:
            merged.append(span)
    return merged


def minutes(spans: Iterable[Span]) -> float:
    """Return how many minutes a zone sounds; what overlaps counts once."""
    return sum(span.seconds for span in sessions(spans, timedelta(0))) / 60


def _on_day(span: Span, others: Iterable[Span]) -> list[Span]:
    return [each for each in others if each.local_day == span.local_day]
