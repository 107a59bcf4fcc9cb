"""What was heard: one chained row for each ended airing. `add` is the only way in; there is no way out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Label, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from broadcaster.errors import Refused
from broadcaster.records import chain, search
from broadcaster.records.days import midnight, midnight_after
from broadcaster.records.history_csv import csv_lines
from broadcaster.records.tracing import Trace, in_zone
from broadcaster.store.models import History, Moment
from schedules.clock import LOCAL

__all__ = [
    "PAGE",
    "HistoryEntry",
    "HistoryFilter",
    "add",
    "csv_lines",
    "find",
    "in_force",
    "key",
    "of_airing",
]

PAGE = 50
CHUNK = 2000
"""Rows that are read at once where all are wanted."""
READABLE = (*(each.key for each in History.__table__.columns if each.key != "words_id"), "corrected_by")
"""What `walk` can read of a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One ended airing, with names and hashes as they were then. Columns: `store.models.History`."""

    airing_id: str
    result: str
    cause: str
    reason: str
    planned_at: datetime
    started_at: datetime | None
    ended_at: datetime
    seconds_planned: float
    seconds_heard: float
    level_dbfs: float | None
    on_loudspeaker: bool
    zones: Sequence[dict[str, Any]]
    programme: str
    bulletin_id: int
    title: str
    kind: str
    topic: str
    written_sha256: str | None
    spoken_sha256: str | None
    clip_sha256: str | None
    engine: str
    voice: str
    lexicon: str
    author: str
    approver: str
    approved_at: datetime | None
    is_self_approved: bool
    operator: str
    approval_id: int | None
    source: str | None = None
    details: dict[str, Any] | None = None
    spoken: str
    """What was said; kept here only to be found by, the approval keeps the text itself."""


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What a reader looks for; an empty field does not narrow."""

    first_date: date | None = None
    last_date: date | None = None
    """Both inclusive, on the station's calendar, by the planned moment."""
    results: frozenset[str] = frozenset()
    kind: str = ""
    topic: str = ""
    programme: str = ""
    source: str = ""
    zone: str = ""
    """Name of a zone, as it stands in the rows."""
    person: str = ""
    """Name of who wrote, approved or put it on the air."""
    bulletin_id: int | None = None
    words: str = ""
    """All must begin a word of title or spoken text; diacritics do not matter, quotes make a phrase."""
    trace: Trace | None = None
    """The rows behind one figure of a report."""


def add(session: Session, entry: HistoryEntry, now: datetime) -> History:
    """Write the row of one ended airing, inside the transaction that ends it.

    Raises Refused when the airing already has its row: a correction is never a second one.
    """
    if _first_of(session, entry.airing_id) is not None:
        raise Refused(f"Lượt phát “{entry.title}” đã có trong nhật ký; nhật ký không ghi lại lần hai.")
    values = asdict(entry)
    values["words_id"] = search.keep(session, f"{entry.title} {values.pop('spoken')}")
    values["zones"] = [_finite(zone) for zone in values["zones"]]
    values["level_dbfs"] = _finite(entry.level_dbfs)
    values["nth"] = _nth(session, entry.bulletin_id) if entry.seconds_heard else None
    row = History(written_at=now, **values)
    chain.link(session, row)
    return row


def in_force() -> ColumnElement[bool]:
    """Return the condition that no later row corrects this one: only such rows count."""
    corrected = aliased(History)
    return History.id.not_in(select(corrected.corrects_id).where(corrected.corrects_id.is_not(None)))


def corrected_by() -> Label[int | None]:
    """Return, as a column, the number of the row that corrects this one; NULL for a row in force."""
    later = aliased(History)
    found = select(later.id).where(later.corrects_id == History.id).correlate(History)
    return found.scalar_subquery().label("corrected_by")


def _nth(session: Session, bulletin_id: int) -> int:
    """Return how often the bulletin will have been heard with this airing."""
    of_bulletin = History.bulletin_id == bulletin_id
    numbered = session.scalar(select(func.max(History.nth)).where(of_bulletin))
    if numbered is not None:
        return numbered + 1
    before = select(func.count()).select_from(History).where(of_bulletin, History.seconds_heard > 0)
    return (session.scalar(before) or 0) + 1


