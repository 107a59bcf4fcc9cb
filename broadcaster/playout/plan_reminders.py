"""A gentle word some days before a period of a plan ends with something owed: once for each, by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from broadcaster.newsroom import plan_coming
from broadcaster.playout import notify
from broadcaster.records import plan_progress
from broadcaster.records.plan_periods import UNITS
from broadcaster.records.plan_progress import PeriodProgress, PlanProgress, TopicProgress
from broadcaster.store import Store
from broadcaster.store.models import PlanReminder
from schedules.clock import LOCAL

DAYS_BEFORE = {"week": 2, "month": 7}
"""Of quarters and longer periods `LONG_BEFORE`: time to write, have signed and air."""
LONG_BEFORE = 14
SENT_FROM = time(7, 30)
"""Nobody is woken by it, although it is found at night."""


@dataclass(frozen=True, slots=True)
class _Owing:
    plan: PlanProgress
    topic: TopicProgress
    period: PeriodProgress
    words: str


def remind(store: Store, now: datetime) -> str:
    """Tell people of what is owed soon and was not told yet; return how many topics, in words."""
    today = now.astimezone(LOCAL).date()
    with store.read() as session:
        found = list(_owing(session, today))
    if found:
        with store.write() as session:
            _tell(session, found, now)
    return f"Đã nhắc {len(found)} nội dung còn thiếu." if found else "Không có nội dung nào phải nhắc."


def _tell(session: Session, found: list[_Owing], now: datetime) -> None:
    """One notice for each plan."""
    for plan in {each.plan.plan_id: each.plan for each in found}.values():
        owed = "; ".join(each.words for each in found if each.plan.plan_id == plan.plan_id)
        notify.tell(session, "plan", f"{plan.name}: {owed}.", now, not_before=_by_day(now))
    for each in found:
        session.add(
            PlanReminder(topic_id=each.topic.topic_id, first_date=each.period.period.first, told_at=now)
        )


def _owing(session: Session, today: date) -> Iterator[_Owing]:
    for plan in plan_progress.in_force_on(session, today):
        for topic in plan.topics:
            period = topic.current
            if period is None or not topic.owed or not _is_soon_over(period, today):
                continue
            if session.get(PlanReminder, (topic.topic_id, period.period.first)) is not None:
                continue
            coming = plan_coming.of(session, topic, today)
            if period.period.unit == "items" and plan_coming.assured(coming) >= period.missing:
                continue
            yield _Owing(plan, topic, period, _words(topic, period, len(coming)))


def _is_soon_over(period: PeriodProgress, today: date) -> bool:
    days = DAYS_BEFORE.get(period.period.per, LONG_BEFORE)
    return period.period.last - today <= timedelta(days=days)


def _words(topic: TopicProgress, period: PeriodProgress, coming: int) -> str:
    due = period.period
    words = f"{topic.name} còn thiếu {period.missing} {UNITS[due.unit]} của {due.name}, hạn {due.last:%d/%m}"
    return f"{words} (đang có {coming} bản tin chuẩn bị)" if coming else words


def _by_day(now: datetime) -> datetime:
    """Return `now`, or the hour of this day before which nothing is sent."""
    return max(now, datetime.combine(now.astimezone(LOCAL).date(), SENT_FROM, LOCAL))
