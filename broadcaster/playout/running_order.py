"""What an operator does to the order of the day: reorder, move, remove, play now, skip, stop."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, Refused
from broadcaster.playout import airings, requesting
from broadcaster.records import audit, restorations
from broadcaster.store import facts
from broadcaster.store.models import Airing, AiringState, Command, Hold

DEFAULT_CANCEL_DELAY_S = 10
LONGEST_CANCEL_DELAY_S = 30
PERSONS_HOLD = "person"
CLOCK_HOLD = "clock"
"""Cause of a hold that the station itself places when its clock cannot be trusted."""
RESTORED_HOLD = "restored"
"""Until somebody has looked at a station that was made again from a copy."""


def move_up(session: Session, actor: Actor, airing_id: str, now: datetime) -> None:
    """Let an airing sound before the one that stands ahead of it in the same programme."""
    _swap(session, actor, airing_id, -1, now)


def move_down(session: Session, actor: Actor, airing_id: str, now: datetime) -> None:
    _swap(session, actor, airing_id, +1, now)


def move(
    session: Session,
    actor: Actor,
    airing_id: str,
    at: datetime,
    reason: str,
    now: datetime,
    override: str = "",
) -> Airing:
    """Move a coming airing to another moment: the old row says where it went, a new one takes its place."""
    airing = give_way(session, actor, airing_id, reason, now)
    zone_ids = [zone.id for zone in airing.zones]
    moved = requesting.request_at(session, actor, airing.bulletin_id, at, zone_ids, now, override)
    note_moved(session, actor, airing, moved, reason, now)
    return moved


def play_now(
    session: Session, actor: Actor, airing_id: str, now: datetime, delay_s: float = 0.0, override: str = ""
) -> Airing:
    """Let a coming airing sound as soon as its zones are free, after the time to take it back."""
    airing = give_way(session, actor, airing_id, "Phát ngay", now)
    zone_ids = [zone.id for zone in airing.zones]
    moved = requesting.request_next(session, actor, airing.bulletin_id, zone_ids, now, delay_s, override)
    note_moved(session, actor, airing, moved, "Phát ngay", now)
    return moved


def play_again(session: Session, actor: Actor, airing_id: str, now: datetime, delay_s: float = 0.0) -> Airing:
    """Make a new occurrence of something that was cut, missed or played; the old row stays as it is."""
    require(actor, Permission.OPERATE)
    airing = airings.get(session, airing_id)
    if not AiringState(airing.state).is_final:
        raise Refused("Lượt phát này chưa kết thúc nên chưa thể phát lại.")
    zone_ids = [zone.id for zone in airing.zones if zone.is_active]
    return requesting.request_next(session, actor, airing.bulletin_id, zone_ids, now, delay_s)


def remove(session: Session, actor: Actor, airing_id: str, reason: str, now: datetime) -> None:
    """Take a coming airing out of the order; the history keeps who and why."""
    airing = _coming(session, actor, airing_id)
    if not reason.strip():
        raise Invalid("Hãy ghi lý do bỏ lượt phát này.", field="reason")
    if not airings.cancel(session, airing, "removed", reason.strip(), now, operator=actor):
        raise _begun(airing)
    audit.note(session, actor, "airing.removed", f"airing {airing.id}", now, reason=reason.strip())


def take_back(session: Session, actor: Actor, airing_id: str, now: datetime) -> None:
    """Undo "play now" while its delay runs; in its last seconds it is cut before it is heard."""
    airing = airings.get(session, airing_id)
    require(actor, Permission.OPERATE)
    if airing.request.way != "next":
        raise Refused("Chỉ lấy lại được lượt vừa bấm “Phát ngay”; lượt khác hãy dùng “Bỏ”.")
    if airing.started_at is not None and airing.started_at <= now:
        raise Refused(f"“{airing.bulletin.title}” đã lên sóng; muốn dừng hãy bấm “Dừng”.")
    if not airings.cancel(session, airing, "taken_back", "Lấy lại trước khi phát", now, operator=actor):
        _order(session, actor, "cut", airing_id, "Lấy lại trước khi phát", now)
    audit.note(session, actor, "airing.taken_back", f"airing {airing.id}", now)


def cut(session: Session, actor: Actor, airing_id: str, reason: str, now: datetime) -> Command:
    """Stop what sounds now; what follows comes at once."""
    return _order(session, actor, "cut", airing_id, reason, now)


def stop_programme(session: Session, actor: Actor, airing_id: str, reason: str, now: datetime) -> Command:
    """Stop what sounds now and drop the rest of its programme today."""
    return _order(session, actor, "stop_programme", airing_id, reason, now)


def stop_all(session: Session, actor: Actor, reason: str, now: datetime) -> Hold:
    """Silence every zone at once and keep it so, across restarts, until `lift`.

    A hold that the program placed does not stand for it: an emergency sounds under that one.
    """
    require(actor, Permission.STOP_ALL)
    current = standing_hold(session)
    if current is not None and current.cause == PERSONS_HOLD:
        return current
    hold = Hold(placed_by=actor.id, placed_at=now, reason=reason.strip(), cause=PERSONS_HOLD)
    session.add(hold)
    session.flush()
    audit.note(session, actor, "hold.placed", f"hold {hold.id}", now, reason=hold.reason)
    return hold


def lift(session: Session, actor: Actor, reason: str, now: datetime) -> None:
    """Let the station sound again; the name and the reason are kept.

    Raises NotPermitted, Invalid without a reason, and Refused while nobody has looked at what a restored
    station does not know.
    """
    require(actor, Permission.STOP_ALL)
    if not reason.strip():
        raise Invalid("Hãy ghi lý do cho phép phát lại.", field="reason")
    standing = session.scalars(select(Hold).where(Hold.lifted_at.is_(None))).all()
    has_gap = bool(restorations.open_ones(session))
    liftable = [hold for hold in standing if not (has_gap and hold.cause == RESTORED_HOLD)]
    if standing and not liftable:
        raise Refused(
            "Trạm vừa được khôi phục: người quản trị hãy xem lại và xác nhận ở trang “Lưu giữ, sao lưu”, "
            "rồi trạm mới phát."
        )
    for hold in liftable:
        hold.lifted_by, hold.lifted_at, hold.lift_reason = actor.id, now, reason.strip()
        audit.note(session, actor, "hold.lifted", f"hold {hold.id}", now, reason=hold.lift_reason)


def cancel_delay_s(session: Session) -> int:
    """Return for how long "play now" can be taken back at this station."""
    return int(facts.get(session, facts.CANCEL_DELAY, DEFAULT_CANCEL_DELAY_S))


def standing_hold(session: Session) -> Hold | None:
    """Return the hold under which the station stands, a person's before one of the program."""
    is_ours = Hold.cause != PERSONS_HOLD
    query = select(Hold).where(Hold.lifted_at.is_(None)).order_by(is_ours, Hold.cause.desc(), Hold.id)
    return session.scalar(query.limit(1))


