"""Wishes that stand: which there are for a bulletin, a storm's series going on, and taking them back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound
from broadcaster.playout import planning
from broadcaster.playout.requesting import LONGEST_SERIES, MOST_IN_A_SERIES
from broadcaster.playout.sections import FIXED_WAYS
from broadcaster.records import audit
from broadcaster.store.models import (
    Airing,
    AiringState,
    Bulletin,
    BulletinState,
    PreparedOrder,
    ProgrammePart,
    Request,
)


def renew_series(
    session: Session, actor: Actor, request_id: int, until: datetime, most: int, now: datetime
) -> list[Airing]:
    """Let a series that still stands go on until later; `most` counts its past turns too."""
    require(actor, Permission.OPERATE)
    request = session.get(Request, request_id)
    if request is None or request.way != "series" or request.ended_at is not None:
        raise NotFound("Lượt phát lặp này không còn; hãy đặt lại.")
    over = turns_until(request, now)
    if not now < until <= now + LONGEST_SERIES or not over < most <= over + MOST_IN_A_SERIES:
        raise Invalid("Gia hạn nhiều nhất 24 giờ kể từ bây giờ.", field="until")
    request.until, request.most = until, most
    audit.note(session, actor, "request.renewed", f"request {request.id}", now, until=until.isoformat())
    return planning.unfold(session, request, now, planning.planned_until(session, now))


def turns_until(request: Request, moment: datetime) -> int:
    """Return how many turns of a series lie before `moment`, if nothing but its step held it back."""
    if request.at is None or not request.every_min or moment <= request.at:
        return 0
    return -(-(moment - request.at) // timedelta(minutes=request.every_min))


def standing_series(session: Session, now: datetime) -> list[Request]:
    """Return what is said again and again and has not ended, oldest first."""
    query = select(Request).where(Request.way == "series", Request.ended_at.is_(None), Request.until >= now)
    query = query.options(joinedload(Request.bulletin), selectinload(Request.zones))
    return list(session.scalars(query.order_by(Request.id)))


def standing(session: Session, bulletin_id: int) -> list[tuple[Request, list[datetime]]]:
    """Return the wishes for a bulletin that still plan something, each with the moments planned.

    Fixed parts of programmes are not among them: those are ended where the programme is made.
    """
    query = (
        select(Airing)
        .where(Airing.bulletin_id == bulletin_id, Airing.state == AiringState.PLANNED)
        .options(joinedload(Airing.request).selectinload(Request.zones))
        .order_by(Airing.planned_at)
    )
    found: dict[int, tuple[Request, list[datetime]]] = {}
    for airing in session.scalars(query):
        if airing.request.way not in (*FIXED_WAYS, "alert", "live"):
            found.setdefault(airing.request_id, (airing.request, []))[1].append(airing.planned_at)
    return list(found.values())


def unplaced(session: Session, limit: int) -> list[Bulletin]:
    """Return signed bulletins that nobody has put on the air or into a programme, the newest first."""
    used = (
        exists().where(Airing.bulletin_id == Bulletin.id),
        exists().where(ProgrammePart.bulletin_id == Bulletin.id),
        exists().where(PreparedOrder.bulletin_id == Bulletin.id),
    )
    query = select(Bulletin).where(Bulletin.state == BulletinState.APPROVED, ~or_(*used))
    return list(session.scalars(query.order_by(Bulletin.changed_at.desc(), Bulletin.id.desc()).limit(limit)))


def end_request(session: Session, actor: Actor, request_id: int, reason: str, now: datetime) -> int:
    """Take back a wish: its coming airings are cancelled with `reason`; return how many."""
    require(actor, Permission.REQUEST)
    request = session.get(Request, request_id)
    if request is None or request.ended_at is not None:
        raise NotFound("Yêu cầu phát này không còn; hãy tải lại trang.")
    if not reason.strip():
        raise Invalid("Hãy ghi lý do.", field="reason")
    request.ended_at = now
    audit.note(session, actor, "request.ended", f"request {request.id}", now, reason=reason.strip())
    return planning.cancel_coming(session, request, reason.strip(), now, actor)


def most_until(session: Session, request_id: int, until: datetime) -> int:
    """Return how many turns a series has in all when it goes on until `until`."""
    request = session.get(Request, request_id)
    return turns_until(request, until + timedelta(seconds=1)) if request is not None else 0
