"""What to do now. Pure: the engine asks, obeys and reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schedules.priority import Priority, may_interrupt
from schedules.rundown import Rundown, Slot, Timed

LONGEST_WAIT_S = 60.0
"""Look again after a minute even when nothing is expected."""
OVERRUN_WAIT_S = 1.0
"""Look again after a second while something sounds past its predicted end."""


@dataclass(frozen=True, slots=True)
class OnAir:
    """What sounds now, or is armed to sound."""

    key: str
    zones: frozenset[int]
    priority: Priority
    ends_at: datetime
    """As predicted. Past this moment it still has its zones, for as long as it is told to be on the air."""

    def is_in_the_way(self, zones: frozenset[int], start: datetime, now: datetime) -> bool:
        """Return whether it sounds on one of `zones` when something starts there."""
        return bool(self.zones & zones) and (self.ends_at > start or self.ends_at < now)


class CutWhy(StrEnum):
    HOLD = "hold"
    """Everything was stopped by a person."""
    EMERGENCY = "emergency"
    """An emergency (`by`) takes its zones."""


class MissWhy(StrEnum):
    """Why a slot passed its deadline unheard: the values of `Drop`, and one more."""

    LATE = "late"
    ON_AIR = "on_air"
    BEHIND = "behind"
    NEXT_PART = "next_part"
    NO_ZONE = "no_zone"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Play:
    """Claim and arm `slot`; its first sample belongs at `at` (now or a few seconds ahead)."""

    slot: Slot
    at: datetime


@dataclass(frozen=True, slots=True)
class Cut:
    key: str
    why: CutWhy
    by: str = ""
    """Key of the emergency that interrupts."""


@dataclass(frozen=True, slots=True)
class Miss:
    key: str
    why: MissWhy
    deadline: datetime
    behind: str = ""
    """Key of the slot it waited for in vain, when that one is known."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing new is expected before `until`."""

    until: datetime


Decision = Play | Cut | Miss | Wait


def decide(
    now: datetime, rundown: Rundown, on_air: tuple[OnAir, ...], hold: bool, lead_s: float = 4.0
) -> tuple[Decision, ...]:
    """Return what to do at `now`: misses, cuts, plays (in this order), and last one Wait.

    A slot is played once its predicted start is at most `lead_s` away, so that a player can be armed early.
    Two plays of one answer never share a zone; a play shares one only with what ends before its start, or
    with what the same answer cuts. An emergency interrupts when its start has come, not before. Under `hold`
    everything on the air is cut and nothing is played. A slot is missed once its deadline has passed, not
    when the rundown drops it: what is in its way may still end early.
    """
    rundown = _not_yet_begun(rundown, on_air)
    misses = tuple(_misses(now, rundown, hold))
    if hold:
        return *misses, *(Cut(item.key, CutWhy.HOLD) for item in on_air), _wait(now, _deadlines(rundown))
    cuts, plays = _cuts_and_plays(now, rundown, on_air, timedelta(seconds=lead_s))
    return (
        *misses,
        *cuts,
        *plays,
        _wait(now, _turning_points(now, rundown, on_air, timedelta(seconds=lead_s))),
    )


def _not_yet_begun(rundown: Rundown, on_air: tuple[OnAir, ...]) -> Rundown:
    """Return the rundown without what is on the air already: that is neither played again nor missed."""
    sounding = {item.key for item in on_air}
    return Rundown(
        tuple(timed for timed in rundown.timed if timed.slot.key not in sounding),
        tuple(dropped for dropped in rundown.dropped if dropped.slot.key not in sounding),
    )


def _misses(now: datetime, rundown: Rundown, hold: bool) -> Iterator[Miss]:
    for dropped in rundown.dropped:
        if dropped.slot.deadline < now:
            why = MissWhy.HOLD if hold else MissWhy(dropped.why)
            yield Miss(dropped.slot.key, why, dropped.slot.deadline, "" if hold else dropped.behind)
    for timed in rundown.timed:
        if timed.slot.deadline < now:
            yield Miss(timed.slot.key, MissWhy.HOLD if hold else MissWhy.LATE, timed.slot.deadline)


def _cuts_and_plays(
    now: datetime, rundown: Rundown, on_air: tuple[OnAir, ...], lead: timedelta
) -> tuple[list[Cut], list[Play]]:
    cuts: dict[str, Cut] = {}
    plays: list[Play] = []
    taken: set[int] = set()
    for timed in _due(now, rundown, lead):
        start = max(now, timed.starts_at)
        in_the_way = [item for item in on_air if item.is_in_the_way(timed.slot.zones, start, now)]
        if taken & timed.slot.zones or not _may_start(timed, now, in_the_way):
            continue
        taken |= timed.slot.zones
        plays.append(Play(timed.slot, start))
        for item in in_the_way:
            cuts.setdefault(item.key, Cut(item.key, CutWhy.EMERGENCY, by=timed.slot.key))
    return list(cuts.values()), plays


def _due(now: datetime, rundown: Rundown, lead: timedelta) -> list[Timed]:
    """Return what may start within `lead`, in order; of what is overdue the higher priority first."""
    due = [timed for timed in rundown.timed if timed.starts_at <= now + lead and timed.slot.deadline >= now]
    return sorted(due, key=lambda timed: (max(now, timed.starts_at), -timed.slot.priority))


def _may_start(timed: Timed, now: datetime, in_the_way: list[OnAir]) -> bool:
    if not in_the_way:
        return True
    has_come = timed.starts_at <= now
    return has_come and all(may_interrupt(timed.slot.priority, item.priority) for item in in_the_way)


def _turning_points(
    now: datetime, rundown: Rundown, on_air: tuple[OnAir, ...], lead: timedelta
) -> Iterator[datetime]:
    for timed in rundown.timed:
        yield timed.starts_at - lead
        yield timed.starts_at
    overrun = now + timedelta(seconds=OVERRUN_WAIT_S)
    yield from (item.ends_at if item.ends_at > now else overrun for item in on_air)
    yield from _deadlines(rundown)


def _deadlines(rundown: Rundown) -> Iterator[datetime]:
    yield from (timed.slot.deadline for timed in rundown.timed)
    yield from (dropped.slot.deadline for dropped in rundown.dropped)


def _wait(now: datetime, moments: Iterator[datetime]) -> Wait:
    """Return a wait until the first of `moments` after `now`, at most a minute away."""
    longest = now + timedelta(seconds=LONGEST_WAIT_S)
    return Wait(min((moment for moment in moments if now < moment < longest), default=longest))
