"""What sounds when, and how did it end?"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Float, ForeignKey, Index, LargeBinary, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.approvals import Approval
from broadcaster.store.models.base import Base
from broadcaster.store.models.bulletins import Bulletin
from broadcaster.store.models.emergencies import Alert
from broadcaster.store.models.people import Person
from broadcaster.store.models.programmes import Programme
from broadcaster.store.models.requests import Request
from broadcaster.store.models.station import Zone


class AiringState(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    STARTED = "started"
    PLAYED = "played"
    CUT = "cut"
    FAILED = "failed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"

    @property
    def is_final(self) -> bool:
        return self not in (AiringState.PLANNED, AiringState.CLAIMED, AiringState.STARTED)


airing_zone = Table(
    "airing_zone",
    Base.metadata,
    Column("airing_id", ForeignKey("airing.id"), primary_key=True),
    Column("zone_id", ForeignKey("zone.id"), primary_key=True),
)


class Airing(Base):
    """One dated occurrence of one bulletin on given zones. Ends in exactly one final state, with a reason."""

    __tablename__ = "airing"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=lambda: uuid.uuid4().hex)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    planned_at: Mapped[datetime]
    """Start of the programme, or the moment asked for; the rundown tells the predicted second."""
    part: Mapped[int] = mapped_column(default=0)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    section: Mapped[int] = mapped_column(default=0, server_default="0")
    """Place of its part in the programme's order of parts; 0 where there are none."""
    position: Mapped[int] = mapped_column(default=0)
    """The officer's own order among airings planned for the same moment."""
    deadline: Mapped[datetime]
    """Not started by then: missed."""
    state: Mapped[str] = mapped_column(String(16), default=AiringState.PLANNED)
    cause: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(default="")
    """Why it ended so, in words for a person."""
    placed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    """Bound when claimed."""
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"), index=True)
    """The alert that it says; its `part` counts how often that was said."""
    boot_id: Mapped[str | None] = mapped_column(ForeignKey("boot.id"))
    claimed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    """Committed before the first sample."""
    ended_at: Mapped[datetime | None]
    seconds_heard: Mapped[float | None] = mapped_column(Float)
    """The most that any of its outputs accepted; kept up to date every few seconds while it plays."""
    on_loudspeaker: Mapped[bool] = mapped_column(default=False)
    """Whether people could hear it so far; kept with `seconds_heard`."""
    bulletin: Mapped[Bulletin] = relationship()
    programme: Mapped[Programme | None] = relationship()
    request: Mapped[Request] = relationship()
    approval: Mapped[Approval | None] = relationship()
    alert: Mapped[Alert | None] = relationship()
    zones: Mapped[list[Zone]] = relationship(secondary=airing_zone, order_by=Zone.id)
    __table_args__ = (
        UniqueConstraint("request_id", "planned_at", "part"),
        Index("ix_airing_state_planned_at", "state", "planned_at"),
        Index("ix_airing_planned_at", "planned_at"),
    )


class Live(Base):
    """One announcement by microphone: asked for, on the air, over. Its sound is kept as any other's."""

    __tablename__ = "live"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=lambda: uuid.uuid4().hex)
    """Also the name of the folder through which its sound reaches the station."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sign_in: Mapped[str] = mapped_column(String(64))
    """Hash of the sign-in from which alone its sound may come."""
    title: Mapped[str]
    zone_ids: Mapped[list[Any]]
    longest_s: Mapped[int]
    waits: Mapped[bool]
    """It lets end what sounds in its zones; else that is cut."""
    overrides: Mapped[list[Any]]
    """Limits that it breaks knowingly, as in `Request.overrides`."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """`asked`, `on_air` or `over`."""
    asked_at: Mapped[datetime]
    airing_id: Mapped[str | None] = mapped_column(ForeignKey("airing.id"))
    stopped_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    stop: Mapped[str] = mapped_column(String(16), default="")
    """`person` (a button) or `closed` (its page was left), once somebody wants it to end."""
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    """What came of it, in words for its speaker."""
    vouched: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The station's signature: it took this from somebody who may speak."""
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
