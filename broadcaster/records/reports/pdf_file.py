"""The report as PDF in the layout of the Word file: fonts embedded, text to be searched, charts drawn."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, black
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    LongTable,
    PageBreak,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from broadcaster.records import word_frame
from broadcaster.records.office_xml import plain
from broadcaster.records.reports import contents, drawing, fonts
from broadcaster.records.reports.drawing import Box, Line, Words
from broadcaster.records.reports.pieces import Chart, Heading, Paragraph, Piece, Table
from broadcaster.records.reports.report import Letterhead, Report
from broadcaster.records.reports.word_file import (
    BODY_LINE_MM,
    HEAD_PT,
    KEPT_TOGETHER,
    LEFT_MM,
    MOTTO_LINE_MM,
    RIGHT_MM,
    TITLE_LINE_MM,
)

FONT = "Serif"
TEXT_WIDTH = word_frame.TEXT_MM * mm
_GRID: tuple[tuple[Any, ...], ...] = (
    ("GRID", (0, 0), (-1, -1), 0.5, black),
    ("BACKGROUND", (0, 0), (-1, 0), HexColor("#e7ecf2")),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
)
_NO_PADDING = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]


def write(report: Report, target: BinaryIO) -> None:
    """Write it; Refused when this machine has no font with every Vietnamese letter."""
    _use_fonts()
    head = report.letterhead
    document = _Document(target, title=f"{head.title}: {head.subject}", author=head.body)
    document.build([*_letter(report), PageBreak(), *_annex(report)])


@cache
def _use_fonts() -> None:
    family = fonts.family()
    files = {"": family.regular, "-B": family.bold, "-I": family.italic, "-BI": family.bold_italic}
    for name, file in files.items():
        pdfmetrics.registerFont(TTFont(f"{FONT}{name}", str(file)))
    pdfmetrics.registerFontFamily(FONT, *(f"{FONT}{name}" for name in files))


class _Document(BaseDocTemplate):  # type: ignore[misc]
    """Pages with their number on top from the second one on, and an outline of the headings."""

    def __init__(self, target: BinaryIO, title: str, author: str) -> None:
        super().__init__(
            target, pagesize=A4, lang="vi-VN", title=plain(title), author=plain(author), subject="",
            creator="", producer="", keywords=[], displayDocTitle=True, initialFontName=FONT,
        )  # fmt: skip
        height = A4[1] - (word_frame.TOP_MM + word_frame.BOTTOM_MM) * mm
        frame = Frame(
            word_frame.LEFT_MM * mm, word_frame.BOTTOM_MM * mm, TEXT_WIDTH, height,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=_number_page))
        self._headings = 0

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab's name
        level = getattr(flowable, "outline_level", None)
        if level is not None:
            self._headings += 1
            key = f"heading-{self._headings}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, level, closed=False)


def _number_page(canvas: Canvas, _document: BaseDocTemplate) -> None:
    number = canvas.getPageNumber()
    if number > 1:
        canvas.setFont(FONT, 14)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 14 * mm, str(number))


# --- around the text ---


def _letter(report: Report) -> Iterator[Flowable]:
    head = report.letterhead
    yield _letterhead(head)
    yield Spacer(1, 14)
    yield _centred(head.title.upper(), 14, "-B")
    yield _centred(head.subject, 14, "-B")
    yield _Rule(TITLE_LINE_MM)
    yield Spacer(1, 4)
    for piece in contents.body(report):
        yield from _laid_out(piece)
    yield Spacer(1, 10)
    yield _signature(head)


def _letterhead(head: Letterhead) -> Flowable:
    left = [
        *([_centred(head.parent_body.upper(), HEAD_PT)] if head.parent_body else []),
        _centred(head.body.upper(), HEAD_PT, "-B"),
        _Rule(BODY_LINE_MM),
        _centred(head.number.replace(" ", "\u00a0"), HEAD_PT + 1),  # spaces are room for a number by hand
    ]
    right = [
        _centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", HEAD_PT, "-B"),
        _centred("Độc lập - Tự do - Hạnh phúc", HEAD_PT + 1, "-B"),
        _Rule(MOTTO_LINE_MM),
        _centred(head.place_and_date, HEAD_PT + 1, "-I"),
    ]
    return _halves(left, right, LEFT_MM)


def _signature(head: Letterhead) -> Flowable:
    last = len(head.recipients)
    left = [Text("Nơi nhận:", _style(12, "-BI"))] if head.recipients else []
    for place, each in enumerate(head.recipients, 1):
        line = f"- {each.rstrip(' .;')}{'.' if place == last else ';'}"
        left.append(Text(_safe(line), _style(11)))
    titles = f"{head.authority}\n{head.position}".splitlines()
    right = [_centred(line.strip().upper(), 14, "-B") for line in titles if line.strip()]
    return _halves(left, [*right, Spacer(1, 64), _centred(head.signer, 14, "-B")], RIGHT_MM - 16)


def _halves(left: list[Flowable], right: list[Flowable], left_mm: float) -> Flowable:
    widths = [left_mm * mm, TEXT_WIDTH - left_mm * mm]
    return Grid([[left, right]], widths, style=[("VALIGN", (0, 0), (-1, -1), "TOP"), *_NO_PADDING])


def _annex(report: Report) -> Iterator[Flowable]:
    yield _centred("Phụ lục", 14, "-B")
    yield _centred(contents.annex_title(report), 14, "-B")
    yield _centred(contents.annex_of(report), 14, "-I")
    yield _Rule(TITLE_LINE_MM)
    for piece in contents.annex(report):
        yield from _laid_out(piece)


# --- the text ---


def _laid_out(piece: Piece) -> Iterator[Flowable]:
    match piece:
        case Heading():
            yield CondPageBreak(30 * mm)
            heading = Text(_safe(piece.text), _heading(piece.level))
            heading.outline_level = min(piece.level - 1, 1)
            yield heading
        case Paragraph():
            yield Text(_safe(piece.text), _body())
        case Table():
            yield from _table(piece)
        case Chart():
            yield KeepTogether([_Picture(piece), Text(_safe(piece.caption), _caption())])


def _table(table: Table) -> Iterator[Flowable]:
    caption = Text(_safe(table.caption), _caption())
    grid = _grid(table)
    if len(table.rows) <= KEPT_TOGETHER:
        yield KeepTogether([caption, grid])
    else:
        yield from (CondPageBreak(45 * mm), caption, grid)
    yield Spacer(1, 8)


def _grid(table: Table) -> Flowable:
    stands_right = [table.is_figure(place) for place in range(len(table.headings))]
    lines = [[Text(_safe(cell), _style(12, "-B", alignment=TA_CENTER)) for cell in table.headings]]
    lines += [_cells(row, stands_right, "") for row in table.rows]
    if table.total is not None:
        lines.append(_cells(table.total, stands_right, "-B"))
    style = list(_GRID)
    if table.total is not None and table.rows:
        style.append(("NOSPLIT", (0, -2), (-1, -1)))
    return LongTable(lines, table.widths(TEXT_WIDTH), repeatRows=1, style=style)


def _cells(row: tuple[str, ...], stands_right: list[bool], weight: str) -> list[Flowable]:
    left, right = _style(12, weight), _style(12, weight, alignment=TA_RIGHT)
    cells = zip(row, stands_right, strict=True)
    return [Text(_safe(cell), right if is_right else left) for cell, is_right in cells]


class _Picture(Flowable):  # type: ignore[misc]
    """A chart as vectors."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._drawing = drawing.draw(chart)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return TEXT_WIDTH, self._drawing.height_pt + 4

    def draw(self) -> None:
        canvas = self.canv
        canvas.translate((TEXT_WIDTH - self._drawing.width_pt) / 2, 0)
        canvas.setFont(FONT, drawing.SIZE_PT)
        top = self._drawing.height_pt
        for mark in self._drawing.marks:
            match mark:
                case Box():
                    canvas.setFillColor(HexColor(mark.shade))
                    canvas.rect(mark.x, top - mark.y - mark.height, mark.width, mark.height, stroke=0, fill=1)
                case Line():
                    canvas.setStrokeColor(HexColor(mark.shade))
                    canvas.setLineWidth(0.6)
                    canvas.line(mark.x, top - mark.y, mark.to_x, top - mark.to_y)
                case Words():
                    _write(canvas, mark, top - mark.y)


