"""From wishes to dated airings: requests are unfolded 14 days ahead, each occurrence exactly once.

`UNIQUE(request, planned_at, part)` makes planning idempotent: planning a plan again changes nothing. After
an outage planning goes on from where it stopped, so that what fell into the outage gets its rows too, and
they end as missed with that cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.playout import airings, asking, hours, zones
from broadcaster.playout.lengths import predicted_seconds
from broadcaster.playout.starts import has_start, starts
from broadcaster.records import audit
from broadcaster.store import facts
from broadcaster.store.models import Airing, AiringState, Bulletin, BulletinState, Programme, Request, Zone
from schedules.clock import LOCAL

HORIZON = timedelta(days=14)
PLANNED_UNTIL = "planned_until"
REPLANNED = "programme_changed"
"""Cause of what gave way to a changed programme: the only airings that do not stand for their moment."""
NEXT_LEAD = timedelta(seconds=3)
"""What is asked for "next" starts this much later, so that the players can be armed in time."""


def request_at(
    session: Session, actor: Actor, bulletin_id: int, at: datetime, zone_ids: Sequence[int], now: datetime
) -> Airing:
    """Ask for one airing at a moment; refused in the past and outside the allowed hours."""
    require(actor, Permission.REQUEST)
    if at < now:
        raise Invalid("Giờ phát đã qua; hãy chọn giờ khác hoặc bấm “Phát ngay”.", field="at")
    bulletin, day = asking.airable(session, bulletin_id), at.astimezone(LOCAL).date()
    hours.refuse_forbidden(session, at, predicted_seconds(session, bulletin))
    asking.refuse_outside_validity(bulletin, day, day, "on")
    asking.refuse_second_at(session, bulletin, at)
    request = _request(session, actor, bulletin, now, way="at", at=at, zones=zones.chosen(session, zone_ids))
    audit.note(session, actor, "request.at", f"bulletin {bulletin.id}", now, at=at.isoformat())
    return _add_airing(session, request, at)


def request_next(
    session: Session, actor: Actor, bulletin_id: int, zone_ids: Sequence[int], now: datetime
) -> Airing:
    """Ask for one airing as soon as its zones are free; needs an approved bulletin."""
    require(actor, Permission.OPERATE)
    bulletin = asking.airable(session, bulletin_id)
    if bulletin.state != BulletinState.APPROVED:
        raise Refused(f"Bản tin “{bulletin.title}” chưa được duyệt nên chưa thể phát ngay.")
    asking.refuse_second_next(session, bulletin)
    at = now + NEXT_LEAD
    hours.refuse_forbidden(session, at, predicted_seconds(session, bulletin))
    request = _request(
        session, actor, bulletin, now, way="next", at=at, zones=zones.chosen(session, zone_ids)
    )
    audit.note(session, actor, "request.next", f"bulletin {bulletin.id}", now)
    return _add_airing(session, request, at)


def request_in_programme(
    session: Session,
    actor: Actor,
    bulletin_id: int,
    programme_id: int,
    first_date: date,
    last_date: date | None,
    now: datetime,
) -> list[Airing]:
    """Put a bulletin into a programme on each of its dates from `first_date` to `last_date` (default: one).

    Returns the airings inside the horizon; refused when the programme has no start left in that time.
    """
    require(actor, Permission.REQUEST)
    bulletin, programme = asking.airable(session, bulletin_id), living_programme(session, programme_id)
    last_date = last_date or first_date
    if last_date < first_date:
        raise Invalid("Ngày cuối phải từ ngày đầu trở đi.", field="last_date")
    asking.refuse_outside_validity(bulletin, first_date, last_date, "last_date")
    moments = list(starts(programme, now, _midnight_after(last_date), first_date, last_date))
    if not moments:
        raise Invalid(
            f"“{programme.name}” không còn buổi phát nào trong những ngày đã chọn; hãy chọn ngày khác.",
            field="first_date",
        )
    plan_ahead(session, now)
    request = _request(
        session, actor, bulletin, now, way="programme", programme=programme, zones=list(programme.zones)
    )
    request.first_date, request.last_date = first_date, last_date
    audit.note(
        session, actor, "request.programme", f"bulletin {bulletin.id}", now, programme=programme.name,
        first_date=first_date.isoformat(), last_date=last_date.isoformat(),
    )  # fmt: skip
    until = _planned_until(session, now)
    added = _unfold(session, request, now, until)
    asking.refuse_nothing_new(added, moments, until)
    return added


def living_programme(session: Session, programme_id: int) -> Programme:
    programme = session.get(Programme, programme_id)
    if programme is None or not programme.is_active:
        raise NotFound("Chương trình này không còn; hãy tải lại trang Chương trình.")
    return programme


def plan_ahead(session: Session, now: datetime) -> int:
    """Unfold every living request up to 14 days from `now`; return how many airings are new."""
    start, until = _planned_until(session, now), now + HORIZON
    if until <= start:
        return 0
    query = select(Request).where(Request.way == "programme", Request.ended_at.is_(None))
    new = [airing for request in session.scalars(query) for airing in _unfold(session, request, start, until)]
    facts.put(session, PLANNED_UNTIL, until.isoformat())
    return len(new)


def plan_programme_anew(session: Session, programme: Programme, now: datetime) -> None:
    """After a programme was changed: let its coming airings follow.

    One whose moment still belongs to the programme stays where it stands, with the new zones and the new
    late window; the others are replaced. A date from which a person took the bulletin stays without it.
    """
    for airing in coming(session, now, programme_id=programme.id):
        if has_start(programme, airing.planned_at):
            airing.zones = list(programme.zones)
            airing.deadline = airing.planned_at + timedelta(seconds=programme.late_window_s)
        else:
            airings.supersede(session, airing, REPLANNED, "", now)
    session.flush()
    query = select(Request).where(Request.programme_id == programme.id, Request.ended_at.is_(None))
    for request in session.scalars(query):
        request.zones, request.late_window_s = list(programme.zones), programme.late_window_s
        removed = _removed_dates(session, request)
        _unfold(session, request, now, _planned_until(session, now), except_dates=removed)


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


def _request(
    session: Session,
    actor: Actor,
    bulletin: Bulletin,
    now: datetime,
    *,
    way: str,
    zones: list[Zone],
    at: datetime | None = None,
    programme: Programme | None = None,
) -> Request:
    request = Request(
        bulletin=bulletin,
        way=way,
        at=at,
        programme=programme,
        zones=zones,
        created_by=actor.id,
        created_at=now,
    )
    if programme is not None:
        request.late_window_s = programme.late_window_s
    session.add(request)
    session.flush()
    return request


def _unfold(
    session: Session,
    request: Request,
    start: datetime,
    until: datetime,
    except_dates: frozenset[date] = frozenset(),
) -> list[Airing]:
    """Add the airings of one request that start in [start, until) and are not there yet."""
    if request.programme is None or request.first_date is None or request.last_date is None:
        return []
    dates = request.first_date, request.last_date, except_dates
    there = select(Airing.planned_at).where(Airing.request_id == request.id, Airing.cause != REPLANNED)
    present = set(session.scalars(there))
    present |= asking.standing_moments(session, request.bulletin, request.programme)
    return [
        _add_airing(session, request, moment)
        for moment in starts(request.programme, start, until, *dates)
        if moment not in present
    ]


def _add_airing(session: Session, request: Request, planned_at: datetime) -> Airing:
    airing = Airing(
        request=request,
        planned_at=planned_at,
        part=_next_part(session, request, planned_at),
        programme=request.programme,
        bulletin=request.bulletin,
        position=_next_position(session, planned_at),
        deadline=planned_at + timedelta(seconds=request.late_window_s),
        placed_by=request.created_by,
        zones=list(request.zones),
    )
    session.add(airing)
    session.flush()
    return airing


def _next_part(session: Session, request: Request, planned_at: datetime) -> int:
    """Return 0, or more when a programme comes back to a moment from which it was once moved away."""
    same = select(func.count()).where(Airing.request_id == request.id, Airing.planned_at == planned_at)
    return session.scalar(same) or 0


def _next_position(session: Session, planned_at: datetime) -> int:
    highest = session.scalar(select(func.max(Airing.position)).where(Airing.planned_at == planned_at))
    return 0 if highest is None else highest + 1


def _removed_dates(session: Session, request: Request) -> frozenset[date]:
    query = select(Airing.planned_at).where(
        Airing.request_id == request.id, Airing.cause.in_(["removed", "moved"])
    )
    return frozenset(moment.astimezone(LOCAL).date() for moment in session.scalars(query))


def _planned_until(session: Session, now: datetime) -> datetime:
    """Return up to when rows exist; not later than the horizon, so that a clock once set years ahead and
    put right again does not stop planning for years."""
    kept = facts.get(session, PLANNED_UNTIL, "")
    until = datetime.fromisoformat(kept) if kept else now
    return until if until <= now + HORIZON else now


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), LOCAL)
