"""What was promised to be heard?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base
from broadcaster.store.models.people import Person

plan_person = Table(
    "plan_person",
    Base.metadata,
    Column("plan_id", ForeignKey("plan.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
)


class Plan(Base):
    """A propaganda plan (kế hoạch tuyên truyền): what the loudspeakers owe the ward, counted from history."""

    __tablename__ = "plan"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(64), default="")
    """As on the paper, e.g. `02/KH-UBND`."""
    issued_on: Mapped[date | None] = mapped_column(Date)
    issuer: Mapped[str] = mapped_column(default="")
    about: Mapped[str]
    """What it is about, as in its heading."""
    first_date: Mapped[date] = mapped_column(Date)
    last_date: Mapped[date] = mapped_column(Date)
    """Both inclusive, on the station's calendar."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """`draft`, `in_force` or `closed`."""
    closed_on: Mapped[date | None] = mapped_column(Date)
    """The last day that counts of a plan that was closed."""
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(default="")
    """As its owner called it, to be shown only."""
    file_bytes: Mapped[int] = mapped_column(default=0)
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    topics: Mapped[list[PlanTopic]] = relationship(order_by="PlanTopic.place, PlanTopic.id")
    people: Mapped[list[Person]] = relationship(secondary=plan_person, order_by=Person.id)


class PlanTopic(Base):
    """One thing that a plan wants to be heard of."""

    __tablename__ = "plan_topic"
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    place: Mapped[int]
    name: Mapped[str]
    topics: Mapped[list[Any]]
    """Names of bulletin topics that count for it; the first is given to a bulletin begun from the plan."""
    quotas: Mapped[list[PlanQuota]] = relationship(
        order_by="PlanQuota.from_date, PlanQuota.id", cascade="all, delete-orphan"
    )


class PlanQuota(Base):
    """How much of a topic is due from a date on: a change during the year is a new row."""

    __tablename__ = "plan_quota"
    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("plan_topic.id"), index=True)
    from_date: Mapped[date] = mapped_column(Date)
    amount: Mapped[int]
    """0: nothing is due any more."""
    unit: Mapped[str] = mapped_column(String(16))
    """A key of `records.plan_periods.UNITS`: items (different bulletins), airings or minutes."""
    per: Mapped[str] = mapped_column(String(16))
    """A key of `records.plan_periods.PERS`: week, month, quarter, half_year, year or whole."""
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class PlanReminder(Base):
    """That people were told of something owed before a period's end: once for each."""

    __tablename__ = "plan_reminder"
    topic_id: Mapped[int] = mapped_column(ForeignKey("plan_topic.id"), primary_key=True)
    first_date: Mapped[date] = mapped_column(Date, primary_key=True)
    """Of the period."""
    told_at: Mapped[datetime]
