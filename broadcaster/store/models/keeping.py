"""What happened to the books themselves: the tasks of the night, removals, restorations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.models.base import Base


class NightlyOutcome(Base):
    """How one task of the night went, for the health page and `doctor`."""

    __tablename__ = "nightly_outcome"
    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(String(32), index=True)
    """A key of `nightly.TASKS`."""
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    is_well: Mapped[bool]
    words: Mapped[str]
    """What was done, or why it was not, for a person."""


class Removal(Base):
    """What was removed because its time was over: how much of which kind, and by which rule."""

    __tablename__ = "removal"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    """A key of `records.removals.KINDS`."""
    days: Mapped[int]
    """How long that kind was to be kept then."""
    count: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    oldest: Mapped[datetime | None]
    newest: Mapped[datetime | None]


class Restoration(Base):
    """Made again from a copy: what happened between the copy and then is not in its books."""

    __tablename__ = "restoration"
    id: Mapped[int] = mapped_column(primary_key=True)
    copied_at: Mapped[datetime]
    """When the copy was made: what was written later is lost."""
    restored_at: Mapped[datetime]
    source: Mapped[str]
    """Name of the copy's file or folder."""
    missed: Mapped[int] = mapped_column(default=0)
    """Airings planned in between, of which nobody knows whether they were heard."""
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acknowledged_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    """What the person who acknowledged it knows of the time in between."""
