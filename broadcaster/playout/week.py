"""Some days beside each other: what sounds, how much of the limits that uses, and what day it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.playout import limit_words, limits, station_days
from broadcaster.playout.day import DayView, Item, days_view
from broadcaster.playout.limits import SOUNDING, Rule
from broadcaster.store.models import Zone
from schedules.clock import LOCAL
from schedules.holidays import Day
from schedules.limits import (
    LeastMinutesADay,
    LongestSession,
    MinutesADay,
    SessionsADay,
    Span,
    minutes,
    sessions,
)
from schedules.lunar import LunarDate, to_lunar

DAYS = 7


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a day's limits some zones use; zones with the same figures stand together."""

    zones: tuple[str, ...]
    is_everywhere: bool
    minutes: float
    sessions: int
    most_minutes: float | None
    most_sessions: int | None
    over: tuple[str, ...] = ()
    """Sentences of limits that the day as planned would break."""
    short: tuple[str, ...] = ()
    """Sentences of minutes that are still missing: a warning."""


@dataclass(frozen=True, slots=True)
class WeekDay:
    view: DayView
    calendar: Day
    lunar: LunarDate
    uses: tuple[Use, ...]

    @property
    def day(self) -> date:
        return self.view.day


def week_view(session: Session, first: date, now: datetime, count: int = DAYS) -> list[WeekDay]:
    """Return `count` days from `first` on; the number of queries does not grow with what sounds."""
    views = days_view(session, first, count, now)
    zones = session.scalars(select(Zone).where(Zone.is_active).order_by(Zone.id)).all()
    rules = limits.in_force_on(session, zones)
    known = station_days.calendar(session, first, first + timedelta(days=count - 1))
    return [
        WeekDay(view, day, to_lunar(view.day), tuple(_uses(view, zones, rules)))
        for view, day in zip(views, known, strict=True)
    ]


def _uses(view: DayView, zones: Sequence[Zone], rules: dict[int, list[Rule]]) -> Iterable[Use]:
    spans = _spans(view)
    alike: dict[tuple[object, ...], list[Zone]] = defaultdict(list)
    for zone in zones:
        counted = [rule for rule in rules[zone.id] if _counts(rule)]
        alike[tuple(spans[zone.id]), tuple(counted)].append(zone)
    for group in alike.values():
        yield _use(view.day, group, len(zones), spans[group[0].id], rules[group[0].id])


def _use(day: date, group: Sequence[Zone], known: int, spans: Sequence[Span], rules: Sequence[Rule]) -> Use:
    name = group[0].name if len(group) == 1 else f"{len(group)} cụm loa"
    names = tuple(zone.name for zone in group)
    found_minutes, found_sessions = minutes(spans), len(sessions(spans))
    short = (
        limit_words.sentence(how, name, rule.source)
        for rule in rules
        if isinstance(rule.limit, LeastMinutesADay) and (how := rule.limit.shortfall(day, spans))
    )
    return Use(
        zones=names,
        is_everywhere=len(group) == known,
        minutes=found_minutes,
        sessions=found_sessions,
        most_minutes=min((r.limit.most for r in rules if isinstance(r.limit, MinutesADay)), default=None),
        most_sessions=min((r.limit.most for r in rules if isinstance(r.limit, SessionsADay)), default=None),
        over=tuple(_over(rules, found_minutes, found_sessions, spans)),
        short=tuple(short),
    )


def _over(rules: Sequence[Rule], found_minutes: float, count: int, spans: Sequence[Span]) -> Iterable[str]:
    longest = max((each.seconds / 60 for each in sessions(spans)), default=0.0)
    for rule in rules:
        limit = rule.limit
        is_over = (
            (isinstance(limit, MinutesADay) and found_minutes > limit.most)
            or (isinstance(limit, SessionsADay) and count > limit.most)
            or (isinstance(limit, LongestSession) and longest > limit.minutes)
        )
        if is_over:
            source = f" (theo {rule.source})" if rule.source else ""
            yield f"Quá mức: quy định {limit_words.name(limit)}{source}."


def _counts(rule: Rule) -> bool:
    return isinstance(rule.limit, MinutesADay | SessionsADay | LongestSession | LeastMinutesADay)


def _spans(view: DayView) -> dict[int, list[Span]]:
    """Return what sounds on each zone on that day, by the number of the zone."""
    found: dict[int, list[Span]] = defaultdict(list)
    for block in view.blocks:
        for item in block.items:
            if item.state in SOUNDING:
                span = _span(item)
                for zone_id in item.zone_ids:
                    found[zone_id].append(span)
    return found


def _span(item: Item) -> Span:
    start = item.starts_at.astimezone(LOCAL)
    return Span(start, max(start, item.ends_at.astimezone(LOCAL)))
