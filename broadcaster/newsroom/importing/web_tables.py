"""Tables of a web page while they are being read."""

from __future__ import annotations

from dataclasses import dataclass, field

from broadcaster.newsroom.importing.tables import Cell, rows_as_blocks
from broadcaster.newsroom.importing.values import Block

_MOST_SPAN = 60
_MOST_CELLS = 20_000
_LONGEST_CELL = 400
"""Longer cells hold a page, not a fact: old pages are laid out with tables."""


@dataclass(slots=True)
class _WebCell:
    is_heading: bool
    columns: int
    rows: int
    blocks: list[Block] = field(default_factory=list)

    @property
    def text(self) -> str:
        return ", ".join(" ".join(block.text.removeprefix("- ").split()) for block in self.blocks)


@dataclass(slots=True)
class WebTable:
    """The rows met so far; `is_frame` when it holds another table."""

    rows: list[list[_WebCell]] = field(default_factory=list)
    is_frame: bool = False
    size: int = 0

    def begin_row(self) -> None:
        self.rows.append([])

    def begin_cell(self, *, is_heading: bool, columns: str, rows: str) -> None:
        if not self.rows:
            self.begin_row()
        if self.size < _MOST_CELLS:
            self.rows[-1].append(_WebCell(is_heading, _span(columns), _span(rows)))
            self.size += 1

    def add(self, blocks: list[Block]) -> bool:
        """Add blocks to the open cell; False when there is none."""
        if not self.rows or not self.rows[-1]:
            return False
        self.rows[-1][-1].blocks += blocks
        return True

    def as_blocks(self) -> list[Block]:
        """Return the rows as sentences, or the cells one after the other when they only arrange a page."""
        rows = [row for row in self.rows if row]
        cells = [cell for row in rows for cell in row]
        is_frame = self.is_frame or len(rows) < 2 or max(map(len, rows)) < 2
        if is_frame or any(len(cell.text) > _LONGEST_CELL or _is_debris(cell) for cell in cells):
            return [block for cell in cells for block in cell.blocks]
        return rows_as_blocks(_grid(rows))


def _is_debris(cell: _WebCell) -> bool:
    return any(block.leave_out for block in cell.blocks)


def _grid(rows: list[list[_WebCell]]) -> list[list[Cell]]:
    """Return the grid in which a cell that spans several places stands in each of them."""
    grid: list[list[Cell]] = []
    hanging: dict[int, tuple[Cell, int]] = {}
    owners = 0
    for row in rows:
        line: list[Cell] = []
        for web_cell in row:
            _take_hanging(line, hanging)
            owners += 1
            cell = Cell(web_cell.text, owners, web_cell.is_heading)
            for _ in range(web_cell.columns):
                if web_cell.rows > 1:
                    hanging[len(line)] = (cell, web_cell.rows - 1)
                line.append(cell)
        _take_hanging(line, hanging)
        grid.append(line)
    return grid


def _take_hanging(line: list[Cell], hanging: dict[int, tuple[Cell, int]]) -> None:
    """Put the cells that reach down from the rows above into their places."""
    while (column := len(line)) in hanging:
        cell, left = hanging.pop(column)
        if left > 1:
            hanging[column] = (cell, left - 1)
        line.append(cell)


def _span(text: str) -> int:
    return min(max(1, int(text)), _MOST_SPAN) if text.isdecimal() and len(text) < 5 else 1
