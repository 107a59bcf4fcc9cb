"""The report as a Word file in the layout of Nghị định 30/2020/NĐ-CP (Phụ lục I), ready to be signed."""

from __future__ import annotations

import io
from typing import BinaryIO

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.parser import parse_xml
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from broadcaster.records import word_frame
from broadcaster.records.office_xml import plain
from broadcaster.records.reports import contents, drawing
from broadcaster.records.reports.pieces import Chart, Heading, Paragraph, Piece, Table
from broadcaster.records.reports.report import Letterhead, Report
from broadcaster.records.word_tables import CLOSING, Column, WordTable

LEFT_MM, RIGHT_MM = 66.0, 94.0
"""Widths of the two halves of the letterhead; of the signature the other way round."""
MOTTO_LINE_MM, BODY_LINE_MM, TITLE_LINE_MM = 58.0, 24.0, 40.0
"""As long as the motto; a third to a half of the words above (NĐ 30, Phụ lục I, phần II)."""


HEAD_PT = 12
"""Of quốc hiệu and the bodies' names; motto, number and date are one point larger (or 13 and 14)."""
KEPT_TOGETHER = 14
"""A table of no more rows stays on one page."""


def write(report: Report, target: BinaryIO) -> None:
    """Write it; Refused when this machine has no font for the charts."""
    head = report.letterhead
    document = word_frame.new(f"{head.title}: {head.subject}", head.body, report.made_at)
    _letterhead(document, head)
    _title(document, head)
    for piece in contents.body(report):
        _add(document, piece)
    _signature(document, head)
    _annex(document, report)
    document.save(target)


# --- around the text ---


