"""The running order: what is asked for becomes what will sound, in order, each with its predicted second.

Nothing is lost on the way: every slot comes out either timed or dropped, and every shift and drop says why.

Slots take their turn by planned moment, then priority, then the officer's own order, then age. The parts of a
group follow each other, GAP_S apart, before the next group has its turn. Emergencies come first of all and
wait for nothing but each other; the rest wait until all their zones are free. A slot may use a hole that
those before it leave on its zones, but it never makes them later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schedules.priority import Priority

GAP_S = 2.0
"""Silence between two parts of one group."""
LONGEST_S = 7 * 86_400.0
_GAP = timedelta(seconds=GAP_S)


class Shift(StrEnum):
    """Why something does not start at its planned moment."""

    NONE = ""
    LATE = "late"
    """The planned moment has passed; nothing else holds it."""
    ON_AIR = "on_air"
    """What is on the air in its zones must end first."""
    BEHIND = "behind"
    """Something that had its turn earlier (`behind`) has the zones."""
    NEXT_PART = "next_part"
    """It follows the part before it (`behind`; empty when that one is on the air now)."""


class Drop(StrEnum):
    """Why something could only start after its deadline: the values of `Shift`, and one more."""

    LATE = "late"
    ON_AIR = "on_air"
    BEHIND = "behind"
    NEXT_PART = "next_part"
    NO_ZONE = "no_zone"
    """No loudspeakers were chosen for it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A wish to sound for `length_s` seconds on all of `zones`, no earlier than `planned_at`."""

    key: str
    planned_at: datetime
    length_s: float
    deadline: datetime
    """It may still start at this moment, not after it. Late parts of a group need a late one."""
    priority: Priority
    zones: frozenset[int]
    group: str
    """What it is a part of (one programme on one date), or its own key."""
    position: int
    """The officer's own order among slots of one moment and priority."""
    asked_at: datetime
    section: int = 0
    """Place of its part in the group; kinds and order count inside a part."""

    def __post_init__(self) -> None:
        if not 0 <= self.length_s <= LONGEST_S:
            raise ValueError(f"slot {self.key} cannot last {self.length_s} s")


