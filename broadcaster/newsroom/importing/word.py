"""Word documents: headings, lists, tables, boxes, heads and feet, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

from broadcaster.newsroom.importing.archive import Archive
from broadcaster.newsroom.importing.encoding import plain
from broadcaster.newsroom.importing.lines import kind_of_line, tidy
from broadcaster.newsroom.importing.tables import rows_as_blocks
from broadcaster.newsroom.importing.values import Block, BlockKind, Unreadable
from broadcaster.newsroom.importing.word_lists import BULLET, Numbering
from broadcaster.newsroom.importing.word_runs import Seen, boxes_of, is_joined_to_next, words_of
from broadcaster.newsroom.importing.word_styles import Shape, Styles, is_all_bold
from broadcaster.newsroom.importing.word_tables import cells_of, grid_of, is_frame, rows_of

_WRAPPERS = frozenset({qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:moveTo"), qn("w:customXml")})
_EDGES = (("header", "đầu trang của tệp Word"), ("footer", "chân trang của tệp Word"))
_CELL_ENDS = tuple(".!?…;:,")


def read_word(content: bytes) -> tuple[list[Block], list[str]]:
    """Return the blocks of a .docx and what a person should know; raises Unreadable."""
    return _Document(Archive(content)).read()


class _Document:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._related = archive.related(archive.main)
        self._styles = Styles(self._first("styles"))
        self._numbering = Numbering(self._first("numbering"))
        self._seen = Seen()
        self._open = ""
        """The beginning of a paragraph whose end was deleted."""

    def read(self) -> tuple[list[Block], list[str]]:
        main = self._archive.part(self._archive.main)
        body = main.find(qn("w:body")) if main is not None else None
        if body is None:
            raise Unreadable("Tệp Word không có phần nội dung; hãy mở bằng Word, lưu lại rồi nhập lại.")
        found = list(self._blocks(body))
        if not found and self._archive.has_pictures:
            raise Unreadable(
                "Tệp Word chỉ có ảnh (bản chụp), không có chữ; hãy dùng tệp gốc hoặc gõ lại nội dung."
            )
        head, foot = self._edge(*_EDGES[0]), self._edge(*_EDGES[1])
        return [*head, *found, *self._footnotes(), *foot], self._notices()

    def _first(self, kind: str) -> Any:
        return next((self._archive.part(name) for name in self._related.get(kind, ())), None)

    def _edge(self, kind: str, reason: str) -> list[Block]:
        texts = (
            block.text
            for name in self._related.get(kind, ())
            for block in self._blocks(self._archive.part(name))
        )
        return [Block(BlockKind.DEBRIS, text, reason) for text in dict.fromkeys(texts)]

    def _footnotes(self) -> list[Block]:
        part = self._first("footnotes")
        notes = part.findall(qn("w:footnote")) if part is not None else []
        return [
            Block(BlockKind.CAPTION, block.text, "chú thích cuối trang")
            for note in notes
            if note.get(qn("w:type")) in (None, "normal")
            for block in self._blocks(note)
        ]

    def _notices(self) -> list[str]:
        notices = []
        if self._seen.has_changes:
            notices.append(
                "Tệp có phần đang theo dõi sửa đổi: nội dung được lấy như khi đã chấp nhận mọi sửa đổi."
            )
        if self._seen.has_hidden:
            notices.append("Tệp có chữ ẩn: phần chữ ẩn không được lấy.")
        if self._related.get("comments"):
            notices.append("Tệp có nhận xét bên lề: nhận xét không được lấy.")
        return notices

    def _blocks(self, container: Any) -> Iterator[Block]:
        """Yield what stands in a body, a cell, a box, a head or a foot, in reading order."""
        for child in container if container is not None else ():
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag in _WRAPPERS:
                yield from self._blocks(child)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        text = self._open + words_of(paragraph, self._seen)
        self._open = ""
        if is_joined_to_next(paragraph):
            self._open = text
        elif text := tidy(plain(text)):
            yield self._block(paragraph, text)
        for box in boxes_of(paragraph):
            yield from self._blocks(box)

    def _block(self, paragraph: Any, text: str) -> Block:
        shape = self._styles.shape_of(paragraph)
        mark = self._mark(shape)
        if shape.is_contents:
            return Block(BlockKind.DEBRIS, text, "mục lục")
        if shape.is_caption:
            return Block(BlockKind.CAPTION, text)
        whole = f"{mark} {text}" if mark else text
        if shape.is_heading:
            return Block(BlockKind.HEADING, whole)
        if mark:
            is_heading = (
                mark != BULLET and kind_of_line(text, is_bold=is_all_bold(paragraph)) is BlockKind.HEADING
            )
            return Block(BlockKind.HEADING if is_heading else BlockKind.ITEM, whole)
        return Block(kind_of_line(text, is_bold=is_all_bold(paragraph)), text)

    def _mark(self, shape: Shape) -> str:
        if not shape.list_id:
            return ""
        level = shape.list_level
        if level is None:
            level = self._numbering.level_of_style(shape.list_id, shape.style)
        return _readable(self._numbering.next_mark(shape.list_id, level) or "")

    def _table(self, table: Any) -> Iterator[Block]:
        if is_frame(table):
            for row in rows_of(table):
                for cell in cells_of(row):
                    yield from self._blocks(cell)
        else:
            yield from rows_as_blocks(grid_of(table, self._cell_text))

    def _cell_text(self, cell: Any) -> str:
        said = ""
        for block in self._blocks(cell):
            text = block.text.removeprefix(f"{BULLET} ")
            said += text if not said else f" {text}" if said.endswith(_CELL_ENDS) else f", {text}"
        return said


def _readable(mark: str) -> str:
    """Return "1." for "1": a bare number in front would be read as a count."""
    return f"{mark}." if re.fullmatch(r"\d+|[IVXLC]+|[A-Za-z]", mark) else mark
