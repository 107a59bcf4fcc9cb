"""What became of a plan: done, still owed, late. `plan_counting` says what counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from broadcaster.errors import NotFound
from broadcaster.records import plan_counting
from broadcaster.records.fold import fold
from broadcaster.records.plan_counting import Heard
from broadcaster.records.plan_periods import UNITS, Period, Quota, in_force, periods
from broadcaster.records.tracing import Trace
from broadcaster.store.models import History, Plan, PlanTopic


class Standing(StrEnum):
    """How a period stands on a day."""

    MET = "met"
    OWED = "owed"
    """It runs, and something is missing."""
    LATE = "late"
    """It is over, and something is missing."""
    COMING = "coming"
    FREE = "free"
    """Nothing is due in it, or the plan was closed while it ran."""


@dataclass(frozen=True, slots=True)
class PeriodProgress:
    """One period of a topic: what was due and what was heard."""

    period: Period
    done: int
    """In the quota's unit; full minutes."""
    airings: int
    """How often its items were aired."""
    standing: Standing
    is_current: bool
    """Whether the day looked from lies in it."""

    @property
    def missing(self) -> int:
        return max(0, self.period.quota - self.done)


@dataclass(frozen=True, slots=True)
class TopicProgress:
    """One topic of a plan over the periods looked at."""

    topic_id: int
    name: str
    topics: tuple[str, ...]
    """Names of bulletin topics that count; the first is given to a new bulletin."""
    heard_as: tuple[str, ...]
    """How these names are spelled in the history."""
    periods: tuple[PeriodProgress, ...]
    until: date
    """The last day that was counted: what was heard after a plan was closed, or after a report, is not."""
    demand: Quota | None
    """What is in force now: number, unit, how often; None: nothing was ever set."""
    going_on: PeriodProgress | None = None
    """The period that goes on after the last day looked at: progress, of which nothing is judged yet."""

    @property
    def quota(self) -> int:
        """What is due in all periods looked at."""
        return sum(each.period.quota for each in self.periods)

    @property
    def done(self) -> int:
        """What was heard in all periods looked at, surplus included."""
        return sum(each.done for each in self.periods)

    @property
    def percent(self) -> int | None:
        """How much of `quota` was met; surplus fills no other period. None: nothing is due."""
        met = sum(min(each.done, each.period.quota) for each in self.periods)
        return 100 * met // self.quota if self.quota else None

    @property
    def unit(self) -> str:
        """The unit in words."""
        return UNITS[self.demand.unit] if self.demand else UNITS["items"]

    @property
    def current(self) -> PeriodProgress | None:
        """The period that runs now."""
        return next((each for each in self.periods if each.is_current), None)

    def trace(self, period: Period | None = None) -> Trace:
        """Return where the rows behind a figure are found: of one period, or of all that were looked at.

        Raises IndexError for a topic of which nothing was ever due.
        """
        first = (period or self.periods[0].period).first
        last = (period or self.periods[-1].period).last
        return plan_counting.trace(first, min(last, self.until), self.heard_as or self.topics)

    @property
    def owed(self) -> int:
        """What the period that runs still lacks."""
        return next((each.missing for each in self.periods if each.standing is Standing.OWED), 0)

    @property
    def late(self) -> tuple[PeriodProgress, ...]:
        """Periods that are over and fell short."""
        return tuple(each for each in self.periods if each.standing is Standing.LATE)

    @property
    def late_words(self) -> str:
        """E.g. “thiếu tin tháng 2, tháng 5”; empty when nothing is late."""
        names = ", ".join(each.period.name for each in self.late)
        return f"thiếu {_SHORT_UNITS[self.late[0].period.unit]} {names}" if names else ""


_SHORT_UNITS = {"items": "tin", "airings": "lượt phát", "minutes": "phút phát"}


@dataclass(frozen=True, slots=True)
class PlanProgress:
    plan_id: int
    number: str
    name: str
    """E.g. “Kế hoạch 02/KH-UBND”."""
    about: str
    state: str
    first: date
    last: date
    topics: tuple[TopicProgress, ...]

    @property
    def percent(self) -> int | None:
        """The mean of its topics; None when nothing is due."""
        known = [topic.percent for topic in self.topics if topic.percent is not None]
        return sum(known) // len(known) if known else None


def of(session: Session, plan_id: int, today: date) -> PlanProgress:
    """Return the whole plan as it stands on `today`; raises NotFound."""
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise NotFound(f"Không có kế hoạch số {plan_id}.")
    return _progress(session, [plan], plan.first_date, plan.last_date, today)[0]


