"""Residents' complaints as the station works on them: taken in, looked at, answered, kept as proof."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import PERMISSION_NAMES, Actor, Permission, require
from broadcaster.errors import Invalid, NotPermitted, Refused
from broadcaster.newsroom import bulletins
from broadcaster.newsroom.bulletins import Draft
from broadcaster.playout import aircheck_holds, notify
from broadcaster.records import audit, complaints, residents
from broadcaster.records.complaints import ANSWERED, KINDS, LONGEST_ANSWER, NEW, TAKEN, NewComplaint
from broadcaster.store import Store
from broadcaster.store.models import AircheckHold, Bulletin, Complaint, Notice
from schedules.clock import LOCAL

WORKS_ON_THEM = (Permission.WRITE, Permission.OPERATE)
"""Either of these lets a person read and answer complaints."""
TOLD_AGAIN_AFTER = timedelta(minutes=30)
"""A flood of complaints must not use up the notices that faults need; the page counts them all."""
TOPIC = "Trả lời phản ánh"


def receive(
    session: Session, new: NewComplaint, *, code: str, stamp: str, sender_mark: str, now: datetime
) -> Complaint:
    """Keep what a resident sent and have the officers told, once however often the form is sent.

    Raises Invalid naming the field; Refused for too many, or for an airing that nobody may speak of.
    """
    if new.airing_id is not None and not residents.is_reportable(session, new.airing_id, now):
        raise Refused("Không còn nhận phản ánh về lượt phát này; hãy gửi ở mục phản ánh chung.")
    row, is_new = complaints.receive(session, new, code=code, stamp=stamp, sender_mark=sender_mark, now=now)
    if is_new and not _was_told_lately(session, now):
        words = f"Có phản ánh mới của người dân ({KINDS[row.kind].lower()}); hãy xem ở trang Phản ánh."
        notify.tell(session, "complaint", words, now)
    return row


def take(session: Session, actor: Actor, complaint_id: int, now: datetime) -> Complaint:
    """Say that somebody looks into it."""
    row = _for(session, actor, complaint_id)
    if row.state != NEW:
        raise Refused(f"Phản ánh số {row.id} đã có người xem; hãy tải lại trang.")
    row.state, row.taken_by, row.taken_at = TAKEN, actor.id, now
    _note(session, actor, "taken", row, now)
    return row


def answer(
    session: Session, actor: Actor, complaint_id: int, words: str, is_public: bool, now: datetime
) -> Complaint:
    """Answer it, for all or for its sender alone; answering again replaces what was answered before."""
    row = _for(session, actor, complaint_id)
    said = complaints.tidy(words)
    if not any(letter.isalnum() for letter in said):
        raise Invalid("Hãy ghi câu trả lời.", field="answer")
    if len(said) > LONGEST_ANSWER:
        raise Invalid(f"Dài quá {LONGEST_ANSWER} ký tự; hãy rút ngắn.", field="answer")
    if row.taken_by is None:
        row.taken_by, row.taken_at = actor.id, now
    row.state, row.answer, row.is_public = ANSWERED, said, is_public
    row.answered_by, row.answered_at = actor.id, now
    _note(session, actor, "answered", row, now, public=is_public, answer_sha256=complaints.sha256_of(said))
    return row


def hold(session: Session, actor: Actor, complaint_id: int, now: datetime) -> AircheckHold:
    """Keep the sound of its airing beyond the retention. Raises Refused when there is none."""
    row = _for(session, actor, complaint_id)
    if row.airing_id is None:
        raise Refused("Phản ánh này không nói về lượt phát nào nên không có bản lưu để giữ.")
    return aircheck_holds.keep(session, actor, row.airing_id, f"Có phản ánh số {row.id} của người dân", now)


def compose(session: Session, actor: Actor, complaint_id: int, now: datetime) -> Bulletin:
    """Begin a bulletin with the answer, to be broadcast (Nghị định 49/2024/NĐ-CP); the one begun before,
    if there is one."""
    row = _for(session, actor, complaint_id)
    require(actor, Permission.WRITE)
    if row.bulletin_id is not None:
        return bulletins.get(session, row.bulletin_id)
    if not row.answer:
        raise Refused("Hãy trả lời phản ánh trước, rồi soạn bản tin từ câu trả lời.")
    draft = Draft(
        title=f"{TOPIC} của người dân: {_about(row)}"[: bulletins.LONGEST_TITLE], written=row.answer
    )
    bulletin = bulletins.write(session, actor, draft, now)
    row.bulletin_id = bulletin.id
    _note(session, actor, "composed", row, now, title=bulletin.title)
    return bulletin


def forget_contacts(store: Store, now: datetime) -> str:
    """Remove the contacts whose time is over; return in a sentence how many went."""
    with store.write() as session:
        count = complaints.forget_contacts(session, now)
    return f"Đã xóa liên hệ trong {count} phản ánh." if count else "Không có liên hệ nào quá hạn giữ."


def _about(row: Complaint) -> str:
    if row.airing is None:
        return KINDS[row.kind].lower()
    return f"{KINDS[row.kind].lower()}, ngày {row.airing.planned_at.astimezone(LOCAL):%d/%m/%Y}"


def _for(session: Session, actor: Actor, complaint_id: int) -> Complaint:
    if not any(actor.may(each) for each in WORKS_ON_THEM):
        names = " hoặc ".join(PERMISSION_NAMES[each] for each in WORKS_ON_THEM)
        raise NotPermitted(f"Chỉ người có quyền {names} được xem và trả lời phản ánh.")
    return complaints.get(session, complaint_id)


def _note(session: Session, actor: Actor, act: str, row: Complaint, now: datetime, **detail: object) -> None:
    """The audit trail stays for ever: no word of a resident goes into it."""
    audit.note(session, actor, f"complaint.{act}", f"complaint {row.id}", now, **detail)


def _was_told_lately(session: Session, now: datetime) -> bool:
    lately = select(Notice.id).where(Notice.kind == "complaint", Notice.at > now - TOLD_AGAIN_AFTER)
    return session.scalar(lately.limit(1)) is not None
