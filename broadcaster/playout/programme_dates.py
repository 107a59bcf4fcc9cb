"""Dates on which a programme differs from its rule: one cancelled, one moved, some paused."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound
from broadcaster.playout import airings, limits, planning, unfolding
from broadcaster.playout.starts import changed_dates, has_start, starts_on
from broadcaster.records import audit
from broadcaster.store.models import Programme, ProgrammeDate, ProgrammePause
from schedules.clock import LOCAL


def cancel_date(
    session: Session, actor: Actor, programme_id: int, on: date, reason: str, now: datetime
) -> int:
    """Let a programme not sound on one date; return how many airings were taken off it."""
    programme = _change(session, actor, programme_id, on, None, reason, now)
    taken = _cancel_left_over(session, actor, programme, reason, now)
    audit.note(session, actor, "programme.date_cancelled", f"programme {programme.id}", now,
               on=on.isoformat(), reason=reason.strip())  # fmt: skip
    return taken


def move_date(
    session: Session,
    actor: Actor,
    programme_id: int,
    on: date,
    at: time,
    reason: str,
    now: datetime,
    override: str = "",
) -> None:
    """Let a programme start at another time on one date; its bulletins go with it."""
    programme = planning.living_programme(session, programme_id)
    starts_at = datetime.combine(on, at, LOCAL)
    if starts_at <= now:
        raise Invalid("Giờ mới đã qua; hãy chọn giờ khác.", field="at")
    limits.check(session, actor, programme.zones, starts_at, programme.longest_s, override)
    before = starts_on(programme, on)
    _change(session, actor, programme_id, on, at.replace(microsecond=0), reason, now)
    for airing in planning.coming(session, now, programme_id=programme.id):
        if airing.planned_at in before:
            words = f"Chương trình ngày này chuyển sang {at:%H:%M}: {reason.strip()}"
            if airings.supersede(session, airing, unfolding.REPLANNED, words, now):
                planning.add_airing(session, airing.request, starts_at)
    audit.note(session, actor, "programme.date_moved", f"programme {programme.id}", now,
               on=on.isoformat(), at=f"{at:%H:%M}", reason=reason.strip())  # fmt: skip


def restore_date(session: Session, actor: Actor, programme_id: int, on: date, now: datetime) -> None:
    """Let the rule hold again on a date that was cancelled or moved."""
    require(actor, Permission.OPERATE)
    programme = planning.living_programme(session, programme_id)
    change = changed_dates(programme).get(on)
    if change is None:
        raise NotFound(f"Ngày {on:%d/%m/%Y} không có thay đổi nào của “{programme.name}”.")
    change.ended_at = now
    session.flush()
    planning.plan_programme_anew(session, programme, now)
    audit.note(session, actor, "programme.date_restored", f"programme {programme.id}", now,
               on=on.isoformat())  # fmt: skip


def pause(
    session: Session,
    actor: Actor,
    programme_id: int,
    first: date,
    last: date,
    reason: str,
    now: datetime,
) -> int:
    """Let a programme rest from `first` to `last`, both included; return how many airings that takes off."""
    require(actor, Permission.OPERATE)
    programme = planning.living_programme(session, programme_id)
    if last < first:
        raise Invalid("Ngày cuối phải từ ngày đầu trở đi.", field="last_date")
    _require_reason(reason)
    programme.pauses.append(
        ProgrammePause(
            first_date=first, last_date=last, reason=reason.strip(), created_by=actor.id, created_at=now
        )
    )
    session.flush()
    taken = _cancel_left_over(session, actor, programme, reason, now)
    audit.note(session, actor, "programme.paused", f"programme {programme.id}", now,
               first_date=first.isoformat(), last_date=last.isoformat(), reason=reason.strip())  # fmt: skip
    return taken


def resume(session: Session, actor: Actor, pause_id: int, now: datetime) -> None:
    """Take a pause back."""
    require(actor, Permission.OPERATE)
    rest = session.get(ProgrammePause, pause_id)
    if rest is None or rest.ended_at is not None:
        raise NotFound("Lần tạm nghỉ này không còn; hãy tải lại trang.")
    rest.ended_at = now
    session.flush()
    programme = planning.living_programme(session, rest.programme_id)
    planning.plan_programme_anew(session, programme, now)
    audit.note(session, actor, "programme.resumed", f"programme {programme.id}", now)


def _change(
    session: Session,
    actor: Actor,
    programme_id: int,
    on: date,
    at: time | None,
    reason: str,
    now: datetime,
) -> Programme:
    require(actor, Permission.OPERATE)
    programme = planning.living_programme(session, programme_id)
    _require_reason(reason)
    if not starts_on(programme, on):
        raise Invalid(
            f"“{programme.name}” không phát vào ngày {on:%d/%m/%Y}; hãy chọn ngày khác.", field="on"
        )
    if (standing := changed_dates(programme).get(on)) is not None:
        standing.ended_at = now
    programme.dates.append(
        ProgrammeDate(on=on, starts_at=at, reason=reason.strip(), created_by=actor.id, created_at=now)
    )
    session.flush()
    return programme


def _cancel_left_over(
    session: Session, actor: Actor, programme: Programme, reason: str, now: datetime
) -> int:
    """Cancel what stands at moments that the programme no longer has; the history keeps why."""
    return sum(
        airings.cancel(session, airing, unfolding.RESTS, reason.strip(), now, operator=actor)
        for airing in planning.coming(session, now, programme_id=programme.id)
        if not has_start(programme, airing.planned_at)
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("Hãy ghi lý do; lý do được giữ trong nhật ký.", field="reason")
