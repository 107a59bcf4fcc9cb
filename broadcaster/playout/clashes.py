"""Before something is put at a moment: what it would sound over there, and what may be done instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcaster.playout import fitting, hours, limits, programmes, sections
from broadcaster.playout.lengths import airing_seconds
from broadcaster.playout.starts import starts
from broadcaster.store.models import Airing, AiringState, Bulletin, Programme, Zone
from schedules import repairs
from schedules.clock import LOCAL
from schedules.limits import Span
from schedules.repairs import RepairKind, Taken

STANDING = (AiringState.PLANNED, AiringState.CLAIMED, AiringState.STARTED)
OPENING = "opening"
"""An offer: as early as the allowed hours of that day let it."""
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What stands on the plan there: one airing, or the time that a programme keeps."""

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime
    programme_id: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be done instead."""

    kind: str
    """A value of `RepairKind`, or `OPENING`."""
    starts_at: datetime
    about: tuple[InTheWay, ...] = ()


@dataclass(frozen=True, slots=True)
class Clash:
    in_the_way: tuple[InTheWay, ...]
    offers: tuple[Offer, ...]
    into: InTheWay | None = None
    """A programme in the way that would take the bulletin and has room for it."""


def clash(
    session: Session,
    bulletin: Bulletin,
    zones: Sequence[Zone],
    at: datetime,
    length_s: float,
    now: datetime,
    without: frozenset[str] = frozenset(),
) -> Clash | None:
    """Return what `length_s` seconds of `bulletin` at `at` would meet on `zones`; None: nothing.

    The airings `without` are looked past (they are being moved). Programmes keep their whole longest length:
    what is not in them yet may come.
    """
    plan = _Plan(session, at, without)
    wanted, there = _span(at, length_s), _beside(session, zones)
    met = repairs.clashes(wanted, there, plan.taken)
    if not met:
        return None

    def is_allowed(span: Span) -> bool:
        found = limits.broken(session, zones, span.starts_at, length_s, without=without)
        return not any(each.rule.forbids for each in found)

    offers = [
        Offer(each.kind, _rounded(each, length_s, there, plan), tuple(plan.known[key] for key in each.about))
        for each in repairs.repairs(wanted, there, plan.taken, now, is_allowed)
    ]
    offers = [offer for offer in offers if not _replaces_programme(offer)]
    in_the_way = tuple(plan.known[each.key] for each in met)
    into = next((each for each in in_the_way if _has_room(session, bulletin, each, length_s, now)), None)
    return Clash(in_the_way, tuple(offers), into)


def instead(
    session: Session,
    zones: Sequence[Zone],
    at: datetime,
    length_s: float,
    now: datetime,
    without: frozenset[str] = frozenset(),
) -> Clash:
    """Return when else something may sound that a limit forbids at `at`: that day, or at that time later."""
    plan, there = _Plan(session, at, without), _beside(session, zones)
    opening = datetime.combine(at.astimezone(LOCAL).date(), hours.allowed(session).start, LOCAL)
    later = [at.astimezone(LOCAL) + number * _DAY for number in range(1, repairs.DAYS_AHEAD + 1)]

    def is_open(moment: datetime) -> bool:
        if moment <= now or repairs.clashes(_span(moment, length_s), there, plan.taken):
            return False
        found = limits.broken(session, zones, moment, length_s, without=without)
        return not any(each.rule.forbids for each in found)

    other_day = next((moment for moment in later if is_open(moment)), None)
    offers = [Offer(OPENING, opening)] if is_open(opening) else []
    offers += [Offer(RepairKind.OTHER_DAY, other_day)] if other_day else []
    return Clash((), tuple(offers))


class _Plan:
    """What is taken from the day before a moment to a week after it."""

    def __init__(self, session: Session, at: datetime, without: frozenset[str]) -> None:
        self.known: dict[str, InTheWay] = {}
        self.taken: list[Taken] = []
        self._start, self._until = at - _DAY, at + (repairs.DAYS_AHEAD + 1) * _DAY
        self._beside = _outputs(session)
        for programme in programmes.all_programmes(session):
            self._add_programme(programme)
        self._add_single(session, without)

    def _add_programme(self, programme: Programme) -> None:
        for moment in starts(programme, self._start, self._until):
            key = f"{programme.id}@{moment.isoformat()}"
            self._add(key, programme.name, _span(moment, programme.longest_s), programme.zones, programme.id)

    def _add_single(self, session: Session, without: frozenset[str]) -> None:
        query = (
            select(Airing)
            .where(Airing.planned_at >= self._start, Airing.planned_at < self._until)
            .where(Airing.programme_id.is_(None), Airing.state.in_(STANDING))
            .options(joinedload(Airing.bulletin), selectinload(Airing.zones))
        )
        rows = [row for row in session.scalars(query) if row.id not in without]
        lengths = airing_seconds(session, rows)
        for row in rows:
            span = _span(row.started_at or row.planned_at, lengths[row.id])
            self._add(row.id, row.bulletin.title, span, row.zones)

    def _add(
        self, key: str, title: str, span: Span, zones: Sequence[Zone], programme_id: int | None = None
    ) -> None:
        self.known[key] = InTheWay(key, title, span.starts_at, span.ends_at, programme_id)
        beside = frozenset().union(*(self._beside[zone.output_id] for zone in zones))
        self.taken.append(Taken(key, span, beside))


def _span(at: datetime, length_s: float) -> Span:
    start = at.astimezone(LOCAL)
    return Span(start, start + timedelta(seconds=length_s))


def _outputs(session: Session) -> dict[int, frozenset[int]]:
    """Return, by output, its zones: in none of them can two things sound at once."""
    found: dict[int, set[int]] = {}
    for zone_id, output_id in session.execute(select(Zone.id, Zone.output_id)):
        found.setdefault(output_id, set()).add(zone_id)
    return {output_id: frozenset(zones) for output_id, zones in found.items()}


def _beside(session: Session, zones: Sequence[Zone]) -> frozenset[int]:
    outputs = _outputs(session)
    return frozenset().union(*(outputs[zone.output_id] for zone in zones))


def _rounded(repair: repairs.Repair, length_s: float, zones: frozenset[int], plan: _Plan) -> datetime:
    """Return the whole minute that a person would say, when that is free too."""
    whole = repair.starts_at.replace(second=0, microsecond=0)
    if repair.kind is RepairKind.AFTER and whole != repair.starts_at:
        whole += _MINUTE
    is_free = not repairs.clashes(_span(whole, length_s), zones, plan.taken)
    return whole if repair.kind in (RepairKind.AFTER, RepairKind.BEFORE) and is_free else repair.starts_at


def _replaces_programme(offer: Offer) -> bool:
    return offer.kind is RepairKind.REPLACE and any(each.programme_id for each in offer.about)


def _has_room(session: Session, bulletin: Bulletin, there: InTheWay, length_s: float, now: datetime) -> bool:
    programme = session.get(Programme, there.programme_id) if there.programme_id else None
    if programme is None or there.starts_at <= now or not sections.takes(programme, bulletin):
        return False
    held = select(Airing.id).where(
        Airing.bulletin_id == bulletin.id,
        Airing.programme_id == programme.id,
        Airing.planned_at == there.starts_at,
        Airing.state == AiringState.PLANNED,
    )
    has_it = session.scalar(held.limit(1)) is not None
    return not has_it and fitting.has_room(session, programme, there.starts_at, bulletin, length_s)
