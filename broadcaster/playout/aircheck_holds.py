"""A complaint, an inquiry: what was kept of an airing is marked so that it outlives the retention."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, Refused
from broadcaster.playout import airings
from broadcaster.records import airchecks, audit
from broadcaster.store.models import AircheckHold

LONGEST_REASON = 300


def place(session: Session, actor: Actor, airing_id: str, reason: str, now: datetime) -> AircheckHold:
    """Keep the sound of an airing until somebody releases it; the name and the reason are kept.

    Raises Invalid without a reason, Refused when it is marked already or its sound is gone.
    """
    require(actor, Permission.VERIFY)
    return keep(session, actor, airing_id, reason, now)


def keep(session: Session, actor: Actor, airing_id: str, reason: str, now: datetime) -> AircheckHold:
    """Do what `place` does, for whoever was asked already: somebody who looks into a complaint."""
    words = reason.strip()[:LONGEST_REASON]
    if not words:
        raise Invalid("Hãy ghi lý do giữ lại, ví dụ: có đơn phản ánh.", field="reason")
    airing = airings.get(session, airing_id)
    if airchecks.holds_of(session, airing.id):
        raise Refused("Bản lưu của lượt phát này đã được đánh dấu giữ lại rồi.")
    if not airchecks.with_sound(session, [airing.id]):
        raise Refused("Lượt phát này không còn bản lưu nào để giữ lại.")
    hold = AircheckHold(airing_id=airing.id, reason=words, placed_by=actor.id, placed_at=now)
    session.add(hold)
    session.flush()
    audit.note(session, actor, "aircheck.held", f"airing {airing.id}", now, reason=words)
    return hold


def release(session: Session, actor: Actor, airing_id: str, reason: str, now: datetime) -> None:
    """Let the retention have it again."""
    require(actor, Permission.VERIFY)
    words = reason.strip()[:LONGEST_REASON]
    if not words:
        raise Invalid("Hãy ghi lý do thôi giữ lại.", field="reason")
    for hold in airchecks.holds_of(session, airing_id):
        hold.released_by, hold.released_at = actor.id, now
        audit.note(session, actor, "aircheck.released", f"airing {airing_id}", now, reason=words)
