"""What was ordered in an emergency, and by whom?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.approvals import Approval
from broadcaster.store.models.base import Base
from broadcaster.store.models.bulletins import Bulletin
from broadcaster.store.models.people import Person
from broadcaster.store.models.requests import Request
from broadcaster.store.models.station import Zone

prepared_order_zone = Table(
    "prepared_order_zone",
    Base.metadata,
    Column("prepared_order_id", ForeignKey("prepared_order.id"), primary_key=True),
    Column("zone_id", ForeignKey("zone.id"), primary_key=True),
)


class PreparedOrder(Base):
    """An emergency bulletin that was written, spoken and signed beforehand, to be sent with two taps."""

    __tablename__ = "prepared_order"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    repeat_every_s: Mapped[int]
    """From the end of one repetition to the beginning of the next."""
    lasts_s: Mapped[int]
    """An alert ends by itself after this long, unless somebody stands it down before."""
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="")
    """Why it could not be sent as it was signed, found at `checked_at`; empty: it is ready."""
    bulletin: Mapped[Bulletin] = relationship()
    zones: Mapped[list[Zone]] = relationship(secondary=prepared_order_zone, order_by=Zone.id)


class Alert(Base):
    """An emergency order (lệnh khẩn cấp), or a drill of one: it stands until `ended_at` is set.

    Each time it is said is an airing of its bulletin; its zones are those of its request.
    """

    __tablename__ = "alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    """`person` or `cap`."""
    order_id: Mapped[int | None] = mapped_column(ForeignKey("prepared_order.id"))
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"))
    """Of a prepared order the one it had; of words typed in the emergency the sender's own."""
    title: Mapped[str]
    reason: Mapped[str]
    """Why it was raised."""
    clip_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    """The signed sound; None: `script` is spoken while it plays."""
    script: Mapped[list[Any]]
    """Sentences in order: {text, pause_ms}."""
    voice: Mapped[str]
    rate: Mapped[float]
    is_drill: Mapped[bool]
    may_cut: Mapped[bool]
    """Whether it may cut what sounds; always so for a real alert."""
    repeat_every_s: Mapped[int]
    raised_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None: the program, for a signed message of a trusted sender."""
    raised_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    end_cause: Mapped[str] = mapped_column(String(16), default="")
    """A key of `playout.alerts.ENDS`."""
    end_reason: Mapped[str] = mapped_column(default="")
    says_all_clear: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[str] = mapped_column(default="")
    """What is wrong with its sound now, in words; empty: nothing."""
    vouched: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The station's signature: it took this order from somebody who may give it."""
    bulletin: Mapped[Bulletin] = relationship()
    request: Mapped[Request] = relationship()
    approval: Mapped[Approval] = relationship()
    order: Mapped[PreparedOrder | None] = relationship()
    raiser: Mapped[Person | None] = relationship(foreign_keys=[raised_by])
    ender: Mapped[Person | None] = relationship(foreign_keys=[ended_by])


class CapSource(Base):
    """Somebody whose CAP messages (OASIS CAP 1.2) are taken in."""

    __tablename__ = "cap_source"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    """Of a feed or a message, asked for again and again; empty: its messages come as files."""
    certificate: Mapped[str] = mapped_column(default="")
    """PEM; messages signed with it are known to be this sender's."""
    is_obeyed: Mapped[bool] = mapped_column(default=False)
    """Signed urgent messages are orders; otherwise a person decides about each."""
    zone_ids: Mapped[list[Any]] = mapped_column(default=list)
    """Where its orders sound; empty: everywhere."""
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="")
    """Why the last question was not answered; empty: it was."""
    vouched: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The station's signature: somebody who may do so had this certificate obeyed."""


class CapMessage(Base):
    """One CAP message as it came, and what became of it."""

    __tablename__ = "cap_message"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("cap_source.id"))
    """The sender it was proven to be of, or the feed it came from; None: a file of unknown origin."""
    origin: Mapped[str]
    """Name of the file, or address."""
    received_at: Mapped[datetime]
    received_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    identifier: Mapped[str]
    sender: Mapped[str]
    sent: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(16))
    msg_type: Mapped[str] = mapped_column(String(16))
    refers_to: Mapped[list[Any]]
    """Identifiers of earlier messages that it updates or cancels."""
    is_signed: Mapped[bool] = mapped_column(default=False)
    """With the certificate of its source."""
    language: Mapped[str] = mapped_column(String(16))
    event: Mapped[str]
    headline: Mapped[str]
    words: Mapped[str]
    """Description and instruction."""
    area: Mapped[str]
    severity: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(16))
    certainty: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    """The kind of bulletin that it calls for."""
    expires_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16), index=True)
    """A key of `playout.cap_decisions.STATES`."""
    note: Mapped[str] = mapped_column(default="")
    """Why it is in this state, in words."""
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    raw: Mapped[str]
    source: Mapped[CapSource | None] = relationship()
    alert: Mapped[Alert | None] = relationship()
    __table_args__ = (UniqueConstraint("sender", "identifier", "sent"),)
