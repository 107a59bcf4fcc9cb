"""The week as a grid: a column for each day, a row for each hour in which anything sounds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from broadcaster.playout.day import Block, Item
from broadcaster.playout.week import WeekDay
from broadcaster.store.models import AiringState
from schedules.lunar import LunarDate
from web.words import AIRING, Badge, local

DAY_HOURS = range(24)
STATE_ORDER = (
    AiringState.STARTED,
    AiringState.CLAIMED,
    AiringState.MISSED,
    AiringState.FAILED,
    AiringState.CUT,
    AiringState.PLANNED,
    AiringState.PLAYED,
)
"""Of a programme whose items are in several states the first of these is told."""
REST = Badge("nghỉ", "cross", "struck")
EMPTY = Badge("còn trống", "clock", "grey")


@dataclass(frozen=True, slots=True)
class Row:
    """An hour, or several in which nothing sounds the whole week."""

    first: int
    last: int

    @property
    def words(self) -> str:
        return f"{self.first:02}–{self.last + 1:02} giờ" if self.last > self.first else f"{self.first} giờ"


@dataclass(frozen=True, slots=True)
class Shown:
    """A block with the one state that stands for it, and what of its items differs from that."""

    block: Block
    badge: Badge
    state: AiringState | None

    def badge_of(self, item: Item) -> Badge | None:
        """Return the state of an item where it is not the block's."""
        return None if item.state == self.state else AIRING[item.state]


@dataclass(frozen=True, slots=True)
class Cell:
    row: int
    """1, 2, 3 …"""
    at: str
    """The full hour, such as 17:00; empty for a stretch in which nothing sounds."""
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Column:
    day: date
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]


def grid(days: Sequence[WeekDay]) -> Grid:
    used = {local(block.starts_at).hour for day in days for block in day.view.blocks}
    rows = tuple(_rows(used))
    return Grid(rows, tuple(Column(day.day, tuple(_cells(day, rows, used))) for day in days))


def _rows(used: set[int]) -> Iterator[Row]:
    start = 0
    for hour in [*sorted(used), 24]:
        if start < hour:
            yield Row(start, hour - 1)
        if hour in DAY_HOURS:
            yield Row(hour, hour)
        start = hour + 1


def _cells(day: WeekDay, rows: Sequence[Row], used: set[int]) -> Iterator[Cell]:
    by_hour: dict[int, list[Shown]] = defaultdict(list)
    for block in day.view.blocks:
        by_hour[local(block.starts_at).hour].append(_shown(block))
    for number, row in enumerate(rows, 1):
        at = f"{row.first:02}:00" if row.first in used else ""
        yield Cell(number, at, tuple(by_hour[row.first] if at else ()))


def _shown(block: Block) -> Shown:
    if block.rests:
        return Shown(block, REST, None)
    found = Counter(item.state for item in block.items)
    state = next((each for each in STATE_ORDER if each in found), None)
    if state is None and block.gone and block.programme_id is None:
        return Shown(block, AIRING[block.gone[0].state], None)
    return Shown(block, AIRING[state] if state else EMPTY, state)


def lunar_text(day: LunarDate) -> str:
    """Return mồng 1/1 âm lịch, rằm tháng 8, 14/10 âm lịch."""
    month = f"{day.month} nhuận" if day.is_leap_month else f"{day.month}"
    if day.day == 1:
        return f"mồng một tháng {month}"
    if day.day == 15:
        return f"rằm tháng {month}"
    return f"{day.day}/{month} âm lịch"
