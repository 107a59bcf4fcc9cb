"""Asking for air time: once, next, in a programme, some times a day, or again and again through a storm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, Refused
from broadcaster.playout import asking, fitting, limits, planning, sections, unfolding, zones
from broadcaster.playout.lengths import predicted_seconds
from broadcaster.playout.starts import starts
from broadcaster.records import audit
from broadcaster.store.models import Airing, Bulletin, BulletinState, Programme, Request, Zone
from schedules.clock import LOCAL
from schedules.recurrence import Series

NEXT_LEAD = timedelta(seconds=3)
"""What is asked for "next" starts this much later, so that the players can be armed in time."""
MOST_TIMES_A_DAY = 24
LONGEST_DAYS = 366
LONGEST_SERIES = timedelta(hours=24)
"""A storm is looked at again every day: who renews the series has thought about it."""
MOST_IN_A_SERIES = 48


def request_at(
    session: Session,
    actor: Actor,
    bulletin_id: int,
    at: datetime,
    zone_ids: Sequence[int],
    now: datetime,
    override: str = "",
) -> Airing:
    """Ask for one airing at a moment; refused in the past and where a limit forbids it.

    `override` is the reason for which a limit is broken, where the actor may break it.
    """
    require(actor, Permission.REQUEST)
    if at < now:
        raise Invalid("Giờ phát đã qua; hãy chọn giờ khác hoặc bấm “Phát ngay”.", field="at")
    bulletin, day = asking.airable(session, bulletin_id), at.astimezone(LOCAL).date()
    there = zones.chosen(session, zone_ids)
    broken = limits.check(session, actor, there, at, predicted_seconds(session, bulletin), override)
    asking.refuse_outside_validity(bulletin, day, day, "on")
    asking.refuse_second_at(session, bulletin, at)
    asking.refuse_on_own_day(session, bulletin, day)
    request = _request(session, actor, bulletin, now, way="at", at=at, zones=there, overrides=broken)
    audit.note(session, actor, "request.at", f"bulletin {bulletin.id}", now, at=at.isoformat())
    return planning.add_airing(session, request, at)


def request_next(
    session: Session,
    actor: Actor,
    bulletin_id: int,
    zone_ids: Sequence[int],
    now: datetime,
    delay_s: float = 0.0,
    override: str = "",
) -> Airing:
    """Ask for one airing as soon as its zones are free; needs an approved bulletin.

    `delay_s` is for how long it can still be taken back on the page.
    """
    require(actor, Permission.OPERATE)
    bulletin = asking.airable(session, bulletin_id)
    if bulletin.state != BulletinState.APPROVED:
        raise Refused(f"Bản tin “{bulletin.title}” chưa được duyệt nên chưa thể phát ngay.")
    asking.refuse_second_next(session, bulletin)
    at, there = now + max(NEXT_LEAD, timedelta(seconds=delay_s)), zones.chosen(session, zone_ids)
    broken = limits.check(session, actor, there, at, predicted_seconds(session, bulletin), override)
    request = _request(session, actor, bulletin, now, way="next", at=at, zones=there, overrides=broken)
    audit.note(session, actor, "request.next", f"bulletin {bulletin.id}", now)
    return planning.add_airing(session, request, at)


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

    Returns the airings inside the horizon; refused when the programme has no start left in that time, or no
    part that takes such a bulletin.
    """
    require(actor, Permission.REQUEST)
    bulletin = asking.airable(session, bulletin_id)
    programme = planning.living_programme(session, programme_id)
    last_date = last_date or first_date
    _refuse_past(last_date, now)
    if last_date < first_date:
        raise Invalid("Ngày cuối phải từ ngày đầu trở đi.", field="last_date")
    asking.refuse_outside_validity(bulletin, first_date, last_date, "last_date")
    sections.refuse_untaken(programme, bulletin)
    moments = list(starts(programme, now, planning.midnight_after(last_date), first_date, last_date))
    if not moments:
        raise Invalid(
            f"“{programme.name}” không còn buổi phát nào trong những ngày đã chọn; hãy chọn ngày khác.",
            field="first_date",
        )
    planning.begin(session, now)
    request = _request(
        session, actor, bulletin, now, way="programme", programme=programme, zones=list(programme.zones)
    )
    request.first_date, request.last_date = first_date, last_date
    audit.note(
        session, actor, "request.programme", f"bulletin {bulletin.id}", now, programme=programme.name,
        first_date=first_date.isoformat(), last_date=last_date.isoformat(),
    )  # fmt: skip
    until = planning.planned_until(session, now)
    added = planning.unfold(session, request, now, until)
    asking.refuse_nothing_new(added, moments, until)
    return added


def request_in_queue(
    session: Session, actor: Actor, bulletin_id: int, now: datetime, times: int = 1
) -> list[Airing]:
    """Put a bulletin into the next `times` programmes that take it and have room for it.

    Refused when there is none within the horizon.
    """
    require(actor, Permission.REQUEST)
    bulletin = asking.airable(session, bulletin_id)
    if not 1 <= times <= MOST_IN_A_SERIES:
        raise Invalid(f"Số lần phát từ 1 đến {MOST_IN_A_SERIES}.", field="most")
    planning.begin(session, now)
    found = fitting.next_rooms(session, bulletin, now, times)
    if not found:
        raise Refused(
            f"Trong 14 ngày tới không chương trình nào còn chỗ cho “{bulletin.title}”; "
            "hãy chọn một giờ riêng hoặc thêm thời lượng cho chương trình."
        )
    audit.note(session, actor, "request.queue", f"bulletin {bulletin.id}", now, times=times)
    return [_in_room(session, actor, bulletin, room, now) for room in found]


