"""One row of a chain as text, and the hash of that: the same before writing and after reading, everywhere.

A column added later must allow NULL: NULL is left out of the hash, so older rows keep theirs.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as _text
from typing import Any

from sqlalchemy import Boolean, Column, Dialect, Float, Integer, String

from broadcaster.store.models import Aircheck, Audit, History, Moment

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
Table = type[History] | type[Audit] | type[Aircheck]
UNCHAINED: dict[Table, frozenset[str]] = {
    History: frozenset({"row_hash", "words_id"}),
    Audit: frozenset({"row_hash"}),
    Aircheck: frozenset({"row_hash", "removed_at", "removed_why"}),
}
"""Columns that the hash does not cover."""


def row_hash(table: Table, values: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the canonical JSON of `values`, hashed columns only, NULL left out.

    The JSON has sorted keys, no spaces and only ASCII; fractions stand as their shortest exact text.
    """
    return hash_of(table, [values[column.key] for column in columns_of(table)])


def hash_of(table: Table, values: Sequence[Any]) -> str:
    """Return the same of `values` by column, in the order of `columns_of`.

    The JSON is put together by hand. Raises ValueError for a number that JSON has no word for.
    """
    members = [
        before + write(value)
        for place, before, write in _writers(table)
        if (value := values[place]) is not None
    ]
    return hashlib.sha256(f"{{{','.join(members)}}}".encode("ascii")).hexdigest()


@functools.cache
def _writers(table: Table) -> tuple[tuple[int, str, Callable[[Any], str]], ...]:
    """Return, in order of the keys: the column's place, its key in JSON with the colon, its writer."""
    columns = sorted(enumerate(columns_of(table)), key=lambda pair: pair[1].key)
    return tuple(
        (place, f"{_text(column.key)}:", _writer(column))
        for place, column in columns
        if column.key not in UNCHAINED[table]
    )


def _writer(column: Column[Any]) -> Callable[[Any], str]:
    """Return what writes a value the same before writing and after reading, from any database."""
    kinds: tuple[tuple[type, Callable[[Any], str]], ...] = (
        (Moment, _moment),
        (Float, _fraction),
        (Boolean, lambda value: "true" if value else "false"),
        (String, _text),
        (Integer, str),
    )
    return next((write for kind, write in kinds if isinstance(column.type, kind)), _json)


def moment_text(moment: datetime) -> str:
    """Return `moment` in UTC to the microsecond, e.g. `2026-11-22T10:00:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _moment(value: datetime) -> str:
    return f'"{moment_text(value)}"'


def _fraction(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"JSON has no word for {value}")
    return f'"{float(value)!r}"'


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
    return _ENCODER.encode(_plain(value))


@functools.cache
def columns_of(table: Table) -> list[Column[Any]]:
    return list(table.__table__.columns)  # type: ignore[arg-type]


def read(dialect: Dialect, column: Column[Any], kept: Any) -> Any:
    """Return the value of what the driver read; ValueError, TypeError or AttributeError for none of ours."""
    if isinstance(column.type, Boolean) and kept not in (0, 1, None):
        raise ValueError(f"{column.key} is neither true nor false: {kept!r}")
    process = column.type.dialect_impl(dialect).result_processor(dialect, None)
    return kept if process is None or kept is None else process(kept)
