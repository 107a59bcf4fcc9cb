"""What people are told of signing keys: a new one is how a stolen administrator's account would sign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.accounts import people, signing_keys
from broadcaster.accounts.signing_keys import CONFIRMED, HOW, MADE, NOT_OPENED
from broadcaster.errors import NotFound
from broadcaster.playout import notify
from broadcaster.store import facts
from broadcaster.store.models import Audit, Person

ACTS = (MADE, CONFIRMED, NOT_OPENED)
ASK = "Nếu không phải chính người đó làm, hãy báo người quản trị ngay"


def fresh(session: Session) -> list[tuple[int, str]]:
    """Return (number of the audit row, words) for what happened since people were last told."""
    seen = facts.get(session, facts.NOTICED_KEYS, 0)
    rows = session.scalars(select(Audit).where(Audit.id > seen, Audit.act.in_(ACTS)).order_by(Audit.id))
    return [(row.id, _words(session, row)) for row in rows]


def begin(session: Session) -> None:
    """Tell of what comes from now on, where nothing was ever told."""
    if facts.get(session, facts.NOTICED_KEYS) is None:
        facts.put(session, facts.NOTICED_KEYS, session.scalar(select(func.max(Audit.id))) or 0)


def tell(session: Session, told: list[tuple[int, str]], now: datetime) -> None:
    """Have people told by mail and webhook; the notice stays on the page for weeks."""
    for _, words in told:
        if words:
            notify.tell(session, "keys", words, now)
    facts.put(session, facts.NOTICED_KEYS, told[-1][0])


def _words(session: Session, row: Audit) -> str:
    """Return the sentence; empty for who approves nothing, or was known before there were keys."""
    person, was_known = _person(session, row), row.detail.get("how") == "before"
    if person is None or was_known or not signing_keys.may_approve(person):
        return ""
    printed = row.detail.get("fingerprint", "")
    if row.act == MADE:
        how = HOW.get(row.detail.get("how", ""), "")
        return f"{person.name} (người duyệt) có khóa ký mới {printed}, lập {how}. {ASK}."
    if row.act == CONFIRMED:
        by = row.detail.get("by") or "trạm, vì không có người duyệt nào khác có khóa đã xác nhận"
        return f"Khóa ký {printed} của {person.name} được xác nhận bởi {by}. {ASK}."
    return (
        f"Khóa ký {printed} của {person.name} không mở được bằng mật khẩu đúng: dữ liệu có thể đã bị sửa. "
        "Hãy báo người quản trị kiểm tra."
    )


def _person(session: Session, row: Audit) -> Person | None:
    try:
        return people.get(session, int(row.subject.removeprefix("person ")))
    except (NotFound, ValueError):
        return None
