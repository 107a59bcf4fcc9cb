"""Rows that cannot be changed unseen: each carries a SHA-256 over itself and over the row before it.

Ids run 1, 2, 3 … without a gap, so a removed row leaves a hole; the newest id and hash are also kept as a
station fact, so a cut tail is noticed. Limit: who can write to the database and rewrites every later row
*and* that fact leaves no trace inside it; a seal (`records.seals`) of an earlier day still shows it.

`row_text` says how one row is hashed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Column, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from broadcaster.records.quick_hash import Form, form_of, hashes
from broadcaster.records.row_text import UNCHAINED, Table, columns_of, hash_of, read, row_hash
from broadcaster.store import facts
from broadcaster.store.models import Aircheck, Audit, History

GENESIS = "0" * 64
"""`previous_hash` of row 1."""
_BATCH = 500
CHAIN_NAMES: dict[str, str] = {
    "history": "nhật ký phát thanh",
    "audit": "nhật ký thao tác",
    "aircheck": "sổ bản lưu phát sóng",
}


class Fault(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    CUT_OFF = "cut_off"


_FAULT_WORDS: dict[Fault, str] = {
    Fault.CHANGED: "đã bị sửa hoặc đổi chỗ",
    Fault.MISSING: "đã bị xóa",
    Fault.INSERTED: "đã bị chèn vào hoặc thay thế",
    Fault.CUT_OFF: "và các dòng sau nó đã bị cắt mất ở cuối",
}


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain does not hold."""

    chain: str
    row_id: int
    fault: Fault

    @property
    def sentence(self) -> str:
        return f"Dòng {self.row_id} của {CHAIN_NAMES[self.chain]} {_FAULT_WORDS[self.fault]}."


def link(session: Session, row: History | Audit | Aircheck) -> None:
    """Give `row` its id, the hash of the row before and its own, and add it to `session`.

    Call it inside a write transaction of the store: its lock keeps the ids without gap or clash.
    """
    row.id, row.previous_hash = _next(session, type(row))
    row.row_hash = row_hash(
        type(row), {column.key: getattr(row, column.key) for column in columns_of(type(row))}
    )
    session.add(row)
    session.flush()
    facts.put(session, _head_key(type(row)), {"id": row.id, "hash": row.row_hash})


def verify(session: Session) -> list[Break]:
    """Return the first break of each chain; empty when all rows stand as they were written."""
    found = (_first_break(session, table) for table in UNCHAINED)
    return [each for each in found if each is not None]


def tables() -> tuple[Table, ...]:
    """Return every table whose rows are chained."""
    return tuple(UNCHAINED)


class KeptRow(NamedTuple):
    """A row as the database holds it now, sound or not."""

    id: int
    previous_hash: str
    row_hash: str
    written_at: datetime | None
    """None: what stands there is no moment."""
    values: Sequence[Any]
    """As the driver read them, by column."""


class Head(NamedTuple):
    """The newest row, as it was kept beside the chain when it was written."""

    id: int
    hash: str


def head(session: Session, table: Table) -> Head:
    kept = facts.get(session, _head_key(table), {"id": 0, "hash": GENESIS})
    return Head(kept["id"], kept["hash"])


def kept_rows(session: Session, table: Table, first_id: int, limit: int = 1) -> list[KeptRow]:
    """Return the first `limit` rows whose id is at least `first_id`, by id."""
    as_kept = (type_coerce(column, NULLTYPE) for column in columns_of(table))
    statement = select(*as_kept).where(table.id >= first_id).order_by(table.id).limit(limit)
    return [_kept_row(session, table, row) for row in session.connection().execute(statement)]


def hash_as(session: Session, table: Table, row: KeptRow, row_id: int) -> str:
    """Return the hash that `row` would have with the id `row_id`; empty text for what is no value."""
    return _hash_of_kept(session, table, _as(table, row, row_id))


def hashes_as(table: Table, rows: Sequence[KeptRow], shift: int) -> list[str]:
    """Return the hashes that `rows` would have with ids higher by `shift`; some may be wrong: `hash_as`."""
    return hashes(_forms(table), [_as(table, row, row.id + shift) for row in rows])


