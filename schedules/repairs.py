"""What to do when two things would sound on one zone at once: the repairs an officer may choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schedules.limits import Span
from schedules.rundown import GAP_S

_GAP = timedelta(seconds=GAP_S)
_DAY = timedelta(days=1)
DAYS_AHEAD = 7
"""How far the same time on another day is looked for."""

Allowed = Callable[[Span], bool]
"""Whether the limits of the zones let something sound then."""


class RepairKind(StrEnum):
    AFTER = "after"
    """Right after what is there."""
    BEFORE = "before"
    """Right before what is there."""
    OTHER_DAY = "other_day"
    """At the same time on the next day that is free."""
    REPLACE = "replace"
    """In place of what is there."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that stands on the plan."""

    key: str
    span: Span
    zones: frozenset[int]


@dataclass(frozen=True, slots=True)
class Repair:
    kind: RepairKind
    starts_at: datetime
    about: tuple[str, ...] = ()
    """Keys of what it goes after, before or in place of."""


def clashes(wanted: Span, zones: frozenset[int], taken: Iterable[Taken]) -> tuple[Taken, ...]:
    """Return what would sound on one of `zones` at the same time, earliest first; midnight is no border."""
    found = (
        each
        for each in taken
        if each.zones & zones
        and each.span.starts_at < wanted.ends_at
        and each.span.ends_at > wanted.starts_at
    )
    return tuple(sorted(found, key=lambda each: (each.span.starts_at, each.key)))


def repairs(
    wanted: Span, zones: frozenset[int], taken: Sequence[Taken], now: datetime, is_allowed: Allowed
) -> tuple[Repair, ...]:
    """Return what may be done instead, in the order to offer it; empty when nothing is in the way.

    Whatever is offered is free on all of `zones`, allowed, and not in the past.
    """
    in_the_way = clashes(wanted, zones, taken)
    if not in_the_way:
        return ()
    search = _Search(wanted.ends_at - wanted.starts_at, zones, taken, now, is_allowed)
    offers = (
        search.after(wanted.starts_at, in_the_way),
        search.before(in_the_way),
        search.other_day(wanted.starts_at),
        search.replace(wanted, in_the_way),
    )
    return tuple(offer for offer in offers if offer is not None)


class _Search:
    def __init__(
        self,
        length: timedelta,
        zones: frozenset[int],
        taken: Sequence[Taken],
        now: datetime,
        is_allowed: Allowed,
    ) -> None:
        self._length, self._zones, self._now = length, zones, now
        self._taken = sorted((t for t in taken if t.zones & zones), key=lambda each: each.span.starts_at)
        self._is_allowed = is_allowed

    def after(self, start: datetime, in_the_way: Sequence[Taken]) -> Repair | None:
        """Move on from end to end until there is room."""
        about = in_the_way[-1].key
        while blocking := self._clashes_at(start):
            last = max(blocking, key=lambda each: each.span.ends_at)
            start, about = last.span.ends_at + _GAP, last.key
        return self._offer(RepairKind.AFTER, start, (about,))

    def before(self, in_the_way: Sequence[Taken]) -> Repair | None:
        start, about = in_the_way[0].span.starts_at - _GAP - self._length, in_the_way[0].key
        while blocking := self._clashes_at(start):
            start, about = blocking[0].span.starts_at - _GAP - self._length, blocking[0].key
        return self._offer(RepairKind.BEFORE, start, (about,))

    def other_day(self, start: datetime) -> Repair | None:
        days = (start + number * _DAY for number in range(1, DAYS_AHEAD + 1))
        free = (day for day in days if not self._clashes_at(day))
        offers = (self._offer(RepairKind.OTHER_DAY, day, ()) for day in free)
        return next((offer for offer in offers if offer is not None), None)

    def replace(self, wanted: Span, in_the_way: Sequence[Taken]) -> Repair | None:
        keys = tuple(each.key for each in in_the_way)
        return self._offer(RepairKind.REPLACE, wanted.starts_at, keys)

    def _clashes_at(self, start: datetime) -> tuple[Taken, ...]:
        return clashes(Span(start, start + self._length), self._zones, self._taken)

    def _offer(self, kind: RepairKind, start: datetime, about: tuple[str, ...]) -> Repair | None:
        is_open = start > self._now and self._is_allowed(Span(start, start + self._length))
        return Repair(kind, start, about) if is_open else None
