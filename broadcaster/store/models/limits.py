"""When, and for how long, may it sound?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.models.base import Base


class StationDay(Base):
    """Days that the station declares itself: a holiday, a swapped working day, mourning, exams."""

    __tablename__ = "station_day"
    id: Mapped[int] = mapped_column(primary_key=True)
    first_date: Mapped[date] = mapped_column(Date)
    last_date: Mapped[date] = mapped_column(Date)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    """One of `schedules.holidays.OwnKind`."""
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LimitRule(Base):
    """One limit on when and how long a zone may sound, with where it comes from."""

    __tablename__ = "limit_rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    """None: every zone."""
    code: Mapped[str] = mapped_column(String(32))
    """Which of `schedules.limits`: allowed_hours, quiet_hours, days, session, sessions, minutes, least."""
    values: Mapped[dict[str, Any]]
    forbids: Mapped[bool] = mapped_column(default=True)
    """False: it only warns."""
    overridden_by: Mapped[str] = mapped_column(default="")
    """The role that may break it with a reason; empty: nobody."""
    source: Mapped[str] = mapped_column(default="")
    """The regulation it follows, with its number."""
    source_date: Mapped[date | None] = mapped_column(Date)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
