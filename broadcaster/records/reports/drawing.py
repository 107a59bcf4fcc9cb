"""Charts as marks on a plane, for painters: `pdf_file` paints them as vectors, `picture` as pixels."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from broadcaster.records.reports import fonts
from broadcaster.records.reports.numbers import tenths
from broadcaster.records.reports.pieces import Chart

WIDTH_PT = 440.0
"""Some millimetres less than the text of an A4 page whose margins are 30 and 20 mm."""
SIZE_PT = 10.0
SHADES = ("#1f4e79", "#f0a050")
"""Dark blue and light orange: apart from each other on a black and white printer, too."""
GRID, INK = "#c8c8c8", "#000000"
PIXELS_PER_POINT = 3.5
"""About 250 dots per inch."""
_TALL_PT, _LYING_PT, _LEGEND_PT, _LABELS_PT = 150.0, 19.0, 20.0, 18.0
_AXIS_PT, _NAMES_PT, _VALUE_PT, _EDGE_PT = 34.0, 165.0, 30.0, 12.0
_NAME_LETTERS = 32
_MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Box:
    """Points from the top left."""

    x: float
    y: float
    width: float
    height: float
    shade: str


@dataclass(frozen=True, slots=True)
class Line:
    x: float
    y: float
    to_x: float
    to_y: float
    shade: str


@dataclass(frozen=True, slots=True)
class Words:
    x: float
    y: float
    """Of the base line."""
    text: str
    anchor: Literal["start", "middle", "end"]


Mark = Box | Line | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    width_pt: float
    height_pt: float
    marks: tuple[Mark, ...]


def draw(chart: Chart) -> Drawing:
    legend = _LEGEND_PT if len(chart.parts) > 1 else 6.0
    if chart.is_over_time:
        height = legend + _TALL_PT + _LABELS_PT
        return Drawing(WIDTH_PT, height, (*_legend(chart), *_standing(chart, legend)))
    height = legend + _LYING_PT * len(chart.labels) + 4
    return Drawing(WIDTH_PT, height, (*_legend(chart), *_lying(chart, legend)))


def picture(drawing: Drawing) -> bytes:
    """Return it as PNG; Refused when this machine has no font for it."""
    size = [round(each * PIXELS_PER_POINT) for each in (drawing.width_pt, drawing.height_pt)]
    image = Image.new("RGB", (size[0], size[1]), "white")
    brush = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(fonts.family().regular), round(SIZE_PT * PIXELS_PER_POINT))
    for mark in drawing.marks:
        _paint(brush, font, mark)
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True, dpi=(72 * PIXELS_PER_POINT,) * 2)
    return target.getvalue()


def _paint(brush: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, mark: Mark) -> None:
    x, y = mark.x * PIXELS_PER_POINT, mark.y * PIXELS_PER_POINT
    match mark:
        case Box():
            if mark.width > 0 and mark.height > 0:
                to = (x + mark.width * PIXELS_PER_POINT - 1, y + mark.height * PIXELS_PER_POINT - 1)
                brush.rectangle((x, y, max(to[0], x), max(to[1], y)), fill=mark.shade)
        case Line():
            end = (mark.to_x * PIXELS_PER_POINT, mark.to_y * PIXELS_PER_POINT)
            brush.line((x, y, *end), fill=mark.shade, width=2)
        case Words():
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[mark.anchor]
            brush.text((x, y), mark.text, fill=INK, font=font, anchor=anchor)


def _legend(chart: Chart) -> Iterator[Mark]:
    if len(chart.parts) == 1:
        return
    x = _AXIS_PT
    for part, shade in zip(chart.parts, SHADES, strict=False):
        yield Box(x, 3, 9, 9, shade)
        yield Words(x + 13, 11.5, part.name, "start")
        x += 13 + len(part.name) * SIZE_PT * 0.5 + 18


def _standing(chart: Chart, top: float) -> Iterator[Mark]:
    step, highest = _scale(max(_totals(chart), default=0.0))
    bottom, per_unit = top + _TALL_PT, (_TALL_PT - 8) / highest
    for tick in range(round(highest / step) + 1):
        y = bottom - tick * step * per_unit
        yield Line(_AXIS_PT, y, WIDTH_PT, y, INK if tick == 0 else GRID)
        yield Words(_AXIS_PT - 4, y + 3.5, tenths(tick * step), "end")
    room = (WIDTH_PT - _AXIS_PT - _EDGE_PT) / max(len(chart.labels), 1)
    every = math.ceil(len(chart.labels) / _MOST_LABELS)
    for place, label in enumerate(chart.labels):
        left, y = _AXIS_PT + place * room, bottom
        width = min(room * 0.7, 40.0)
        for part, shade in zip(chart.parts, SHADES, strict=False):
            height = part.values[place] * per_unit
            y -= height
            yield Box(left + (room - width) / 2, y, width, height, shade)
        if place % every == 0:
            yield Words(left + room / 2, bottom + 13, label, "middle")


def _lying(chart: Chart, top: float) -> Iterator[Mark]:
    highest = max(_totals(chart), default=0.0) or 1.0
    per_unit = (WIDTH_PT - _NAMES_PT - _VALUE_PT) / highest
    for place, label in enumerate(chart.labels):
        x, y = _NAMES_PT, top + place * _LYING_PT
        yield Words(_NAMES_PT - 6, y + 12.5, _short(label), "end")
        for part, shade in zip(chart.parts, SHADES, strict=False):
            width = part.values[place] * per_unit
            yield Box(x, y + 2.5, width, _LYING_PT - 5, shade)
            x += width
        yield Words(x + 5, y + 12.5, tenths(_totals(chart)[place]), "start")
    yield Line(_NAMES_PT, top, _NAMES_PT, top + _LYING_PT * len(chart.labels), INK)


def _totals(chart: Chart) -> list[float]:
    return [sum(part.values[place] for part in chart.parts) for place in range(len(chart.labels))]


def _scale(most: float) -> tuple[float, float]:
    """Return a round step and the highest tick, at most five steps for `most`; whole numbers only."""
    rough = max(most, 1.0) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = max(1.0, next(each * power for each in (1, 2, 5, 10) if each * power >= rough))
    return step, step * max(1, math.ceil(most / step))


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LETTERS else f"{name[: _NAME_LETTERS - 1].rstrip()}…"
