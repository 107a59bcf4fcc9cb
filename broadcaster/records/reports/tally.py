"""The rows of a period, counted as they come from the database; none is held."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, case, distinct, func, or_, select
from sqlalchemy.orm import Session

from broadcaster.records import history
from broadcaster.records.reports.period import Period
from broadcaster.records.reports.report import Figures
from broadcaster.records.tracing import AT_ONCE, Trace, has_detail, is_kept, is_planned, zone_columns
from broadcaster.store.models import AiringState, History
from schedules.clock import LOCAL

PLAYED, CUT = AiringState.PLAYED.value, AiringState.CUT.value
UNHEARD = "unheard"
"""Played, but on no loudspeaker."""
OWED = (PLAYED, CUT, AiringState.FAILED.value, AiringState.MISSED.value)
"""Results of what had to be played: people took the others off the plan."""
SOUNDED = (PLAYED, CUT)
"""Results of which something was heard; a failed one was silent."""
READ = {"yield_per": 2000}
BY_COLUMN = ("topic", "kind", "source", "programme")


class Sums:
    """What was heard of some rows, while they are counted."""

    __slots__ = ("airings", "items", "lost", "seconds")

    def __init__(self) -> None:
        self.items: set[int] = set()
        self.airings = 0
        self.seconds = 0.0
        self.lost = 0

    def merge(self, other: Sums) -> None:
        self.items |= other.items
        self.airings += other.airings
        self.seconds += other.seconds
        self.lost += other.lost

    @property
    def figures(self) -> Figures:
        return Figures(len(self.items), self.airings, round(self.seconds, 3))

    @property
    def counted(self) -> Counted:
        return Counted(self.figures, self.lost)


class Counted(NamedTuple):
    """What was heard of some rows, and how many airings were lost."""

    heard: Figures
    lost: int


@dataclass(slots=True)
class AlertSums:
    """One alert or drill, while its rows are counted."""

    title: str
    why: str
    first_at: datetime
    last_at: datetime
    turns: int = 0
    seconds: float = 0.0


class _Alike(NamedTuple):
    """What rows have in common that are counted together; as selected, by column."""

    day: date
    result: str
    cause: str
    loud: bool
    topic: str
    kind: str
    source: str
    programme: str

    @property
    def was_planned(self) -> bool:
        return self.source not in AT_ONCE

    @property
    def is_kept(self) -> bool:
        return self.result == PLAYED and self.loud

    @property
    def is_lost(self) -> bool:
        return self.was_planned and not self.is_kept and self.result in OWED

    @property
    def outcome(self) -> str:
        return UNHEARD if self.result == PLAYED and not self.loud else self.result


@dataclass(slots=True)
class Tally:
    """All that is counted of one period."""

    heard: Sums = field(default_factory=Sums)
    unheard: Sums = field(default_factory=Sums)
    owed: int = 0
    kept: int = 0
    outcomes: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """By outcome and whether it was planned."""
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By outcome and cause."""
    planned_causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Of these, the airings of the running order."""
    groups: dict[str, defaultdict[str, Sums]] = field(
        default_factory=lambda: {key: defaultdict(Sums) for key in BY_COLUMN}
    )
    zones: dict[str, Counted] = field(default_factory=dict)
    days: defaultdict[date, Sums] = field(default_factory=lambda: defaultdict(Sums))
    alerts: dict[int, AlertSums] = field(default_factory=dict)
    drills: dict[int, AlertSums] = field(default_factory=dict)
    overrides: list[tuple[datetime, str, int, dict[str, Any]]] = field(default_factory=list)

    def add(self, alike: _Alike, rows: int, seconds: float, items: set[int]) -> None:
        """Count `rows` rows that are alike, with the seconds that their outputs took and their bulletins."""
        sums = Sums()
        sums.items, sums.airings = (items, rows) if alike.is_kept else (set(), 0)
        sums.seconds = seconds if alike.loud and alike.result in SOUNDED else 0.0
        sums.lost = rows if alike.is_lost else 0
        for total in self._totals_of(alike):
            total.merge(sums)
        if alike.was_planned:
            self.kept += sums.airings
            self.owed += sums.airings + sums.lost
        self._add_outcome(alike, rows, seconds, items)

    def _totals_of(self, alike: _Alike) -> Iterator[Sums]:
        yield self.heard
        yield self.days[alike.day]
        for column in BY_COLUMN:
            yield self.groups[column][getattr(alike, column)]

    def _add_outcome(self, alike: _Alike, rows: int, seconds: float, items: set[int]) -> None:
        outcome = alike.outcome
        self.outcomes[outcome, alike.was_planned] += rows
        if outcome != PLAYED or alike.cause:
            self.causes[outcome, alike.cause] += rows
            self.planned_causes[outcome, alike.cause] += rows if alike.was_planned else 0
        if outcome == UNHEARD:
            self.unheard.airings += rows
            self.unheard.seconds += seconds
            self.unheard.items |= items

    def note(self, row: Any) -> None:
        """Take down what only some rows have: a limit that was broken, the alert or drill that it was."""
        details = row.details
        for each in details.get("overrides") or ():
            self.overrides.append((row.planned_at, row.title, row.id, each))
        if "alert" in details:
            kept = self.drills if details.get("drill") else self.alerts
            self._add_alert(kept, row, details)

    def _add_alert(self, kept: dict[int, AlertSums], row: Any, details: dict[str, Any]) -> None:
        at = row.started_at or row.planned_at
        known = kept.get(details["alert"])
        if known is None:
            title = row.title.removeprefix("Báo kết thúc: ").removeprefix("Diễn tập: ")
            known = kept[details["alert"]] = AlertSums(title, details.get("why") or "", at, at)
        known.first_at, known.last_at = min(known.first_at, at), max(known.last_at, at)
        if row.on_loudspeaker and row.result in SOUNDED:
            known.turns += "all_clear" not in details
            known.seconds += row.seconds_heard


def take(session: Session, period: Period) -> Tally:
    """Count all rows in force that were planned in `period`; drills are only noted down."""
    tally = Tally()
    _take_rows(session, period, tally)
    _take_zones(session, period, tally)
    _take_details(session, period, tally)
    return tally


def _take_rows(session: Session, period: Period, tally: Tally) -> None:
    """Gather the rows that are alike first: one look-up for each, not one for every total."""
    query = select(
        History.planned_at, History.result, History.cause, History.on_loudspeaker, History.topic,
        History.kind, func.coalesce(History.source, ""), History.programme,
        History.bulletin_id, History.seconds_heard,
    )  # fmt: skip
    gathered: dict[tuple[Any, ...], tuple[list[float], set[int]]] = {}
    counted = query.where(*Trace(period.first, period.last).conditions(session), history.in_force())
    for at, *alike, bulletin_id, seconds in session.execute(counted, execution_options=READ):
        key = (at.astimezone(LOCAL).date(), *alike)
        found = gathered.get(key)
        if found is None:
            found = gathered[key] = ([], set())
        found[0].append(seconds)
        found[1].add(bulletin_id)
    for key, (lengths, items) in gathered.items():
        tally.add(_Alike(*key), len(lengths), sum(lengths), items)


def _take_zones(session: Session, period: Period, tally: Tally) -> None:
    """Let the database take the zones of each row apart: they are most of what is in it."""
    zone, seconds = zone_columns(session)
    owed = and_(is_planned(), History.result.in_(OWED))
    sounded = and_(History.on_loudspeaker, History.result.in_(SOUNDED))
    heard = and_(is_kept(), seconds > 0)
    query = select(
        zone,
        func.count(distinct(case((heard, History.bulletin_id)))),
        func.count(case((heard, 1))),
        func.coalesce(func.sum(case((sounded, seconds))), 0.0),
        func.count(case((and_(owed, seconds <= 0), 1))),
    ).select_from(History)  # first: what takes its zones apart stands behind it
    query = query.where(*Trace(period.first, period.last).conditions(session), history.in_force())
    for name, items, airings, heard_s, lost in session.execute(query.group_by(zone)):
        tally.zones[name or ""] = Counted(Figures(items, airings, round(heard_s, 3)), lost)


def _take_details(session: Session, period: Period, tally: Tally) -> None:
    everything = Trace(period.first, period.last, drill=None)
    query = select(
        History.id, History.planned_at, History.started_at, History.title, History.result,
        History.on_loudspeaker, History.seconds_heard, History.details,
    )  # fmt: skip
    has_some = or_(has_detail("alert"), has_detail("overrides"))
    some = query.where(*everything.conditions(session), has_some, history.in_force())
    for row in session.execute(some, execution_options=READ):
        tally.note(row)
