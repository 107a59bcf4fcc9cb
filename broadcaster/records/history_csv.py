"""The history as a table for a spreadsheet: Vietnamese headings, local times, nothing a cell could run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from broadcaster.records.columns import Column, Form
from broadcaster.store.models import AiringState, Kind, Source
from schedules.clock import LOCAL

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read UTF-8 as something else."""
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so may be run as a formula (OWASP, CSV Injection)."""

RESULT_WORDS: dict[str, str] = {
    AiringState.PLAYED: "đã phát",
    AiringState.CUT: "bị cắt",
    AiringState.FAILED: "hỏng",
    AiringState.MISSED: "lỡ",
    AiringState.CANCELLED: "hủy",
}
KIND_WORDS: dict[str, str] = {
    Kind.ROUTINE: "thông thường",
    Kind.PRIORITY: "ưu tiên",
    Kind.EMERGENCY: "khẩn cấp",
}
SOURCE_WORDS: dict[str, str] = {
    Source.TEXT: "văn bản của đài",
    Source.RECORDING: "bản thu",
    Source.RELAY: "tiếp âm",
    Source.LIVE: "phát trực tiếp",
    "alert": "lệnh khẩn cấp",
}

COLUMNS: tuple[Column, ...] = (
    Column("Số", Form.WHOLE, 8, lambda row: row.id),
    Column("Ngày", Form.DAY, 11, lambda row: row.planned_at),
    Column("Chương trình", Form.TEXT, 20, lambda row: row.programme),
    Column("Tiêu đề", Form.TEXT, 44, lambda row: row.title),
    Column("Loại tin", Form.TEXT, 13, lambda row: KIND_WORDS.get(row.kind, row.kind)),
    Column("Chủ đề", Form.TEXT, 22, lambda row: row.topic),
    Column("Nguồn", Form.TEXT, 15, lambda row: SOURCE_WORDS.get(row.source, row.source)),
    Column("Phát lần thứ", Form.WHOLE, 8, lambda row: row.nth),
    Column("Giờ theo lịch", Form.MOMENT, 19, lambda row: row.planned_at),
    Column("Giờ bắt đầu", Form.MOMENT, 19, lambda row: row.started_at),
    Column("Giờ kết thúc", Form.MOMENT, 19, lambda row: row.ended_at),
    Column("Thời lượng dự kiến (giây)", Form.TENTHS, 12, lambda row: round(row.seconds_planned, 1)),
    Column("Thời lượng đã phát (giây)", Form.TENTHS, 12, lambda row: round(row.seconds_heard, 1)),
    Column("Kết quả", Form.TEXT, 11, lambda row: RESULT_WORDS.get(row.result, row.result)),
    Column("Lý do", Form.TEXT, 28, lambda row: row.reason),
    Column("Ra loa", Form.TEXT, 8, lambda row: _yes_no(row.on_loudspeaker)),
    Column("Cụm loa", Form.TEXT, 30, lambda row: zone_words(row.zones)),
    Column("Mức âm thanh (dBFS)", Form.TENTHS, 11, lambda row: _tenths(row.level_dbfs)),
    Column("Người soạn", Form.TEXT, 22, lambda row: row.author),
    Column("Người duyệt", Form.TEXT, 22, lambda row: row.approver),
    Column("Duyệt lúc", Form.MOMENT, 19, lambda row: row.approved_at),
    Column("Tự duyệt", Form.TEXT, 8, lambda row: _yes_no(row.is_self_approved)),
    Column("Người xếp lịch", Form.TEXT, 22, lambda row: row.operator),
    Column("Giọng đọc", Form.TEXT, 18, lambda row: voice_words(row.voice, row.engine)),
    Column("Hiệu lực", Form.TEXT, 16, lambda row: force_words(getattr(row, "corrected_by", None))),
    Column("Đính chính dòng số", Form.WHOLE, 10, lambda row: row.corrects_id),
    Column("Mã văn bản", Form.TEXT, 14, lambda row: row.written_sha256),
    Column("Mã văn bản đọc", Form.TEXT, 14, lambda row: row.spoken_sha256),
    Column("Mã bản thu", Form.TEXT, 14, lambda row: row.clip_sha256),
    Column("Mã từ điển đọc", Form.TEXT, 14, lambda row: row.lexicon),
    Column("Vượt giới hạn", Form.TEXT, 28, lambda row: override_words(row.details)),
    Column("Mã dòng", Form.TEXT, 14, lambda row: row.row_hash),
)


def csv_lines(rows: Iterable[Any]) -> Iterator[str]:
    """Yield the file line by line, headings first; write it as UTF-8 with `newline=""`."""
    yield BYTE_ORDER_MARK + _line([column.heading for column in COLUMNS])
    readers = [(column.read, _FORMS.get(column.form)) for column in COLUMNS]
    for row in rows:
        cells = ((read(row), form) for read, form in readers)
        yield _line([form(cell) if form and cell is not None else cell for cell, form in cells])


def _line(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def safe(cell: Any) -> Any:
    """Return text so that a spreadsheet shows it and never runs it; numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(_STARTS_FORMULA):
        return f"'{cell}"
    return cell


def clock(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%d/%m/%Y %H:%M:%S}"


def day(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%d/%m/%Y}"


_FORMS: dict[Form, Callable[[Any], Any]] = {Form.TEXT: safe, Form.MOMENT: clock, Form.DAY: day}


def zone_words(zones: Iterable[dict[str, Any]]) -> str:
    return "; ".join(_zone(zone) for zone in zones)


def voice_words(voice: str, engine: str) -> str:
    return f"{voice} ({engine})" if voice and engine else voice


def override_words(details: dict[str, Any] | None) -> str:
    """Return which limits were passed over, and why, by whom."""
    rules = (details or {}).get("overrides") or ()
    return "; ".join(f"{each['rule']} Lý do: {each['reason']} ({each['by']})" for each in rules)


def force_words(corrected_by: int | None) -> str:
    return f"đã đính chính bằng dòng {corrected_by}" if corrected_by else "còn hiệu lực"


def _yes_no(value: bool) -> str:
    return "có" if value else "không"


def _tenths(number: float | None) -> float | None:
    return None if number is None else round(number, 1)


def _zone(zone: dict[str, Any]) -> str:
    fault = zone.get("fault")
    return f"{zone.get('zone', '')} ({fault})" if fault else str(zone.get("zone", ""))
