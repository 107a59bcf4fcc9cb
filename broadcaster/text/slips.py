"""Hints at slips of the pen; nothing is corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from broadcaster.text.clean import clean
from broadcaster.text.syllables import bare_form, has_marks, is_syllable
from broadcaster.text.tables import CONFUSED, LOANS, NEVER_DOUBLED, NEVER_LEVEL

_WORD = re.compile(r"[^\W\d_]+")
_ADJACENT = re.compile(r"[a-zà-ỹđ][.,;:!?][^\W\d_]")


@dataclass(frozen=True, slots=True)
class Slip:
    """A place a person should look at; `hint` is what was perhaps meant, "" when we have no idea."""

    start: int
    end: int
    kind: str
    """'doubled', 'glued', 'no_blank', 'not_a_syllable' or 'confused'."""
    written: str
    hint: str
    why: str


def find_slips(text: str) -> tuple[Slip, ...]:
    """Return hints in the order of the text, with positions in the text as given."""
    cleaned = clean(text)
    found = [*_doubled(cleaned.text), *_words(cleaned.text), *_no_blank(cleaned.text)]
    return tuple(
        Slip(cleaned.start(slip.start), cleaned.end(slip.end), slip.kind, slip.written, slip.hint, slip.why)
        for slip in sorted(found, key=lambda slip: (slip.start, slip.end))
    )


def _doubled(text: str) -> Iterator[Slip]:
    """Find "chủ động chủ động" and "của của"; single words only where Vietnamese never doubles them."""
    words = list(_WORD.finditer(text))
    position = 0
    while position < len(words):
        size = _repeat_at(words, position, text)
        if size:
            start, end = words[position].start(), words[position + 2 * size - 1].end()
            hint = text[start : words[position + size - 1].end()]
            yield Slip(start, end, "doubled", text[start:end], hint, "lặp từ")
        position += 2 * size or 1


def _repeat_at(words: list[re.Match[str]], position: int, text: str) -> int:
    """Return how many words from `position` on are said twice, with nothing but blanks between; else 0."""
    for size in (3, 2, 1):
        both = words[position : position + 2 * size]
        if len(both) < 2 * size or (size == 1 and both[0][0].lower() not in NEVER_DOUBLED):
            continue
        if [word[0].lower() for word in both[:size]] != [word[0].lower() for word in both[size:]]:
            continue
        if all(text[left.end() : right.start()] == " " for left, right in pairwise(both)):
            return size
    return 0


def _words(text: str) -> Iterator[Slip]:
    previous = ""
    for match in _WORD.finditer(text):
        word = match[0]
        if not is_syllable(word):
            if slip := _impossible(match):
                yield slip
        elif not word.isupper() and (slip := _without_tone(match)):
            yield slip
        pair = f"{previous} {word}".lower()
        if pair in CONFUSED:
            start = match.start() - len(previous) - 1
            yield Slip(
                start, match.end(), "confused", text[start : match.end()], CONFUSED[pair], "có thể gõ nhầm"
            )
        previous = word if text[match.end() : match.end() + 1] == " " else ""


def _impossible(match: re.Match[str]) -> Slip | None:
    """Hint at a word with Vietnamese marks that no Vietnamese syllable looks like."""
    word = match[0]
    if len(word) < 2 or not has_marks(word) or word.isupper() or word.lower() in LOANS or not word.isalpha():
        return None
    for cut in range(2, min(8, len(word) - 1)):
        head, tail = word[:cut], word[cut:]
        if len(tail) > 1 and is_syllable(head) and is_syllable(tail):
            return Slip(match.start(), match.end(), "glued", word, f"{head} {tail}", "thiếu dấu cách")
    return Slip(match.start(), match.end(), "not_a_syllable", word, "", "tiếng Việt không có âm tiết này")


def _without_tone(match: re.Match[str]) -> Slip | None:
    """Hint at a syllable that exists only with other tones: truyên beside truyền, truyện."""
    bare, tone = bare_form(match[0])
    if tone or bare not in NEVER_LEVEL:
        return None
    return Slip(match.start(), match.end(), "not_a_syllable", match[0], "", "có thể thiếu dấu thanh")


def _no_blank(text: str) -> Iterator[Slip]:
    for match in _ADJACENT.finditer(text):
        if (text[match.end() : match.end() + 1].isalpha() and match[0][1] != ".") or match[0][2].isupper():
            written = match[0]
            hint = f"{written[:2]} {written[2]}"
            yield Slip(match.start(), match.end(), "no_blank", written, hint, "thiếu dấu cách sau dấu câu")
