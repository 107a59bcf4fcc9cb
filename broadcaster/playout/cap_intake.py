"""What becomes of a CAP message: a proposal to people, a drill, an order of a trusted sender, or nothing.

Only status Actual ever reaches live zones, and Exercise as a drill. A message is an order by itself only when
the station says so for its sender and the sender's signature holds.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts import people
from broadcaster.accounts.permissions import Actor
from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import cap
from broadcaster.newsroom.cap import CapWarning
from broadcaster.playout import alerts, notify, vouched
from broadcaster.playout import cap_decisions as decisions
from broadcaster.playout.alert_wishes import Wish
from broadcaster.records import audit
from broadcaster.store.models import Alert, CapMessage, CapSource, Kind, Person

logger = logging.getLogger(__name__)

OBEYED_WITHIN = timedelta(hours=1)
"""A signed order that was sent longer ago waits for a person: it may have been recorded and sent again."""
AHEAD = timedelta(minutes=5)
"""Clocks differ; a message from further in the future than this is not obeyed."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a message came from."""

    content: bytes
    origin: str
    source: CapSource | None = None
    """The feed; None: a file."""
    received_by: Actor | None = None


def take_in(session: Session, arrival: Arrival, now: datetime) -> CapMessage:
    """Keep a message and do what it asks for; one that is here already changes nothing.

    Raises Invalid (field `file`) for what is no CAP message.
    """
    told, source, is_signed = _proven(session, arrival, now)
    known = _known(session, told)
    if known is not None and (known.is_signed or not is_signed):
        return known
    message = known or CapMessage(identifier=told.identifier, sender=told.sender, sent=told.sent)
    message.source, message.is_signed, message.origin = source, is_signed, arrival.origin[:300]
    message.received_at = now
    message.received_by = arrival.received_by.id if arrival.received_by else None
    message.raw = arrival.content.decode("utf-8", "replace")
    _fill(message, told, now)
    session.add(message)
    session.flush()
    who = arrival.received_by
    audit.note(session, who, "cap.received", f"warning {message.id}", now, title=message.headline)
    _follow_up(session, message, now)
    if message.state == "open":
        notify.tell(session, "alert", f"Cảnh báo từ nguồn ngoài chờ quyết định: {message.headline}.", now)
    return message


# --- taking in ---


def _proven(session: Session, arrival: Arrival, now: datetime) -> tuple[CapWarning, CapSource | None, bool]:
    """Return what is told, of whom it is, and whether that is proven by a signature."""
    told = cap.read(arrival.content)
    for source in [arrival.source] if arrival.source is not None else _sources(session):
        part = _signed(arrival.content, source.certificate, now) if source.certificate else None
        if part is not None:
            return part, source, True
    return told, arrival.source, False


def _signed(content: bytes, certificate: str, now: datetime) -> CapWarning | None:
    """Return the message as it was signed; a signature under a part of one proves nothing."""
    from broadcaster.newsroom import cap_signature  # noqa: PLC0415 - 20 MB that the page seldom needs

    part = cap_signature.signed_part(content, certificate, now)
    try:
        return cap.read(part) if part is not None else None
    except Invalid:
        return None


def _sources(session: Session) -> list[CapSource]:
    return list(session.scalars(select(CapSource).where(CapSource.is_active).order_by(CapSource.id)))


def _known(session: Session, told: CapWarning) -> CapMessage | None:
    query = select(CapMessage).where(
        CapMessage.sender == told.sender,
        CapMessage.identifier == told.identifier,
        CapMessage.sent == told.sent,
    )
    return session.scalar(query)


def _fill(message: CapMessage, told: CapWarning, now: datetime) -> None:
    info = told.info
    message.status, message.msg_type, message.refers_to = told.status, told.msg_type, list(told.refers_to)
    message.language = info.language if info else ""
    message.event = info.event if info else ""
    message.headline = (info.title if info else "") or cap.TYPES[told.msg_type].capitalize()
    message.words, message.area = (info.words, info.area) if info else ("", "")
    message.severity, message.urgency, message.certainty = (
        (info.severity, info.urgency, info.certainty) if info else ("Unknown", "Unknown", "Unknown")
    )
    message.kind = info.kind if info else Kind.ROUTINE
    message.expires_at = info.expires_at if info else None
    message.state, message.note = _first_state(told, message, now)