def between(session: Session, first: date, last: date, today: date) -> list[PlanProgress]:
    """Return the plans in force or closed that reach into `first` to `last` (inclusive), by number.

    Of each the periods that end in these days and have begun by `today`: a quarter is judged by the month
    in which it ends, and by that month whole. The one that ends after `last` is told apart (`going_on`);
    what was heard after `last` is not counted in it.
    """
    begun = min(last, max(first, today))
    query = (
        select(Plan)
        .where(Plan.state != "draft", Plan.first_date <= begun, Plan.last_date >= first)
        .options(selectinload(Plan.topics).selectinload(PlanTopic.quotas))
        .order_by(Plan.first_date, Plan.number, Plan.id)
    )
    return _progress(session, list(session.scalars(query)), first, last, today, begun)


def in_force_on(session: Session, today: date) -> list[PlanProgress]:
    """Return the plans in force whose days hold `today`, whole, each as it stands."""
    return [
        _progress(session, [plan], plan.first_date, plan.last_date, today)[0]
        for plan in session.scalars(
            select(Plan)
            .where(Plan.state == "in_force", Plan.first_date <= today, Plan.last_date >= today)
            .order_by(Plan.first_date, Plan.number, Plan.id)
        )
    ]


def quota_of(topic: PlanTopic) -> list[Quota]:
    """Return the quotas of a topic as values, in order of their dates."""
    return [Quota(row.from_date, row.amount, row.unit, row.per) for row in topic.quotas]


def name_of(number: str) -> str:
    return f"Kế hoạch {number}" if number else "Kế hoạch chưa có số"


# --- how it stands ---


def _progress(
    session: Session, plans: Sequence[Plan], first: date, last: date, today: date, begun: date | None = None
) -> list[PlanProgress]:
    reach = begun or last
    cut = {topic.id: _overlapping(plan, topic, first, reach) for plan in plans for topic in plan.topics}
    names = {name for plan in plans for topic in plan.topics for name in topic.topics}
    known = plan_counting.spellings(session, History.topic, names)
    return [_of_plan(session, plan, cut, known, last, today) for plan in plans]


def _overlapping(plan: Plan, topic: PlanTopic, first: date, last: date) -> tuple[Period, ...]:
    ends = min(plan.last_date, plan.closed_on or plan.last_date)
    all_of_it = periods(plan.first_date, plan.last_date, quota_of(topic))
    return tuple(each for each in all_of_it if each.first <= min(last, ends) and each.last >= first)


def _of_plan(
    session: Session,
    plan: Plan,
    cut: dict[int, tuple[Period, ...]],
    known: dict[str, str],
    last: date,
    today: date,
) -> PlanProgress:
    as_of = min(today, last + timedelta(days=1))
    until = min(last, plan.closed_on or last)
    topics = []
    for topic in plan.topics:
        wanted = {fold(name) for name in topic.topics}
        spelled = tuple(sorted(name for name, folded in known.items() if folded in wanted))
        heard = plan_counting.heard(session, spelled, cut[topic.id], until)
        stood = _stood(cut[topic.id], heard, as_of, plan.closed_on)
        judged, going_on = _parted(stood, last, plan.closed_on)
        demand = _demand(plan, topic, today)
        topics.append(
            TopicProgress(topic.id, topic.name, tuple(topic.topics), spelled, judged, until, demand, going_on)
        )
    name = name_of(plan.number)
    return PlanProgress(
        plan.id, plan.number, name, plan.about, plan.state, plan.first_date, plan.last_date, tuple(topics)
    )


def _stood(
    cut: Sequence[Period], heard: Sequence[Heard], as_of: date, closed_on: date | None
) -> tuple[PeriodProgress, ...]:
    found = []
    for period, mine in zip(cut, heard, strict=True):
        done = mine.counted(period.unit)
        standing = _standing(period, done, as_of, closed_on)
        is_current = period.first <= as_of <= period.last
        found.append(PeriodProgress(period, done, mine.airings, standing, is_current))
    return tuple(found)


def _parted(
    stood: tuple[PeriodProgress, ...], last: date, closed_on: date | None
) -> tuple[tuple[PeriodProgress, ...], PeriodProgress | None]:
    """Return the periods that end by `last`, and the one that goes on; none goes on in a closed plan."""
    judged = tuple(each for each in stood if each.period.last <= last)
    if closed_on is not None and closed_on <= last:
        return judged, None
    return judged, next((each for each in stood if each.period.last > last and each.period.quota), None)


def _demand(plan: Plan, topic: PlanTopic, today: date) -> Quota | None:
    quotas = quota_of(topic)
    return in_force(quotas, min(max(today, plan.first_date), plan.last_date)) if quotas else None


def _standing(period: Period, done: int, as_of: date, closed_on: date | None) -> Standing:
    if not period.quota:
        return Standing.FREE
    if done >= period.quota:
        return Standing.MET
    if closed_on is not None and period.last > closed_on:
        return Standing.FREE
    if period.last < as_of:
        return Standing.LATE
    return Standing.OWED if period.first <= as_of else Standing.COMING
