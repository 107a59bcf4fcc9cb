"""Rules that say when something comes back, and the moments that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


@dataclass(frozen=True, slots=True)
class Series:
    """At `first`, then every `every`, not after `until` and at most `most` times: a storm bulletin.

    Moments are aware. Raises ValueError for a step under a minute or no turns at all.
    """

    first: datetime
    every: timedelta
    until: datetime
    most: int

    def __post_init__(self) -> None:
        require_aware(self.first)
        require_aware(self.until)
        if self.every < timedelta(minutes=1) or self.most < 1:
            raise ValueError(f"no series: every {self.every}, at most {self.most} times")

    def moments(self) -> Iterator[datetime]:
        for turn in range(self.most):
            moment = self.first + turn * self.every
            if moment > self.until:
                return
            yield moment


class DatedRule(Protocol):
    """A rule that picks whole dates and sounds once on each, both on the station's clock.

    Dates before `first_date`, after `last_date` and in `except_dates` never count.
    """

    @property
    def first_date(self) -> date | None: ...
    @property
    def last_date(self) -> date | None: ...
    @property
    def except_dates(self) -> frozenset[date]: ...
    def falls_on(self, day: date) -> bool:
        """Return whether the rule itself picks `day`, its first, last and except dates aside."""
        ...

    def at_on(self, day: date) -> time:
        """Return the time of day at which it sounds on `day`."""
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

    def at_on(self, day: date) -> time:
        return self.at


@dataclass(frozen=True, slots=True)
class Monthly:
    """On these days of the month, at this time; -1 is the last day. A month without day 31 skips it."""

    days: frozenset[int]
    at: time
    first_date: date | None = None
    last_date: date | None = None
    except_dates: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        require_local(self.at)
        if not self.days <= frozenset({-1, *range(1, 32)}):
            raise ValueError(f"days of the month go from 1 to 31, or -1: {sorted(self.days)}")

    def falls_on(self, day: date) -> bool:
        is_last = (day + timedelta(days=1)).month != day.month
        return day.day in self.days or (is_last and -1 in self.days)

    def at_on(self, day: date) -> time:
        return self.at


@dataclass(frozen=True, slots=True)
class Season:
    """A part of every year with a start of its own: 5:00 in summer, 5:30 in winter."""

    first: tuple[int, int]
    """(month, day), included."""
    last: tuple[int, int]
    """(month, day), included; earlier than `first` when the season reaches over the new year."""
    at: time

    def __post_init__(self) -> None:
        require_local(self.at)
        for month, day in (self.first, self.last):
            date(2024, month, day)  # a leap year: 29 February may begin or end a season

    def covers(self, day: date) -> bool:
        today = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= today <= self.last
        return today >= self.first or today <= self.last


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Another rule with starts by season and pauses; of overlapping seasons the first counts."""

    rule: DatedRule
    seasons: tuple[Season, ...] = ()
    pauses: tuple[tuple[date, date], ...] = ()
    """(first, last) dates on which it does not sound, both included."""

    @property
    def first_date(self) -> date | None:
        return self.rule.first_date

    @property
    def last_date(self) -> date | None:
        return self.rule.last_date

    @property
    def except_dates(self) -> frozenset[date]:
        return self.rule.except_dates

    def falls_on(self, day: date) -> bool:
        return self.rule.falls_on(day) and not any(first <= day <= last for first, last in self.pauses)

    def at_on(self, day: date) -> time:
        return next((season.at for season in self.seasons if season.covers(day)), self.rule.at_on(day))


Rule = Once | Series | DatedRule


def occurrences(rule: Rule, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the rule's moments from `start` (included) to `end` (not included), in order, aware UTC.

    Windows that touch neither share nor lose a moment. Raises ValueError for moments without a time zone.
    """
    require_aware(start)
    require_aware(end)
    for moment in _moments(rule, start, end):
        if start <= moment < end:
            yield moment.astimezone(UTC)


def spread(first: time, last: time, times: int) -> tuple[time, ...]:
    """Return `times` times of day, evenly from `first` to `last`, to the minute.

    Raises ValueError for fewer than one, for `last` before `first`, or when two would fall together.
    """
    require_local(first)
    require_local(last)
    start, end = first.hour * 60 + first.minute, last.hour * 60 + last.minute
    if times < 1 or end - start < times - 1:
        raise ValueError(f"{times} times do not fit between {first} and {last}")
    step = (end - start) / max(1, times - 1)
    minutes = (round(start + turn * step) for turn in range(times))
    return tuple(time(*divmod(minute, 60)) for minute in minutes)


def require_aware(moment: datetime) -> None:
    """Raise ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"moment without a time zone: {moment!r}")


def require_local(at: time) -> None:
    """Raise ValueError for a time of day that carries a time zone: rules live on the station's clock."""
    if at.tzinfo is not None:
        raise ValueError(f"a rule's time of day is local and carries no time zone: {at!r}")


def _moments(rule: Rule, start: datetime, end: datetime) -> Iterable[datetime]:
    if isinstance(rule, Once):
        return [rule.at]
    return rule.moments() if isinstance(rule, Series) else _dated(rule, start, end)


def _dated(rule: DatedRule, start: datetime, end: datetime) -> Iterator[datetime]:
    first, last = start.astimezone(LOCAL).date(), end.astimezone(LOCAL).date()
    for day in _days(max(first, rule.first_date or first), min(last, rule.last_date or last)):
        if day not in rule.except_dates and rule.falls_on(day):
            yield datetime.combine(day, rule.at_on(day), LOCAL)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
