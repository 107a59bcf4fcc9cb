"""What did the outputs accept, and what of it must be kept?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base
from broadcaster.store.models.people import Person


class Aircheck(Base):
    """What one output's device accepted of one item, kept as Opus. Chained; the row outlives its file."""

    __tablename__ = "aircheck"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    airing_id: Mapped[str | None] = mapped_column(ForeignKey("airing.id"), index=True)
    """None: no airing, e.g. a test chime."""
    item: Mapped[str] = mapped_column(String(128))
    """What the player called it."""
    title: Mapped[str]
    output_id: Mapped[int]
    output: Mapped[str]
    """The name of the output then."""
    began_at: Mapped[datetime] = mapped_column(index=True)
    seconds: Mapped[float] = mapped_column(Float)
    level_dbfs: Mapped[float | None] = mapped_column(Float)
    """RMS of the whole; None for digital silence."""
    likeness: Mapped[float | None] = mapped_column(Float)
    """How much its loudness moves as that of the signed clip, 0 to 1; None without a clip to compare."""
    file: Mapped[str]
    """Under the data folder."""
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    source_sha256: Mapped[str] = mapped_column(String(64))
    """Of the WAV that the player left: the same one is never taken in twice."""
    kept_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_why: Mapped[str | None]
    """These two are not part of the chain; the audit trail says it too."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        UniqueConstraint("output_id", "item", "source_sha256"),
        Index("ix_aircheck_removed_at_began_at", "removed_at", "began_at"),
    )


class AircheckHold(Base):
    """A person's word that what was kept of an airing must outlive the retention: a complaint, an inquiry."""

    __tablename__ = "aircheck_hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    airing_id: Mapped[str] = mapped_column(ForeignKey("airing.id"), index=True)
    reason: Mapped[str]
    placed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    placed_at: Mapped[datetime]
    released_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(foreign_keys=[placed_by])