def _letterhead(document: WordDocument, head: Letterhead) -> None:
    left, right = _halves(document, LEFT_MM, RIGHT_MM)
    if head.parent_body:
        _line(left, head.parent_body.upper(), HEAD_PT)
    _line(left, head.body.upper(), HEAD_PT, is_bold=True)
    _rule(left, LEFT_MM, BODY_LINE_MM)
    _line(left, head.number, 13)
    _line(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", HEAD_PT, is_bold=True)
    _line(right, "Độc lập - Tự do - Hạnh phúc", HEAD_PT + 1, is_bold=True)
    _rule(right, RIGHT_MM, MOTTO_LINE_MM)
    _line(right, head.place_and_date, HEAD_PT + 1, is_slanted=True)


def _title(document: WordDocument, head: Letterhead) -> None:
    title = _words(document.add_paragraph(), head.title.upper(), 14, is_bold=True)
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(18), Pt(0)
    _words(document.add_paragraph(), head.subject, 14, is_bold=True).paragraph_format.space_after = Pt(0)
    _draw_rule(document.add_paragraph(), word_frame.TEXT_MM, TITLE_LINE_MM)


def _signature(document: WordDocument, head: Letterhead) -> None:
    document.add_paragraph().paragraph_format.space_after = Pt(0)
    left, right = _halves(document, RIGHT_MM - 16, LEFT_MM + 16)
    if head.recipients:
        _line(left, "Nơi nhận:", 12, is_bold=True, is_slanted=True, side=WD_ALIGN_PARAGRAPH.LEFT)
        for place, each in enumerate(head.recipients, 1):
            end = "." if place == len(head.recipients) else ";"
            _line(left, f"- {each.rstrip(' .;')}{end}", 11, side=WD_ALIGN_PARAGRAPH.LEFT)
    for words in (*_lines(head.authority), *_lines(head.position)):
        _line(right, words.upper(), 14, is_bold=True)
    for _ in range(4):
        _line(right, "", 14)
    _line(right, head.signer, 14, is_bold=True)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _annex(document: WordDocument, report: Report) -> None:
    heading = document.add_paragraph()
    heading.add_run().add_break(WD_BREAK.PAGE)
    _words(heading, "Phụ lục", 14, is_bold=True).paragraph_format.space_after = Pt(0)
    _words(document.add_paragraph(), contents.annex_title(report), 14, is_bold=True)
    document.paragraphs[-1].paragraph_format.space_after = Pt(0)
    _words(document.add_paragraph(), contents.annex_of(report), 14, is_slanted=True)
    _draw_rule(document.add_paragraph(), word_frame.TEXT_MM, TITLE_LINE_MM)
    for piece in contents.annex(report):
        _add(document, piece)


# --- the text ---


def _add(document: WordDocument, piece: Piece) -> None:
    match piece:
        case Heading():
            document.add_heading(plain(piece.text), piece.level)
        case Paragraph():
            paragraph = document.add_paragraph(plain(piece.text))
            paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            paragraph.paragraph_format.first_line_indent = Mm(word_frame.INDENT_MM)
        case Table():
            _add_table(document, piece)
        case Chart():
            _add_chart(document, piece)


def _add_table(document: WordDocument, table: Table) -> None:
    document.add_paragraph(plain(table.caption), style="Caption")
    widths = table.widths(word_frame.TEXT_MM)
    columns = [Column(width, table.is_figure(place)) for place, width in enumerate(widths)]
    xml = WordTable(columns, word_frame.in_table(document))
    is_short = len(table.rows) <= KEPT_TOGETHER
    last = table.rows[-1] if table.rows and table.total is None else None
    rows = [xml.heading(table.headings)]
    rows += [xml.row(row, stays_with_next=is_short and row is not last) for row in table.rows]
    if table.total is not None:
        rows.append(xml.row(table.total, is_bold=True))
    after = document.add_paragraph()
    after.paragraph_format.space_after = Pt(0)
    after._p.addprevious(parse_xml(f"{xml.opening(table.caption)}{''.join(rows)}{CLOSING}"))


def _add_chart(document: WordDocument, chart: Chart) -> None:
    drawn = drawing.draw(chart)
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_after = Pt(0)
    shape = paragraph.add_run().add_picture(io.BytesIO(drawing.picture(drawn)), width=Pt(drawn.width_pt))
    shape._inline.docPr.set("descr", plain(chart.words))
    shape._inline.docPr.set("name", plain(chart.caption))
    caption = document.add_paragraph(plain(chart.caption), style="Caption")
    caption.paragraph_format.keep_with_next = False


# --- lines side by side ---


def _halves(document: WordDocument, left_mm: float, right_mm: float) -> tuple[_Cell, _Cell]:
    """Return two cells side by side without borders that stay on one page."""
    table = document.add_table(1, 2)
    table.autofit = False
    row = table.rows[0]
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, width in zip(row.cells, (left_mm, right_mm), strict=True):
        cell.width = Mm(width)
    for column, width in zip(table.columns, (left_mm, right_mm), strict=True):
        column.width = Mm(width)
    margins = parse_xml(
        '<w:tblCellMar xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
    )
    table._tbl.tblPr.append(margins)
    left, right = row.cells
    return left, right


def _line(
    cell: _Cell,
    text: str,
    size_pt: int,
    *,
    is_bold: bool = False,
    is_slanted: bool = False,
    side: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.CENTER,
) -> None:
    """Write one line into a cell, in its first paragraph while that is empty."""
    first = cell.paragraphs[0]
    is_fresh = len(cell.paragraphs) == 1 and not first.runs and first.paragraph_format.space_after is None
    paragraph = first if is_fresh else cell.add_paragraph()
    _words(paragraph, text, size_pt, is_bold=is_bold, is_slanted=is_slanted)
    paragraph.alignment = side
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.keep_with_next = True


def _words(
    paragraph: WordParagraph, text: str, size_pt: int, *, is_bold: bool = False, is_slanted: bool = False
) -> WordParagraph:
    run = paragraph.add_run(plain(text))
    run.bold, run.italic, run.font.size = is_bold, is_slanted, Pt(size_pt)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _rule(cell: _Cell, room_mm: float, length_mm: float) -> None:
    _draw_rule(cell.add_paragraph(), room_mm, length_mm)


def _draw_rule(paragraph: WordParagraph, room_mm: float, length_mm: float) -> None:
    """Make it a line of `length_mm` in the middle: a border above an empty paragraph."""
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Mm((room_mm - length_mm) / 2)
    layout.space_before, layout.space_after, layout.line_spacing = Pt(2), Pt(4), Pt(4)
    border = parse_xml(
        '<w:pBdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
    )
    paragraph._p.get_or_add_pPr().insert_element_before(
        border, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
