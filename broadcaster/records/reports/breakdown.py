"""What was counted, laid out in rows: by outcome, cause, property and day, each with the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from broadcaster.records.causes import CAUSES
from broadcaster.records.fold import fold
from broadcaster.records.history_csv import KIND_WORDS, SOURCE_WORDS
from broadcaster.records.plan_progress import PlanProgress
from broadcaster.records.reports.period import DAY, Period, Unit, unit_of
from broadcaster.records.reports.report import Cause, Group, GroupRow, Outcome, Step
from broadcaster.records.reports.tally import OWED, PLAYED, SOUNDED, UNHEARD, Counted, Sums, Tally
from broadcaster.records.tracing import Trace
from broadcaster.store.models import AiringState

OUTCOMES: dict[str, str] = {
    PLAYED: "đã phát trên loa",
    UNHEARD: "phát nhưng không ra loa",
    AiringState.CUT: "bị cắt",
    AiringState.FAILED: "hỏng",
    AiringState.MISSED: "lỡ",
    AiringState.CANCELLED: "hủy trước giờ phát",
    AiringState.SUPERSEDED: "đã thay bằng lượt khác",
}
DAYS_BY_DAY = 31
DAYS_BY_WEEK = 100
_GROUPS: tuple[tuple[str, str, str, str], ...] = (
    ("topic", "Theo chủ đề", "Chủ đề", "Chưa ghi chủ đề"),
    ("kind", "Theo loại tin", "Loại tin", "Không ghi"),
    ("source", "Theo nguồn", "Nguồn", "Không ghi (nhật ký cũ)"),
    ("programme", "Theo chương trình", "Chương trình", "Ngoài chương trình"),
    ("zone", "Theo cụm loa", "Cụm loa", "Không ghi"),
)
"""Key, title, heading, and the name of what has none."""


def outcomes(found: Tally, base: Trace, superseded: Mapping[str, int]) -> tuple[Outcome, ...]:
    made = [
        Outcome(key, name, found.outcomes[key, True], found.outcomes[key, False], outcome_rows(base, key))
        for key, name in OUTCOMES.items()
        if key != AiringState.SUPERSEDED
    ]
    replaced = AiringState.SUPERSEDED
    return (*made, Outcome(replaced, OUTCOMES[replaced], sum(superseded.values()), 0, None))


def outcome_rows(base: Trace, key: str) -> Trace:
    if key == PLAYED:
        return base.but(kept=True)
    if key == UNHEARD:
        return base.but(results=(PLAYED,), loud=False)
    return base.but(results=(str(key),))


def causes(found: Tally, base: Trace) -> tuple[Cause, ...]:
    """Return why airings were not heard whole, most frequent first."""
    order = list(OUTCOMES)
    rows = sorted(found.causes.items(), key=lambda pair: (-pair[1], order.index(pair[0][0]), pair[0][1]))
    return tuple(
        Cause(outcome, OUTCOMES[outcome], _cause_name(outcome, cause), count,
              found.planned_causes[outcome, cause], outcome_rows(base, outcome).but(cause=cause))
        for (outcome, cause), count in rows
    )  # fmt: skip


def _cause_name(outcome: str, cause: str) -> str:
    if not cause:
        return "chỉ ghi ra tệp" if outcome == UNHEARD else "không ghi nguyên nhân"
    return CAUSES.get(cause, cause)


def groups(found: Tally, base: Trace) -> tuple[Group, ...]:
    return tuple(
        Group(key, title, heading, tuple(_group_rows(found, base, key, nameless)), key == "zone")
        for key, title, heading, nameless in _GROUPS
    )


def _group_rows(found: Tally, base: Trace, key: str, nameless: str) -> Iterator[GroupRow]:
    named = _counted(found, key)
    largest = sorted(
        named.items(), key=lambda pair: (-pair[1].heard.airings, -pair[1].heard.seconds, pair[0])
    )
    for names, counted in largest:
        if counted.heard.airings or counted.heard.seconds or counted.lost:
            rows = base.but(topics=names) if key == "topic" else base.but(**{key: names[0]})
            yield _group_row(_words(key, names[0], nameless), counted, rows, key == "zone")


def by_plan(found: Tally, base: Trace, plans: Sequence[PlanProgress]) -> tuple[Group, ...]:
    """Return what was heard of each plan's topics, and of none's; nothing when there is no plan."""
    if not plans:
        return ()
    # Pairs: two plans without a number have the same name.
    wanted = [(plan.name, {fold(name) for topic in plan.topics for name in topic.topics}) for plan in plans]
    in_any = frozenset().union(*(folded for _, folded in wanted))
    topics = found.groups["topic"]
    named = [(plan, [name for name in topics if fold(name) in folded]) for plan, folded in wanted]
    named.append(("Ngoài kế hoạch", [name for name in topics if fold(name) not in in_any]))
    rows = (_plan_row(plan, topics, tuple(sorted(names)), base) for plan, names in named if names)
    return (Group("plan", "Theo kế hoạch", "Kế hoạch", tuple(rows), overlaps=True),)


def _plan_row(plan: str, topics: Mapping[str, Sums], names: tuple[str, ...], base: Trace) -> GroupRow:
    total = Sums()
    for name in names:
        total.merge(topics[name])
    return _group_row(plan, total.counted, base.but(topics=names), is_zone=False)


def _counted(found: Tally, key: str) -> dict[tuple[str, ...], Counted]:
    if key == "zone":
        return {(name,): counted for name, counted in found.zones.items()}
    if key == "topic":
        return {names: sums.counted for names, sums in _topics(found.groups[key]).items()}
    return {(name,): sums.counted for name, sums in found.groups[key].items()}


def _topics(found: Mapping[str, Sums]) -> dict[tuple[str, ...], Sums]:
    """Return the topics, spellings that differ in case or diacritics together, the most frequent first."""
    alike: dict[str, list[str]] = {}
    for name in sorted(found, key=lambda name: (-found[name].airings, name)):
        alike.setdefault(fold(name), []).append(name)
    merged = {}
    for names in alike.values():
        merged[tuple(names)] = total = Sums()
        for name in names:
            total.merge(found[name])
    return merged


def _words(key: str, name: str, nameless: str) -> str:
    words = {"kind": KIND_WORDS, "source": SOURCE_WORDS}.get(key, {}).get(name, name)
    return words[:1].upper() + words[1:] if words else nameless


def _group_row(name: str, counted: Counted, rows: Trace, is_zone: bool) -> GroupRow:
    heard = True if is_zone else None
    lost = rows.but(zone_heard=False) if is_zone else rows.but(kept=False)
    return GroupRow(
        name,
        counted.heard,
        counted.lost,
        rows.but(kept=True, zone_heard=heard),
        rows.but(results=SOUNDED, loud=True),
        lost.but(planned=True, results=OWED),
    )


# --- over time ---


def steps(found: Tally, counted: Period) -> tuple[Step, ...]:
    """Return the days of a month, the weeks of a quarter, the months of what is longer."""
    return tuple(_step(found, first, last, name) for first, last, name in _spans(counted))


def _spans(counted: Period) -> Iterator[tuple[date, date, str]]:
    day, end_of, name = counted.first, *_pace(counted)
    while day <= counted.last:
        last = min(end_of(day), counted.last)
        yield day, last, name(day, last)
        day = last + DAY


def _pace(counted: Period) -> tuple[Callable[[date], date], Callable[[date, date], str]]:
    if counted.days <= DAYS_BY_DAY:
        return (lambda day: day), (lambda first, _: f"{first:%d/%m}")
    if counted.days <= DAYS_BY_WEEK:
        return _sunday, (lambda first, last: f"{first:%d/%m}–{last:%d/%m}")
    return (lambda day: unit_of(Unit.MONTH, day).last), (lambda first, _: f"{first.month}/{first.year}")


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _step(found: Tally, first: date, last: date, name: str) -> Step:
    total = Sums()
    for number in range((last - first).days + 1):
        if (sums := found.days.get(first + number * DAY)) is not None:
            total.merge(sums)
    figures = total.figures
    return Step(
        name, first, last, figures.airings, figures.seconds, total.lost, Trace(first, last, kept=True)
    )
