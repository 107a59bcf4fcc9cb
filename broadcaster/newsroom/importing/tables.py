"""Rows and columns as sentences: a listener has no table, so each cell is said with its column's heading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.newsroom.importing.values import Block, BlockKind

_ORDER_HEADINGS = re.compile(r"(?:S?TT|Số (?:TT|thứ tự)|STT\.?|No\.?|#)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,4}|[IVX]{1,6}")
_VALUE = re.compile(r"\d")
_ENDS = (".", "!", "?", "…", ";", ":")
_LONGEST_HEADING = 60
_MOST_HEADING_ROWS = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of the grid; a cell that spans several stands in each of them."""

    text: str
    owner: int
    """The same number wherever the same cell stands."""
    is_heading: bool = False


Grid = Sequence[Sequence[Cell]]


def rows_as_blocks(grid: Grid) -> list[Block]:
    """Return the rows in order as sentences; rows without words give none.

    A column of row numbers becomes the number in front: "1. Khu phố 1; giờ tiêm: 7h30."
    """
    rows = [row for row in grid if any(cell.text for cell in row)]
    count = heading_rows(rows)
    headings = _headings(rows[:count])
    blocks = [Block(BlockKind.TABLE_ROW, _sentence(row, headings)) for row in rows[count:]]
    if count and not blocks:
        blocks = [Block(BlockKind.TABLE_ROW, _sentence(row, [])) for row in rows]
    return [block for block in blocks if block.text]


def heading_rows(rows: Grid) -> int:
    """Return how many of the first rows name the columns."""
    marked = _marked_rows(rows)
    if marked or len(rows) < 2 or len({cell.owner for cell in rows[0]}) < 2:
        return marked
    if not all(_names_a_column(cell.text) for cell in rows[0]):
        return 0
    if len(rows[0]) == 2 and not _is_numbered(rows[0][0]) and not _rows_look_like_values(rows):
        return 0
    return 1 + _continued(rows)


def _marked_rows(rows: Grid) -> int:
    """Return how many first rows are marked as headings; when all are, the mark says nothing."""
    marked = 0
    while marked < len(rows) and all(cell.is_heading for cell in rows[marked]):
        marked += 1
    return marked if marked < len(rows) and marked <= _MOST_HEADING_ROWS else 0


def _names_a_column(text: str) -> bool:
    return bool(text) and len(text) <= _LONGEST_HEADING and not _VALUE.search(text) and text[-1] not in ".;:"


def _is_numbered(cell: Cell) -> bool:
    return bool(_ORDER_HEADINGS.fullmatch(cell.text))


def _rows_look_like_values(rows: Grid) -> bool:
    """Tell "Khu phố | Giờ" over "Khu phố 1 | 7h30" from "Thời gian | sáng thứ hai": the rest has figures."""
    return all(any(_VALUE.search(cell.text) for cell in row) for row in rows[1:])


def _continued(rows: Grid) -> int:
    """Return 1 when the second row divides columns that the first row names together."""
    if len(rows) < 3:
        return 0
    first, second = rows[0], rows[1]
    owners = [cell.owner for cell in first]
    reaches_down = any(low.owner == high.owner for low, high in zip(second, first, strict=False))
    return int(
        len(set(owners)) < len(owners) and reaches_down and not any(_VALUE.search(c.text) for c in second)
    )


def _headings(rows: Grid) -> list[str]:
    """Return each column's heading, from the top row down, what spans rows once."""
    width = max((len(row) for row in rows), default=0)
    return [_heading([row[column] for row in rows if column < len(row)]) for column in range(width)]


def _heading(cells: Sequence[Cell]) -> str:
    texts = list(dict.fromkeys(cell.text.rstrip(":") for cell in cells if cell.text))
    return " ".join(texts[:1] + [_lower_first(text) for text in texts[1:]])


def _sentence(row: Sequence[Cell], headings: Sequence[str]) -> str:
    if len({cell.owner for cell in row}) == 1 and len(row) > 1:
        headings = []  # a line across the whole table: it names what follows
    number, cells = _row_number(row, headings)
    parts: list[str] = []
    for column, cell in cells:
        heading = headings[column] if column < len(headings) else ""
        text = " ".join(cell.text.split()).rstrip(";,")
        if heading and not _ORDER_HEADINGS.fullmatch(heading) and not _says_already(text, heading):
            text = f"{_lower_first(heading) if parts else heading}: {text}"
        parts.append(text)
    said = _joined(parts, has_headings=any(headings))
    if not said:
        return ""
    return f"{number}{said}" if said.endswith(_ENDS) else f"{number}{said}."


def _says_already(text: str, heading: str) -> bool:
    return text.lower().startswith(heading.lower())


def _joined(parts: list[str], *, has_headings: bool) -> str:
    if len(parts) == 2 and not has_headings and not parts[0].endswith(_ENDS):
        return f"{parts[0]}: {parts[1]}"
    inner = [part.rstrip(".") if not part.endswith("...") else part for part in parts[:-1]]
    return "; ".join([*inner, *parts[-1:]])


def _row_number(row: Sequence[Cell], headings: Sequence[str]) -> tuple[str, list[tuple[int, Cell]]]:
    """Return the number that leads the row, and the other cells that hold words, each once."""
    cells = [(column, cell) for column, cell in enumerate(row) if cell.text and _is_first(row, column)]
    if len(cells) > 1 and cells[0][0] == 0 and _is_order(cells[0][1], headings):
        return f"{cells[0][1].text.rstrip('.)')}. ", cells[1:]
    return "", cells


def _is_order(cell: Cell, headings: Sequence[str]) -> bool:
    named = bool(headings) and bool(_ORDER_HEADINGS.fullmatch(headings[0]))
    return bool(_NUMBER.fullmatch(cell.text.rstrip(".)"))) and (named or not headings or not headings[0])


def _is_first(row: Sequence[Cell], column: int) -> bool:
    return column == 0 or row[column].owner != row[column - 1].owner


def _lower_first(text: str) -> str:
    """Return `text` to go on within a sentence; short forms and names in capitals stay."""
    return text[0].lower() + text[1:] if text[:1].isupper() and text[1:2].islower() else text
