"""The history as files: CSV, JSON, Excel, Word. Oldest first, written row by row as it is read."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from broadcaster.records import history
from broadcaster.records.history import HistoryFilter
from broadcaster.records.history_csv import COLUMNS
from broadcaster.store import facts

FORMS = ("json", "csv", "xlsx", "docx")
SHEET = "Nhật ký phát thanh"
_ONLY_IN_CSV = ("Mã văn bản", "Mã bản thu", "Mã từ điển", "Vượt giới hạn")
_IN_EXCEL = tuple(column for column in COLUMNS if not column.heading.startswith(_ONLY_IN_CSV))
"""Hashes do not get smaller, and what is rare is not read for every row: the CSV has these five."""
_NOT_IN_EXCEL = (
    "airing_id", "approval_id", "bulletin_id", "clip_sha256", "details", "lexicon", "previous_hash",
    "spoken_sha256", "written_at", "written_sha256",
)  # fmt: skip
_FOR_EXCEL = tuple(name for name in history.READABLE if name not in _NOT_IN_EXCEL)


def write(session: Session, filters: HistoryFilter, form: str, target: BinaryIO) -> None:
    """Write the rows that `filters` leave to `target` in one of `FORMS`.

    Raises Refused, before anything is written, for more rows than a file of that form can hold.
    """
    from broadcaster.records import history_word  # noqa: PLC0415 - Word takes a third of a second to load

    writers: dict[str, Callable[[Session, HistoryFilter, BinaryIO], None]] = {
        "json": _json, "csv": _csv, "xlsx": _xlsx, "docx": history_word.write,
    }  # fmt: skip
    writers[form](session, filters, target)


def _rows(session: Session, filters: HistoryFilter, only: Sequence[str] = ()) -> Iterator[Any]:
    return history.walk(lambda: nullcontext(session), filters, only)


def _csv(session: Session, filters: HistoryFilter, target: BinaryIO) -> None:
    for line in history.csv_lines(_rows(session, filters)):
        target.write(line.encode())


def _json(session: Session, filters: HistoryFilter, target: BinaryIO) -> None:
    target.write(b"[")
    for place, row in enumerate(_rows(session, filters)):
        fields = {key: _plain(value) for key, value in row._mapping.items()}
        text = json.dumps(fields, ensure_ascii=False)
        target.write(f"{',' if place else ''}\n {text}".encode())
    target.write(b"\n]\n")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _xlsx(session: Session, filters: HistoryFilter, target: BinaryIO) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415

    from broadcaster.records import long_sheet  # noqa: PLC0415

    count = history.count(session, filters)
    package = io.BytesIO()
    with Workbook(package, {"in_memory": True}) as book:
        book.set_properties({"title": SHEET, "author": facts.get(session, facts.STATION_NAME, "")})
        long_sheet.prepare(book, SHEET, _IN_EXCEL, count)
    long_sheet.write(package.getvalue(), 1, _IN_EXCEL, _rows(session, filters, _FOR_EXCEL), count, target)
