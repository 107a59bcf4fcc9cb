"""Abbreviations that a text defines itself: "cải cách hành chính (CCHC)" holds for that text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from broadcaster.text.syllables import is_syllable
from broadcaster.text.tables import ABBREVIATIONS, AMBIGUOUS, UPPER

_BRACKET = re.compile(
    r"\((?:\s?(?:sau đây |dưới đây )?(?:gọi|viết) (?:tắt|chung) là:? ?|\s?sau đây gọi là:? ?)?"
    r"[“\"]?([^()\n“”\"]{2,60})[”\"]?\)"
)
_SHORT_FORM = re.compile(rf"[{UPPER}][{UPPER}a-zđư&.,/–-]{{1,17}}")
_CAPITAL = re.compile(r"[A-ZĐƯƠÂÊÔ]")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"[.;!?\n](?=\s|$)")
_WRITTEN_BEFORE = re.compile(rf"([{UPPER}][{UPPER}a-zđ&/-]{{1,14}})\s$")
_REACH = 160
_SKIPPED = {"và", "của", "các", "về", "cho", "với", "theo", "trên", "tại"}
_MOST_WORDS = 16


@dataclass(slots=True)
class Definitions:
    """`readings`: short form -> its words; `silent`: brackets (start -> end) that only repeat."""

    readings: dict[str, str] = field(default_factory=dict)
    silent: dict[int, int] = field(default_factory=dict)


def find_definitions(text: str) -> Definitions:
    """Return what `text` defines; each bracket is looked at with a bounded piece before it."""
    found = Definitions()
    if "(" not in text:
        return found
    for bracket in _BRACKET.finditer(text):
        _look_at(bracket, text, found)
    return found


def _look_at(bracket: re.Match[str], text: str, found: Definitions) -> None:
    inside = bracket[1].strip(" .,:")
    before = text[max(0, bracket.start() - _REACH) : bracket.start()]
    ends = list(_SENTENCE_END.finditer(before))
    before = before[ends[-1].end() :] if ends else before
    if _SHORT_FORM.fullmatch(inside) and len(_CAPITAL.findall(inside)) >= 2:
        full = _full_form(inside, before) or _lexicon_form(inside, before)
        if full:
            found.readings.setdefault(inside, full)
            found.silent[bracket.start()] = bracket.end()
        return
    short = _WRITTEN_BEFORE.search(before)
    if short and len(_CAPITAL.findall(short[1])) >= 2 and _full_form(short[1], inside, whole=True):
        found.readings.setdefault(short[1], _plain(inside))
        found.silent[bracket.start()] = bracket.end()


def _full_form(short: str, before: str, whole: bool = False) -> str | None:
    """Return the last words of `before` when their first letters are those of `short`."""
    letters = [letter.upper() for letter in _CAPITAL.findall(short)]
    words = list(_WORD.finditer(before))[-_MOST_WORDS:]
    position = len(words)
    start = len(before)
    while letters and position:
        position -= 1
        word = words[position][0]
        if word[0].upper() == letters[-1]:
            letters.pop()
            start = words[position].start()
        elif word.lower() not in _SKIPPED or start == len(before):
            return None
    if letters or (whole and position):
        return None
    full = _plain(before[start:])
    return (
        full
        if all(is_syllable(word) for word in _WORD.findall(full)) and not re.search(r"\d", full)
        else None
    )


def _plain(words: str) -> str:
    kept = re.sub(r"[^\w\s,]+", ", ", words)
    kept = re.sub(r"\s*,[\s,]*", ", ", kept)
    kept = re.sub(r"\s+", " ", kept).strip(" ,")
    return kept.lower() if kept.isupper() else kept


def _lexicon_form(short: str, before: str) -> str | None:
    """Return the table's reading when exactly those words stand before the bracket."""
    tail = " ".join(word.lower() for word in _WORD.findall(before))
    meanings = [ABBREVIATIONS[short]] if short in ABBREVIATIONS else []
    meanings += [meaning.spoken for meaning in AMBIGUOUS.get(short, ())]
    for meaning in meanings:
        if _same_words(tail, meaning):
            return meaning
    return None


def _same_words(tail: str, meaning: str) -> bool:
    words = " ".join(_WORD.findall(meaning))
    for old, new in (("ủy", "uỷ"), ("hóa", "hoá"), ("hòa", "hoà")):
        tail = tail.replace(new, old)
    return tail.endswith(words)
