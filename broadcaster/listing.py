"""What the command line prints of the plan and of the history."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from broadcaster.playout.day import DayView, day_view
from broadcaster.records import history as records
from broadcaster.records.history import HistoryFilter
from broadcaster.records.history_csv import RESULT_WORDS
from broadcaster.store.models import AiringState, History
from schedules.clock import LOCAL

STATES: dict[str, str] = {
    AiringState.PLANNED: "sẽ phát",
    AiringState.CLAIMED: "chuẩn bị phát",
    AiringState.STARTED: "đang phát",
    **RESULT_WORDS,
}


def rundown(session: Session, dates: Sequence[date], now: datetime, *, as_json: bool) -> str:
    """Return the days' running order as text for a person, or as JSON with moments in UTC."""
    days = [day_view(session, day, now) for day in dates]
    if as_json:
        return json.dumps([_day_fields(day) for day in days], ensure_ascii=False, indent=1)
    return "\n".join(line for day in days for line in _day_lines(day))


def history(session: Session, first: date | None, last: date | None, form: str) -> bytes:
    """Return the rows between two dates, oldest first, as `json`, `csv`, `xlsx` or `docx`."""
    rows = list(reversed(list(_rows(session, HistoryFilter(first_date=first, last_date=last)))))
    match form:
        case "json":
            return json.dumps([_fields(row) for row in rows], ensure_ascii=False, indent=1).encode() + b"\n"
        case "csv":
            return "".join(records.csv_lines(rows)).encode()
        case "xlsx":
            return _xlsx(rows)
        case _:
            return _docx(rows)


def _day_lines(day: DayView) -> Iterator[str]:
    yield f"{day.day:%d/%m/%Y}"
    for block in day.blocks:
        if not block.items and block.programme_id is None:
            continue  # only something that left the plan
        start = block.starts_at.astimezone(LOCAL)
        name = block.name or "Phát theo giờ"
        yield f"  {start:%H:%M:%S}  {name} ({', '.join(block.zones)})"
        if not block.items:
            yield f"            {block.rests or 'chưa có bản tin'}"
        for item in block.items:
            begin = item.starts_at.astimezone(LOCAL)
            words = f"{item.title} – {item.length_s:.0f} giây – {STATES[item.state]} {item.note}"
            yield f"    {begin:%H:%M:%S}  {words}".rstrip()


def _day_fields(day: DayView) -> dict[str, Any]:
    return {
        "date": day.day.isoformat(),
        "blocks": [
            {
                "programme": block.name,
                "starts_at": block.starts_at.isoformat(),
                "zones": list(block.zones),
                "airings": [
                    {
                        "airing": item.airing_id,
                        "bulletin": item.bulletin_id,
                        "title": item.title,
                        "kind": item.kind,
                        "state": item.state.value,
                        "starts_at": item.starts_at.isoformat(),
                        "ends_at": item.ends_at.isoformat(),
                        "seconds": round(item.length_s, 3),
                        "is_approved": item.is_approved,
                        "note": item.note,
                    }
                    for item in block.items
                ],
            }
            for block in day.blocks
            if block.items or block.programme_id is not None
        ],
    }


def _rows(session: Session, wanted: HistoryFilter) -> Iterator[History]:
    before = None
    while page := records.find(session, wanted, before, 500):
        yield from page
        before = records.key(page[-1])


def _fields(row: History) -> dict[str, Any]:
    columns = [column.key for column in inspect(History).column_attrs if column.key != "words_id"]
    values = {name: getattr(row, name) for name in columns}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _table(rows: Sequence[History]) -> list[list[str]]:
    """Return heading and rows as text cells, the same as in the CSV."""
    import csv  # noqa: PLC0415

    return list(csv.reader(io.StringIO("".join(records.csv_lines(rows)).lstrip("\ufeff"))))


def _xlsx(rows: Sequence[History]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Nhật ký phát thanh")
    for line in _table(rows):
        sheet.append(line)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _docx(rows: Sequence[History]) -> bytes:
    from docx import Document  # noqa: PLC0415
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415

    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    document.add_heading("Nhật ký phát thanh", level=1)
    lines = _table(rows)
    table = document.add_table(rows=0, cols=len(lines[0]), style="Table Grid")
    for line in lines:
        for cell, text in zip(table.add_row().cells, line, strict=True):
            cell.text = text
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
