"""What was heard of the topics of a plan, counted from the history.

A row counts when it was heard to its end (`played`) on a loudspeaker: what went to a file only (“không ra
loa”) was heard by nobody, and a drill (“diễn tập”) tells nobody anything. Of corrected rows the correction
counts, so a topic corrected later moves the row. The rows counted are those of a `tracing.Trace`.
A topic is compared by its name without diacritics and case. Items are different bulletins: the same one
aired again in the same period is one item; aired in two months it is one item in each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Label, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from broadcaster.records import history
from broadcaster.records.days import midnight
from broadcaster.records.fold import fold
from broadcaster.records.plan_periods import Period
from broadcaster.records.tracing import Trace
from broadcaster.store.models import AiringState, History


class Heard(NamedTuple):
    """What was heard of a topic in one period."""

    items: int = 0
    airings: int = 0
    seconds: float = 0.0

    def counted(self, unit: str) -> int:
        """Return it in a quota's unit; full minutes."""
        minutes = int(round(self.seconds, 3) // 60)  # 0.1 s added up six hundred times falls short of 60
        return {"items": self.items, "airings": self.airings, "minutes": minutes}[unit]


def trace(first: date, last: date, topics: Iterable[str]) -> Trace:
    return Trace(first, last, topics=tuple(sorted(topics)), kept=True)


def spellings(session: Session, column: InstrumentedAttribute[str], names: Iterable[str]) -> dict[str, str]:
    """Return the values of an indexed `column` that fold to one of `names`, each with its folded form.

    The different values are found by stepping through the index (0.1 ms each), not by reading the table.
    """
    wanted = {fold(name) for name in names}
    seen = select(func.min(column).label("value")).cte("seen", recursive=True)
    following = select(func.min(column)).where(column > seen.c.value).scalar_subquery()
    steps = seen.union_all(select(following).where(seen.c.value.is_not(None)))
    values = session.scalars(select(steps.c.value).where(steps.c.value.is_not(None)))
    return {value: folded for value in values if (folded := fold(value)) in wanted}


def heard(session: Session, topics: Sequence[str], cut: Sequence[Period], last: date) -> list[Heard]:
    """Return what was heard in each period up to `last`; the database counts, for a year has many rows."""
    if not topics or not cut:
        return [Heard() for _ in cut]
    place = _place(cut)
    query = select(
        place,
        func.count(History.bulletin_id.distinct()),
        func.count(),
        func.sum(History.seconds_heard),
    ).where(
        *trace(cut[0].first, min(last, cut[-1].last), topics).but(kept=None).conditions(session),
        # Hidden from its index: nearly all rows are played, few are of the topic.
        func.coalesce(History.result, "") == AiringState.PLAYED,
        History.on_loudspeaker,
        history.in_force(),
    )
    found = {row[0]: Heard(*row[1:]) for row in session.execute(query.group_by("place"))}
    return [found.get(number, Heard()) for number in range(len(cut))]


def _place(cut: Sequence[Period]) -> Label[int]:
    """Return the number of the period in which a row was planned; one follows the other."""
    before = [(History.planned_at < midnight(period.first), number) for number, period in enumerate(cut[1:])]
    return (case(*before, else_=len(before)) if before else literal(0)).label("place")
