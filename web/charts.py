"""Where the parts of a chart stand; the template draws them. Plane: 720 units wide, y downward."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from broadcaster.records.reports.report import Step

WIDTH, HEIGHT = 720.0, 240.0
LEFT, TOP, BOTTOM = 44.0, 18.0, 206.0
MOST_LABELS = 16


@dataclass(frozen=True, slots=True)
class Column:
    """One step of time: what was played stands below, what was lost on top of it."""

    step: Step
    x: float
    width: float
    played_y: float
    played_height: float
    lost_y: float
    lost_height: float
    has_label: bool

    @property
    def label(self) -> str:
        """06/07 of 06/07–12/07: there is no room for more."""
        return self.step.name.partition("–")[0]

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    number: int


@dataclass(frozen=True, slots=True)
class Chart:
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    bottom: float = BOTTOM


def over_time(steps: Sequence[Step]) -> Chart:
    tick, highest = _scale(max((step.airings + step.lost for step in steps), default=0))
    per_unit = (BOTTOM - TOP) / highest
    ticks = tuple(Tick(BOTTOM - n * per_unit, n) for n in range(0, highest + 1, tick))
    return Chart(tuple(_columns(steps, per_unit)), ticks)


def _columns(steps: Sequence[Step], per_unit: float) -> Iterator[Column]:
    room = (WIDTH - LEFT) / max(1, len(steps))
    width = min(room * 0.72, 56.0)
    every = math.ceil(len(steps) / MOST_LABELS)
    for place, step in enumerate(steps):
        played, lost = step.airings * per_unit, step.lost * per_unit
        x = LEFT + place * room + (room - width) / 2
        top = BOTTOM - played
        yield Column(step, x, width, top, played, top - lost, lost, place % every == 0)


def _scale(most: int) -> tuple[int, int]:
    """Return a round step and the highest tick, with at most five steps."""
    rough = max(1.0, most / 5)
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough)
    return step, step * max(1, math.ceil(most / step))
