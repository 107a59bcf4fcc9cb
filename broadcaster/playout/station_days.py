"""Days that the station declares itself, and what does not sound on them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound
from broadcaster.playout import airings
from broadcaster.records import audit
from broadcaster.store.models import Airing, AiringState, Bulletin, Kind, StationDay
from schedules import holidays
from schedules.clock import LOCAL
from schedules.holidays import OwnDay, OwnKind

KIND_NAMES = {
    OwnKind.HOLIDAY: "Ngày nghỉ",
    OwnKind.WORKING: "Ngày làm bù",
    OwnKind.ONLY_NEWS: "Chỉ phát tin, không phát nhạc",
    OwnKind.QUIET: "Chỉ phát bản tin ưu tiên",
}
LONGEST = timedelta(days=92)


def add(
    session: Session, actor: Actor, first: date, last: date, name: str, kind: OwnKind, now: datetime
) -> StationDay:
    """Declare days `first` to `last`, both included; what they withhold leaves the plan."""
    require(actor, Permission.OPERATE)
    name = " ".join(name.split())
    if not name:
        raise Invalid("Hãy ghi tên của những ngày này, ví dụ “Thi tốt nghiệp”.", field="name")
    if not first <= last <= first + LONGEST:
        raise Invalid("Ngày cuối phải từ ngày đầu trở đi, nhiều nhất ba tháng.", field="last_date")
    row = StationDay(
        first_date=first, last_date=last, name=name, kind=kind, created_by=actor.id, created_at=now
    )
    session.add(row)
    session.flush()
    audit.note(session, actor, "day.added", f"day {row.id}", now, name=name, kind=kind.value,
               first_date=first.isoformat(), last_date=last.isoformat())  # fmt: skip
    withhold(session, now)
    return row


def end(session: Session, actor: Actor, day_id: int, now: datetime) -> None:
    """Take declared days back; what they took off the plan stays off it."""
    require(actor, Permission.OPERATE)
    row = session.get(StationDay, day_id)
    if row is None or row.ended_at is not None:
        raise NotFound("Ngày này không còn trong lịch của đài; hãy tải lại trang.")
    row.ended_at = now
    audit.note(session, actor, "day.ended", f"day {row.id}", now, name=row.name)


def own_days(session: Session, first: date, last: date) -> list[OwnDay]:
    """Return what the station declared for any of the dates `first` to `last`, oldest word first."""
    query = (
        select(StationDay)
        .where(StationDay.ended_at.is_(None), StationDay.first_date <= last, StationDay.last_date >= first)
        .order_by(StationDay.id)
    )
    rows = session.scalars(query)
    return [OwnDay(row.first_date, row.last_date, row.name, OwnKind(row.kind)) for row in rows]


def declared(session: Session, since: date) -> list[StationDay]:
    """Return the declared days that are not over on `since`, earliest first."""
    query = select(StationDay).where(StationDay.ended_at.is_(None), StationDay.last_date >= since)
    return list(session.scalars(query.order_by(StationDay.first_date, StationDay.id)))


def calendar(session: Session, first: date, last: date) -> list[holidays.Day]:
    """Return what is known of each date from `first` to `last`: public holidays, swaps, own days."""
    declared = own_days(session, first, last)
    return [holidays.day(first + timedelta(days=n), declared) for n in range((last - first).days + 1)]


def why_withheld(declared: list[OwnDay], bulletin: Bulletin, on: date) -> str:
    """Return the name of what keeps `bulletin` from sounding on a date, or an empty text."""
    for day in declared:
        if day.covers(on) and _withholds(day.kind, bulletin):
            return f"{day.name}: {KIND_NAMES[day.kind].lower()}"
    return ""


def withhold(session: Session, now: datetime) -> int:
    """Take off the plan what the declared days keep from sounding; return how many airings."""
    query = select(Airing).where(Airing.state == AiringState.PLANNED, Airing.planned_at > now)
    waiting = session.scalars(query).all()
    if not waiting:
        return 0
    dates = [airing.planned_at.astimezone(LOCAL).date() for airing in waiting]
    declared = own_days(session, min(dates), max(dates))
    taken = 0
    for airing, on in zip(waiting, dates, strict=True) if declared else ():
        why = why_withheld(declared, airing.bulletin, on)
        taken += bool(why) and airings.cancel(session, airing, "station_day", f"{why}.", now)
    return taken


def _withholds(kind: OwnKind, bulletin: Bulletin) -> bool:
    if kind is OwnKind.ONLY_NEWS:
        return bulletin.is_music
    return kind is OwnKind.QUIET and bulletin.kind == Kind.ROUTINE
