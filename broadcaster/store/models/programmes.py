"""Which broadcasts come again and again, and are they ready?"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Column, Date, ForeignKey, String, Table, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base
from broadcaster.store.models.bulletins import Bulletin
from broadcaster.store.models.station import Zone

programme_zone = Table(
    "programme_zone",
    Base.metadata,
    Column("programme_id", ForeignKey("programme.id"), primary_key=True),
    Column("zone_id", ForeignKey("zone.id"), primary_key=True),
)


class Programme(Base):
    """A recurring broadcast: the frame into which bulletins are put."""

    __tablename__ = "programme"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    days: Mapped[list[Any]]
    """Days of the week, 0 = Monday."""
    starts_at: Mapped[time] = mapped_column(Time)
    """On the station's clock (Asia/Ho_Chi_Minh)."""
    longest_s: Mapped[int] = mapped_column(default=1800)
    late_window_s: Mapped[int] = mapped_column(default=300)
    """How late it may still start; past that its airings are missed."""
    first_date: Mapped[date | None] = mapped_column(Date)
    last_date: Mapped[date | None] = mapped_column(Date)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who gave it its present shape, and so may not sign it."""
    zones: Mapped[list[Zone]] = relationship(secondary=programme_zone, order_by=Zone.id)
    seasons: Mapped[list[ProgrammeSeason]] = relationship(
        order_by="ProgrammeSeason.id", cascade="all, delete-orphan"
    )
    pauses: Mapped[list[ProgrammePause]] = relationship(order_by="ProgrammePause.id")
    dates: Mapped[list[ProgrammeDate]] = relationship(order_by="ProgrammeDate.id")
    parts: Mapped[list[ProgrammePart]] = relationship(
        order_by="ProgrammePart.place", cascade="all, delete-orphan"
    )


class ProgrammeSeason(Base):
    """A part of every year in which a programme starts at another time."""

    __tablename__ = "programme_season"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    first_month: Mapped[int]
    first_day: Mapped[int]
    last_month: Mapped[int]
    last_day: Mapped[int]
    """Both ends included; the last may lie before the first: over the new year."""
    starts_at: Mapped[time] = mapped_column(Time)


class ProgrammePause(Base):
    """Dates from–to on which a programme does not sound, both included."""

    __tablename__ = "programme_pause"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    first_date: Mapped[date] = mapped_column(Date)
    last_date: Mapped[date] = mapped_column(Date)
    reason: Mapped[str]
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Taken back then."""


class ProgrammeDate(Base):
    """One date of a programme that is cancelled or starts at another time, without touching the rule."""

    __tablename__ = "programme_date"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    on: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[time | None] = mapped_column(Time)
    """None: cancelled."""
    reason: Mapped[str]
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Taken back, or replaced by a newer word about the same date."""


class ProgrammePart(Base):
    """One part in the order of a programme: always the same bulletin, or filled from what waits."""

    __tablename__ = "programme_part"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    place: Mapped[int]
    """0, 1, 2 … in the order of sounding."""
    kind: Mapped[str] = mapped_column(String(16))
    """`fixed` (this bulletin: opening words, a relay, closing words) or `queue`."""
    title: Mapped[str]
    bulletin_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin.id"))
    longest_s: Mapped[int | None]
    """What a queue may take in all; None: as far as the programme reaches."""
    takes: Mapped[dict[str, Any]]
    """For a queue: {topics, kinds, sources}, each a list; an empty one takes all."""
    bulletin: Mapped[Bulletin | None] = relationship()


class ProgrammeSignature(Base):
    """A permitted person's word that a programme may sound as it stands; an edit asks for a new one."""

    __tablename__ = "programme_signature"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    definition: Mapped[str]
    """Everything that decides when and what it sounds, as canonical JSON."""
    definition_sha256: Mapped[str] = mapped_column(String(64))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    signed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime]


class ReadinessCheck(Base):
    """A look at one occurrence of a programme shortly before it: is everything there that it needs?"""

    __tablename__ = "readiness_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    """None: an airing of its own."""
    planned_at: Mapped[datetime] = mapped_column(index=True)
    minutes_before: Mapped[int]
    checked_at: Mapped[datetime]
    title: Mapped[str]
    problems: Mapped[list[Any]]
    """Sentences for a person; empty when all is well."""
    __table_args__ = (UniqueConstraint("programme_id", "planned_at", "minutes_before", "title"),)
