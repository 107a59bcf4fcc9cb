"""The rows of a period go by once, as they come from the database, and are counted; none is held."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.records import history
from broadcaster.records.reports.period import Period
from broadcaster.records.reports.report import Figures
from broadcaster.records.tracing import AT_ONCE, Trace
from broadcaster.store.models import AiringState, History
from schedules.clock import LOCAL

PLAYED, CUT = AiringState.PLAYED.value, AiringState.CUT.value
UNHEARD = "unheard"
"""Played, but on no loudspeaker."""
OWED = (PLAYED, CUT, AiringState.FAILED.value, AiringState.MISSED.value)
"""Results of what had to be played: people took the others off the plan."""
SOUNDED = (PLAYED, CUT)
"""Results of which something was heard; a failed one was silent."""
CHUNK = 2000
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


@dataclass(slots=True)
class AlertSums:
    """One alert or drill, while its rows are counted."""

    title: str
    why: str
    first_at: datetime
    last_at: datetime
    turns: int = 0
    seconds: float = 0.0


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
    groups: dict[str, defaultdict[str, Sums]] = field(
        default_factory=lambda: {key: defaultdict(Sums) for key in (*BY_COLUMN, "zone")}
    )
    days: defaultdict[date, Sums] = field(default_factory=lambda: defaultdict(Sums))
    alerts: dict[int, AlertSums] = field(default_factory=dict)
    drills: dict[int, AlertSums] = field(default_factory=dict)
    overrides: list[tuple[datetime, str, int, dict[str, Any]]] = field(default_factory=list)

    def count(self, row: Any) -> None:
        details = row.details
        if details is not None:
            self._count_details(row, details)
            if details.get("drill"):
                return
        was_planned = row.source not in AT_ONCE
        is_kept = row.result == PLAYED and row.on_loudspeaker
        self._count_outcome(row, was_planned, is_kept)
        is_lost = was_planned and not is_kept and row.result in OWED
        self.owed += (is_kept and was_planned) or is_lost
        self.kept += is_kept and was_planned
        seconds = row.seconds_heard if row.on_loudspeaker and row.result in SOUNDED else 0.0
        for sums in self._sums_of(row):
            _add(sums, row.bulletin_id, seconds, is_kept, is_lost)
        self._count_zones(row, was_planned, is_kept)

    def _sums_of(self, row: Any) -> Iterable[Sums]:
        groups = self.groups
        return (
            self.heard,
            self.days[row.planned_at.astimezone(LOCAL).date()],
            groups["topic"][row.topic],
            groups["kind"][row.kind],
            groups["source"][row.source or ""],
            groups["programme"][row.programme],
        )

    def _count_outcome(self, row: Any, was_planned: bool, is_kept: bool) -> None:
        outcome = UNHEARD if row.result == PLAYED and not is_kept else row.result
        self.outcomes[outcome, was_planned] += 1
        if outcome != PLAYED or row.cause:
            self.causes[outcome, row.cause] += 1
        if outcome == UNHEARD:
            _add(self.unheard, row.bulletin_id, row.seconds_heard, True, False)

    def _count_zones(self, row: Any, was_planned: bool, is_kept: bool) -> None:
        zones = self.groups["zone"]
        is_owed = was_planned and row.result in OWED
        sounded = row.on_loudspeaker and row.result in SOUNDED
        for zone in row.zones:
            seconds = zone["seconds_heard"]
            heard = is_kept and seconds > 0
            _add(
                zones[zone["zone"]],
                row.bulletin_id,
                seconds if sounded else 0.0,
                heard,
                is_owed and seconds <= 0,
            )

    def _count_details(self, row: Any, details: dict[str, Any]) -> None:
        for each in details.get("overrides") or ():
            self.overrides.append((row.planned_at, row.title, row.id, each))
        if "alert" in details:
            kept = self.drills if details.get("drill") else self.alerts
            self._count_alert(kept, row, details)

    def _count_alert(self, kept: dict[int, AlertSums], row: Any, details: dict[str, Any]) -> None:
        at = row.started_at or row.planned_at
        known = kept.get(details["alert"])
        if known is None:
            title = row.title.removeprefix("Báo kết thúc: ").removeprefix("Diễn tập: ")
            known = kept[details["alert"]] = AlertSums(title, details.get("why") or "", at, at)
        known.first_at, known.last_at = min(known.first_at, at), max(known.last_at, at)
        if row.on_loudspeaker and row.result in SOUNDED:
            known.turns += "all_clear" not in details
            known.seconds += row.seconds_heard


def _add(sums: Sums, bulletin_id: int, seconds: float, is_heard: bool, is_lost: bool) -> None:
    sums.seconds += seconds
    if is_heard:
        sums.items.add(bulletin_id)
        sums.airings += 1
    elif is_lost:
        sums.lost += 1


def take(session: Session, period: Period) -> Tally:
    """Count all rows in force that were planned in `period`."""
    columns = (
        History.id, History.planned_at, History.started_at, History.result, History.cause,
        History.on_loudspeaker, History.seconds_heard, History.bulletin_id, History.title, History.kind,
        History.topic, History.programme, History.source, History.details, History.zones,
    )  # fmt: skip
    everything = Trace(period.first, period.last, drill=None)
    query = select(*columns).where(*everything.conditions(session), history.in_force())
    tally = Tally()
    for row in session.execute(query.execution_options(yield_per=CHUNK)):
        tally.count(row)
    return tally