def _first_state(told: CapWarning, message: CapMessage, now: datetime) -> tuple[str, str]:
    if told.status not in ("Actual", "Exercise"):
        return "ignored", f"Nguồn đánh dấu là {cap.STATUSES[told.status]}, không bao giờ ra loa."
    if told.msg_type not in ("Alert", "Update", "Cancel"):
        return "ignored", "Tin trao đổi giữa các hệ thống, không có nội dung để phát."
    if message.expires_at is not None and message.expires_at <= now:
        return "expired", "Cảnh báo đã hết hạn khi nhận được."
    return "open", ""


# --- following up ---


def _follow_up(session: Session, message: CapMessage, now: datetime) -> None:
    """Do what the message asks of earlier ones, and obey it where the station says so."""
    if message.state == "open":
        for earlier in _earlier(session, message):
            _supersede(session, message, earlier, now)
    if message.msg_type == "Cancel" and message.state == "open":
        _finish_cancellation(session, message, now)
    elif message.state == "open" and _is_obeyed(session, message, now):
        _obey(session, message, now)


def _earlier(session: Session, message: CapMessage) -> list[CapMessage]:
    """Return the messages that it refers to; one that is proven only gives way to one that is too."""
    query = select(CapMessage).where(
        CapMessage.sender == message.sender,
        CapMessage.identifier.in_(message.refers_to),
        CapMessage.status == message.status,
        CapMessage.id != message.id,
    )
    return [each for each in session.scalars(query) if message.is_signed or not each.is_signed]


def _supersede(session: Session, message: CapMessage, earlier: CapMessage, now: datetime) -> None:
    is_cancel = message.msg_type == "Cancel"
    if earlier.state == "open":
        state = "cancelled" if is_cancel else "replaced"
        decisions.close(session, None, earlier, state, f"Theo bản tin {message.identifier} của nguồn.", now)
    elif earlier.alert is not None and earlier.alert.ended_at is None:
        message.alert_id = earlier.alert_id
        message.note = "Nguồn đã hủy lệnh đang phát." if is_cancel else "Nguồn cập nhật lệnh đang phát."


def _finish_cancellation(session: Session, message: CapMessage, now: datetime) -> None:
    """End by itself what was raised by itself; what a person raised is offered to be stood down."""
    alert = session.get(Alert, message.alert_id) if message.alert_id is not None else None
    if alert is None:
        decisions.close(
            session, None, message, "cancelled", message.note or "Không có lệnh nào đang phát.", now
        )
    elif alert.source == "cap" and _is_trusted(session, message):
        alerts.call_off(session, alert.id, f"Nguồn đã hủy: {message.headline}", now)
        decisions.close(session, None, message, "cancelled", "Lệnh đã dừng theo nguồn.", now)


def _is_trusted(session: Session, message: CapMessage) -> bool:
    source = message.source
    return message.is_signed and source is not None and source.is_obeyed and vouched.holds(session, source)


def _is_obeyed(session: Session, message: CapMessage, now: datetime) -> bool:
    """Tell whether it is an order: signed by who is obeyed, real, urgent, fresh, in words we can say."""
    return (
        _is_trusted(session, message)
        and message.status == "Actual"
        and message.kind == Kind.EMERGENCY
        and message.urgency == "Immediate"
        and message.language.lower().startswith("vi")
        and now - OBEYED_WITHIN <= message.sent <= now + AHEAD
    )


def _obey(session: Session, message: CapMessage, now: datetime) -> None:
    source = message.source
    if source is None:
        return
    person = session.get_one(Person, source.created_by)
    try:
        if message.alert_id is not None:
            alerts.call_off(session, message.alert_id, f"Nguồn cập nhật: {message.headline}", now)
        alert = alerts.give(session, people.actor_of(person), _wish(message, source, now), now, source="cap")
    except Refused as error:
        logger.warning("an order of %s was not obeyed: %s", source.name, error)
        message.note = f"Chưa tự phát: {error}"
        return
    message.alert_id = alert.id
    decisions.close(session, None, message, "raised", f"Tự phát theo chữ ký của {source.name}.", now)


def _wish(message: CapMessage, source: CapSource, now: datetime) -> Wish:
    return Wish(
        title=message.headline,
        written=decisions.words_of(message),
        reason=f"{message.event or message.headline} ({source.name})",
        zone_ids=tuple(source.zone_ids),
        lasts_s=decisions.lasting_s(message, now),
    )
