"""What did residents report, and what was answered?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.airings import Airing
from broadcaster.store.models.base import Base
from broadcaster.store.models.people import Person


class Complaint(Base):
    """What a resident reported of an airing or of the loudspeakers, and the answer of the station."""

    __tablename__ = "complaint"
    id: Mapped[int] = mapped_column(primary_key=True)
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the code by which its sender sees the answer; the code itself is kept nowhere."""
    stamp_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the stamp in its form, so that a form sent twice is taken once."""
    received_at: Mapped[datetime] = mapped_column(index=True)
    airing_id: Mapped[str | None] = mapped_column(ForeignKey("airing.id"), index=True)
    """None: about the loudspeakers or the broadcasts in general."""
    kind: Mapped[str] = mapped_column(String(16))
    """A key of `records.complaints.KINDS`."""
    place: Mapped[str] = mapped_column(default="")
    """Where it was heard, or not: the name of a zone as it was then; empty: not said."""
    text: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    """These two only if the sender wished, and only for a while after the answer."""
    contact_removed_at: Mapped[datetime | None]
    sender_mark: Mapped[str] = mapped_column(String(64), default="", index=True)
    """A keyed hash of the day and the sender's address, to limit how many one may send; gone the next day."""
    state: Mapped[str] = mapped_column(String(16), default="new", index=True)
    """A key of `records.complaints.STATES`."""
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(default=False)
    """Whether the answer is shown to all residents; the words of the sender never are."""
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    bulletin_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin.id"))
    """The bulletin that was begun with the answer (Nghị định 49/2024/NĐ-CP asks to broadcast answers)."""
    airing: Mapped[Airing | None] = relationship()
    taker: Mapped[Person | None] = relationship(foreign_keys=[taken_by])
    answerer: Mapped[Person | None] = relationship(foreign_keys=[answered_by])
