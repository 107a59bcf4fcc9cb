"""The report as an Excel file whose figures are formulas over the airings themselves, with charts.

Each formula keeps the figure of the report as its value: a preview that cannot calculate shows it too.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy.orm import Session
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from broadcaster.records import history, long_sheet
from broadcaster.records.history import HistoryFilter
from broadcaster.records.office_xml import plain
from broadcaster.records.reports import excel_rows
from broadcaster.records.reports.report import Compared, Group, GroupRow, PlanTopic, Report
from broadcaster.records.tracing import Trace

ROWS = "Dữ liệu"
_SHADE = "#1F4E79"


class Sum(NamedTuple):
    """A formula and what it gives."""

    formula: str
    value: float | None


Cell = str | float | date | Sum | None


def write(session: Session, report: Report, target: BinaryIO) -> None:
    """Write it; Refused when the period has more airings than a sheet holds."""
    behind = HistoryFilter(trace=Trace(report.counted.first, report.counted.last))
    count = history.count(session, behind)
    columns = excel_rows.columns(report)
    package = io.BytesIO()
    with Workbook(
        package, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        head = report.letterhead
        book.set_properties({"title": plain(f"{head.title}: {head.subject}"), "author": plain(head.body)})
        _Book(book, report).write_all()
        sheet = long_sheet.prepare(book, ROWS, list(columns.values()), count)
        _name_columns(book, list(columns), count)
        place = len(book.worksheets())
        sheet.set_tab_color("#808080")
    rows = history.walk(lambda: nullcontext(session), behind, excel_rows.READ)
    lines = excel_rows.lines(report, rows)
    long_sheet.write(package.getvalue(), place, list(columns.values()), lines, count, target)


def _name_columns(book: Workbook, keys: Sequence[str], count: int) -> None:
    """Let formulas say ChuDe for the cells of a column."""
    for place, key in enumerate(keys):
        name = excel_rows.NAMES.get(key) or (f"CumLoa{key[5:]}" if key.startswith("zone:") else "")
        if name:
            letter = xl_col_to_name(place)
            book.define_name(name, f"='{ROWS}'!${letter}$2:${letter}${max(count, 1) + 1}")


class _Book:
    """Writes the sheets that are read; the last one, with the airings, is not its own."""

    def __init__(self, book: Workbook, report: Report) -> None:
        self._book, self._report = book, report
        self._heading = book.add_format(long_sheet.HEADING)
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._caption = book.add_format({"bold": True, "font_size": 12})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._forms = {
            (kind, is_total): book.add_format(
                {"border": 1, "bold": is_total, "num_format": form, "valign": "top"}
            )
            for kind, form in (
                ("text", "@"),
                ("whole", "#,##0"),
                ("tenths", "#,##0.0"),
                ("day", "dd/mm/yyyy"),
            )
            for is_total in (False, True)
        }

    def write_all(self) -> None:
        self._overall()
        self._groups()
        self._over_time()
        if self._report.plans:
            self._plans()
        self._notes()

    # --- sheets ---

    def _overall(self) -> None:
        sheet = self._sheet("Tổng hợp", (34, 30, 14, 14, 14), self._report.letterhead.subject)
        headings = self._comparison_headings()
        row = self._table(sheet, 2, "Kết quả chung", headings, self._comparison(), None, "xaaa")
        headings = ("Kết quả các lượt phát", "Theo lịch", "Phát ngay", "Cộng")
        lines = self._outcomes(row + 3)
        row = self._table(sheet, row, "Lịch phát và kết quả", headings, lines, (True,) * 3, "www")
        if self._report.causes:
            headings = ("Kết quả", "Nguyên nhân", "Số lượt")
            self._table(sheet, row, "Vì sao không phát đủ", headings, self._causes(), (False, True), "xw")

    def _outcomes(self, row: int) -> list[tuple[Cell, ...]]:
        """Return their lines, of which the first will stand in `row`."""
        lines: list[tuple[Cell, ...]] = []
        for number, each in enumerate(self._report.outcomes, row):
            planned, at_once = (
                Sum(_count(outcome=each.name, planned=flag), value) if each.rows else value
                for flag, value in ((1, each.planned), (0, each.at_once))
            )
            total = Sum(f"SUM(B{number}:C{number})", each.count)
            lines.append((_begun(each.name), planned, at_once, total))
        return lines

    def _causes(self) -> list[tuple[Cell, ...]]:
        lines: list[tuple[Cell, ...]] = []
        for each in self._report.causes:
            counted = Sum(_count(outcome=each.outcome_name, cause=each.name), each.count)
            lines.append((_begun(each.outcome_name), _begun(each.name), counted if each.rows else each.count))
        return lines

    def _comparison_headings(self) -> tuple[str, ...]:
        before = ("Kỳ trước", "Tăng, giảm") if self._report.comparison.has_figures else ()
        return ("Chỉ tiêu", "Đơn vị", "Kỳ này", *before)

    def _comparison(self) -> list[tuple[Cell, ...]]:
        return [self._compared(line, 5 + place) for place, line in enumerate(self._report.comparison.lines)]

    def _compared(self, line: Compared, row: int) -> tuple[Cell, ...]:
        owed = "(COUNTIFS(TheoLich,1,PhatTron,1)+SUM(KhongDu))"
        formula = {
            "tin": "SUM(TinMoi)",
            "lượt": "SUM(PhatTron)",
            "phút": "SUM(GiayTrenLoa)/60",
            "%": f'IF({owed}=0,"",ROUND(COUNTIFS(TheoLich,1,PhatTron,1)/{owed}*100,1))',
        }[line.unit]
        now = self._report.heard.seconds / 60 if line.unit == "phút" else line.now
        if not self._report.comparison.has_figures:
            return (line.name, line.unit, Sum(formula, now))
        change = Sum(f'IF(OR(C{row}="",D{row}=""),"",ROUND(ROUND(C{row},1)-D{row},1))', line.change)
        return (line.name, line.unit, Sum(formula, now), line.before, change)

    def _groups(self) -> None:
        sheet = self._sheet("Phân loại", (40, 12, 12, 12, 14), "Phân loại các lượt phát")
        row = 2
        for group in self._report.groups:
            if group.rows:
                start, row = row, self._group(sheet, row, group)
                if len(group.rows) > 1:
                    self._bar_chart(sheet, start, group)
                    row = max(row, start + 17)

    def _group(self, sheet: Worksheet, row: int, group: Group) -> int:
        headings = (group.heading, "Tin, bài", "Lượt phát", "Số phút", "Không phát đủ")
        named = excel_rows.sheet_names(group)
        lines = [
            self._group_line(group, each, named[place], place, row + 3 + place)
            for place, each in enumerate(group.rows)
        ]
        if group.overlaps:
            return self._table(sheet, row, group.title, headings, lines, None, "wwtw")
        row = self._table(sheet, row, group.title, headings, lines, (False, True, True, True), "wwtw")
        heard = self._report.heard.items
        self._cell(sheet, row - 2, 1, Sum("SUM(TinMoi)", heard), "whole", is_total=True)
        return row

    def _group_line(self, group: Group, each: GroupRow, name: str, place: int, row: int) -> tuple[Cell, ...]:
        heard = each.heard
        minutes = heard.seconds / 60
        if group.key == "plan":  # one airing may be of several plans: no column to add up
            return (name, heard.items, heard.airings, minutes, each.lost)
        if group.key == "zone":
            column = f"CumLoa{place}"
            return (
                name,
                heard.items,
                Sum(f'COUNTIFS(PhatTron,1,{column},">0")', heard.airings),
                Sum(f"SUMIFS({column},CoTieng,1)/60", minutes),
                Sum(
                    f'COUNTIFS(KhongDu,1,{column},"<=0")+COUNTIFS(TheoLich,1,PhatTron,1,{column},"<=0")',
                    each.lost,
                ),
            )
        own, like = excel_rows.NAMES[group.key], _like(f"A{row}")
        return (
            name,
            Sum(f"SUMIFS({excel_rows.NAMES[f'item_{group.key}']},{own},{like})", heard.items),
            Sum(f"COUNTIFS({own},{like},PhatTron,1)", heard.airings),
            Sum(f"SUMIFS(GiayTrenLoa,{own},{like})/60", minutes),
            Sum(f"COUNTIFS({own},{like},KhongDu,1)", each.lost),
        )

    def _over_time(self) -> None:
        steps = self._report.steps
        if not steps:
            return
        sheet = self._sheet("Theo thời gian", (16, 12, 12, 12, 12, 14), "Lượt phát theo thời gian")
        headings = ("Thời gian", "Từ ngày", "Đến ngày", "Lượt phát", "Số phút", "Không phát đủ")
        lines: list[tuple[Cell, ...]] = []
        for row, step in enumerate(steps, 5):
            within = f'Ngay,">="&B{row},Ngay,"<="&C{row}'
            lines.append((
                step.name, step.first, step.last,
                Sum(f"COUNTIFS(PhatTron,1,{within})", step.airings),
                Sum(f"SUMIFS(GiayTrenLoa,{within})/60", step.seconds / 60),
                Sum(f"COUNTIFS(KhongDu,1,{within})", step.lost),
            ))  # fmt: skip
        self._table(sheet, 2, "", headings, lines, (False, False, True, True, True), "ddwtw")
        self._column_chart(sheet, len(steps))

    def _plans(self) -> None:
        sheet = self._sheet("Kế hoạch", (40, 16, 12, 12, 12, 12, 60), "Kế hoạch tuyên truyền")
        headings = (
            "Nội dung", "Đơn vị", "Chỉ tiêu", "Đã phát", "Còn thiếu", "Đạt (%)", "Chậm, đang thực hiện"
        )  # fmt: skip
        row = 2
        for plan in self._report.plans:
            lines = [_plan_line(each) for each in plan.topics]
            row = self._table(sheet, row, plan.name, headings, lines, None, "xwwwwx")

    def _notes(self) -> None:
        sheet = self._sheet("Ghi chú", (110,), "Cách tính và ghi chú")
        own = (
            f"Các số liệu là công thức tính từ trang “{ROWS}”: mỗi dòng là một lượt phát trong nhật ký. Cột "
            "có số 1 đánh dấu lượt được tính; “Tin mới” đánh dấu lượt phát đầu tiên của một tin, bài, để mỗi "
            "tin, bài chỉ tính một lần.",
            "Kỳ trước, lượt đã thay, số tin, bài của từng cụm loa và kế hoạch là con số đã tính sẵn.",
        )
        for row, note in enumerate((*own, *self._report.notes), 2):
            sheet.set_row(row, 16 * (1 + len(note) // 100))
            sheet.write_string(row, 0, plain(note), self._wrapped)

    # --- parts ---

    def _sheet(self, name: str, widths: Sequence[float], title: str) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.write_string(0, 0, plain(title), self._title)
        long_sheet.set_up_print(sheet)
        sheet.freeze_panes(1, 1)
        return sheet

    def _table(
        self, sheet: Worksheet, row: int, caption: str, headings: Sequence[str],
        lines: Sequence[Sequence[Cell]], totals: Sequence[bool] | None, forms: str,
    ) -> int:  # fmt: skip
        """Write caption, headings, lines and sums below columns of `totals`; return the row of what follows.

        `forms` says for each column but the first: x text, w whole number, t tenths, d day,
        a either sort of number.
        """
        sheet.write_string(row, 0, caption, self._caption)
        for place, heading in enumerate(headings):
            sheet.write_string(row + 1, place, heading, self._heading)
        kinds = ["text", *(_KINDS[letter] for letter in forms)]
        for number, line in enumerate(lines, row + 2):
            for place, cell in enumerate(line):
                self._cell(sheet, number, place, cell, kinds[place])
        end = row + 2 + len(lines)
        if totals is None:
            return end + 1
        self._cell(sheet, end, 0, "Cộng", "text", is_total=True)
        for place, is_summed in enumerate(totals, 1):
            cells = [line[place] for line in lines]
            total = _sum_of(cells, row + 2, end - 1, place) if is_summed else None
            self._cell(sheet, end, place, total, kinds[place], is_total=True)
        return end + 2

    def _cell(
        self, sheet: Worksheet, row: int, column: int, cell: Cell, kind: str, *, is_total: bool = False
    ) -> None:
        form = self._forms[_suited(cell) if kind == "any" else kind, is_total]
        match cell:
            case None:
                sheet.write_blank(row, column, None, form)
            case Sum():
                sheet.write_formula(
                    row, column, f"={cell.formula}", form, "" if cell.value is None else cell.value
                )
            case str():
                sheet.write_string(row, column, plain(cell), form)
            case date():
                sheet.write_datetime(row, column, cell, form)
            case _:
                sheet.write_number(row, column, cell, form)

    def _bar_chart(self, sheet: Worksheet, row: int, group: Group) -> None:
        chart = self._book.add_chart({"type": "bar"})
        last = row + 1 + len(group.rows)
        self._series(chart, sheet, row + 2, last, 0, 2, "Lượt phát")
        chart.set_y_axis({"reverse": True})  # the first name on top
        chart.set_x_axis({"min": 0})
        self._insert(sheet, chart, row, 6, f"Lượt phát {group.title[:1].lower()}{group.title[1:]}")

    def _column_chart(self, sheet: Worksheet, count: int) -> None:
        chart = self._book.add_chart({"type": "column", "subtype": "stacked"})
        self._series(chart, sheet, 4, 3 + count, 0, 3, "Lượt phát trọn trên loa")
        self._series(chart, sheet, 4, 3 + count, 0, 5, "Không phát đủ", "#F0A050")
        chart.set_legend({"position": "bottom"})
        chart.set_y_axis({"min": 0})
        self._insert(sheet, chart, 2, 7, f"Lượt phát {self._report.period.name}", has_legend=True)

    @staticmethod
    def _series(
        chart: Any, sheet: Worksheet, first: int, last: int, labels: int, values: int, name: str,
        shade: str = _SHADE,
    ) -> None:  # fmt: skip
        chart.add_series({
            "name": name, "fill": {"color": shade},
            "categories": [sheet.get_name(), first, labels, last, labels],
            "values": [sheet.get_name(), first, values, last, values],
        })  # fmt: skip

    @staticmethod
    def _insert(
        sheet: Worksheet, chart: Any, row: int, column: int, title: str, *, has_legend: bool = False
    ) -> None:
        chart.set_title({"name": title, "name_font": {"size": 12}})
        if not has_legend:
            chart.set_legend({"none": True})
        chart.set_size({"width": 560, "height": 320})
        sheet.insert_chart(row, column, chart, {"description": title})


_OWED = ("KhongDu,1", "TheoLich,1,PhatTron,1")
"""What had to be played: it was not, or it was."""
_KINDS = {"a": "any", "x": "text", "w": "whole", "t": "tenths", "d": "day"}


def _plan_line(topic: PlanTopic) -> tuple[Cell, ...]:
    """Return the cells of a topic; of one that is not due yet there are only words."""
    if not topic.quota and topic.going_on:
        return (topic.name, topic.unit, None, None, None, None, topic.remarks)
    due = (topic.quota, topic.done, topic.owed, topic.percent)
    return (topic.name, topic.unit, *due, topic.remarks)


def _suited(cell: Cell) -> str:
    """Return the form of a figure: with a decimal only where it has one."""
    value = cell.value if isinstance(cell, Sum) else cell
    return "whole" if isinstance(value, int | float) and float(value).is_integer() else "tenths"


def _count(planned: int | None = None, **words: str) -> str:
    """Return the formula that counts airings whose columns say `words`."""
    asked = [f'{excel_rows.NAMES[key]},"{_quoted(word)}"' for key, word in words.items()]
    if planned is not None:
        asked.append(f"TheoLich,{planned}")
    return f"COUNTIFS({','.join(asked)})"


def _quoted(word: str) -> str:
    for sign in "~*?":
        word = word.replace(sign, f"~{sign}")
    return "=" + word.replace('"', '""')


def _like(cell: str) -> str:
    """Return the condition “the very words of this cell”, whatever signs are in them."""
    return f'"="&SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({cell},"~","~~"),"*","~*"),"?","~?")'


def _sum_of(cells: Sequence[Cell], first: int, last: int, column: int) -> Cell:
    values = [each.value if isinstance(each, Sum) else each for each in cells]
    figures = [value for value in values if isinstance(value, int | float)]
    if not cells:
        return 0
    return Sum(f"SUM({xl_rowcol_to_cell(first, column)}:{xl_rowcol_to_cell(last, column)})", sum(figures))


def _begun(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