def _finite(value: Any) -> Any:
    """Return `value` with infinite levels (digital silence) as None: JSON has no infinity."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def find(
    session: Session,
    filters: HistoryFilter | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int = PAGE,
) -> list[History]:
    """Return at most `limit` rows, newest planned moment first.

    `before` is `key(row)` of the last row already seen; the pages stay stable while rows are added.
    """
    wanted = filters or HistoryFilter()
    if before is not None:
        wanted = _until(wanted, before[0])
    conditions = _conditions(session, wanted)
    if before is not None:
        position = tuple_(literal(before[0], Moment()), literal(before[1]))
        conditions.append(tuple_(History.planned_at, History.id) < position)
    spoken = search.newest(session, wanted.words, conditions, limit)
    if spoken is not None:
        conditions.append(spoken)
    newest_first = select(History).where(*conditions).order_by(History.planned_at.desc(), History.id.desc())
    return list(session.scalars(newest_first.limit(limit)))


def walk(
    read: Callable[[], AbstractContextManager[Session]],
    filters: HistoryFilter | None = None,
    only: Sequence[str] = (),
) -> Iterator[Any]:
    """Yield columns of all rows, those in `only` in its order or all: oldest planned first, in little memory.

    `planned_at` and `id` are always among them. Each `CHUNK` has a transaction of its own from `read`: who
    takes them away slowly holds none.
    """
    columns = [
        corrected_by() if name == "corrected_by" else History.__table__.columns[name]
        for name in only or READABLE
    ]
    wanted, place = filters or HistoryFilter(), None
    while True:
        with read() as session:
            statement = select(*columns).where(*_all_conditions(session, wanted))
            if place is not None:
                position = tuple_(literal(place[0], Moment()), literal(place[1]))
                statement = statement.where(tuple_(History.planned_at, History.id) > position)
            oldest_first = statement.order_by(History.planned_at, History.id)
            rows = session.connection().execute(oldest_first.limit(CHUNK)).all()
        yield from rows
        if len(rows) < CHUNK:
            return
        place = (rows[-1].planned_at, rows[-1].id)
        wanted = _since(wanted, place[0])


def _since(filters: HistoryFilter, moment: datetime) -> HistoryFilter:
    """Return `filters` without the days before `moment`, which a page there does not hold.

    SQLite enters the index at the first date, not at the page's place: each page passed all before it.
    """
    day = moment.astimezone(LOCAL).date()
    trace = filters.trace
    return replace(
        filters,
        first_date=filters.first_date and max(filters.first_date, day),
        trace=trace.but(first=max(trace.first, day)) if trace else None,
    )


def _until(filters: HistoryFilter, moment: datetime) -> HistoryFilter:
    """Return `filters` without the days after `moment`, as `_since`."""
    day = moment.astimezone(LOCAL).date()
    trace = filters.trace
    return replace(
        filters,
        last_date=filters.last_date and min(filters.last_date, day),
        trace=trace.but(last=min(trace.last, day)) if trace else None,
    )


def count(session: Session, filters: HistoryFilter | None = None) -> int:
    """Return how many rows `walk` yields."""
    counted = select(func.count()).select_from(History)
    return session.scalar(counted.where(*_all_conditions(session, filters))) or 0


def _all_conditions(session: Session, filters: HistoryFilter | None) -> list[ColumnElement[bool]]:
    wanted = filters or HistoryFilter()
    spoken = search.said(session, wanted.words)
    return _conditions(session, wanted) + ([] if spoken is None else [spoken])


def key(row: History) -> tuple[datetime, int]:
    """Return where `row` stands in the order of `find`."""
    return row.planned_at, row.id


def of_airing(session: Session, airing_id: str) -> History | None:
    """Return the row in force of an airing; None while it has not ended."""
    return session.scalar(select(History).where(History.airing_id == airing_id, in_force()))


def _first_of(session: Session, airing_id: str) -> int | None:
    return session.scalar(
        select(History.id).where(History.airing_id == airing_id, History.corrects_id.is_(None))
    )


def _conditions(session: Session, filters: HistoryFilter) -> list[ColumnElement[bool]]:
    """Return what narrows the history, but for the words."""
    exact = ("kind", "topic", "programme", "source", "bulletin_id")
    conditions: list[ColumnElement[bool]] = [
        getattr(History, name) == wanted for name in exact if (wanted := getattr(filters, name))
    ]
    if filters.zone:
        conditions.append(in_zone(session, filters.zone))
    if filters.person:
        names = (History.author, History.approver, History.operator)
        conditions.append(or_(*(name == filters.person for name in names)))
    if filters.results:
        conditions.append(History.result.in_(sorted(filters.results)))
    if filters.first_date is not None:
        conditions.append(History.planned_at >= midnight(filters.first_date))
    if filters.last_date is not None:
        conditions.append(History.planned_at < midnight_after(filters.last_date))
    if filters.trace is not None:
        conditions += [*filters.trace.conditions(session), in_force()]
    return conditions
