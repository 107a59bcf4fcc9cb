"""Who signed what?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base
from broadcaster.store.models.people import Person
from broadcaster.store.models.sounds import Clip


class Approval(Base):
    """One person's signature under (written text, spoken text, clip). Never changed; a later row voids it."""

    __tablename__ = "approval"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    written_sha256: Mapped[str] = mapped_column(String(64))
    spoken: Mapped[str]
    spoken_sha256: Mapped[str] = mapped_column(String(64))
    clip_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    """None: a relay, whose sound nobody has heard yet; the written text then names its address and length."""
    lexicon: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approver_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime]
    is_self_approved: Mapped[bool] = mapped_column(Boolean, default=False)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    """By the approver's key under all of the above; None: from before there were keys, or an alert's."""
    key_id: Mapped[int | None] = mapped_column(ForeignKey("person_key.id"))
    approver: Mapped[Person] = relationship(foreign_keys=[approver_id])
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    clip: Mapped[Clip | None] = relationship()


class ApprovalEnd(Base):
    """Why an approval no longer holds: an edit, a withdrawal, expiry."""

    __tablename__ = "approval_end"
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), primary_key=True)
    reason: Mapped[str]
    """`edited`, `withdrawn` or `expired`."""
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime]
