"""Rules that say when something comes back, and the moments that follow from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from schedules.clock import LOCAL

EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Once:
    """One moment, aware."""

    at: datetime

    def __post_init__(self) -> None:
        require_aware(self.at)


class DatedRule(Protocol):
    """A rule that picks whole dates and sounds at one time of day, both on the station's clock.

    Dates before `first_date`, after `last_date` and in `except_dates` never count.
    """

    @property
    def at(self) -> time: ...
    @property
    def first_date(self) -> date | None: ...
    @property
    def last_date(self) -> date | None: ...
    @property
    def except_dates(self) -> frozenset[date]: ...
    def falls_on(self, day: date) -> bool:
        """Return whether the rule itself picks `day`, its first, last and except dates aside."""
        ...


@dataclass(frozen=True, slots=True)
class Weekly:
    """On these days of the week (0 = Monday), at this time."""

    days: frozenset[int]
    at: time
    first_date: date | None = None
    last_date: date | None = None
    except_dates: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        require_local(self.at)
        if not self.days <= EVERY_DAY:
            raise ValueError(f"days of the week go from 0 to 6: {sorted(self.days)}")

    def falls_on(self, day: date) -> bool:
        return day.weekday() in self.days


Rule = Once | DatedRule


def occurrences(rule: Rule, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the rule's moments from `start` (included) to `end` (not included), in order, aware UTC.

    Windows that touch neither share nor lose a moment. Raises ValueError for moments without a time zone.
    """
    require_aware(start)
    require_aware(end)
    moments = [rule.at] if isinstance(rule, Once) else _dated(rule, start, end)
    for moment in moments:
        if start <= moment < end:
            yield moment.astimezone(UTC)


def require_aware(moment: datetime) -> None:
    """Raise ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"moment without a time zone: {moment!r}")


def require_local(at: time) -> None:
    """Raise ValueError for a time of day that carries a time zone: rules live on the station's clock."""
    if at.tzinfo is not None:
        raise ValueError(f"a rule's time of day is local and carries no time zone: {at!r}")


def _dated(rule: DatedRule, start: datetime, end: datetime) -> Iterator[datetime]:
    first, last = start.astimezone(LOCAL).date(), end.astimezone(LOCAL).date()
    for day in _days(max(first, rule.first_date or first), min(last, rule.last_date or last)):
        if day not in rule.except_dates and rule.falls_on(day):
            yield datetime.combine(day, rule.at, LOCAL)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
