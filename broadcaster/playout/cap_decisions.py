"""What people decide about CAP messages: raised, rehearsed, left aside; and what time decides for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.playout import alerts
from broadcaster.playout.alert_wishes import LONGEST_S, Wish
from broadcaster.records import audit
from broadcaster.store.models import Alert, CapMessage

STATES = {
    "open": "chờ quyết định",
    "raised": "đã phát",
    "dismissed": "đã bỏ qua",
    "cancelled": "nguồn đã hủy",
    "replaced": "đã có bản mới",
    "expired": "hết hạn",
    "ignored": "không để phát",
}
"""What became of a message; the words for a person."""
SHORTEST = timedelta(minutes=5)
"""A message that is nearly over when it is raised still stands for this long."""


def raise_alert(session: Session, actor: Actor, message_id: int, wish: Wish, now: datetime) -> Alert:
    """Turn a message into an alert, or an exercise into a drill; `wish` holds the words as they were left.

    Raises NotPermitted, Invalid, or Refused: decided already, or never meant for loudspeakers.
    """
    require(actor, Permission.ALERT)
    message = open_message(session, message_id)
    if wish.is_drill != (message.status == "Exercise"):
        raise Refused("Bản tin diễn tập của nguồn chỉ được phát như một buổi diễn tập.")
    if message.alert_id is not None:
        _replace(session, actor, message.alert_id, now)
    alert = alerts.raise_alert(session, actor, wish, now)
    close(session, actor, message, "raised", f"{actor.name} phát.", now)
    message.alert_id = alert.id
    return alert


def dismiss(session: Session, actor: Actor, message_id: int, reason: str, now: datetime) -> None:
    """Decide that a message is not for this station."""
    require(actor, Permission.ALERT)
    words = " ".join(reason.split())
    if not words:
        raise Invalid("Hãy ghi lý do bỏ qua cảnh báo này.", field="reason")
    close(session, actor, open_message(session, message_id), "dismissed", words[:300], now)


def follow_end(session: Session, alert_id: int, now: datetime) -> None:
    """Close the cancellations of an alert that has been stood down."""
    query = select(CapMessage).where(
        CapMessage.state == "open", CapMessage.msg_type == "Cancel", CapMessage.alert_id == alert_id
    )
    for message in session.scalars(query).all():
        close(session, None, message, "cancelled", "Lệnh đã dừng.", now)


def _replace(session: Session, actor: Actor, alert_id: int, now: datetime) -> None:
    if alerts.get(session, alert_id).ended_at is None:
        alerts.stand_down(session, actor, alert_id, "Thay bằng bản cập nhật của nguồn", now)


def sweep(session: Session, now: datetime) -> None:
    """End what nobody decided about before it was over."""
    late = select(CapMessage).where(CapMessage.state == "open", CapMessage.expires_at <= now)
    for message in session.scalars(late).all():
        close(session, None, message, "expired", "Cảnh báo đã hết hạn.", now)


def open_message(session: Session, message_id: int) -> CapMessage:
    message = get(session, message_id)
    if message.state != "open":
        raise Refused(f"Cảnh báo này {STATES[message.state]}; hãy tải lại trang.")
    return message


def get(session: Session, message_id: int) -> CapMessage:
    message = session.get(CapMessage, message_id)
    if message is None:
        raise NotFound("Không có cảnh báo này; hãy tải lại trang.")
    return message


def messages(session: Session, *, is_open: bool, limit: int = 20) -> list[CapMessage]:
    """Return what waits for a decision, or what was decided, newest first."""
    waits: ColumnElement[bool] = CapMessage.state == "open"
    query = select(CapMessage).where(waits if is_open else ~waits).order_by(CapMessage.id.desc())
    return list(session.scalars(query.limit(limit)))


def words_of(message: CapMessage) -> str:
    """Return what would be said: the headline, then what happens and what to do."""
    said = (message.headline, message.words)
    return "\n".join(part for part in said if part)


def lasting_s(message: CapMessage, now: datetime) -> int | None:
    """Return until when it holds, in seconds from now; None when it does not say."""
    if message.expires_at is None:
        return None
    left = max(message.expires_at - now, SHORTEST)
    return min(round(left.total_seconds()), LONGEST_S)


def close(
    session: Session, actor: Actor | None, message: CapMessage, state: str, note: str, now: datetime
) -> None:
    """Write down what became of a message, and by whom."""
    message.state, message.note = state, note
    message.closed_at, message.closed_by = now, actor.id if actor else None
    subject = f"warning {message.id}"
    audit.note(session, actor, f"cap.{state}", subject, now, title=message.headline, reason=note)
