"""A title for what was imported, as a person would give it: proposed, never decided."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from broadcaster.newsroom.importing.lines import is_capital
from broadcaster.newsroom.importing.values import Block, BlockKind, Imported

LONGEST = 120
_NEAR_TOP = 4
_SECTION = re.compile(r"(?:[IVX]{1,5}|\d{1,2}|[a-zđA-ZĐ])\s?[.)/-]\s")
_WORDS_OF_A_TYPE = 3
"""THÔNG BÁO, KẾ HOẠCH, GIẤY MỜI: the type of a document, whose subject stands in the next line."""
_SENTENCE_END = re.compile(r"[.;:!?](?:\s|$)")


def proposed_title(imported: Imported, kept: Set[int] | None = None) -> str:
    """Return the heading near the top of what is kept, else the beginning of the first words; "" for none."""
    chosen = imported.proposed if kept is None else kept
    blocks = [block for number, block in enumerate(imported.blocks) if number in chosen]
    for place, block in enumerate(blocks[:_NEAR_TOP]):
        if block.kind is BlockKind.HEADING and not _SECTION.match(block.text):
            return _shortened(_with_subject(block.text, blocks[place + 1 : place + 2]))
    return _shortened(_first_sentence(blocks[0].text)) if blocks else ""


def _with_subject(heading: str, following: Sequence[Block]) -> str:
    """Join THÔNG BÁO and "Về việc tiêm chủng" to "Thông báo về việc tiêm chủng"."""
    heading = " ".join(heading.split())
    if len(heading.split()) > _WORDS_OF_A_TYPE or not is_capital(heading) or not following:
        return heading
    subject = " ".join(following[0].text.split())
    if len(subject) > LONGEST or _SECTION.match(subject):
        return heading.capitalize()
    if subject[1:2].islower():
        subject = subject[0].lower() + subject[1:]
    return f"{heading.capitalize()} {subject}"


def _first_sentence(text: str) -> str:
    line = " ".join(text.split())
    end = _SENTENCE_END.search(line)
    return line[: end.start()] if end else line


def _shortened(text: str) -> str:
    plain = text.strip().rstrip(".:;,")
    return plain if len(plain) <= LONGEST else plain[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
