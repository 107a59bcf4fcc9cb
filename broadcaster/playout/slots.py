"""Rows -> the pure values that `schedules` decides on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, object_session, selectinload

from broadcaster.playout import schedule_signing
from broadcaster.playout.lengths import airing_seconds
from broadcaster.store.models import Airing, AiringState, Bulletin, BulletinState, Kind, Zone
from schedules.priority import Priority
from schedules.rundown import GAP_S, Slot

PRIORITIES = {
    Kind.ROUTINE: Priority.ROUTINE,
    Kind.PRIORITY: Priority.PRIORITY,
    Kind.EMERGENCY: Priority.EMERGENCY,
}
OFF_THE_PLAN = (AiringState.CANCELLED, AiringState.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is planned and due, by whether it may sound."""

    ready: list[Slot] = field(default_factory=list)
    unapproved: list[Slot] = field(default_factory=list)
    unsigned: list[Slot] = field(default_factory=list)
    """In programmes that nobody has signed as they stand."""
    idle: list[Slot] = field(default_factory=list)
    """Opening and closing words around nothing."""


def planned_slots(session: Session, until: datetime) -> Waiting:
    """Return what is still planned and due before `until`, however old."""
    oldest = first_planned(session, approved_only=False)
    if oldest is None or oldest >= until:
        return Waiting()
    rows = airings_between(session, oldest, until)
    kinds = _kinds(session, rows)
    waiting = Waiting()
    for slot in slots(rows, airing_seconds(session, rows)):
        if slot.key in kinds:
            getattr(waiting, kinds[slot.key]).append(slot)
    return waiting


def _kinds(session: Session, rows: Sequence[Airing]) -> dict[str, str]:
    """Return, for each planned airing, the list of `Waiting` that it belongs to."""
    unsigned = {programme.id for programme in schedule_signing.unsigned(session)}
    kinds = {row.id: _kind(row, unsigned) for row in rows if _is_planned(row)}
    for parts in _groups(rows).values():
        if not any(_has_content(row, kinds) for row in parts):
            kinds |= {row.id: "idle" for row in parts if kinds.get(row.id) == "ready"}
    return kinds


def _kind(row: Airing, unsigned: Container[int]) -> str:
    if row.programme_id in unsigned:
        return "unsigned"
    return "ready" if row.bulletin.state == BulletinState.APPROVED else "unapproved"


def _has_content(row: Airing, kinds: Mapping[str, str]) -> bool:
    """Return whether an airing is more than words around others, and sounds or has sounded."""
    return row.request.way != "words" and (kinds.get(row.id) == "ready" or row.started_at is not None)


def first_planned(session: Session, *, approved_only: bool = True) -> datetime | None:
    """Return the earliest moment for which anything (approved) is still planned."""
    query = select(Airing.planned_at).where(Airing.state == AiringState.PLANNED).order_by(Airing.planned_at)
    if approved_only:
        query = query.join(Bulletin).where(Bulletin.state == BulletinState.APPROVED)
    return session.scalar(query.limit(1))


_BETWEEN = (
    select(Airing)
    .where(Airing.planned_at >= bindparam("start"), Airing.planned_at < bindparam("until"))
    .where(Airing.state.not_in(OFF_THE_PLAN))
    .options(joinedload(Airing.bulletin), joinedload(Airing.request), joinedload(Airing.programme))
    .options(selectinload(Airing.zones))
)


def airings_between(session: Session, start: datetime, until: datetime) -> list[Airing]:
    """Return the airings planned in [start, until) that stand on the plan, in their order."""
    return sorted(session.scalars(_BETWEEN, {"start": start, "until": until}), key=order)


def _is_planned(airing: Airing) -> bool:
    return airing.state == AiringState.PLANNED


def order(airing: Airing) -> tuple[datetime, int, int, int, datetime, str]:
    """Sort by moment, part, kind (TT 39/2020: priority first), then the officer's order, then age."""
    priority = -PRIORITIES[Kind(airing.bulletin.kind)]
    turn = airing.position, airing.request.created_at, airing.id
    return airing.planned_at, airing.section, priority, *turn


def slots(rows: Sequence[Airing], lengths: Mapping[str, float]) -> list[Slot]:
    """Return one slot for each row; `rows` must hold whole programme occurrences, in order.

    `lengths` gives the seconds of each airing.
    """
    beside = zones_beside(rows)
    made = []
    for group, parts in _groups(rows).items():
        before_s = 0.0
        for airing in parts:
            made.append(_slot(airing, group, lengths[airing.id], before_s, beside))
            before_s += lengths[airing.id] + GAP_S
    return made


def group_of(airing: Airing) -> str:
    """Return the key that the parts of one programme occurrence share."""
    if airing.programme_id is None:
        return airing.id
    return f"{airing.programme_id}@{airing.planned_at.isoformat()}"


def _groups(rows: Iterable[Airing]) -> dict[str, list[Airing]]:
    groups: dict[str, list[Airing]] = defaultdict(list)
    for airing in rows:
        groups[group_of(airing)].append(airing)
    return groups


def _slot(
    airing: Airing, group: str, length_s: float, before_s: float, beside: Mapping[int, frozenset[int]]
) -> Slot:
    """A later part may start as late, after its own predicted second, as the programme itself may."""
    deadline = airing.deadline + timedelta(seconds=before_s)
    if airing.programme is not None:
        last = airing.deadline + timedelta(seconds=airing.programme.longest_s - length_s)
        deadline = min(deadline, last)
    return Slot(
        key=airing.id,
        planned_at=airing.planned_at,
        length_s=length_s,
        deadline=deadline,
        priority=PRIORITIES[Kind(airing.bulletin.kind)],
        zones=frozenset().union(*(beside[zone.output_id] for zone in airing.zones)),
        group=group,
        section=airing.section,
        position=airing.position,
        asked_at=airing.request.created_at,
    )


def zones_beside(rows: Sequence[Airing]) -> Mapping[int, frozenset[int]]:
    """Return, by output, the zones in which nothing else can sound while one of them does."""
    session = object_session(rows[0]) if rows else None
    found: dict[int, set[int]] = defaultdict(set)
    for zone, output in session.execute(select(Zone.id, Zone.output_id)) if session else ():
        found[output].add(zone)
    return {output: frozenset(zones) for output, zones in found.items()}


def title_of(session: Session, airing_id: str) -> str:
    airing = session.get(Airing, airing_id)
    return airing.bulletin.title if airing else ""
