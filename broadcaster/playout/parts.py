"""The fixed parts of a programme (opening words, a relay, the close) are wishes that stand with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor
from broadcaster.playout import airings, asking, planning, unfolding
from broadcaster.playout.sections import FIXED_WAYS, QUEUE
from broadcaster.store.models import Airing, AiringState, Programme, ProgrammePart, Request
from schedules.clock import LOCAL

_WAYS = {kind: way for way, kind in FIXED_WAYS.items()}


def follow(session: Session, actor: Actor, programme: Programme, now: datetime) -> None:
    """Let the wishes behind the fixed parts of `programme` be what its parts say now.

    What a part no longer sounds is taken off the plan; what it sounds from now on is planned ahead.
    """
    wanted = {part.id: part for part in programme.parts if part.kind != QUEUE}
    for request in _standing(session, programme):
        part = wanted.get(request.part_id or 0)
        if part is not None and (request.bulletin_id, request.way) == (part.bulletin_id, _WAYS[part.kind]):
            del wanted[part.id]
        else:
            _end(session, request, now)
    planning.begin(session, now)
    for part in wanted.values():
        request = _ask(session, actor, programme, part, now)
        planning.unfold(session, request, now, planning.planned_until(session, now))


def _standing(session: Session, programme: Programme) -> list[Request]:
    query = select(Request).where(
        Request.programme_id == programme.id, Request.way.in_(FIXED_WAYS), Request.ended_at.is_(None)
    )
    return list(session.scalars(query))


def _end(session: Session, request: Request, now: datetime) -> None:
    request.ended_at = now
    query = select(Airing).where(Airing.request_id == request.id, Airing.state == AiringState.PLANNED)
    for airing in session.scalars(query).all():
        airings.supersede(session, airing, unfolding.REPLANNED, "", now)


def _ask(session: Session, actor: Actor, programme: Programme, part: ProgrammePart, now: datetime) -> Request:
    request = Request(
        bulletin=asking.airable(session, part.bulletin_id or 0),
        way=_WAYS[part.kind],
        programme=programme,
        part_id=part.id,
        first_date=now.astimezone(LOCAL).date(),
        late_window_s=programme.late_window_s,
        zones=list(programme.zones),
        created_by=actor.id,
        created_at=now,
    )
    session.add(request)
    session.flush()
    return request
