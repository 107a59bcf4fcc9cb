"""Moving what is planned into another programme, and taking a move or a removal back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, Refused
from broadcaster.playout import airings, fitting, planning, requesting, running_order
from broadcaster.playout.lengths import predicted_seconds
from broadcaster.playout.starts import has_start
from broadcaster.records import audit
from broadcaster.store.models import Airing, AiringState
from schedules.clock import LOCAL

UNDONE = "Hoàn tác"
TAKEN_OFF = (AiringState.CANCELLED, "removed"), (AiringState.SUPERSEDED, "moved")
"""(state, cause) of what a person took off its place, and may put back."""


def move_to_programme(
    session: Session,
    actor: Actor,
    airing_id: str,
    programme_id: int,
    at: datetime,
    reason: str,
    now: datetime,
) -> Airing:
    """Move a coming airing into the occurrence of a programme at `at`; refused when it has no room there."""
    programme = planning.living_programme(session, programme_id)
    if at <= now or not has_start(programme, at):
        raise Refused(f"“{programme.name}” không phát vào giờ đó nữa; hãy tải lại trang rồi chọn buổi khác.")
    airing = running_order.give_way(session, actor, airing_id, reason, now)
    bulletin, on = airing.bulletin, at.astimezone(LOCAL).date()
    length_s = predicted_seconds(session, bulletin)
    if not fitting.has_room(session, programme, at, bulletin, length_s):
        raise Refused(
            f"Buổi “{programme.name}” {at.astimezone(LOCAL):%H:%M %d/%m} không còn đủ chỗ cho "
            f"“{bulletin.title}”; hãy chọn buổi khác."
        )
    added = requesting.request_in_programme(session, actor, bulletin.id, programme_id, on, None, now)
    moved = next((each for each in added if each.planned_at == at), None)
    if moved is None:
        raise Invalid("Chỉ dời được vào những buổi trong 14 ngày tới.", field="on")
    running_order.note_moved(session, actor, airing, moved, reason, now)
    return moved


def remove_for(session: Session, actor: Actor, keys: Sequence[str], title: str, now: datetime) -> None:
    """Remove the airings `keys`, which give their place to something else."""
    for key in keys:
        running_order.remove(session, actor, key, f"Nhường chỗ cho “{title}”", now)


def undo(
    session: Session,
    actor: Actor,
    airing_id: str,
    now: datetime,
    moved_to: str = "",
    also: Sequence[str] = (),
) -> Airing:
    """Plan again what a person moved or removed; what it was moved to, `moved_to`, leaves the plan.

    The old row keeps its end: the history says that it was taken off, and a new row stands in its place.
    `also` was removed to make room and comes back with it.
    """
    require(actor, Permission.OPERATE)
    old = airings.get(session, airing_id)
    _refuse_unless_taken_off(session, old, now)
    if moved_to:
        _take_off(session, actor, old, moved_to, now)
    restored = planning.add_airing(session, old.request, old.planned_at)
    restored.position = old.position
    audit.note(session, actor, "airing.restored", f"airing {old.id}", now, to=restored.id)
    for key in also:
        undo(session, actor, key, now)
    return restored


def _refuse_unless_taken_off(session: Session, old: Airing, now: datetime) -> None:
    title = old.bulletin.title
    if (old.state, old.cause) not in TAKEN_OFF:
        raise Refused(f"“{title}” không phải lượt vừa dời hay bỏ nên không hoàn tác được.")
    if old.planned_at <= now:
        raise Refused(f"Giờ phát cũ của “{title}” đã qua; hãy xếp lịch lại.")
    if old.request.ended_at is not None:
        raise Refused(f"Yêu cầu phát “{title}” đã thôi; hãy xếp lịch lại.")
    newest = select(func.max(Airing.part)).where(
        Airing.request_id == old.request_id, Airing.planned_at == old.planned_at
    )
    if session.scalar(newest) != old.part:
        raise Refused(f"“{title}” đã ở lại chỗ cũ rồi; hãy tải lại trang.")


def _take_off(session: Session, actor: Actor, old: Airing, moved_to: str, now: datetime) -> None:
    new = airings.get(session, moved_to)
    is_it = new.bulletin_id == old.bulletin_id and new.id != old.id
    if not is_it or not airings.supersede(session, new, "moved", f"{UNDONE} ({actor.name})", now):
        raise Refused(f"“{old.bulletin.title}” đã bắt đầu phát hoặc đã dời tiếp; không hoàn tác được nữa.")
