"""The words of one Word paragraph as they stand when every tracked change is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_VML_BOX = "{urn:schemas-microsoft-com:vml}textbox"
_SHAPE_BOX = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}txbx"
BOXES = frozenset({_VML_BOX, _SHAPE_BOX, qn("w:txbxContent")})
_GONE = frozenset({qn("w:del"), qn("w:moveFrom")})
_TAKEN_ALONE = frozenset(
    {qn("w:pPr"), qn("w:rPr"), qn("w:instrText"), qn("w:delText"), f"{_MC}Fallback", *BOXES}
)
_BREAKS = {
    qn("w:tab"): " ",
    qn("w:ptab"): " ",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
    qn("w:softHyphen"): "",
}
_SYMBOL_FONTS = ("wingdings", "symbol", "webdings")


@dataclass(slots=True)
class Seen:
    """What was met on the way and is not in the text."""

    has_changes: bool = False
    has_hidden: bool = False
    fonts: set[str] = field(default_factory=set)


def words_of(paragraph: Any, seen: Seen) -> str:
    """Return the paragraph's text; line breaks stay, boxes inside it are not in it."""
    return "".join(_walk(paragraph, seen))


def boxes_of(paragraph: Any) -> Iterator[Any]:
    """Yield the text boxes anchored in the paragraph, each once though Word writes them twice."""
    for element in _outside_fallback(paragraph):
        if element.tag == qn("w:txbxContent"):
            yield element


def _outside_fallback(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == f"{_MC}Fallback":
            continue
        yield child
        if child.tag != qn("w:txbxContent"):
            yield from _outside_fallback(child)


def is_joined_to_next(paragraph: Any) -> bool:
    """Tell whether the paragraph's end was deleted, so that the next one goes on in it."""
    own = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}")
    return own is not None and any(own.find(tag) is not None for tag in _GONE)


def _walk(element: Any, seen: Seen) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if tag in _GONE:
            seen.has_changes = True
        elif tag == qn("w:r"):
            yield from _run(child, seen)
        elif tag not in _TAKEN_ALONE and isinstance(tag, str):
            seen.has_changes = seen.has_changes or tag == qn("w:ins")
            yield from _walk(child, seen)


def _run(run: Any, seen: Seen) -> Iterator[str]:
    if _is_hidden(run):
        seen.has_hidden = True
        return
    _note_font(run, seen)
    for child in run:
        tag = child.tag
        if tag == qn("w:t"):
            yield child.text or ""
        elif tag == qn("w:br"):
            yield " " if child.get(qn("w:type")) in ("page", "column") else "\n"
        elif tag == qn("w:sym"):
            yield _symbol(child)
        elif tag in _BREAKS:
            yield _BREAKS[tag]


def _is_hidden(run: Any) -> bool:
    hidden = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return hidden is not None and hidden.get(qn("w:val"), "1") not in ("0", "false", "off")


def _note_font(run: Any, seen: Seen) -> None:
    fonts = run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
    if fonts is not None and (name := fonts.get(qn("w:ascii"))):
        seen.fonts.add(name)


def _symbol(element: Any) -> str:
    """Return a bullet for a drawn sign, the character itself otherwise."""
    if element.get(qn("w:font"), "").lower().startswith(_SYMBOL_FONTS):
        return "•"
    code = element.get(qn("w:char"), "")
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