@dataclass(frozen=True, slots=True)
class Timed:
    slot: Slot
    starts_at: datetime
    ends_at: datetime
    why_shifted: Shift = Shift.NONE
    behind: str = ""
    """Key of the slot it waits for, when that one is in this rundown."""

    @property
    def shift_s(self) -> float:
        return (self.starts_at - self.slot.planned_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Dropped:
    slot: Slot
    why: Drop
    could_start_at: datetime
    """The first moment it could have had its zones, after its deadline."""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Rundown:
    timed: tuple[Timed, ...] = ()
    """By predicted start. Two of them never overlap on a zone."""
    dropped: tuple[Dropped, ...] = ()
    """By turn."""


def build(
    slots: Iterable[Slot],
    now: datetime,
    busy: Mapping[int, datetime],
    running: Mapping[str, datetime] | None = None,
) -> Rundown:
    """Return when each of `slots` will start if nothing else changes.

    `busy` gives, for zones that sound now, when that ends; emergencies do not wait for it. `running` gives,
    for groups of which a part sounds now, when that part ends: the next part keeps its distance, and goes
    before others of the same moment. Keys of slots are unique; what is on the air is not among the slots.
    """
    day = _Day(now, busy, running or {})
    for group in _groups(slots, running or {}):
        day.place(group)
    return Rundown(tuple(sorted(day.timed, key=_by_start)), tuple(day.dropped))


def _by_start(timed: Timed) -> datetime:
    return timed.starts_at


def _groups(slots: Iterable[Slot], running: Mapping[str, datetime]) -> Iterable[list[Slot]]:
    """Return the groups by the turn of their first parts, each as its parts in order."""

    def turn(slot: Slot) -> tuple[bool, datetime, bool, int, int, int, datetime, str]:
        is_emergency, is_running = slot.priority is Priority.EMERGENCY, slot.group in running
        moment, rank = slot.planned_at, (slot.section, -slot.priority)
        return not is_emergency, moment, not is_running, *rank, slot.position, slot.asked_at, slot.key

    groups: dict[tuple[bool, str], list[Slot]] = {}
    for slot in sorted(slots, key=turn):
        groups.setdefault((slot.priority is Priority.EMERGENCY, slot.group), []).append(slot)
    return groups.values()


@dataclass(frozen=True, slots=True)
class _Hold:
    """What holds a slot back, and until when."""

    until: datetime
    why: Shift
    behind: str = ""


class _Lane:
    """What one zone is reserved for: spans that do not overlap, in order."""

    def __init__(self) -> None:
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._keys: list[str] = []

    def next_free(self, start: datetime, length: timedelta) -> tuple[datetime, str]:
        """Return the first moment from `start` on that is free for `length`, and what it waits for, if so."""
        key = ""
        for at in range(bisect_right(self._ends, start), len(self._ends)):
            if self._starts[at] >= start + length:
                break
            start, key = self._ends[at], self._keys[at]
        return start, key

    def reserve(self, start: datetime, end: datetime, key: str) -> None:
        at = bisect_right(self._ends, start)
        self._starts.insert(at, start)
        self._ends.insert(at, end)
        self._keys.insert(at, key)


class _Day:
    """The lanes of all zones while the groups are placed one after another."""

    def __init__(self, now: datetime, busy: Mapping[int, datetime], running: Mapping[str, datetime]) -> None:
        self._now, self._busy, self._running = now, busy, running
        self._lanes: dict[int, _Lane] = {}
        self.timed: list[Timed] = []
        self.dropped: list[Dropped] = []

    def place(self, group: list[Slot]) -> None:
        previous = self._part_on_air(group[0])
        for slot in group:
            tail = timedelta(0) if slot is group[-1] else _GAP
            timed = self._place(slot, previous, tail)
            if timed:
                previous = _Hold(timed.ends_at + _GAP, Shift.NEXT_PART, slot.key)

    def _part_on_air(self, first: Slot) -> _Hold | None:
        ends_at = self._running.get(first.group)
        if ends_at is None or first.priority is Priority.EMERGENCY:
            return None
        return _Hold(ends_at + _GAP, Shift.NEXT_PART)

    def _place(self, slot: Slot, previous: _Hold | None, tail: timedelta) -> Timed | None:
        """Time or drop `slot`; reserve `tail` after it, so that nothing slips in between two parts."""
        if not slot.zones:
            self.dropped.append(Dropped(slot, Drop.NO_ZONE, max(slot.planned_at, self._now)))
            return None
        lanes = [self._lanes.setdefault(zone, _Lane()) for zone in sorted(slot.zones)]
        length = timedelta(seconds=slot.length_s)
        hold = _free_from(lanes, self._latest_hold(slot, previous), length + tail)
        if hold.until > slot.deadline:
            self.dropped.append(Dropped(slot, Drop(hold.why or Shift.LATE), hold.until, hold.behind))
            return None
        timed = Timed(slot, hold.until, hold.until + length, hold.why, hold.behind)
        for lane in lanes:
            lane.reserve(timed.starts_at, timed.ends_at + tail, slot.key)
        self.timed.append(timed)
        return timed

    def _latest_hold(self, slot: Slot, previous: _Hold | None) -> _Hold:
        """Return what holds `slot` longest, other slots aside; of equals the first named here."""
        holds = [_Hold(slot.planned_at, Shift.NONE), _Hold(self._now, Shift.LATE)]
        if slot.priority is not Priority.EMERGENCY:
            holds += [_Hold(self._busy[zone], Shift.ON_AIR) for zone in slot.zones if zone in self._busy]
        if previous:
            holds.append(previous)
        return max(holds, key=lambda hold: hold.until)


def _free_from(lanes: list[_Lane], hold: _Hold, length: timedelta) -> _Hold:
    """Return the first moment after `hold` when all lanes are free for `length`, and what it waits for."""
    while True:
        before = hold
        for lane in lanes:
            moment, key = lane.next_free(hold.until, length)
            hold = _Hold(moment, Shift.BEHIND, key) if key else hold
        if hold is before:
            return hold
