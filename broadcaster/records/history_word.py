"""The history as a Word file: a book to be printed, across, with its headings on every page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime
from typing import Any, BinaryIO

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from sqlalchemy.orm import Session

from broadcaster.errors import Refused
from broadcaster.records import history, office_xml, word_frame
from broadcaster.records.history import HistoryFilter
from broadcaster.records.history_csv import RESULT_WORDS, clock, force_words, zone_words
from broadcaster.records.reports import numbers
from broadcaster.records.word_tables import CLOSING, Column, WordTable
from broadcaster.store import facts

MOST_ROWS = 5_000
"""About 290 pages, a year of an ordinary ward. LibreOffice laid 800 rows out in 11 s and 1,600 in 26 s, but
8,500 not in ten minutes."""
TITLE = "SỔ NHẬT KÝ PHÁT THANH"
TEXT_PT = 9
_MARK = "@@ROWS@@"


def _time(moment: datetime | None) -> str:
    return "" if moment is None else clock(moment).split()[1]


def _result(row: Any) -> str:
    word = RESULT_WORDS.get(row.result, row.result)
    said = f"{word}: {row.reason}" if row.reason else word
    if row.corrects_id:
        said = f"{said} (đính chính dòng {row.corrects_id})"
    return f"{said} ({force_words(row.corrected_by)})" if row.corrected_by else said


COLUMNS: tuple[tuple[str, Column, Callable[[Any], str]], ...] = (
    ("Số", Column(13, True), lambda row: str(row.id)),
    ("Giờ theo lịch", Column(20), lambda row: clock(row.planned_at)),
    ("Bắt đầu", Column(16), lambda row: _time(row.started_at)),
    ("Chương trình", Column(28), lambda row: row.programme),
    ("Tiêu đề", Column(60), lambda row: row.title),
    ("Chủ đề", Column(26), lambda row: row.topic),
    ("Đã phát (giây)", Column(15, True), lambda row: f"{row.seconds_heard:.0f}"),
    ("Kết quả", Column(31), _result),
    ("Cụm loa", Column(28), lambda row: zone_words(row.zones)),
    ("Người duyệt", Column(28), lambda row: row.approver),
)


def write(session: Session, filters: HistoryFilter, target: BinaryIO) -> None:
    """Write it; raises Refused, before anything is written, for more than `MOST_ROWS` rows."""
    count = history.count(session, filters)
    if count > MOST_ROWS:
        raise Refused(
            f"Nhật ký có {numbers.count(count)} dòng, một tệp Word chỉ chứa được "
            f"{numbers.count(MOST_ROWS)} dòng; "
            "hãy chọn ít ngày hơn, hoặc tải về dạng Excel hay CSV."
        )
    package, style = _frame(session, filters, count)
    table = WordTable([column for _, column, _ in COLUMNS], style)
    before, _, after = office_xml.member(package, "word/document.xml").partition(_MARK)
    cut, end = before.rindex("<w:p>"), after.index("</w:p>") + len("</w:p>")
    start = f"{before[:cut]}{table.opening(TITLE)}{table.heading([heading for heading, _, _ in COLUMNS])}"
    rows = _rows(table, history.walk(lambda: nullcontext(session), filters))
    office_xml.fill(package, "word/document.xml", start, rows, f"{CLOSING}<w:p/>{after[end:]}", target)


def _rows(table: WordTable, rows: Iterable[Any]) -> Iterator[str]:
    readers = [read for _, _, read in COLUMNS]
    for row in rows:
        yield table.row([read(row) for read in readers])


def _frame(session: Session, filters: HistoryFilter, count: int) -> tuple[bytes, str]:
    """Return the document with a mark where its rows belong, and the style of their text."""
    station = facts.get(session, facts.STATION_NAME, "")
    document = word_frame.new(TITLE, station, datetime.now().astimezone())
    _lay_across(document.sections[0])
    document.styles[word_frame.IN_TABLE].font.size = Pt(TEXT_PT)
    for text, is_bold in (
        (TITLE, True),
        (station, True),
        (f"{_period(filters)}{numbers.count(count)} dòng", False),
    ):
        if text:
            paragraph = document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.add_run(office_xml.plain(text)).bold = is_bold
    document.add_paragraph(_MARK)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue(), word_frame.in_table(document)


def _lay_across(section: Any) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(16)


def _period(filters: HistoryFilter) -> str:
    first, last = filters.first_date, filters.last_date
    words = [f"từ ngày {first:%d/%m/%Y}" if first else "", f"đến hết ngày {last:%d/%m/%Y}" if last else ""]
    said = " ".join(word for word in words if word)
    return f"{said[:1].upper()}{said[1:]}: " if said else ""