def _write(canvas: Canvas, mark: Words, y: float) -> None:
    canvas.setFillColor(black)
    put = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}
    put[mark.anchor](mark.x, y, plain(mark.text))


# --- styles ---


def _centred(text: str, size_pt: int, weight: str = "") -> Flowable:
    return Text(_safe(text), _style(size_pt, weight, alignment=TA_CENTER))


class _Rule(Flowable):  # type: ignore[misc]
    """A line in the middle: reportlab's own stands left inside a table."""

    def __init__(self, length_mm: float) -> None:
        super().__init__()
        self._length = length_mm * mm

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._room = width
        return width, 9

    def draw(self) -> None:
        self.canv.setLineWidth(0.75)
        start = (self._room - self._length) / 2
        self.canv.line(start, 5, start + self._length, 5)


def _style(size_pt: int, weight: str = "", **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        f"{size_pt}{weight}", fontName=f"{FONT}{weight}", fontSize=size_pt, leading=size_pt * 1.2, **more
    )


def _body() -> ParagraphStyle:
    indent = word_frame.INDENT_MM * mm
    return ParagraphStyle(
        "body", parent=_style(14), leading=18, alignment=TA_JUSTIFY, firstLineIndent=indent, spaceAfter=6
    )


def _heading(level: int) -> ParagraphStyle:
    weight = "-BI" if level == 3 else "-B"
    indent = word_frame.INDENT_MM * mm
    return ParagraphStyle(
        f"heading {level}", parent=_style(14, weight), firstLineIndent=indent, spaceBefore=8, spaceAfter=4
    )


def _caption() -> ParagraphStyle:
    return ParagraphStyle(
        "caption", parent=_style(13, "-B"), alignment=TA_CENTER, spaceBefore=6, spaceAfter=4
    )


def _safe(text: str) -> str:
    """Return `text` for reportlab's paragraphs, which read markup."""
    return escape(plain(text))
