"""Written text beside spoken text, row by row, with what changed and what waits for a person marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from broadcaster.text import Certainty, Spoken, Token, context_of

PAUSES = frozenset(",.;:?!…")
AROUND = 60
"""Characters of the written text shown on either side of a word that must be decided."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `look` is empty for what is said as it is written."""

    text: str
    look: str = ""
    token: int = 0
    """Where the word begins in the written text, when it can be decided anew."""
    about: str = ""


@dataclass(slots=True)
class Row:
    """One sentence (or heading, or line) on both sides."""

    written: list[Piece] = field(default_factory=list)
    spoken: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Choice:
    """A word whose reading a person decides, with the words around it."""

    written: str
    spoken: str
    choices: tuple[str, ...]
    why: str
    before: str
    after: str
    start: int
    context: str


def rows(written: str, spoken: Spoken) -> list[Row]:
    """Return the two texts side by side, cut where sentences end."""
    made: list[Row] = []
    for start, end, tokens in _spans(written, spoken):
        row = Row(list(_written(written, start, end, tokens)), list(_spoken(tokens)))
        if any(piece.text.strip() for piece in (*row.written, *row.spoken)):
            made.append(row)
    return made


def choice_of(written: str, token: Token) -> Choice:
    return Choice(
        written=token.written,
        spoken=token.spoken,
        choices=token.choices or ((token.spoken,) if token.spoken.strip() else ()),
        why=token.why,
        before=_shortened(written[max(0, token.start - AROUND) : token.start], is_left=True),
        after=_shortened(written[token.end : token.end + AROUND], is_left=False),
        start=token.start,
        context=context_of(written, token),
    )


def undecided(written: str, spoken: Spoken) -> list[Choice]:
    return [choice_of(written, token) for token in spoken.undecided]


def token_at(spoken: Spoken, start: int | None) -> Token | None:
    """Return the token that begins at `start` of the written text."""
    return next((token for token in spoken.tokens if token.start == start), None)


def _spans(written: str, spoken: Spoken) -> Iterator[tuple[int, int, list[Token]]]:
    """Yield where each row begins and ends in the written text, with its tokens; nothing is left out."""
    cuts = sorted({0, *_row_starts(spoken), len(written)})
    tokens = sorted(spoken.tokens, key=lambda token: (token.start, token.end))
    place = 0
    for start, end in pairwise(cuts):
        mine: list[Token] = []
        while place < len(tokens) and (tokens[place].start < end or end == len(written)):
            mine.append(tokens[place])
            place += 1
        yield start, end, mine


def _row_starts(spoken: Spoken) -> Iterator[int]:
    """A row begins after each sentence that does not merely pause inside a longer one."""
    begins = True
    for sentence in spoken.sentences:
        if begins:
            yield sentence.start
        begins = sentence.mark != "clause"


def _written(text: str, start: int, end: int, tokens: Iterable[Token]) -> Iterator[Piece]:
    place = start
    for token in tokens:
        look = _look(token)
        if look:
            yield Piece(text[place : token.start])
            yield Piece(text[token.start : token.end], look, token.start, token.why)
            place = token.end
    yield Piece(text[place:end])


def _spoken(tokens: Iterable[Token]) -> Iterator[Piece]:
    is_first = True
    for token in tokens:
        said = token.spoken.strip()
        if not said and _look(token) != "unsure":
            continue
        if is_first and said in PAUSES:
            continue  # a bracket that opens a line
        glue = "" if is_first or said[:1] in PAUSES else " "
        yield Piece(glue)
        yield Piece(said or "…", _look(token), token.start, token.why)
        is_first = False


def _look(token: Token) -> str:
    if token.certainty is Certainty.UNSURE:
        return "unsure"
    if not token.spoken.strip():
        return "silent" if any(letter.isalnum() for letter in token.written) else ""
    if token.spoken.strip() in PAUSES or token.spoken.lower() == token.written.lower():
        return ""
    return "likely" if token.certainty is Certainty.LIKELY else "said"


def _shortened(text: str, *, is_left: bool) -> str:
    """Cut at a space, so that no half word stands there."""
    line = text.replace("\n", " ")
    if len(line) < AROUND:
        return line
    return "…" + line.split(" ", 1)[-1] if is_left else line.rsplit(" ", 1)[0] + "…"
