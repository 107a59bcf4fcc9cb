"""What should people know without looking at the page, and were they told?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base


class Notice(Base):
    """What a person should know without looking at the page: a fault with its end, or an event."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """A key of `playout.notify.KINDS`."""
    key: Mapped[str] = mapped_column(String(120), default="", index=True)
    """What the fault is of; at most one with a key is open. Empty: an event, over as soon as told."""
    text: Mapped[str]
    ended_at: Mapped[datetime | None]


class Sending(Base):
    """One notice, or a test, on its way to people over one channel."""

    __tablename__ = "sending"
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    """None: a test."""
    channel: Mapped[str] = mapped_column(String(16))
    """`email` or `webhook`."""
    text: Mapped[str]
    state: Mapped[str] = mapped_column(String(16), default="waiting", index=True)
    """`waiting`, `sent`, `dropped` (over before it was told) or `failed`."""
    attempts: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
    notice: Mapped[Notice | None] = relationship()