def request_daily(
    session: Session,
    actor: Actor,
    bulletin_id: int,
    dates: tuple[date, date],
    times: Iterable[time],
    zone_ids: Sequence[int],
    now: datetime,
    days: Iterable[int] | None = None,
    override: str = "",
) -> list[Airing]:
    """Ask for airings at `times` on each date from `dates[0]` to `dates[1]`, on `days` of the week only.

    Returns those inside the horizon. Every time is held against the limits, each with the others of its day.
    """
    require(actor, Permission.REQUEST)
    bulletin, there = asking.airable(session, bulletin_id), zones.chosen(session, zone_ids)
    first, last = dates
    at_times = sorted(set(times))
    _refuse_past(last, now)
    _check_daily(first, last, at_times)
    asking.refuse_outside_validity(bulletin, first, last, "last_date")
    planning.begin(session, now)
    request = _request(session, actor, bulletin, now, way="daily", zones=there)
    request.first_date, request.last_date = first, last
    request.times = [f"{at:%H:%M}" for at in at_times]
    request.days = None if days is None else sorted(set(days))
    _require_moments(session, actor, request, now, override, planning.midnight_after(last))
    audit.note(
        session, actor, "request.daily", f"bulletin {bulletin.id}", now, times=request.times,
        first_date=first.isoformat(), last_date=last.isoformat(),
    )  # fmt: skip
    return planning.unfold(session, request, now, planning.planned_until(session, now))


def request_series(
    session: Session,
    actor: Actor,
    bulletin_id: int,
    series: Series,
    zone_ids: Sequence[int],
    now: datetime,
    override: str = "",
) -> list[Airing]:
    """Ask for a bulletin again and again (storm mode); it ends by itself unless somebody renews it."""
    require(actor, Permission.OPERATE)
    bulletin, there = asking.airable(session, bulletin_id), zones.chosen(session, zone_ids)
    if series.until > now + LONGEST_SERIES or series.most > MOST_IN_A_SERIES:
        raise Invalid(
            f"Phát lặp dài nhất 24 giờ và {MOST_IN_A_SERIES} lần; hết hạn hãy gia hạn tiếp.", field="until"
        )
    planning.begin(session, now)
    request = _request(session, actor, bulletin, now, way="series", at=series.first, zones=there)
    request.every_min = round(series.every.total_seconds() / 60)
    request.until, request.most = series.until, series.most
    request.late_window_s = max(60, request.every_min * 60 // 2)
    _require_moments(session, actor, request, now, override, series.until + timedelta(seconds=1))
    audit.note(
        session, actor, "request.series", f"bulletin {bulletin.id}", now, every_min=request.every_min,
        until=series.until.isoformat(), most=series.most,
    )  # fmt: skip
    return planning.unfold(session, request, now, planning.planned_until(session, now))


def _in_room(session: Session, actor: Actor, bulletin: Bulletin, room: fitting.Room, now: datetime) -> Airing:
    programme = room.programme
    request = _request(
        session, actor, bulletin, now, way="queue", programme=programme, zones=list(programme.zones)
    )
    request.first_date = request.last_date = room.at.astimezone(LOCAL).date()
    return planning.add_airing(session, request, room.at)


def _require_moments(
    session: Session, actor: Actor, request: Request, now: datetime, override: str, until: datetime
) -> None:
    """Hold the first two weeks of a wish against the limits; Invalid when it has no moment left."""
    length_s = predicted_seconds(session, request.bulletin)
    found = list(unfolding.moments(request, now, min(until, now + planning.HORIZON)))
    if not found and not any(unfolding.moments(request, now, until)):
        raise Invalid("Không còn giờ phát nào trong thời gian đã chọn; hãy chọn lại.", field="first_date")
    request.overrides = limits.check_all(session, actor, request.zones, found, length_s, override) or None


def _refuse_past(last: date, now: datetime) -> None:
    if last < now.astimezone(LOCAL).date():
        raise Invalid(f"Ngày {last:%d/%m/%Y} đã qua; hãy chọn từ hôm nay trở đi.", field="last_date")


def _check_daily(first: date, last: date, times: Sequence[time]) -> None:
    if last < first:
        raise Invalid("Ngày cuối phải từ ngày đầu trở đi.", field="last_date")
    if (last - first).days > LONGEST_DAYS:
        raise Invalid("Mỗi yêu cầu kéo dài nhất một năm.", field="last_date")
    if not 1 <= len(times) <= MOST_TIMES_A_DAY:
        raise Invalid(f"Hãy chọn từ 1 đến {MOST_TIMES_A_DAY} giờ phát trong ngày.", field="times")


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
    overrides: list[dict[str, Any]] | None = None,
) -> Request:
    request = Request(
        bulletin=bulletin,
        way=way,
        at=at,
        programme=programme,
        zones=zones,
        overrides=overrides or None,
        created_by=actor.id,
        created_at=now,
    )
    if programme is not None:
        request.late_window_s = programme.late_window_s
    session.add(request)
    session.flush()
    return request
