"""What the files of a report are made of: headings, texts, tables, charts. Numbers are words here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from broadcaster.records.reports import numbers
from schedules.clock import LOCAL

NONE = "–"
_FIGURE = re.compile(r"[+–-]?[\d.,]*%?")


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int
    """1: I.   2: 1.   3: a)"""


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    """How much of the width each column takes."""
    total: tuple[str, ...] | None = None

    def is_figure(self, column: int) -> bool:
        """Return whether a column holds figures only: they stand right, texts left."""
        cells = [row[column] for row in self.rows]
        return column > 0 and any(cells) and all(_FIGURE.fullmatch(cell) for cell in cells)

    def widths(self, whole: float) -> list[float]:
        return [whole * share / sum(self.shares) for share in self.shares]


@dataclass(frozen=True, slots=True)
class Bars:
    """Values of one colour."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One bar (of one or more stacked parts) for each label."""

    caption: str
    unit: str
    labels: tuple[str, ...]
    parts: tuple[Bars, ...]
    is_over_time: bool
    """Standing bars, side by side; otherwise lying ones, one below the other."""

    @property
    def words(self) -> str:
        """All that it shows, for those who cannot see it."""
        shown = (
            f"{label} {', '.join(f'{numbers.tenths(part.values[place])} {part.name}' for part in self.parts)}"
            for place, label in enumerate(self.labels)
        )
        return f"{self.caption}: {'; '.join(shown)}."


Piece = Heading | Paragraph | Table | Chart


def minutes(seconds: float) -> str:
    """Always with its decimal, so that columns align."""
    return f"{seconds / 60:,.1f}".translate(str.maketrans(",.", ".,"))


def signed(value: float | None) -> str:
    if value is None:
        return NONE
    return f"+{numbers.tenths(value)}" if value > 0 else f"–{numbers.tenths(-value)}" if value < 0 else "0"


def moment(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%H:%M %d/%m/%Y}"


def maybe(value: float | None) -> str:
    return NONE if value is None else numbers.tenths(value)


def percent(value: float | None) -> str:
    return NONE if value is None else numbers.percent(value)
