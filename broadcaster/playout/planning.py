"""From wishes to dated airings: requests are unfolded 14 days ahead, each occurrence exactly once.

`UNIQUE(request, planned_at, part)` makes planning idempotent: planning a plan again changes nothing. After
an outage planning goes on from where it stopped, so that what fell into the outage gets its rows too, and
they end as missed with that cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcaster.accounts.permissions import Actor
from broadcaster.errors import NotFound
from broadcaster.playout import airings, sections
from broadcaster.playout.starts import has_start, whole_programme
from broadcaster.playout.unfolding import REPLANNED, Plan
from broadcaster.store import facts
from broadcaster.store.models import Airing, AiringState, Bulletin, BulletinState, Programme, Request
from schedules.clock import LOCAL

HORIZON = timedelta(days=14)
PLANNED_UNTIL = "planned_until"
RECURRING = ("programme", "part", "words", "daily", "series")
"""Ways of asking that may have another airing; the others had theirs when they were asked."""


def living_programme(session: Session, programme_id: int) -> Programme:
    programme = session.get(Programme, programme_id)
    if programme is None or not programme.is_active:
        raise NotFound("Chương trình này không còn; hãy tải lại trang Chương trình.")
    return programme


def plan_ahead(session: Session, now: datetime) -> int:
    """Unfold every living request up to 14 days from `now`; return how many airings are new."""
    start, until = planned_until(session, now), now + HORIZON
    if until <= start:
        return 0
    plan = Plan(session, start, until)
    new = [airing for request in _living(session, start) for airing in plan.unfold(request)]
    facts.put(session, PLANNED_UNTIL, until.isoformat())
    session.flush()
    return len(new)


def begin(session: Session, now: datetime) -> None:
    """Plan ahead if that was never done, so that a new wish knows up to when its airings are to be there."""
    if planned_until(session, now) <= now:
        plan_ahead(session, now)


def _living(session: Session, start: datetime) -> Sequence[Request]:
    """Return the wishes that may have an airing after `start`, with all that tells when."""
    day = start.astimezone(LOCAL).date()
    query = (
        select(Request)
        .where(Request.way.in_(RECURRING), Request.ended_at.is_(None))
        .where(or_(Request.last_date.is_(None), Request.last_date >= day))
        .where(or_(Request.until.is_(None), Request.until >= start))
        .options(
            joinedload(Request.bulletin), selectinload(Request.zones), *whole_programme(Request.programme)
        )
        .order_by(Request.id)
    )
    return session.scalars(query).all()


def plan_programme_anew(session: Session, programme: Programme, now: datetime) -> None:
    """After a programme was changed: let its coming airings follow.

    One whose moment still belongs to the programme stays where it stands, with the new zones and the new
    late window; the others are replaced. A date from which a person took the bulletin stays without it.
    """
    for airing in coming(session, now, programme_id=programme.id):
        if has_start(programme, airing.planned_at):
            airing.zones = list(programme.zones)
            airing.section = sections.section_of(airing.request)
            airing.deadline = airing.planned_at + timedelta(seconds=programme.late_window_s)
        else:
            airings.supersede(session, airing, REPLANNED, "", now)
    session.flush()
    query = select(Request).where(Request.programme_id == programme.id, Request.ended_at.is_(None))
    for request in session.scalars(query):
        request.zones, request.late_window_s = list(programme.zones), programme.late_window_s
        removed = _removed_dates(session, request)
        unfold(session, request, now, planned_until(session, now), except_dates=removed)


def coming(
    session: Session,
    now: datetime,
    *,
    programme_id: int | None = None,
    bulletin_id: int | None = None,
    until: datetime | None = None,
) -> list[Airing]:
    """Return planned airings that have not begun, earliest first, narrowed as asked."""
    query = select(Airing).where(Airing.state == AiringState.PLANNED, Airing.planned_at > now)
    if programme_id is not None:
        query = query.where(Airing.programme_id == programme_id)
    if bulletin_id is not None:
        query = query.where(Airing.bulletin_id == bulletin_id)
    if until is not None:
        query = query.where(Airing.planned_at < until)
    query = query.options(selectinload(Airing.zones)).order_by(Airing.planned_at, Airing.position)
    return list(session.scalars(query))


def cancel_coming(session: Session, request: Request, reason: str, now: datetime, actor: Actor) -> int:
    """Take what a wish still plans off the plan; return how many airings that were."""
    query = select(Airing).where(Airing.request_id == request.id, Airing.state == AiringState.PLANNED)
    return sum(
        airings.cancel(session, airing, "removed", reason, now, operator=actor)
        for airing in session.scalars(query).all()
    )


def withdraw_airings(session: Session, now: datetime) -> int:
    """Cancel what is still planned of bulletins that were withdrawn or have expired; return how many."""
    query = (
        select(Airing)
        .join(Bulletin)
        .where(
            Airing.state == AiringState.PLANNED,
            Bulletin.state.in_([BulletinState.WITHDRAWN, BulletinState.EXPIRED]),
        )
    )
    words = {"withdrawn": "Bản tin đã bị rút.", "expired": "Bản tin đã hết hạn."}
    return sum(
        airings.cancel(session, airing, "withdrawn", words[airing.bulletin.state], now)
        for airing in session.scalars(query).all()
    )


def unfold(
    session: Session,
    request: Request,
    start: datetime,
    until: datetime,
    except_dates: frozenset[date] = frozenset(),
) -> list[Airing]:
    """Add the airings of one request that start in [start, until) and are not there yet."""
    added = Plan(session, start, until).unfold(request, except_dates)
    session.flush()
    return added


def add_airing(session: Session, request: Request, planned_at: datetime) -> Airing:
    airing = Plan(session, planned_at, planned_at + timedelta(microseconds=1)).add(request, planned_at)
    session.flush()
    return airing


def _removed_dates(session: Session, request: Request) -> frozenset[date]:
    """Return the dates off which a person took it; of several rows for a moment the last one counts."""
    query = select(Airing.planned_at, Airing.cause).where(Airing.request_id == request.id)
    newest = dict(session.execute(query.order_by(Airing.part)).all())
    return frozenset(
        moment.astimezone(LOCAL).date() for moment, cause in newest.items() if cause in ("removed", "moved")
    )


def planned_until(session: Session, now: datetime) -> datetime:
    """Return up to when rows exist; not later than the horizon, so that a clock once set years ahead and
    put right again does not stop planning for years."""
    kept = facts.get(session, PLANNED_UNTIL, "")
    until = datetime.fromisoformat(kept) if kept else now
    return until if until <= now + HORIZON else now


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), LOCAL)
