"""Readings joined into lines and sentences, with the pauses between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from broadcaster.text.clean import Cleaned
from broadcaster.text.place import Piece
from broadcaster.text.tables import SOUNDS
from broadcaster.text.values import Sentence

_STRENGTH = {",": 1, ":": 2, ";": 3, ".": 4, "?": 5, "!": 6}
_FULL_STOPS = {".", "?", "!"}
PAUSES_MS = {"sentence": 450, "clause": 250, "item": 450, "paragraph": 800, "heading": 1000}
LONGEST_SENTENCE = 200
"""Characters; espeak-ng and listeners both lose the thread beyond."""
_LONGEST_HEADING = 120
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_SOUNDED_KINDS = {"loan", "foreign", "abbreviation", "url", "email"}


def join(readings: Iterable[str]) -> str:
    """Return readings as running text; of marks that meet the strongest stays, none leads a line."""
    said: list[str] = []
    pending = ""
    for reading in readings:
        if reading in _STRENGTH:
            if _STRENGTH[reading] > _STRENGTH.get(pending, 0):
                pending = reading
        elif reading:
            if said and pending:
                said[-1] += pending
            pending = ""
            said.append(reading)
    if said and pending and pending not in ",:;":
        said[-1] += pending
    return " ".join(said)


def split_lines(pieces: Sequence[Piece], text: str) -> list[list[Piece]]:
    """Return the pieces line by line; a line that only wraps goes on in the next."""
    lines: list[list[Piece]] = [[]]
    for index, piece in enumerate(pieces):
        if piece.kind != "line":
            lines[-1].append(piece)
        elif not _wraps(lines[-1], pieces, index, text):
            lines.append([])
    return [line for line in lines if any(piece.spoken for piece in line)]


def _wraps(line: list[Piece], pieces: Sequence[Piece], index: int, text: str) -> bool:
    """Tell whether the line break at `index` stands inside a sentence, as in text copied from PDF."""
    if (
        not line
        or line[-1].kind == "mark"
        or index + 1 >= len(pieces)
        or text.count("\n", pieces[index].start, pieces[index].end) > 1
    ):
        return False
    following = pieces[index + 1]
    return following.kind == "word" and text[following.start].islower()


def make_text(lines: Sequence[Sequence[Piece]]) -> str:
    """Return what is said, line by line; of several, each begins with a capital so that none goes on."""
    said = [line for line in (join(piece.spoken for piece in line) for line in lines) if line]
    return "\n".join(line[0].upper() + line[1:] for line in said) if len(said) > 1 else "".join(said)


def make_sentences(lines: Sequence[Sequence[Piece]], text: str, cleaned: Cleaned) -> tuple[Sentence, ...]:
    sentences: list[Sentence] = []
    for line in lines:
        groups = [part for group in _at_full_stops(line) for part in _short_enough(group)]
        groups = [(group, mark) for group, mark in groups if any(_is_said(piece) for piece in group)]
        for number, (group, mark) in enumerate(groups):
            ending = _line_mark(line, text) if number == len(groups) - 1 else mark
            sentences.append(_sentence(group, ending, cleaned))
    return tuple(sentences)


def _is_said(piece: Piece) -> bool:
    return bool(piece.spoken) and piece.spoken not in _STRENGTH


def _at_full_stops(line: Sequence[Piece]) -> list[list[Piece]]:
    groups: list[list[Piece]] = [[]]
    for piece in line:
        groups[-1].append(piece)
        if piece.spoken in _FULL_STOPS:
            groups.append([])
    return groups


def _short_enough(group: list[Piece]) -> list[tuple[list[Piece], str]]:
    """Return a sentence in parts of at most `LONGEST_SENTENCE` characters, cut at its best pauses."""
    group = [part for piece in group for part in _cut_long(piece)]
    remaining = sum(len(piece.spoken) + 1 for piece in group)
    parts: list[tuple[list[Piece], str]] = []
    start = 0
    while remaining > LONGEST_SENTENCE:
        cut = _best_cut(group, start)
        if cut >= len(group):
            break
        parts.append((group[start:cut], "clause"))
        remaining -= sum(len(piece.spoken) + 1 for piece in group[start:cut])
        start = cut
    return [*parts, (group[start:], "sentence")]


def _cut_long(piece: Piece) -> list[Piece]:
    """Return one reading that is too long for a breath (a hundred digits) in parts of whole words."""
    if len(piece.spoken) < LONGEST_SENTENCE:
        return [piece]
    parts: list[Piece] = []
    words: list[str] = []
    size = 0
    for word in piece.spoken.split():
        if words and size + len(word) >= LONGEST_SENTENCE:
            parts.append(piece._replace(spoken=" ".join(words)))
            words, size = [], 0
        words.append(word)
        size += len(word) + 1
    return [*parts, piece._replace(spoken=" ".join(words))]


def _best_cut(group: Sequence[Piece], start: int) -> int:
    """Return the index behind the strongest late mark within the limit, else behind what fits."""
    size, best, best_worth, index = 0, 0, 0, start
    while index < len(group):
        spoken = group[index].spoken
        size += len(spoken) + 1
        if size > LONGEST_SENTENCE and index > start:
            break
        worth = _STRENGTH.get(spoken, 0) * 100 + size
        if spoken in _STRENGTH and size > LONGEST_SENTENCE // 4 and worth > best_worth:
            best, best_worth = index + 1, worth
        index += 1
    return best or index


def _line_mark(line: Sequence[Piece], text: str) -> str:
    start, end = line[0].start, line[-1].end
    written = text[start:end]
    short = len(written) <= _LONGEST_HEADING and line[-1].kind != "mark"
    if short and (written.upper() == written or line[0].kind == "list" or text[end : end + 2] == "\n\n"):
        return "heading"
    return "item" if line[0].kind in ("bullet", "list") else "paragraph"


def _sentence(group: Sequence[Piece], mark: str, cleaned: Cleaned) -> Sentence:
    said = [piece for piece in group if piece.spoken]
    text = join(_sounded(piece) for piece in group)
    start, end = cleaned.start(said[0].start), cleaned.end(said[-1].end)
    return Sentence(text, start, end, mark, PAUSES_MS[mark])


def _sounded(piece: Piece) -> str:
    """Return the reading in the spelling an engine without English needs: website -> oép sai."""
    if piece.kind not in _SOUNDED_KINDS or not SOUNDS:
        return piece.spoken
    return _WORD.sub(lambda match: SOUNDS.get(match[0].lower(), match[0]), piece.spoken)
