"""What did people wish to broadcast, and when?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base
from broadcaster.store.models.bulletins import Bulletin
from broadcaster.store.models.programmes import Programme
from broadcaster.store.models.station import Zone

request_zone = Table(
    "request_zone",
    Base.metadata,
    Column("request_id", ForeignKey("request.id"), primary_key=True),
    Column("zone_id", ForeignKey("zone.id"), primary_key=True),
)


class Request(Base):
    """A wish to broadcast one bulletin: at a moment, next, in a programme, often a day, or in a series."""

    __tablename__ = "request"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    way: Mapped[str]
    """`at`, `next`, `programme`, `part` (a fixed part), `queue` (the next programme that takes it),
    `daily` or `series`; besides those, `live` and `alert`."""
    at: Mapped[datetime | None]
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    first_date: Mapped[date | None] = mapped_column(Date)
    last_date: Mapped[date | None] = mapped_column(Date)
    days: Mapped[list[Any] | None]
    """For `daily`: days of the week, 0 = Monday; None: every day."""
    times: Mapped[list[Any] | None]
    """For `daily`: times of day, "HH:MM"."""
    every_min: Mapped[int | None]
    """For `series`: minutes between two airings."""
    until: Mapped[datetime | None]
    """For `series`: no airing starts after it."""
    most: Mapped[int | None]
    """For `series`: no more airings than this."""
    part_id: Mapped[int | None] = mapped_column(ForeignKey("programme_part.id", ondelete="SET NULL"))
    """For `part`: the fixed part it stands for."""
    overrides: Mapped[list[Any] | None]
    """Limits broken knowingly: each {rule, reason, by}."""
    late_window_s: Mapped[int] = mapped_column(default=1800)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """No airing is planned from it after this moment."""
    zones: Mapped[list[Zone]] = relationship(secondary=request_zone, order_by=Zone.id)
    bulletin: Mapped[Bulletin] = relationship()
    programme: Mapped[Programme | None] = relationship()
