"""Written text beside spoken text, row by row: what changed, what waits for a person, what may be a slip."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

from broadcaster.text import Sentence, Spoken, Token, guard
from broadcaster.text.slips import Slip
from web.looks import PAUSES, about, certainty, look, slip_words

MARK_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `look` is empty for what is said as it is written."""

    text: str
    look: str = ""
    certainty: str = ""
    token: int = 0
    """Where the word begins in the written text."""
    about: str = ""
    slip: str = ""
    """A hint at a slip of the pen."""
    is_first: bool = False
    """The first piece of its word: the one to jump to."""


@dataclass(slots=True)
class Row:
    """One sentence (or heading, or line) on both sides."""

    start: int = 0
    end: int = 0
    written: list[Piece] = field(default_factory=list)
    spoken: list[Piece] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    is_undecided: bool = False

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """Return what an engine says for this row: (text, pause after it in milliseconds)."""
        return tuple((each.text, each.pause_ms) for each in self.sentences)

    @property
    def mark(self) -> str:
        """Return a short name of exactly these words, so that an old page is not answered with new ones."""
        return hashlib.sha256(json.dumps(self.lines).encode()).hexdigest()[:MARK_LENGTH]

    @property
    def is_sayable(self) -> bool:
        return bool(self.sentences) and not self.is_undecided and not any(map(guard, self.sentences))


def rows(written: str, spoken: Spoken, slips: Sequence[Slip] = ()) -> list[Row]:
    """Return the two texts side by side, cut where sentences end."""
    marked_slips, sentences = _Spans(slips), _Spans(spoken.sentences)
    made: list[Row] = []
    for start, end, tokens in _cut(written, spoken):
        row = Row(start, end)
        row.written = list(_written(written, start, end, tokens, marked_slips))
        row.spoken = list(_spoken(tokens))
        row.sentences = sentences.beginning_in(start, end)
        row.is_undecided = any(token.certainty == "unsure" for token in tokens)
        if any(piece.text.strip() for piece in (*row.written, *row.spoken)):
            made.append(row)
    return made


def row_at(made: Iterable[Row], start: int) -> Row | None:
    return next((row for row in made if row.start == start), None)


def looks_in(made: Iterable[Row]) -> set[str]:
    """Return the groups and certainties that occur, for a legend without the rest."""
    pieces = [piece for row in made for piece in (*row.written, *row.spoken)]
    names = {name for piece in pieces for name in (piece.look, piece.certainty, piece.slip and "slip")}
    return names - {""}


def token_at(spoken: Spoken, start: int | None) -> Token | None:
    """Return the token that begins at `start` of the written text."""
    return next((token for token in spoken.tokens if token.start == start), None)


def _cut(written: str, spoken: Spoken) -> Iterator[tuple[int, int, list[Token]]]:
    """Yield where each row begins and ends in the written text, with its tokens; nothing is left out."""
    cuts = sorted({0, *_row_starts(written, spoken), len(written)})
    tokens = sorted(spoken.tokens, key=lambda token: (token.start, token.end))
    place = 0
    for start, end in pairwise(cuts):
        mine: list[Token] = []
        while place < len(tokens) and (tokens[place].start < end or end == len(written)):
            mine.append(tokens[place])
            place += 1
        yield start, end, mine


def _row_starts(written: str, spoken: Spoken) -> Iterator[int]:
    """A row begins after each sentence that does not merely pause inside a longer one.

    It begins with its line, so that a bullet stands before what it lists.
    """
    begins, before = True, 0
    for sentence in spoken.sentences:
        if begins:
            line_end = written.rfind("\n", before, sentence.start)
            yield sentence.start if line_end < 0 else line_end + 1
        begins, before = sentence.mark != "clause", sentence.end


class _Span(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


S = TypeVar("S", bound=_Span)


class _Spans(Generic[S]):
    """Stretches of the written text, found by place; they stand in order and hardly overlap."""

    def __init__(self, spans: Iterable[S]) -> None:
        self._spans = sorted(spans, key=lambda span: span.start)
        self._starts = [span.start for span in self._spans]

    def beginning_in(self, start: int, end: int) -> list[S]:
        return self._spans[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def edges_in(self, start: int, end: int) -> Iterator[int]:
        first = max(0, bisect_left(self._starts, start) - 1)
        for span in self._spans[first : bisect_left(self._starts, end)]:
            yield from (edge for edge in (span.start, span.end) if start < edge < end)

    def covering(self, place: int) -> S | None:
        number = bisect_left(self._starts, place + 1) - 1
        found = self._spans[number] if number >= 0 else None
        return found if found is not None and found.end > place else None


def _written(
    text: str, start: int, end: int, tokens: Iterable[Token], slips: _Spans[Slip]
) -> Iterator[Piece]:
    changed = _Spans([token for token in tokens if look(token) and token.end > token.start])
    cuts = sorted({start, end, *changed.edges_in(start, end), *slips.edges_in(start, end)})
    for left, right in pairwise(cuts):
        token, slip = changed.covering(left), slips.covering(left)
        hint = slip_words(slip) if slip is not None else ""
        if token is None:
            yield Piece(text[left:right], slip=hint)
        else:
            is_first = left == token.start
            yield _piece(text[left:right], token, slip=hint, is_first=is_first)


def _spoken(tokens: Iterable[Token]) -> Iterator[Piece]:
    is_first = True
    for token in tokens:
        said = token.spoken.strip()
        if not said and certainty(token) != "unsure":
            continue
        if is_first and said in PAUSES:
            continue  # a bracket that opens a line
        yield Piece("" if is_first or said[:1] in PAUSES else " ")
        yield _piece(said or "…", token)
        is_first = False


def _piece(text: str, token: Token, *, slip: str = "", is_first: bool = False) -> Piece:
    return Piece(text, look(token), certainty(token), token.start, about(token), slip, is_first)
