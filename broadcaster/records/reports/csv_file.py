"""The figures of a report as one table for a spreadsheet, nothing in it that a cell could run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from broadcaster.records.history_csv import BYTE_ORDER_MARK, safe
from broadcaster.records.reports.report import Figures, PlanTopic, Report

HEADINGS = (
    "Phần", "Tên", "Tin, bài", "Lượt phát", "Thời lượng (giây)", "Thời lượng (phút)", "Chưa đạt",
    "Chỉ tiêu", "Tỷ lệ (%)",
)  # fmt: skip
Cell = str | int | float | None


def write(report: Report, target: BinaryIO) -> None:
    for line in lines(report):
        target.write(line.encode())


def lines(report: Report) -> Iterator[str]:
    """Yield the file line by line, as UTF-8 with its mark."""
    yield BYTE_ORDER_MARK + _line(HEADINGS)
    yield from (_line(row) for row in _rows(report))


def _rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    period = f"{report.period.name} ({report.counted.dates})"
    yield _counted("Tổng", period, report.heard, report.owed - report.kept, percent=report.percent)
    for outcome in report.outcomes:
        yield ("Kết quả", outcome.name, None, outcome.count)
    for cause in report.causes:
        yield (f"Nguyên nhân {cause.outcome_name}", cause.name, None, cause.count)
    for group in report.groups:
        for row in group.rows:
            yield _counted(group.title, row.name, row.heard, row.lost)
    for step in report.steps:
        yield _counted("Theo thời gian", step.name, Figures(0, step.airings, step.seconds), step.lost)
    for line in report.comparison.lines:
        yield ("Kỳ trước", f"{line.name} ({line.unit})", None, line.before)
    for plan in report.plans:
        for topic in plan.topics:
            yield from _plan_rows(plan.name, topic)
    yield from _apart(report)


def _counted(
    part: str, name: str, heard: Figures, lost: int, *, percent: float | None = None
) -> tuple[Cell, ...]:
    items = heard.items if heard.items or not heard.airings else None
    return (part, name, items, heard.airings, heard.seconds, heard.minutes, lost, None, percent)


def _plan_rows(plan: str, topic: PlanTopic) -> Iterator[tuple[Cell, ...]]:
    going_on = topic.going_on
    if topic.quota or going_on is None:
        yield _plan_row(plan, topic)
    if going_on is not None:
        name = f"{topic.name} ({going_on.unit}), đang thực hiện đến hết {going_on.until}"
        yield (plan, name, going_on.done, None, None, None, None, going_on.quota)


def _plan_row(plan: str, topic: PlanTopic) -> tuple[Cell, ...]:
    missing = topic.owed + topic.late
    return (
        plan,
        f"{topic.name} ({topic.unit})",
        topic.done,
        None,
        None,
        None,
        missing,
        topic.quota,
        topic.percent,
    )


def _apart(report: Report) -> Iterator[tuple[Cell, ...]]:
    for part, alerts in (("Lệnh khẩn cấp", report.alerts), ("Diễn tập", report.drills)):
        for alert in alerts:
            yield (part, alert.title, None, alert.turns, alert.seconds, round(alert.seconds / 60, 1))
    yield _counted("Không ra loa", "chỉ ghi ra tệp", report.unheard, 0)
    yield from (("Ngày không phát", f"{day:%d/%m/%Y}") for day in report.silent_days)


def _line(cells: tuple[Cell, ...]) -> str:
    line = io.StringIO()
    padded = (*cells, *([None] * (len(HEADINGS) - len(cells))))
    csv.writer(line).writerow([safe(cell) for cell in padded])
    return line.getvalue()
