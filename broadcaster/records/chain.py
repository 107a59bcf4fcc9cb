"""Rows that cannot be changed unseen: each carries a SHA-256 over itself and over the row before it.

Ids run 1, 2, 3 … without a gap, so a removed row leaves a hole; the newest id and hash are also kept as a
station fact, so a cut tail is noticed. Limit: who can write to the database and rewrites every later row
*and* that fact leaves no trace inside it; a printed or exported hash of an earlier day still shows it.

A column added later must allow NULL: NULL is left out of the hash, so older rows keep theirs.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Float, select
from sqlalchemy.orm import Session

from broadcaster.store import facts
from broadcaster.store.models import Aircheck, Audit, History, Moment

GENESIS = "0" * 64
"""`previous_hash` of row 1."""
_BATCH = 500
_Row = type[History] | type[Audit] | type[Aircheck]
_UNCHAINED: dict[_Row, frozenset[str]] = {
    History: frozenset({"row_hash", "words_id"}),
    Audit: frozenset({"row_hash"}),
    Aircheck: frozenset({"row_hash", "removed_at", "removed_why"}),
}
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
        type(row), {column.key: getattr(row, column.key) for column in _columns(type(row))}
    )
    session.add(row)
    session.flush()
    facts.put(session, _head_key(type(row)), {"id": row.id, "hash": row.row_hash})


def verify(session: Session) -> list[Break]:
    """Return the first break of each chain; empty when all rows stand as they were written."""
    found = (_first_break(session, table) for table in _UNCHAINED)
    return [each for each in found if each is not None]


def row_hash(table: _Row, values: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the canonical JSON of `values`, hashed columns only, NULL left out."""
    hashed = {
        column.key: _canonical(column, values[column.key])
        for column in _columns(table)
        if column.key not in _UNCHAINED[table] and values[column.key] is not None
    }
    return hashlib.sha256(_json(hashed).encode("ascii")).hexdigest()


# --- one text form for each kind of value ---


def _canonical(column: Column[Any], value: Any) -> Any:
    """Return the form that comes out the same before writing and after reading, from any database."""
    if isinstance(column.type, Moment):
        return moment_text(value)
    if isinstance(column.type, Float):
        return repr(float(value))
    return _plain(value)


def moment_text(moment: datetime) -> str:
    """Return `moment` in UTC to the microsecond, e.g. `2026-11-22T10:00:00.000000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> Any:
    """Return a JSON value in which every fraction is its shortest exact text; ValueError for inf or nan."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"JSON has no word for {value}")
        return repr(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


# --- walking a chain ---


def _columns(table: _Row) -> list[Column[Any]]:
    return list(table.__table__.columns)  # type: ignore[arg-type]


def _head_key(table: _Row) -> str:
    return f"chain_head:{table.__tablename__}"


def _next(session: Session, table: _Row) -> tuple[int, str]:
    last = session.execute(select(table.id, table.row_hash).order_by(table.id.desc()).limit(1)).first()
    return (1, GENESIS) if last is None else (last.id + 1, last.row_hash)


def _rows(session: Session, table: _Row) -> Iterator[dict[str, Any]]:
    statement = select(*_columns(table)).order_by(table.id).execution_options(yield_per=_BATCH)
    for row in session.execute(statement).mappings():
        yield dict(row)


def _first_break(session: Session, table: _Row) -> Break | None:
    name = table.__tablename__
    last_id, last_hash = 0, GENESIS
    for row in _rows(session, table):
        fault = _fault(table, row, last_id, last_hash)
        if fault is not None:
            return Break(name, last_id + 1 if fault is Fault.MISSING else row["id"], fault)
        last_id, last_hash = row["id"], row["row_hash"]
    return _tail_break(session, table, last_id, last_hash)


def _fault(table: _Row, row: Mapping[str, Any], last_id: int, last_hash: str) -> Fault | None:
    if row["id"] <= last_id:
        return Fault.INSERTED
    if row["row_hash"] != row_hash(table, row):
        return Fault.CHANGED
    if row["id"] > last_id + 1:
        return Fault.MISSING
    return None if row["previous_hash"] == last_hash else Fault.INSERTED


def _tail_break(session: Session, table: _Row, last_id: int, last_hash: str) -> Break | None:
    head = facts.get(session, _head_key(table), {"id": 0, "hash": GENESIS})
    if head["id"] > last_id:
        return Break(table.__tablename__, last_id + 1, Fault.CUT_OFF)
    if (head["id"], head["hash"]) != (last_id, last_hash):
        return Break(table.__tablename__, last_id, Fault.INSERTED)
    return None