def sound_chime(session: Session, actor: Actor, output_id: int, now: datetime) -> Command:
    """Ask for the test chime on one output; it is not an airing and leaves no history row."""
    require(actor, Permission.CONFIGURE)
    command = Command(kind="chime", output_id=output_id, person_id=actor.id, given_at=now)
    session.add(command)
    session.flush()
    audit.note(session, actor, "output.tested", f"output {output_id}", now)
    return command


def _order(session: Session, actor: Actor, kind: str, airing_id: str, reason: str, now: datetime) -> Command:
    require(actor, Permission.OPERATE)
    airing = airings.get(session, airing_id)
    if AiringState(airing.state).is_final:
        raise Refused(f"“{airing.bulletin.title}” đã kết thúc; không còn gì để dừng.")
    command = Command(kind=kind, airing_id=airing.id, person_id=actor.id, reason=reason.strip(), given_at=now)
    session.add(command)
    session.flush()
    audit.note(session, actor, f"airing.{kind}", f"airing {airing.id}", now, reason=command.reason)
    return command


def _coming(session: Session, actor: Actor, airing_id: str) -> Airing:
    require(actor, Permission.OPERATE)
    airing = airings.get(session, airing_id)
    if airing.state != AiringState.PLANNED:
        raise _begun(airing)
    return airing


def _begun(airing: Airing) -> Refused:
    return Refused(f"“{airing.bulletin.title}” đã bắt đầu phát hoặc đã kết thúc; không sửa được nữa.")


def give_way(session: Session, actor: Actor, airing_id: str, reason: str, now: datetime) -> Airing:
    """Take a coming airing off its place, for another that is asked for next in the same transaction.

    It comes first, so that limits count only one of the two.
    """
    airing = _coming(session, actor, airing_id)
    words = f"{reason.strip()} ({actor.name})" if reason.strip() else actor.name
    if not airings.supersede(session, airing, "moved", words, now):
        raise _begun(airing)
    return airing


def note_moved(session: Session, actor: Actor, old: Airing, new: Airing, reason: str, now: datetime) -> None:
    audit.note(session, actor, "airing.moved", f"airing {old.id}", now, to=new.id, reason=reason.strip())


def _swap(session: Session, actor: Actor, airing_id: str, step: int, now: datetime) -> None:
    airing = _coming(session, actor, airing_id)
    query = (
        select(Airing)
        .where(
            Airing.planned_at == airing.planned_at,
            Airing.programme_id == airing.programme_id,
            Airing.section == airing.section,
            Airing.state == AiringState.PLANNED,
        )
        .order_by(Airing.position, Airing.id)
    )
    order = [row for row in session.scalars(query) if row.bulletin.kind == airing.bulletin.kind]
    place = order.index(airing) + step
    if not 0 <= place < len(order):
        raise Refused("Bản tin này đã ở đầu hoặc cuối nhóm cùng mức ưu tiên; muốn đổi giờ hãy dùng “Dời”.")
    other = order[place]
    airing.position, other.position = other.position, airing.position
    audit.note(session, actor, "airing.reordered", f"airing {airing.id}", now, step=step)
