"""The history as a table for a spreadsheet: Vietnamese headings, local times, nothing a cell could run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from broadcaster.store.models import AiringState, History, Kind, Source
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

COLUMNS: tuple[tuple[str, Callable[[History], Any]], ...] = (
    ("Số", lambda row: row.id),
    ("Ngày", lambda row: f"{row.planned_at.astimezone(LOCAL):%d/%m/%Y}"),
    ("Chương trình", lambda row: row.programme),
    ("Tiêu đề", lambda row: row.title),
    ("Loại tin", lambda row: KIND_WORDS.get(row.kind, row.kind)),
    ("Chủ đề", lambda row: row.topic),
    ("Giờ theo lịch", lambda row: _clock(row.planned_at)),
    ("Giờ bắt đầu", lambda row: _clock(row.started_at)),
    ("Giờ kết thúc", lambda row: _clock(row.ended_at)),
    ("Thời lượng dự kiến (giây)", lambda row: round(row.seconds_planned, 1)),
    ("Thời lượng đã phát (giây)", lambda row: round(row.seconds_heard, 1)),
    ("Kết quả", lambda row: RESULT_WORDS.get(row.result, row.result)),
    ("Lý do", lambda row: row.reason),
    ("Ra loa", lambda row: "có" if row.on_loudspeaker else "không"),
    ("Cụm loa", lambda row: "; ".join(_zone(zone) for zone in row.zones)),
    ("Mức âm thanh (dBFS)", lambda row: _tenths(row.level_dbfs)),
    ("Người soạn", lambda row: row.author),
    ("Người duyệt", lambda row: row.approver),
    ("Duyệt lúc", lambda row: _clock(row.approved_at)),
    ("Tự duyệt", lambda row: "có" if row.is_self_approved else "không"),
    ("Người xếp lịch", lambda row: row.operator),
    ("Giọng đọc", lambda row: f"{row.voice} ({row.engine})" if row.voice and row.engine else row.voice),
    ("Mã văn bản", lambda row: row.written_sha256),
    ("Mã văn bản đọc", lambda row: row.spoken_sha256),
    ("Mã bản thu", lambda row: row.clip_sha256),
    ("Mã dòng", lambda row: row.row_hash),
)


def csv_lines(rows: Iterable[History]) -> Iterator[str]:
    """Yield the file line by line, headings first; write it as UTF-8 with `newline=""`."""
    yield BYTE_ORDER_MARK + _line([heading for heading, _ in COLUMNS])
    for row in rows:
        yield _line([_safe(read(row)) for _, read in COLUMNS])


def _line(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _safe(cell: Any) -> Any:
    """Return text so that a spreadsheet shows it and never runs it; numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(_STARTS_FORMULA):
        return f"'{cell}"
    return cell


def _clock(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(LOCAL):%d/%m/%Y %H:%M:%S}"


def _tenths(number: float | None) -> float | None:
    return None if number is None else round(number, 1)


def _zone(zone: dict[str, Any]) -> str:
    fault = zone.get("fault")
    return f"{zone.get('zone', '')} ({fault})" if fault else str(zone.get("zone", ""))
