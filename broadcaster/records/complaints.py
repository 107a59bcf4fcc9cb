"""What residents report of the broadcasts, and what they are answered.

The sender gets a code to see the answer by; only its hash is kept, so nobody can look it up, us included.
Name and telephone are kept until some days after the answer (Nghị định 13/2023/NĐ-CP: no longer than their
purpose needs), the mark by which one sender's number is limited for a day.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.records import audit
from broadcaster.store import facts
from broadcaster.store.models import Complaint

KINDS = {
    "unheard": "Không nghe thấy",
    "loud": "Quá to",
    "hour": "Sai giờ",
    "misread": "Đọc sai",
    "content": "Nội dung",
    "other": "Việc khác",
}
NEW, TAKEN, ANSWERED = "new", "taken", "answered"
STATES = {NEW: "mới", TAKEN: "đang xem", ANSWERED: "đã trả lời"}
CONTACT_DAYS = 30
LONGEST_TEXT = 2_000
LONGEST_ANSWER = 4_000
LONGEST_NAME = 80
LONGEST_PHONE = 20
PAGE = 40
LATEST = 5

MOST_AT_ONCE = 3
AT_ONCE = timedelta(minutes=10)
MOST_A_DAY = 10
"""From one address; behind one address of a mobile network there may be many people."""
MOST_OF_ALL_A_DAY = 200
MARKED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewComplaint:
    """What a resident filled in. `place` is the name of a zone, or empty."""

    airing_id: str | None
    kind: str
    place: str
    text: str
    name: str = ""
    phone: str = ""


def receive(
    session: Session, new: NewComplaint, *, code: str, stamp: str, sender_mark: str, now: datetime
) -> tuple[Complaint, bool]:
    """Keep a complaint; return it, and whether it is new: a form that is sent again is the same complaint.

    Raises Invalid naming the field, Refused when this sender or all together have sent too many.
    """
    known = session.scalar(select(Complaint).where(Complaint.stamp_sha256 == sha256_of(stamp)))
    if known is not None:
        return known, False
    told = _checked(new)
    _refuse_too_many(session, sender_mark, now)
    row = Complaint(
        code_sha256=sha256_of(plain_code(code)),
        stamp_sha256=sha256_of(stamp),
        received_at=now,
        airing_id=told.airing_id,
        kind=told.kind,
        place=told.place,
        text=told.text,
        name=told.name,
        phone=told.phone,
        sender_mark=sender_mark,
    )
    session.add(row)
    session.flush()
    return row, True


def get(session: Session, complaint_id: int) -> Complaint:
    row = session.get(Complaint, complaint_id)
    if row is None:
        raise NotFound(f"Không có phản ánh số {complaint_id}.")
    return row


def by_code(session: Session, code: str) -> Complaint | None:
    """Return the complaint whose sender was given `code`."""
    return session.scalar(select(Complaint).where(Complaint.code_sha256 == sha256_of(plain_code(code))))


def find(
    session: Session, state: str = "", airing_id: str = "", before: int | None = None, limit: int = PAGE
) -> list[Complaint]:
    """Return complaints, newest first; `before` is the number of the last one already seen."""
    query = select(Complaint).order_by(Complaint.id.desc()).limit(limit)
    if state:
        query = query.where(Complaint.state == state)
    if airing_id:
        query = query.where(Complaint.airing_id == airing_id)
    if before is not None:
        query = query.where(Complaint.id < before)
    return list(session.scalars(query))


def count_by_state(session: Session) -> dict[str, int]:
    query = select(Complaint.state, func.count()).group_by(Complaint.state)
    return dict.fromkeys(STATES, 0) | dict(session.execute(query).all())


def count_open(session: Session) -> int:
    """Return how many wait for an answer."""
    query = select(func.count()).select_from(Complaint).where(Complaint.state.in_((NEW, TAKEN)))
    return session.scalar(query) or 0


def answered_of(session: Session, airing_ids: Iterable[str]) -> Counter[str]:
    """Return how many answered complaints each of these airings has."""
    query = (
        select(Complaint.airing_id, func.count())
        .where(Complaint.airing_id.in_(list(airing_ids)), Complaint.state == ANSWERED)
        .group_by(Complaint.airing_id)
    )
    return Counter({airing_id: count for airing_id, count in session.execute(query) if airing_id})


def public_answers(session: Session, airing_id: str) -> list[Complaint]:
    """Return the answers of an airing that all may read; of the complaint only its kind is for all."""
    query = select(Complaint).where(
        Complaint.airing_id == airing_id, Complaint.state == ANSWERED, Complaint.is_public
    )
    return list(session.scalars(query.order_by(Complaint.answered_at)))


def latest_public(session: Session, since: datetime, limit: int = LATEST) -> list[Complaint]:
    """Return the answers that all may read, newest first, whatever they are about."""
    query = select(Complaint).where(
        Complaint.state == ANSWERED, Complaint.is_public, Complaint.answered_at >= since
    )
    return list(session.scalars(query.order_by(Complaint.answered_at.desc()).limit(limit)))


def forget_contacts(session: Session, now: datetime) -> int:
    """Remove name and telephone of who was answered long enough ago, and yesterday's marks of senders.

    Return how many complaints lost a name or telephone; the audit trail says how many, not whose.
    """
    days = int(facts.get(session, facts.CONTACT_DAYS, CONTACT_DAYS))
    over = select(Complaint).where(
        Complaint.state == ANSWERED,
        Complaint.answered_at < now - timedelta(days=days),
        or_(Complaint.name != "", Complaint.phone != ""),
    )
    rows = session.scalars(over).all()
    for row in rows:
        row.name = row.phone = ""
        row.contact_removed_at = now
    marked = Complaint.sender_mark != "", Complaint.received_at < now - MARKED_FOR
    for row in session.scalars(select(Complaint).where(*marked)):
        row.sender_mark = ""
    if rows:
        audit.note(session, None, "complaint.forgotten", "complaint", now, days=days, number=len(rows))
    return len(rows)


def plain_code(code: str) -> str:
    """Return a code as it is hashed, however it was typed: no spaces, no dashes, capitals."""
    return "".join(letter for letter in code.upper() if letter.isalnum())[:64]


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def tidy(text: str) -> str:
    """Return `text` in NFC, without control characters, its lines kept but not their empty runs."""
    known = "".join(
        letter
        for letter in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    lines = (" ".join(line.split()) for line in known.split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


def _checked(new: NewComplaint) -> NewComplaint:
    text, name, phone = tidy(new.text), _one_line(new.name), _one_line(new.phone)
    rules = (
        (new.kind in KINDS, "kind", "Hãy chọn việc cần phản ánh."),
        (any(letter.isalnum() for letter in text), "text", "Hãy ghi điều bạn muốn phản ánh."),
        (len(text) <= LONGEST_TEXT, "text", f"Dài quá {LONGEST_TEXT} ký tự; hãy viết ngắn hơn."),
        (len(name) <= LONGEST_NAME, "name", f"Tên dài quá {LONGEST_NAME} ký tự."),
        (_is_phone(phone), "phone", "Số điện thoại chưa đúng; chỉ gõ số, ví dụ 0912 345 678."),
    )
    for holds, field, sentence in rules:
        if not holds:
            raise Invalid(sentence, field=field)
    return NewComplaint(
        airing_id=new.airing_id, kind=new.kind, place=_one_line(new.place), text=text, name=name, phone=phone
    )


def _one_line(text: str) -> str:
    return " ".join(tidy(text).split())


def _is_phone(phone: str) -> bool:
    digits = sum(letter.isdigit() for letter in phone)
    is_short = len(phone) <= LONGEST_PHONE
    return not phone or (is_short and digits >= 3 and all(letter in "0123456789+.-() " for letter in phone))


def _refuse_too_many(session: Session, sender_mark: str, now: datetime) -> None:
    def sent(since: datetime, *whose: object) -> int:
        query = select(func.count()).select_from(Complaint).where(Complaint.received_at > since)
        return session.scalar(query.where(*whose)) or 0  # type: ignore[arg-type]

    mine = Complaint.sender_mark == sender_mark
    if sent(now - AT_ONCE, mine) >= MOST_AT_ONCE:
        raise Refused("Bạn vừa gửi nhiều phản ánh liền nhau; hãy đợi 10 phút rồi gửi tiếp.")
    if sent(now - MARKED_FOR, mine) >= MOST_A_DAY:
        raise Refused("Hôm nay đã có nhiều phản ánh gửi từ đường mạng này; hãy gửi tiếp vào ngày mai.")
    if sent(now - MARKED_FOR) >= MOST_OF_ALL_A_DAY:
        raise Refused(
            "Hôm nay đài đã nhận quá nhiều phản ánh; hãy gửi lại vào ngày mai, hoặc gọi điện cho phường."
        )
