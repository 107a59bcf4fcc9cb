"""The report as a file, in each form; the writers are imported only when asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from broadcaster.records.reports.report import Report
from broadcaster.records.tracing import Trace

WRITERS: dict[str, str] = {"docx": "word_file", "xlsx": "excel_file", "pdf": "pdf_file", "csv": "csv_file"}
TYPES: dict[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}
FORMS = (*WRITERS, "json")


def write(report: Report, form: str, target: BinaryIO, session: Session | None = None) -> None:
    """Write the report into `target` in one of `FORMS`; Refused when this machine lacks something for it.

    The spreadsheet alone asks for a `session`, to read the airings behind the figures.
    """
    if form == "json":
        target.write(json.dumps(_plain(report), ensure_ascii=False, indent=1).encode() + b"\n")
        return
    writer: Callable[..., None] = import_module(f"{__package__}.{WRITERS[form]}").write
    if form == "xlsx":
        writer(session, report, target)
    else:
        writer(report, target)


def name(report: Report, form: str) -> str:
    """Return the name of the file: bao-cao-2026-11-01_2026-11-30.docx"""
    return f"bao-cao-{report.period.key}.{form}"


def _plain(value: Any) -> Any:
    """Return what JSON can hold; traces are left out, for they are addresses of the page."""
    if is_dataclass(value):
        named = ((each.name, getattr(value, each.name)) for each in fields(value))
        return {key: _plain(each) for key, each in named if not isinstance(each, Trace)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime | date) else value