def _as(table: Table, row: KeptRow, row_id: int) -> Sequence[Any]:
    values = list(row.values)
    values[_place(table).id] = row_id
    return values


# --- walking a chain ---


def _head_key(table: Table) -> str:
    return f"chain_head:{table.__tablename__}"


def _next(session: Session, table: Table) -> tuple[int, str]:
    last = session.execute(select(table.id, table.row_hash).order_by(table.id.desc()).limit(1)).first()
    return (1, GENESIS) if last is None else (last.id + 1, last.row_hash)


class _Place(NamedTuple):
    """Where the columns that make the chain stand in a row."""

    id: int
    previous_hash: int
    row_hash: int


@functools.cache
def _place(table: Table) -> _Place:
    keys = [column.key for column in columns_of(table)]
    return _Place(*(keys.index(name) for name in _Place._fields))


@functools.cache
def _forms(table: Table) -> list[Form]:
    """Return how each hashed column is written, in order of the keys."""
    columns = sorted(enumerate(columns_of(table)), key=lambda pair: pair[1].key)
    return [form_of(*pair) for pair in columns if pair[1].key not in UNCHAINED[table]]


def _batches(session: Session, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield the rows as the driver read them: to turn every value into ours takes longer than the hashes."""
    as_kept = (type_coerce(column, NULLTYPE) for column in columns_of(table))
    statement = select(*as_kept).order_by(table.id).execution_options(yield_per=_BATCH)
    with session.connection().execute(statement) as found:
        yield from found.partitions()


def _first_break(session: Session, table: Table) -> Break | None:
    name, place = table.__tablename__, _place(table)
    last_id, last_hash = 0, GENESIS
    for rows in _batches(session, table):
        for row, hashed in zip(rows, hashes(_forms(table), rows), strict=True):
            row_id, previous_hash, kept_hash = row[place.id], row[place.previous_hash], row[place.row_hash]
            if row_id != last_id + 1 or previous_hash != last_hash or kept_hash != hashed:
                fault = _fault(session, table, row, last_id, last_hash)
                if fault is not None:
                    return Break(name, last_id + 1 if fault is Fault.MISSING else row_id, fault)
            last_id, last_hash = row_id, kept_hash
    return _tail_break(session, table, last_id, last_hash)


def _fault(session: Session, table: Table, row: Sequence[Any], last_id: int, last_hash: str) -> Fault | None:
    place = _place(table)
    if row[place.id] <= last_id:
        return Fault.INSERTED
    if row[place.row_hash] != _hash_of_kept(session, table, row):
        return Fault.CHANGED
    if row[place.id] > last_id + 1:
        return Fault.MISSING
    return None if row[place.previous_hash] == last_hash else Fault.INSERTED


def _hash_of_kept(session: Session, table: Table, row: Sequence[Any]) -> str:
    """Return the hash of a row as the driver read it, value by value; empty text for what is no value."""
    dialect = session.get_bind().dialect
    try:
        return hash_of(table, [read(dialect, *pair) for pair in zip(columns_of(table), row, strict=True)])
    except (ValueError, TypeError, AttributeError):
        return ""


_WRITTEN_AT: dict[Table, str] = {History: "written_at", Audit: "at", Aircheck: "kept_at"}


@functools.cache
def _written_at(table: Table) -> tuple[int, Column[Any]]:
    keys = [column.key for column in columns_of(table)]
    place = keys.index(_WRITTEN_AT[table])
    return place, columns_of(table)[place]


def _kept_row(session: Session, table: Table, values: Sequence[Any]) -> KeptRow:
    place, column = _written_at(table)
    try:
        moment = read(session.get_bind().dialect, column, values[place])
    except (ValueError, TypeError, AttributeError):
        moment = None
    there = _place(table)
    return KeptRow(values[there.id], values[there.previous_hash], values[there.row_hash], moment, values)


def _tail_break(session: Session, table: Table, last_id: int, last_hash: str) -> Break | None:
    kept = head(session, table)
    if kept.id > last_id:
        return Break(table.__tablename__, last_id + 1, Fault.CUT_OFF)
    if kept != (last_id, last_hash):
        return Break(table.__tablename__, last_id, Fault.INSERTED)
    return None
