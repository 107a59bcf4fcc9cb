"""A report in the order in which it is read: the wording that is signed, and the annex of its figures.

What stands around it (quốc hiệu, nơi nhận, chỗ ký …) is the letterhead's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from broadcaster.records.reports.numbers import tenths
from broadcaster.records.reports.pieces import (
    NONE,
    Bars,
    Chart,
    Heading,
    Paragraph,
    Piece,
    Table,
    maybe,
    minutes,
    moment,
    percent,
    signed,
)
from broadcaster.records.reports.report import AlertLine, Compared, Group, PlanPart, PlanTopic, Report, Step

MOST_LINES = 40
"""Of outages and the like: what is longer belongs into the spreadsheet."""


class _Numbers:
    """Counts headings, tables and charts."""

    def __init__(self) -> None:
        self.headings = self.tables = self.charts = 0

    def heading(self, text: str) -> Heading:
        self.headings += 1
        return Heading(f"{self.headings}. {text}", 2)

    def table(self, caption: str) -> str:
        self.tables += 1
        return f"Bảng {self.tables}. {caption}"

    def chart(self, caption: str) -> str:
        self.charts += 1
        return f"Biểu đồ {self.charts}. {caption}"


def body(report: Report) -> Iterator[Piece]:
    """Yield what stands between the title and the signature."""
    for section in report.sections:
        if section.heading:
            yield Heading(section.heading, 1)
        yield from (Paragraph(text) for text in section.paragraphs)


def annex_title(report: Report) -> str:
    return f"Số liệu hoạt động truyền thanh {report.period.name}"


def annex_of(report: Report) -> str:
    """(Kèm theo Báo cáo số ……/BC-UBND ngày 02 tháng 12 năm 2026 của …); room for a number is dots."""
    head = report.letterhead
    number = re.sub(r"\s+", "……", head.number.removeprefix("Số:").strip(" \t") or "……")
    number = f"……{number}" if number.startswith("/") else number
    _, _, day = head.place_and_date.rpartition(", ")
    return f"(Kèm theo {_begun(head.title.lower())} số {number} {day} của {head.body})"


def annex(report: Report) -> Iterator[Piece]:
    """Yield the figures behind the wording: tables with totals, charts, how it was counted."""
    numbers = _Numbers()
    yield from _overall(report, numbers)
    yield from _schedule(report, numbers)
    yield from _groups(report, numbers)
    yield from _plans(report, numbers)
    yield from _sounded(report, numbers)
    yield from _lapses(report, numbers)
    if report.notes:
        yield numbers.heading("Cách tính và ghi chú")
        yield from (Paragraph(note) for note in report.notes)


def _overall(report: Report, numbers: _Numbers) -> Iterator[Piece]:
    yield numbers.heading("Kết quả chung")
    compared = report.comparison
    caption = numbers.table(f"Kết quả {report.period.name}")
    if compared.has_figures:
        headings = ("Chỉ tiêu", "Đơn vị", "Kỳ này", "Kỳ trước", "Tăng (+), giảm (–)", "Tỷ lệ")
        rows = tuple(_compared(line) for line in compared.lines)
        yield Table(f"{caption}, {compared.basis}", headings, rows, (5, 1.5, 1.8, 1.8, 2.2, 1.7))
    else:
        lines = tuple((line.name, line.unit, maybe(line.now)) for line in compared.lines)
        yield Table(caption, ("Chỉ tiêu", "Đơn vị", "Kỳ này"), lines, (7, 2, 3))
    if report.steps:
        yield _over_time(report, numbers)
        yield _time_table(report.steps, numbers)


def _compared(line: Compared) -> tuple[str, ...]:
    percent = NONE if line.change_percent is None else f"{signed(line.change_percent)}%"
    return (line.name, line.unit, maybe(line.now), maybe(line.before), signed(line.change), percent)


def _over_time(report: Report, numbers: _Numbers) -> Chart:
    steps = report.steps
    played = Bars("lượt đã phát ra loa", tuple(float(step.airings) for step in steps))
    lost = Bars("lượt không phát đủ", tuple(float(step.lost) for step in steps))
    parts = (played, lost) if any(lost.values) else (played,)
    caption = numbers.chart(f"Lượt phát {report.period.name}")
    return Chart(caption, "lượt", tuple(step.name for step in steps), parts, is_over_time=True)


def _time_table(steps: Sequence[Step], numbers: _Numbers) -> Table:
    rows = tuple(
        (step.name, tenths(step.airings), minutes(step.seconds), tenths(step.lost)) for step in steps
    )
    total = (
        "Cộng",
        tenths(sum(step.airings for step in steps)),
        minutes(sum(step.seconds for step in steps)),
        tenths(sum(step.lost for step in steps)),
    )
    caption = numbers.table("Lượt phát theo thời gian")
    return Table(caption, ("Thời gian", "Lượt phát", "Số phút", "Không phát đủ"), rows, (4, 2, 2, 2), total)


def _schedule(report: Report, numbers: _Numbers) -> Iterator[Piece]:
    yield numbers.heading("Lịch phát và kết quả")
    outcomes = tuple(
        (_begun(each.name), tenths(each.planned), tenths(each.at_once), tenths(each.count))
        for each in report.outcomes
    )
    total = (
        "Cộng",
        tenths(sum(each.planned for each in report.outcomes)),
        tenths(sum(each.at_once for each in report.outcomes)),
        tenths(sum(each.count for each in report.outcomes)),
    )
    headings = ("Kết quả", "Theo lịch", "Phát ngay", "Cộng")
    yield Table(numbers.table("Kết quả các lượt phát"), headings, outcomes, (5, 2, 2, 2), total)
    if report.percent is not None:
        yield Paragraph(
            f"Đã phát ra loa {tenths(report.kept)} trong {tenths(report.owed)} lượt phải phát theo lịch, "
            f"đạt {tenths(report.percent)}%."
        )
    if report.causes:
        rows = tuple(
            (_begun(each.outcome_name), _begun(each.name), tenths(each.count)) for each in report.causes
        )
        sum_of_all = ("Cộng", "", tenths(sum(each.count for each in report.causes)))
        caption = numbers.table("Vì sao không phát đủ")
        yield Table(caption, ("Kết quả", "Lý do", "Số lượt"), rows, (2, 6, 2), sum_of_all)


def _groups(report: Report, numbers: _Numbers) -> Iterator[Piece]:
    shown = [group for group in report.groups if group.rows]
    if not shown:
        return
    yield numbers.heading("Phân loại")
    for letter, group in zip("abcdefghijkl", shown, strict=False):
        yield Heading(f"{letter}) {group.heading}", 3)
        yield _group_table(report, group, numbers)
        if group.key == "topic" and len(group.rows) > 1:
            yield _group_chart(group, numbers)


def _group_table(report: Report, group: Group, numbers: _Numbers) -> Table:
    rows = tuple(
        (
            row.name,
            tenths(row.heard.items),
            tenths(row.heard.airings),
            minutes(row.heard.seconds),
            tenths(row.lost),
        )
        for row in group.rows
    )
    lost = NONE if group.overlaps else tenths(sum(row.lost for row in group.rows))
    heard = report.heard
    total = (
        "Cả kỳ (không trùng)",
        tenths(heard.items),
        tenths(heard.airings),
        minutes(heard.seconds),
        lost,
    )
    headings = (group.heading, "Tin, bài", "Lượt phát", "Số phút", "Không phát đủ")
    return Table(
        numbers.table(f"Số liệu {group.title[:1].lower()}{group.title[1:]}"),
        headings,
        rows,
        (5, 1.8, 2, 2, 2.2),
        total,
    )


def _group_chart(group: Group, numbers: _Numbers) -> Chart:
    values = tuple(float(row.heard.airings) for row in group.rows)
    names = tuple(row.name for row in group.rows)
    caption = numbers.chart(f"Lượt phát theo {group.heading[:1].lower()}{group.heading[1:]}")
    return Chart(caption, "lượt", names, (Bars("lượt đã phát ra loa", values),), is_over_time=False)


def _plans(report: Report, numbers: _Numbers) -> Iterator[Piece]:
    if report.plans:
        yield numbers.heading("Kế hoạch tuyên truyền")
    yield from (_plan_table(plan, numbers) for plan in report.plans)


def _plan_table(plan: PlanPart, numbers: _Numbers) -> Table:
    rows = tuple(_plan_row(topic) for topic in plan.topics)
    total = ("Cả kế hoạch", "", "", "", "", percent(plan.percent))
    headings = ("Nội dung", "Chỉ tiêu", "Đã phát", "Còn thiếu", "Chậm, đang thực hiện", "Đạt")
    return Table(numbers.table(plan.name), headings, rows, (4, 2, 2, 1.7, 3, 1.5), total)


def _plan_row(topic: PlanTopic) -> tuple[str, ...]:
    if not topic.quota and topic.going_on:
        return (topic.name, NONE, NONE, NONE, topic.remarks, NONE)
    quota, done = (f"{tenths(value)} {topic.unit}" for value in (topic.quota, topic.done))
    return (topic.name, quota, done, tenths(topic.owed), topic.remarks or NONE, percent(topic.percent))


def _sounded(report: Report, numbers: _Numbers) -> Iterator[Piece]:
    if not (report.alerts or report.drills):
        return
    yield numbers.heading("Lệnh khẩn cấp và diễn tập")
    for caption, lines in (("Lệnh khẩn cấp", report.alerts), ("Diễn tập", report.drills)):
        if lines:
            yield _alert_table(numbers.table(caption), lines)


def _alert_table(caption: str, lines: Sequence[AlertLine]) -> Table:
    rows = tuple(
        (
            line.title,
            moment(line.first_at),
            moment(line.last_at),
            tenths(line.turns),
            minutes(line.seconds),
            line.why,
        )
        for line in lines
    )
    turns, seconds = sum(line.turns for line in lines), sum(line.seconds for line in lines)
    total = ("Cộng", "", "", tenths(turns), minutes(seconds), "")
    headings = ("Nội dung", "Từ", "Đến", "Số lần", "Số phút", "Lý do")
    return Table(caption, headings, rows, (3.4, 2.4, 2.4, 1.2, 1.3, 3), total)


def _lapses(report: Report, numbers: _Numbers) -> Iterator[Piece]:
    """What an inspector asks about."""
    if report.silent_days or report.outages or report.overrides:
        yield numbers.heading("Ngày không phát, máy dừng, vượt giới hạn")
    if report.silent_days:
        days = ", ".join(f"{day:%d/%m/%Y}" for day in report.silent_days[:MOST_LINES])
        more = len(report.silent_days) - MOST_LINES
        yield Paragraph(
            f"Số ngày loa không phát gì: {tenths(len(report.silent_days))} ({days}"
            f"{f' và {tenths(more)} ngày nữa' if more > 0 else ''})."
        )
    if report.outages:
        yield _outage_table(report, numbers)
    if report.overrides:
        yield _override_table(report, numbers)


def _outage_table(report: Report, numbers: _Numbers) -> Table:
    shown = report.outages[:MOST_LINES]
    rows = tuple((moment(each.start), moment(each.end), minutes(each.seconds)) for each in shown)
    more = len(report.outages) - len(shown)
    if more:
        rest = sum(each.seconds for each in report.outages[MOST_LINES:])
        rows = (*rows, (f"{tenths(more)} lần ngắn hơn", "", minutes(rest)))
    total = ("Cộng", "", minutes(sum(each.seconds for each in report.outages)))
    caption = numbers.table("Những lần máy dừng")
    return Table(caption, ("Từ", "Đến", "Số phút"), rows, (3, 3, 2), total)


def _override_table(report: Report, numbers: _Numbers) -> Table:
    rows = tuple(
        (moment(each.at), each.title, each.rule, each.reason, each.by)
        for each in report.overrides[:MOST_LINES]
    )
    more = report.override_count - len(rows)
    caption = numbers.table("Những lượt vượt giới hạn")
    if more:
        caption += f" ({tenths(len(rows))} trong {tenths(report.override_count)} lượt)"
    headings = ("Lúc", "Tiêu đề", "Giới hạn", "Lý do", "Người quyết định")
    return Table(caption, headings, rows, (2.2, 3, 3, 3, 2))


def _begun(words: str) -> str:
    """Return them as the beginning of a line: with a capital letter."""
    return f"{words[:1].upper()}{words[1:]}"
