"""What a station that was made again from a copy must know before it sounds.

Nobody can tell from the copy what happened after it: bulletins may have been withdrawn, an alert stood down,
a stop-all ordered, and the old machine may still be running. So nothing that was planned since is played, no
order of then is obeyed, no sign-in or one-time link of then opens anything, and the station keeps silent
until a person lets it sound. An emergency order given now sounds: it is given by somebody who is there.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused, StoreError
from broadcaster.playout import aircheck_files, airings, alerts, live, notify
from broadcaster.playout.airings import Ending
from broadcaster.playout.running_order import RESTORED_HOLD
from broadcaster.records import airchecks, audit, restorations
from broadcaster.records.days import moment_words
from broadcaster.store import Store
from broadcaster.store.migrate import migrate
from broadcaster.store.models import (
    Airing,
    AiringState,
    Command,
    Hold,
    Live,
    OneTimeLink,
    Restoration,
    Sending,
    SignIn,
)

CAUSE = "restored"
NOTICE = "restored"
"""Key of the notice that stands until somebody has acknowledged it."""
LONGEST_NOTE = 500
MARK = "restored.json"
"""In a data folder whose database is restored apart from it (PostgreSQL), until the station starts."""


def settle(store: Store, copied_at: datetime, source: str, now: datetime) -> Restoration:
    """Bring the tables up to date and write down what the copy cannot know; return that."""
    migrate(store)
    with store.write() as session:
        restoration = Restoration(copied_at=copied_at, restored_at=now, source=source)
        session.add(restoration)
        session.flush()
        restoration.missed = _miss_what_was_planned(session, restoration, now)
        _end_old_orders(session, now)
        _close_doors(session, now)
        said = restorations.sentence(restoration)
        detail = {"copied_at": copied_at.isoformat(), "source": source, "missed": restoration.missed}
        if left := aircheck_files.missing(session, store.folder):
            detail["airchecks_left"] = airchecks.runs(left)
        audit.note(session, None, airchecks.RESTORED, said, now, **detail)
        notify.tell(session, "keeping", said, now, key=NOTICE)
        session.add(Hold(placed_at=now, reason=said, cause=RESTORED_HOLD))
        audit.note(session, None, "hold.placed", "restored", now, reason=said)
    return restoration


def mark(folder: Path, copied_at: datetime, source: str, now: datetime) -> None:
    """Have a station settle when it starts: its database is not there yet."""
    left = {"copied_at": copied_at.isoformat(), "source": source, "restored_at": now.isoformat()}
    (folder / MARK).write_text(json.dumps(left, ensure_ascii=False), encoding="utf-8")


def settle_marked(store: Store) -> None:
    """Do what `mark` left to be done. Raises StoreError for a mark that cannot be read."""
    file = store.folder / MARK
    if not file.exists():
        return
    try:
        left = json.loads(file.read_text(encoding="utf-8"))
        copied_at, restored_at = (datetime.fromisoformat(left[key]) for key in ("copied_at", "restored_at"))
        source = str(left["source"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"Không đọc được {file}: {error}; hãy khôi phục lại từ bản sao lưu.") from error
    migrate(store)
    with store.read() as session:
        is_done = session.scalar(select(Restoration.id).where(Restoration.restored_at == restored_at))
    if is_done is None:  # the power may fail before the mark is gone
        settle(store, copied_at, source, restored_at)
    file.unlink()


def acknowledge(session: Session, actor: Actor, number: int, note: str, now: datetime) -> Restoration:
    """Take note that the books have a gap, with what is known of it, and let the station sound again.

    Raises NotPermitted, NotFound, Invalid for a note that is missing or too long, Refused when done before.
    """
    require(actor, Permission.CONFIGURE)
    restoration = session.get(Restoration, number)
    if restoration is None:
        raise NotFound("Không có lần khôi phục này; hãy tải lại trang.")
    if restoration.acknowledged_at is not None:
        raise Refused("Lần khôi phục này đã có người xác nhận.")
    if not note.strip():
        raise Invalid("Hãy ghi những gì biết về khoảng thời gian đó, hoặc “không rõ”.", field="note")
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"Ghi chú dài quá {LONGEST_NOTE} ký tự; hãy viết gọn lại.", field="note")
    restoration.acknowledged_by, restoration.acknowledged_at = actor.id, now
    restoration.note = note.strip()
    audit.note(
        session, actor, "restoration.acknowledged", f"restoration {number}", now, note=restoration.note
    )
    if not restorations.open_ones(session):
        notify.over(session, NOTICE, now)
        _lift(session, actor, restoration.note, now)
    return restoration


def _miss_what_was_planned(session: Session, restoration: Restoration, now: datetime) -> int:
    """Close what fell between the copy and now; what sounded during the copy ends at the next start."""
    reason = (
        f"Trạm được khôi phục từ bản sao lưu lúc {moment_words(restoration.copied_at)}; "
        "không rõ lượt này đã phát hay chưa."
    )
    query = select(Airing).where(
        Airing.state.in_([AiringState.PLANNED, AiringState.CLAIMED]), Airing.planned_at <= now
    )
    ending = Ending(AiringState.MISSED, CAUSE, reason, now)
    return sum(
        airings.finish(session, airing, AiringState(airing.state), ending)
        for airing in session.scalars(query).all()
    )


def _end_old_orders(session: Session, now: datetime) -> None:
    alerts.end_by_restore(session, now)
    for each in session.scalars(select(Live).where(Live.state != live.OVER)).all():
        live.end(each, "Trạm được khôi phục từ bản sao lưu.", now)
    session.execute(
        update(Command)
        .where(Command.taken_at.is_(None))
        .values(taken_at=now, outcome="Trạm được khôi phục; lệnh cũ không thực hiện.")
    )
    session.execute(update(Sending).where(Sending.state == "waiting").values(state="dropped"))


def _close_doors(session: Session, now: datetime) -> None:
    """A copy may have been in other hands."""
    session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now))
    session.execute(update(OneTimeLink).where(OneTimeLink.used_at.is_(None)).values(used_at=now))


def _lift(session: Session, actor: Actor, reason: str, now: datetime) -> None:
    query = select(Hold).where(Hold.lifted_at.is_(None), Hold.cause == RESTORED_HOLD)
    for hold in session.scalars(query).all():
        hold.lifted_by, hold.lifted_at, hold.lift_reason = actor.id, now, reason
        audit.note(session, actor, "hold.lifted", f"hold {hold.id}", now, reason=reason)
