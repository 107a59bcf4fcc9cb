"""A line of text without styles: what it is by its look."""

from __future__ import annotations

import re
import unicodedata

from broadcaster.newsroom.importing.values import BlockKind

_MARK = re.compile(
    r"(?:[-–—+*•●▪■◦➢►✓]\s*(?=\S)|\d{1,2}(?:\.\d{1,2}){0,3}\s?[.)/](?=\s|[^\W\d])|\d{1,2}(?:\.\d{1,2})+\s|[a-zđ]\s?[.)]\s|[a-zđ]\)|[A-Z]\.\s"
    r"|[IVX]{1,5}\s?[.)/-]\s?)"
)
_BULLET = re.compile(r"[•●▪■◦➢►✓\uf0b7\uf0a7\uf0d8\uf0fc]\s*")
_ENDS = tuple(".!?…;:,")
_LONGEST_HEADING = 120


def tidy(text: str) -> str:
    """Return the lines of `text` with single blanks; empty lines are gone."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(
        _BULLET.sub("- ", line, count=1) if _BULLET.match(line) else line for line in lines if line
    )


def starts_item(text: str) -> bool:
    """Tell whether the line begins with a bullet, a list number or a list letter."""
    return bool(_MARK.match(text))


def is_capital(text: str) -> bool:
    letters = [each for each in text if each.isalpha()]
    return len(letters) > 3 and not any(unicodedata.category(each) == "Ll" for each in letters)


def kind_of_line(text: str, *, is_bold: bool = False) -> BlockKind:
    """Return heading for a short line in capitals or bold without a full stop, item for one with a mark."""
    if len(text) <= _LONGEST_HEADING and not text.endswith(_ENDS) and (is_capital(text) or is_bold):
        return BlockKind.HEADING
    return BlockKind.ITEM if starts_item(text) else BlockKind.PARAGRAPH
