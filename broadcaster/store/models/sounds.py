"""How does it sound? Clips, the work of making them, and the streams of other stations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base


class RenderingState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Clip(Base):
    """Finished sound: 48 kHz mono 16-bit WAV, in a file named by its SHA-256."""

    __tablename__ = "clip"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)
    loudness_lufs: Mapped[float] = mapped_column(Float)
    true_peak_dbtp: Mapped[float] = mapped_column(Float)
    origin: Mapped[str]
    """`speech`, `upload` or `recording`."""
    engine: Mapped[str] = mapped_column(default="")
    """Name and version of the engine that spoke, e.g. `espeak-ng 1.52.0`."""
    voice: Mapped[str] = mapped_column(default="")
    target_lufs: Mapped[float | None] = mapped_column(Float)
    """How loud it was meant to be; None in clips older than the column."""
    created_at: Mapped[datetime]


class Rendering(Base):
    """The work of turning one spoken text into one clip; idempotent by `key`."""

    __tablename__ = "rendering"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of script, voice, rate, repeats, engine choice and mastering version."""
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    spoken: Mapped[str]
    """The words as they will be said."""
    spoken_sha256: Mapped[str] = mapped_column(String(64), index=True)
    script: Mapped[list[Any]]
    """Sentences in order: {text, pause_ms}."""
    voice: Mapped[str]
    rate: Mapped[float]
    repeats: Mapped[int]
    lexicon: Mapped[str] = mapped_column(default="")
    """Version of the readings in force."""
    state: Mapped[str] = mapped_column(String(16), default=RenderingState.WAITING, index=True)
    sentences_done: Mapped[int] = mapped_column(default=0)
    sentences_total: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    notice: Mapped[str | None]
    """What a person should know although it worked, e.g. that another engine had to speak."""
    clip_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    clip: Mapped[Clip | None] = relationship()


class Recording(Base):
    """The work of turning one file that somebody sent or recorded into one clip; the file's own data too."""

    __tablename__ = "recording"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    origin: Mapped[str] = mapped_column(String(16))
    """`upload`, or `recording` for what the browser's microphone took."""
    file_name: Mapped[str]
    """As its owner called it, to be shown only."""
    file_sha256: Mapped[str] = mapped_column(String(64), index=True)
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    cut_from_s: Mapped[float | None] = mapped_column(Float)
    cut_to_s: Mapped[float | None] = mapped_column(Float)
    """What a person keeps of it, in seconds of the file; None: from its beginning, to its end."""
    target_lufs: Mapped[float] = mapped_column(Float)
    state: Mapped[str] = mapped_column(String(16), default=RenderingState.WAITING, index=True)
    done: Mapped[float] = mapped_column(Float, default=0.0)
    """Part of the work that is done, 0 to 1."""
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    notice: Mapped[str | None]
    """What a person should know although it worked."""
    found: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What was in the file: {codec, seconds, rate_hz, channels}."""
    kept: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """The stretches that the clip is made of, each [from, to] in seconds of the file."""
    wave: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """Outline of the whole file, 0 to 100 each, for drawing."""
    clip_wave: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    clip_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    clip: Mapped[Clip | None] = relationship()


class Relay(Base):
    """The stream that one version of a relayed bulletin names. Never changed: an edit makes a new version."""

    __tablename__ = "relay"
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), primary_key=True, autoincrement=False)
    address: Mapped[str]
    minutes: Mapped[int]
    filler_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    """What sounds while the stream is gone; None: the station's own quiet tone."""
    filler_title: Mapped[str] = mapped_column(default="")
