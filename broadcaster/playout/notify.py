"""What people are told without looking at the page: written down here, sent by `notifier`.

Any room may `tell` inside its own write transaction; nothing is sent from there, so nothing waits for a mail
server. A fault has a key: it is told once, however often it is noticed, and once more when it is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.store import facts
from broadcaster.store.models import Notice, Sending
from schedules.clock import LOCAL

KINDS = {
    "station": "Bộ phát",
    "output": "Đường ra loa",
    "switch": "Âm ly, máy phát",
    "dead_air": "Mất tiếng khi đang phát",
    "airing": "Lượt phát",
    "alert": "Khẩn cấp",
    "keys": "Khóa ký duyệt",
    "clock": "Đồng hồ",
    "disk": "Ổ đĩa",
    "store": "Kho dữ liệu",
    "restart": "Máy chạy lại",
    "keeping": "Lưu giữ, sao lưu",
    "complaint": "Phản ánh của người dân",
    "plan": "Kế hoạch tuyên truyền",
    "other": "Việc khác",
}
"""What a notice is about, with the words for it."""
CHANNELS = {"email": facts.EMAIL, "webhook": facts.WEBHOOK}
"""The ways to people, each with the fact that holds its settings."""
STATION_LOST = "station"
"""Key of the notice that the station itself is gone: told by the notifier, ended by the next station."""
SETTLE_S = 5.0
"""A fault that is over sooner than this is shown on the page and not sent."""


def tell(
    session: Session,
    kind: str,
    text: str,
    now: datetime,
    *,
    key: str = "",
    not_before: datetime | None = None,
) -> Notice:
    """Have people told `text`, one sentence that names the thing; `kind` is one of KINDS.

    With a `key` it is a fault that lasts until `over`: while it does, telling it again changes nothing.
    What is in no hurry is shown at once and sent `not_before` a moment.
    """
    if kind not in KINDS:
        raise ValueError(f"no such kind of notice: {kind}")
    open_one = _standing(session, key)
    if open_one is not None:
        return open_one
    notice = Notice(at=now, kind=kind, key=key, text=text, ended_at=None if key else now)
    session.add(notice)
    session.flush()
    try_at = max(now + timedelta(seconds=SETTLE_S if key else 0), not_before or now)
    for channel in wanted_channels(session):
        session.add(_sending(notice, channel, f"{_hour(not_before or now)} {text}", try_at))
    return notice


def over(session: Session, key: str, now: datetime) -> Notice | None:
    """Have people told that the fault with `key` is over; None when none was standing."""
    notice = _standing(session, key)
    if notice is None:
        return None
    notice.ended_at = now
    for begun in session.scalars(select(Sending).where(Sending.notice_id == notice.id)).all():
        if begun.state == "waiting" and begun.attempts == 0 and now < begun.try_at:
            begun.state = "dropped"
        else:
            words = f"{_hour(now)} Đã hết lỗi (từ {_hour(notice.at)}): {notice.text}"
            session.add(_sending(notice, begun.channel, words, now))
    return notice


def standing(session: Session) -> list[Notice]:
    """Return the faults that are not over, oldest first."""
    return list(session.scalars(select(Notice).where(Notice.ended_at.is_(None)).order_by(Notice.id)))


def latest(session: Session, limit: int = 50) -> list[Notice]:
    return list(session.scalars(select(Notice).order_by(Notice.id.desc()).limit(limit)))


def sendings(session: Session, notices: Iterable[Notice]) -> dict[int, list[Sending]]:
    """Return what was sent or waits to be, by the number of its notice."""
    found: dict[int, list[Sending]] = {notice.id: [] for notice in notices}
    query = select(Sending).where(Sending.notice_id.in_(found)).order_by(Sending.id)
    for sending in session.scalars(query):
        found[sending.notice_id or 0].append(sending)
    return found


def wanted_channels(session: Session) -> list[str]:
    """Return the channels that are set up and turned on."""
    return [name for name, fact in CHANNELS.items() if (facts.get(session, fact) or {}).get("is_on")]


def _standing(session: Session, key: str) -> Notice | None:
    if not key:
        return None
    return session.scalar(select(Notice).where(Notice.key == key, Notice.ended_at.is_(None)).limit(1))


def _sending(notice: Notice, channel: str, text: str, try_at: datetime) -> Sending:
    return Sending(
        notice_id=notice.id, channel=channel, text=text, try_at=try_at, state="waiting", attempts=0
    )


def _hour(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%H:%M}"
