"""What was heard, and what was done? Rows in chains, and the seals over them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.models.base import Base, unique_where


class HistoryWords(Base):
    """Title and spoken text without diacritics, for finding: once, however often they were aired."""

    __tablename__ = "history_words"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    folded: Mapped[str]


class History(Base):
    """What was heard, one row per airing end. Append-only; each row's hash covers the one before."""

    __tablename__ = "history"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """1, 2, 3 … without a gap."""
    written_at: Mapped[datetime]
    airing_id: Mapped[str] = mapped_column(ForeignKey("airing.id"))
    """Once among rows that correct nothing."""
    result: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str]
    planned_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    seconds_planned: Mapped[float] = mapped_column(Float)
    seconds_heard: Mapped[float] = mapped_column(Float)
    level_dbfs: Mapped[float | None] = mapped_column(Float)
    """RMS of what the outputs accepted; None when nothing was."""
    on_loudspeaker: Mapped[bool]
    """False: it went to a file only ("không ra loa")."""
    zones: Mapped[list[Any]]
    """Each {zone, output, seconds_heard, level_dbfs, fault}."""
    programme: Mapped[str]
    bulletin_id: Mapped[int]
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str]
    written_sha256: Mapped[str | None] = mapped_column(String(64))
    spoken_sha256: Mapped[str | None] = mapped_column(String(64))
    clip_sha256: Mapped[str | None] = mapped_column(String(64))
    engine: Mapped[str]
    voice: Mapped[str]
    lexicon: Mapped[str]
    author: Mapped[str]
    approver: Mapped[str]
    approved_at: Mapped[datetime | None]
    is_self_approved: Mapped[bool]
    operator: Mapped[str]
    """Who put it on the air."""
    approval_id: Mapped[int | None]
    source: Mapped[str | None] = mapped_column(String(16))
    """`text`, `recording`, `relay`, `live` or `alert`; None in rows older than the column."""
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What only some airings have: faults of a relay, a drill, rules overridden …"""
    words_id: Mapped[int | None] = mapped_column(ForeignKey("history_words.id"))
    """What it is found by; not part of the chain."""
    nth: Mapped[int | None]
    """The n-th time that its bulletin was heard, as counted at writing; None: not heard, or an old row."""
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("history.id"))
    """The row in whose place this one stands; each is corrected once, a correction again."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        Index("ix_history_planned_at", "planned_at", "id"),
        unique_where("uq_history_airing_id", "airing_id", "corrects_id IS NULL"),
        Index("ix_history_airing_id", "airing_id"),
        unique_where("uq_history_corrects_id", "corrects_id", "corrects_id IS NOT NULL"),
        Index("ix_history_nth", "bulletin_id", "nth"),
        *(
            Index(f"ix_history_{name}", name, "planned_at", "id")
            for name in ("topic", "programme", "kind", "bulletin_id")
        ),
        # These hold all that a search narrows by: rows that lie far apart need not be read to be passed over.
        Index("ix_history_result", "result", "planned_at", "id", "topic", "programme", "kind", "words_id"),
        Index("ix_history_words_id", "words_id", "planned_at", "id", "topic", "programme", "kind", "result"),
    )


class Audit(Base):
    """Every act of a person, and what the program did in their absence. Chained like history."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None]
    person: Mapped[str]
    act: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str]
    """What it was done to, e.g. `bulletin 12`."""
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64))


class Seal(Base):
    """How far every chain had come at one moment, signed by the station: what a copy elsewhere proves."""

    __tablename__ = "seal"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """1, 2, 3 … without a gap."""
    day: Mapped[date] = mapped_column(Date, index=True)
    """Of the station's calendar, when it was made."""
    sha256: Mapped[str] = mapped_column(String(64))
    text: Mapped[str]
    """As it stands in its file; `records.seals.read` tells its parts."""
