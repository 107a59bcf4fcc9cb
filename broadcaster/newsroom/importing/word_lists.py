"""The numbers that Word draws in front of list paragraphs: not in the text, but read aloud."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_LARGEST = 9_999
BULLET = "-"


@dataclass(frozen=True, slots=True)
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1
    is_legal: bool = False
    """All numbers above are written in figures."""
    style: str = ""
    """The paragraph style that stands on this level."""


@dataclass(slots=True)
class _List:
    abstract: str
    levels: dict[int, _Level] = field(default_factory=dict)
    restarts: dict[int, int] = field(default_factory=dict)
    """Level -> start of its own, for a list that begins again."""


class Numbering:
    """Counts the list paragraphs of one document in order."""

    def __init__(self, part: Any) -> None:
        """`part` is the parsed numbering.xml, or None."""
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()
        if part is not None:
            self._read(part)

    def level_of_style(self, list_id: str, style: str) -> int:
        """Return the level on which paragraphs of this style stand; 0 when the list does not say."""
        found = self._lists.get(list_id)
        levels = found.levels.items() if found else ()
        return next((number for number, level in levels if style and level.style == style), 0)

    def next_mark(self, list_id: str, level: int) -> str | None:
        """Return what stands in front of the next paragraph of this list, or None when it is no list.

        A bullet is always "-": the reader says nothing for it.
        """
        found = self._lists.get(list_id)
        if found is None or not 0 <= level < _LEVELS:
            return None
        counts = self._count(list_id, found, level)
        shape = found.levels.get(level, _Level())
        if shape.format == "bullet":
            return BULLET
        return _PLACE.sub(
            lambda place: self._number(found, counts, int(place[1]) - 1, shape), shape.text
        ).strip()

    def _count(self, list_id: str, found: _List, level: int) -> dict[int, int]:
        counts = self._counts.setdefault(found.abstract, {})
        if list_id not in self._begun:
            self._begun.add(list_id)
            for each in found.restarts:
                counts.pop(each, None)
        start = found.restarts.get(level, found.levels.get(level, _Level()).start)
        counts[level] = min(counts[level] + 1 if level in counts else start, _LARGEST)
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        return counts

    def _number(self, found: _List, counts: dict[int, int], level: int, shape: _Level) -> str:
        above = found.levels.get(level, _Level())
        value = counts.get(level, above.start)
        return str(value) if shape.is_legal else FORMATS.get(above.format, str)(value)

    def _read(self, part: Any) -> None:
        shapes = {each.get(qn("w:abstractNumId")): each for each in part.iter(qn("w:abstractNum"))}
        linked = {
            _value(each, "w:styleLink"): each for each in shapes.values() if _value(each, "w:styleLink")
        }
        for each in part.iter(qn("w:num")):
            abstract = _value(each, "w:abstractNumId")
            shape = shapes.get(abstract)
            if shape is not None:
                shape = linked.get(_value(shape, "w:numStyleLink"), shape)
                self._lists[each.get(qn("w:numId"), "")] = _list(each, abstract, shape)


def _list(element: Any, abstract: str, shape: Any) -> _List:
    found = _List(abstract, {_number(each): _level(each) for each in shape.findall(qn("w:lvl"))})
    for override in element.findall(qn("w:lvlOverride")):
        number, own = _number(override), override.find(qn("w:lvl"))
        if own is not None:
            found.levels[number] = _level(own)
        if start := _value(override, "w:startOverride"):
            found.restarts[number] = _integer(start, 1)
    return found


def _level(element: Any) -> _Level:
    return _Level(
        _value(element, "w:numFmt") or "decimal",
        _value(element, "w:lvlText"),
        _integer(_value(element, "w:start"), 1),
        element.find(qn("w:isLgl")) is not None,
        _value(element, "w:pStyle"),
    )


def _number(element: Any) -> int:
    return _integer(element.get(qn("w:ilvl"), ""), 0)


def _value(element: Any, tag: str) -> str:
    found = element.find(qn(tag))
    return "" if found is None else str(found.get(qn("w:val"), ""))


def _integer(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else otherwise


def roman(value: int) -> str:
    """Return `value` in capital Roman figures; 0 and less, which have none, in plain ones."""
    if not 0 < value < 4000:
        return str(value)
    written = ""
    for worth, figure in _ROMAN:
        written += figure * (value // worth)
        value %= worth
    return written


_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def letter(value: int) -> str:
    """Return the letter of an item as Word counts: a … z, aa, bb …"""
    if value < 1:
        return str(value)
    return chr(ord("a") + (value - 1) % 26) * min((value - 1) // 26 + 1, 5)


FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda value: f"{value:02d}",
    "upperRoman": roman,
    "lowerRoman": lambda value: roman(value).lower(),
    "upperLetter": lambda value: letter(value).upper(),
    "lowerLetter": letter,
    "none": lambda value: "",
}
