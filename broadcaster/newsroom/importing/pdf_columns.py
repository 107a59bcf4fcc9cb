"""Pieces of a PDF page put into lines, and lines of two columns put one column after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_WIDTH_OF_LETTER = 0.48
"""Of the letter height, on average in Vietnamese text; PDF tells where a piece begins, not where it ends."""
_GAP_LETTERS = 3.0
"""A wider gap than so many letter heights parts two columns."""
_LEAST_COLUMN_LINES = 5
_LEAST_COLUMN_LETTERS = 22


class Fragment(NamedTuple):
    text: str
    x: float
    y: float
    """Upwards, in points."""
    size: float

    @property
    def end(self) -> float:
        return self.x + len(self.text) * self.size * _WIDTH_OF_LETTER


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or one column's part of it."""

    text: str
    x: float
    y: float
    size: float
    end: float
    """About where it ends, in points."""
    is_row: bool = False
    """Cells side by side: the row of a table."""


def lines_of(fragments: Sequence[Fragment]) -> list[Line]:
    """Return the lines in the order in which the file holds them, two columns one after the other.

    Programs that make PDF write in reading order; only lines that jump sideways over and over are sorted.
    """
    rows: list[list[Fragment]] = []
    for each in fragments:
        if not each.text.strip():
            if rows:
                rows[-1].append(each)
        elif rows and _is_same_row(rows[-1], each):
            rows[-1].append(each)
        else:
            rows.append([each])
    return _by_columns([_parts(row) for row in rows])


def _is_same_row(row: Sequence[Fragment], each: Fragment) -> bool:
    first = next(part for part in row if part.text.strip())
    return abs(first.y - each.y) < 0.4 * max(first.size, each.size) and each.x >= first.x


def _parts(row: Sequence[Fragment]) -> list[Line]:
    """Return the row cut at wide gaps."""
    groups: list[list[Fragment]] = [[]]
    end = row[0].x
    for each in row:
        if groups[-1] and each.text.strip() and each.x - end > _GAP_LETTERS * each.size:
            groups.append([])
        groups[-1].append(each)
        end = max(end, each.end)
    return [line for group in groups if (line := _line(group)).text]


def _line(group: Sequence[Fragment]) -> Line:
    shown = [each for each in group if each.text.strip()] or list(group)
    text = re.sub(r"\s+", " ", "".join(each.text for each in group)).strip()
    return Line(text, shown[0].x, shown[0].y, max(each.size for each in shown), shown[-1].end)


def _by_columns(rows: Sequence[Sequence[Line]]) -> list[Line]:
    lines: list[Line] = []
    start = 0
    while start < len(rows):
        stop = start
        while stop < len(rows) and len(rows[stop]) == 2:
            stop += 1
        if _are_columns(rows[start:stop]):
            lines += [row[0] for row in rows[start:stop]] + [row[1] for row in rows[start:stop]]
        else:
            stop = max(stop, start + 1)
            lines += [_whole(row) for row in rows[start:stop]]
        start = stop
    return lines


def _are_columns(rows: Sequence[Sequence[Line]]) -> bool:
    """Tell two columns of running text from a table: long lines, the right ones all at one place."""
    if len(rows) < _LEAST_COLUMN_LINES:
        return False
    rights = [row[1].x for row in rows]
    is_straight = max(rights) - min(rights) < 3 * rows[0][1].size
    letters = [sum(len(row[side].text) for row in rows) / len(rows) for side in (0, 1)]
    return is_straight and min(letters) >= _LEAST_COLUMN_LETTERS


def _whole(row: Sequence[Line]) -> Line:
    """Return a row that stays one line; its cells are parted by a pause."""
    if len(row) == 1:
        return row[0]
    text = "; ".join(part.text.rstrip(";") for part in row)
    return Line(text, row[0].x, row[0].y, max(part.size for part in row), row[-1].end, is_row=True)
