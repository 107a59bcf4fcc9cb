"""How plans are told: what is owed and what is on its way, months gone by, the way to the next bulletin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from broadcaster.newsroom import plan_coming, plans
from broadcaster.newsroom.plan_coming import Coming
from broadcaster.records import plan_progress
from broadcaster.records.plan_periods import UNITS
from broadcaster.records.plan_progress import PeriodProgress, PlanProgress, Standing, TopicProgress
from broadcaster.store.models import BulletinState
from broadcaster.store.models import Plan as PlanRow
from web.context import reading, today
from web.words import BULLETIN, Badge, day_text, local

PLAN = {
    plans.DRAFT: Badge("nháp", "pencil", "grey"),
    plans.IN_FORCE: Badge("đang thực hiện", "check", "blue"),
    plans.CLOSED: Badge("đã đóng", "lock", "grey"),
}
STANDING = {
    Standing.MET: Badge("đạt", "check", "green"),
    Standing.OWED: Badge("còn thiếu", "clock", "amber"),
    Standing.LATE: Badge("quá hạn", "missed", "dark-red"),
    Standing.COMING: Badge("chưa đến", "calendar", "grey"),
    Standing.FREE: Badge("không tính", "cross", "grey"),
}
MOST_AT_ONCE = 14
"""Periods shown at once; of more only those that need an eye, the others folded away."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What one topic still lacks in the period that runs."""

    plan: PlanProgress
    topic: TopicProgress
    period: PeriodProgress
    coming: tuple[Coming, ...]

    @property
    def words(self) -> str:
        """còn thiếu 1 tin, bài của tháng 11, hạn 30/11"""
        missing, period = self.period.missing, self.period.period
        return f"còn thiếu {missing} {UNITS[period.unit]} của {period.name}, hạn {period.last:%d/%m}"

    @property
    def coming_words(self) -> str:
        """đã có 1 bản tin chờ duyệt, sẽ phát 25/11"""
        return coming_words(self.coming)

    @property
    def new_address(self) -> str:
        """Of the form for a bulletin that would pay it off."""
        asked: dict[str, Any] = {
            "chu-de": self.topic.topics[0],
            "tieu-de": title_for(self.topic, self.period),
        }
        return url_for("bulletins.new", **asked)


@dataclass(frozen=True, slots=True)
class Late:
    plan: PlanProgress
    topic: TopicProgress


@dataclass(frozen=True, slots=True)
class Panel:
    """The plans on the front page: owed now first, then late."""

    owed: tuple[Owed, ...]
    late: tuple[Late, ...]
    plans: tuple[PlanProgress, ...]

    @property
    def is_owing(self) -> bool:
        return bool(self.owed or self.late)


NOTHING = Panel((), (), ())


def panel() -> Panel:
    """Return how the plans in force stand today."""
    standing = tuple(plan_progress.in_force_on(reading(), today()))
    found = [each for plan in standing for each in owed(plan)]
    late = tuple(Late(plan, topic) for plan in standing for topic in plan.topics if topic.late)
    return Panel(tuple(sorted(found, key=lambda each: each.period.period.last)), late, standing)


def owed(plan: PlanProgress) -> list[Owed]:
    """Return what `plan` owes in the periods that run, each with what is on its way."""
    if plan.state != plans.IN_FORCE:
        return []
    return [
        Owed(plan, topic, topic.current, plan_coming.of(reading(), topic, today()))
        for topic in plan.topics
        if topic.owed and topic.current is not None
    ]


def coming_words(coming: Sequence[Coming]) -> str:
    """Say how many bulletins are on their way, in which state, and when the first of them airs."""
    if not coming:
        return ""
    states = Counter(BulletinState(each.state) for each in coming)
    told = ", ".join(
        f"{count} bản tin {BULLETIN[state].word}" if number == 0 else f"{count} {BULLETIN[state].word}"
        for number, (state, count) in enumerate(states.items())
    )
    first = min((each.airs_at for each in coming if each.airs_at), default=None)
    placed = f"sẽ phát {local(first):%d/%m}" if first else "chưa xếp lịch phát"
    return f"đã có {told}, {placed}"


def title_for(topic: TopicProgress, period: PeriodProgress) -> str:
    """Return a title to begin with: “Cải cách hành chính tháng 11/2026”."""
    year = f"/{period.period.last.year}" if period.period.per in ("month", "quarter") else ""
    name = period.period.name.partition("/")[0] if year else period.period.name
    return topic.name if period.period.per == "whole" else f"{topic.name} {name}{year}"


def rows_address(topic: TopicProgress, period: PeriodProgress | None = None) -> str:
    """Return the page of the history with the rows behind a figure."""
    asked: dict[str, Any] = topic.trace(period.period if period else None).args()
    return url_for("history.rows", **asked)


def shown_periods(topic: TopicProgress) -> tuple[list[PeriodProgress], list[PeriodProgress]]:
    """Return the periods to show at once, and the others: only of many, e.g. the weeks of a year."""
    every = list(topic.periods)
    if len(every) <= MOST_AT_ONCE:
        return every, []
    eyed = (Standing.LATE, Standing.OWED)
    at_once = [each for each in every if each.standing in eyed or each.is_current][-MOST_AT_ONCE:]
    return at_once, every


def file_words(plan: PlanRow) -> str:
    """ke-hoach.pdf (1,2 MB)"""
    size = f"{plan.file_bytes / 1_000_000:.1f} MB" if plan.file_bytes >= 100_000 else "dưới 0,1 MB"
    return f"{plan.file_name} ({size.replace('.', ',')})"


def paper_words(number: str, issued_on: date | None, issuer: str) -> str:
    """số 02/KH-UBND ngày 06/01/2021 của UBND thị trấn"""
    parts = (
        f"số {number}" if number else "chưa có số",
        f"ngày {day_text(issued_on)}" if issued_on else "",
        f"của {issuer}" if issuer else "",
    )
    return " ".join(part for part in parts if part)


def helpers() -> dict[str, Any]:
    """Return what the templates of plans call."""
    return {
        "PLAN": PLAN,
        "STANDING": STANDING,
        "UNITS": UNITS,
        "rows_address": rows_address,
        "shown_periods": shown_periods,
        "file_words": file_words,
        "paper_words": paper_words,
    }
