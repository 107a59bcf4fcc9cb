"""What a paragraph of Word is, by its own properties and those of the styles it is based on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

_DEEPEST = 20
_HEADING = re.compile(r"(?:heading|title|subtitle|tiêu đề|đề mục|đầu đề)\b", re.IGNORECASE)
_CAPTION = re.compile(r"(?:caption|chú thích)\b", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|mục lục|table of)\b", re.IGNORECASE)
BODY_LEVEL = 9
"""Outline levels 0–8 are headings (ISO/IEC 29500-1, 17.3.1.20)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The properties that decide how a paragraph is read."""

    style: str = ""
    style_name: str = ""
    outline: int = BODY_LEVEL
    list_id: str = ""
    list_level: int | None = None

    @property
    def is_heading(self) -> bool:
        return self.outline < BODY_LEVEL or bool(_HEADING.match(self.style_name))

    @property
    def is_caption(self) -> bool:
        return bool(_CAPTION.match(self.style_name))

    @property
    def is_contents(self) -> bool:
        return bool(_CONTENTS.match(self.style_name))


class Styles:
    def __init__(self, part: Any) -> None:
        """`part` is the parsed styles.xml, or None."""
        self._styles: dict[str, Any] = {}
        self._default = ""
        for each in part.iter(qn("w:style")) if part is not None else ():
            if each.get(qn("w:type")) == "paragraph":
                self._styles[each.get(qn("w:styleId"), "")] = each
                if each.get(qn("w:default")) in ("1", "true"):
                    self._default = each.get(qn("w:styleId"), "")

    def shape_of(self, paragraph: Any) -> Shape:
        own = paragraph.find(qn("w:pPr"))
        style = value(own, "w:pStyle") or self._default
        sources = [own, *(each.find(qn("w:pPr")) for each in self._line(style))]
        lists = next((found for each in sources if (found := _child(each, "w:numPr")) is not None), None)
        level = value(lists, "w:ilvl")
        return Shape(
            style,
            value(self._styles.get(style), "w:name"),
            next(
                (int(text) for each in sources if (text := value(each, "w:outlineLvl")).isdecimal()),
                BODY_LEVEL,
            ),
            value(lists, "w:numId"),
            int(level) if level.isdecimal() and len(level) < 3 else None,
        )

    def _line(self, style: str) -> Iterator[Any]:
        """Yield the style and what it is based on; a circle of styles ends."""
        for _ in range(_DEEPEST):
            if (found := self._styles.get(style)) is None:
                return
            yield found
            style = value(found, "w:basedOn")


def is_all_bold(element: Any) -> bool:
    """Tell whether every run with words in it is bold: headings of people who use no styles."""
    runs = [run for run in element.iter(qn("w:r")) if run.find(qn("w:t")) is not None]
    return bool(runs) and all(_is_on(_child(run.find(qn("w:rPr")), "w:b")) for run in runs)


def value(element: Any, tag: str) -> str:
    """Return the `val` of the child `tag`, or an empty text."""
    found = _child(element, tag)
    return "" if found is None else str(found.get(qn("w:val"), ""))


def _child(element: Any, tag: str) -> Any:
    return None if element is None else element.find(qn(tag))


def _is_on(element: Any) -> bool:
    return element is not None and element.get(qn("w:val"), "1") not in ("0", "false", "off", "none")
