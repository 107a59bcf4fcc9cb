"""Recurring broadcasts: the frames (days, start, length, zones) into which bulletins are put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid
from broadcaster.playout import airings, hours, planning, zones
from broadcaster.playout.starts import starts
from broadcaster.records import audit
from broadcaster.store.models import Programme
from schedules.clock import LOCAL

LONGEST_S = 4 * 3600
LATEST = timedelta(hours=1)
"""What still waits in its late window is coming too."""
LOOK_AHEAD = timedelta(days=62)
"""Programmes come every week; a season that begins later is no answer to "when next"."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What an officer fills in for a programme."""

    name: str
    days: Sequence[int]
    """0 = Monday."""
    starts_at: time
    """On the station's clock."""
    zone_ids: Sequence[int] = ()
    """None named: all zones."""
    longest_s: int = 1800
    late_window_s: int = 300
    first_date: date | None = None
    last_date: date | None = None


def all_programmes(session: Session) -> list[Programme]:
    """Return the programmes in use, earliest start first, with their zones."""
    query = select(Programme).where(Programme.is_active).options(selectinload(Programme.zones))
    return list(session.scalars(query.order_by(Programme.starts_at, Programme.id)))


def next_start(programme: Programme, now: datetime) -> datetime | None:
    """Return when the programme starts next, or None when it does not within `LOOK_AHEAD`."""
    return next(starts(programme, now, now + LOOK_AHEAD), None)


def add(session: Session, actor: Actor, frame: Frame, now: datetime) -> Programme:
    """Make a programme; Invalid names the field, Refused the broken rule."""
    require(actor, Permission.OPERATE)
    _check(frame)
    _refuse_forbidden(session, frame, now)
    programme = Programme(created_by=actor.id, created_at=now)
    _fill(session, programme, frame)
    session.add(programme)
    session.flush()
    audit.note(session, actor, "programme.added", f"programme {programme.id}", now, **_words(programme))
    return programme


def edit(session: Session, actor: Actor, programme_id: int, frame: Frame, now: datetime) -> Programme:
    """Change a programme from now on: what it still plans is planned anew, what was aired stays."""
    require(actor, Permission.OPERATE)
    _check(frame)
    _refuse_forbidden(session, frame, now)
    programme = planning.living_programme(session, programme_id)
    _fill(session, programme, frame)
    planning.plan_programme_anew(session, programme, now)
    audit.note(session, actor, "programme.changed", f"programme {programme.id}", now, **_words(programme))
    return programme


def end(session: Session, actor: Actor, programme_id: int, reason: str, now: datetime) -> None:
    """Close a programme for good; its coming airings are cancelled with `reason`."""
    require(actor, Permission.OPERATE)
    if not reason.strip():
        raise Invalid("Hãy ghi lý do kết thúc chương trình.", field="reason")
    programme = planning.living_programme(session, programme_id)
    programme.is_active = False
    for airing in planning.coming(session, now - LATEST, programme_id=programme.id):
        airings.cancel(session, airing, "programme_ended", reason.strip(), now, operator=actor)
    audit.note(session, actor, "programme.ended", f"programme {programme.id}", now, reason=reason.strip())


def _fill(session: Session, programme: Programme, frame: Frame) -> None:
    programme.name = " ".join(frame.name.split())
    programme.days = sorted(set(frame.days))
    programme.starts_at = frame.starts_at.replace(microsecond=0)
    programme.longest_s, programme.late_window_s = frame.longest_s, frame.late_window_s
    programme.first_date, programme.last_date = frame.first_date, frame.last_date
    programme.zones = zones.chosen(session, frame.zone_ids)


def _check(frame: Frame) -> None:
    if not frame.name.strip():
        raise Invalid("Hãy đặt tên cho chương trình.", field="name")
    if not frame.days or not set(frame.days) <= set(range(7)):
        raise Invalid("Hãy chọn ít nhất một ngày trong tuần.", field="days")
    if not 60 <= frame.longest_s <= LONGEST_S:
        raise Invalid("Thời lượng tối đa phải từ 1 phút đến 4 giờ.", field="longest_s")
    if not 0 <= frame.late_window_s <= 3600:
        raise Invalid("Thời gian được phát trễ phải từ 0 đến 60 phút.", field="late_window_s")
    if frame.first_date and frame.last_date and frame.last_date < frame.first_date:
        raise Invalid("Ngày kết thúc phải từ ngày bắt đầu trở đi.", field="last_date")


def _refuse_forbidden(session: Session, frame: Frame, now: datetime) -> None:
    some_day = now.astimezone(LOCAL).date()
    starts_at = datetime.combine(some_day, frame.starts_at, LOCAL)
    hours.refuse_forbidden(session, starts_at, frame.longest_s)


def _words(programme: Programme) -> dict[str, object]:
    return {
        "name": programme.name,
        "days": programme.days,
        "starts_at": f"{programme.starts_at:%H:%M:%S}",
        "longest_s": programme.longest_s,
        "zones": [zone.id for zone in programme.zones],
    }
