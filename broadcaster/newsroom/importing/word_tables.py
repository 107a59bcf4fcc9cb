"""Tables of Word: the grid of a table of facts, or the cells of one that only arranges the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from docx.oxml.ns import qn

from broadcaster.newsroom.importing.tables import Cell
from broadcaster.newsroom.importing.values import Unreadable
from broadcaster.newsroom.importing.word_styles import is_all_bold

_MOST_COLUMNS = 60
_MOST_CELLS = 20_000
_FRAME = re.compile(
    r"CỘNG H(?:ÒA|OÀ) XÃ HỘI|Độc lập\s*[-–]\s*Tự do|ĐẢNG CỘNG SẢN|Số:\s*\d*\s*/|Nơi nhận|Ký tên|đóng dấu|"
    r"(?:^|\W)(?:TM|KT|TL|TUQ)\.\s|NGƯỜI (?:LẬP|KÝ|VIẾT)|XÁC NHẬN CỦA",
)
"""Words of a letter's head and foot, which offices set side by side in a table without lines."""
_MOST_FRAME_ROWS = 8


def is_frame(table: Any) -> bool:
    """Tell whether the table only puts paragraphs side by side or in a box."""
    rows = list(rows_of(table))
    widest = max((len(row.findall(qn("w:tc"))) for row in rows), default=0)
    if widest <= 1 or len(rows) <= 1:
        return True
    return len(rows) <= _MOST_FRAME_ROWS and widest <= 3 and bool(_FRAME.search(_raw_text(table)))


def rows_of(table: Any) -> Iterator[Any]:
    """Yield the rows that stay when every change is accepted."""
    for child in table:
        if child.tag == qn("w:tr"):
            if child.find(f"{qn('w:trPr')}/{qn('w:del')}") is None:
                yield child
        elif child.tag in _WRAPPERS:
            yield from rows_of(child)


_WRAPPERS = frozenset({qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")})


def cells_of(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == qn("w:tc"):
            yield child
        elif child.tag in _WRAPPERS:
            yield from cells_of(child)


def grid_of(table: Any, text_of_cell: Callable[[Any], str]) -> list[list[Cell]]:
    """Return the table as a grid in which a merged cell stands in every place that it covers."""
    grid: list[list[Cell]] = []
    owners = 0
    for row in rows_of(table):
        is_heading = row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None or is_all_bold(row)
        cells: list[Cell] = []
        for cell in cells_of(row):
            owners += 1
            above = _above(grid, len(cells)) if _goes_on(cell) else None
            made = above or Cell(" ".join(text_of_cell(cell).split()), owners, is_heading)
            cells += [made] * min(_span(cell), _MOST_COLUMNS - len(cells))
        grid.append(cells)
        if owners > _MOST_CELLS:
            raise Unreadable(
                f"Bảng trong tệp Word có hơn {_MOST_CELLS:,} ô; hãy chỉ chép phần cần đọc.".replace(",", ".")
            )
    return grid


def _above(grid: list[list[Cell]], column: int) -> Cell | None:
    return grid[-1][column] if grid and column < len(grid[-1]) else None


def _goes_on(cell: Any) -> bool:
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"


def _span(cell: Any) -> int:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    text = "" if span is None else span.get(qn("w:val"), "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 4 else 1


def _raw_text(table: Any) -> str:
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in table.iter(qn("w:p")))
