"""What is to be said? Bulletins, their texts, and how people decided that these are read."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base
from broadcaster.store.models.people import Person


class Kind(StrEnum):
    """Kinds of bulletin, lowest to highest priority (Thông tư 39/2020/TT-BTTTT, Điều 3)."""

    ROUTINE = "routine"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


class BulletinState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Source(StrEnum):
    """Where the sound of a bulletin comes from."""

    TEXT = "text"
    RECORDING = "recording"
    """An uploaded or recorded sound with a transcript."""
    RELAY = "relay"
    """Another station's stream inside a window; it has no clip."""
    LIVE = "live"
    """A microphone; the row is made when it goes on the air."""


class Bulletin(Base):
    __tablename__ = "bulletin"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    source: Mapped[str] = mapped_column(String(16), default=Source.TEXT, server_default=Source.TEXT)
    language: Mapped[str] = mapped_column(String(16), default="vi", server_default="vi")
    """ISO 639 code of what is said; the law asks for minority languages too."""
    is_music: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Songs and music: kept softer than speech."""
    kind: Mapped[str] = mapped_column(String(16), default=Kind.ROUTINE)
    topic: Mapped[str] = mapped_column(default="", index=True)
    state: Mapped[str] = mapped_column(String(16), default=BulletinState.DRAFT, index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """Who wrote the present version."""
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    """Both inclusive, on the station's calendar."""
    voice: Mapped[str] = mapped_column(default="")
    """Empty: the station's voice."""
    rate: Mapped[float] = mapped_column(default=1.0)
    """1.0 = 180 syllables a minute."""
    repeats: Mapped[int] = mapped_column(default=1)
    """How often the whole text is said in one airing."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    folded: Mapped[str] = mapped_column(default="")
    """Title and text of the present version without diacritics, for finding."""
    version_id: Mapped[int | None] = mapped_column(
        ForeignKey("version.id", use_alter=True, name="fk_bulletin_version_id_version")
    )
    version: Mapped[Version | None] = relationship(foreign_keys=[version_id], post_update=True)
    author: Mapped[Person] = relationship()


class Version(Base):
    """One immutable written text of a bulletin."""

    __tablename__ = "version"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    number: Mapped[int]
    title: Mapped[str]
    written: Mapped[str]
    written_sha256: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("bulletin_id", "number"),)


class Reading(Base):
    """How a person decided that something written is said: in one bulletin, or always at this station."""

    __tablename__ = "reading"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin.id"), index=True)
    """None: the station's own lexicon."""
    written: Mapped[str]
    spoken: Mapped[str]
    context: Mapped[str | None]
    """For a choice that holds once: the written words around it; None holds for every place."""
    decided_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    retired_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    retired_at: Mapped[datetime | None]


class BulletinStep(Base):
    """One step in a bulletin's life: who did what, from which state to which, with which words."""

    __tablename__ = "bulletin_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("version.id"))
    rendering_id: Mapped[int | None] = mapped_column(ForeignKey("rendering.id"))
    """What was submitted: the spoken text and clip that the approver is to hear."""
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None: the program itself (expiry)."""
    comment: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    person: Mapped[Person | None] = relationship()
