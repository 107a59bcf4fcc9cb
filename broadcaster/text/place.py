"""Where the reader stands: what is written around, and what was read so far."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from broadcaster.text.values import Certainty

SURE, LIKELY, UNSURE = Certainty.SURE, Certainty.LIKELY, Certainty.UNSURE
REACH = 48
"""How many characters to either side may decide a reading: keeps every rule's cost bounded."""


class Piece(NamedTuple):
    """A token in the making; positions are those of the cleaned text."""

    start: int
    end: int
    kind: str
    spoken: str
    certainty: Certainty = SURE
    choices: tuple[str, ...] = ()
    why: str = ""


@dataclass(slots=True)
class Place:
    """The cleaned text, what it defines itself, and the pieces read up to here."""

    text: str
    definitions: dict[str, str] = field(default_factory=dict)
    silent_brackets: dict[int, int] = field(default_factory=dict)
    """Where a bracket opens that only repeats what was just said, and where it ends."""
    pieces: list[Piece] = field(default_factory=list)
    line_start: int = 0
    """Where the words of this line begin, bullets and list numbers left out."""

    def before(self, position: int, reach: int = REACH) -> str:
        """Return the lower-case text on this line before `position`."""
        tail = self.text[max(0, position - reach) : position]
        return tail[tail.rfind("\n") + 1 :].lower()

    def after(self, position: int, reach: int = REACH) -> str:
        """Return the text on this line from `position`."""
        head = self.text[position : position + reach]
        cut = head.find("\n")
        return head if cut < 0 else head[:cut]

    @property
    def last(self) -> Piece | None:
        return self.pieces[-1] if self.pieces else None

    def last_said(self) -> Piece | None:
        """Return the last piece that is more than a mark or a word that joins a list."""
        for piece in reversed(self.pieces[-5:]):
            if piece.kind not in ("mark", "line") and piece.spoken not in _JOINING:
                return piece
        return None

    def gap(self, position: int) -> str:
        """Return what stands between the last said piece and `position`."""
        said = self.last_said()
        return self.text[said.end : position] if said else ""


_JOINING = {"và", "hoặc", "hay", "đến", "tới"}
Reader = Callable[[re.Match[str], Place], Piece | None]
Rule = tuple[re.Pattern[str], Reader]


def piece(match: re.Match[str], kind: str, spoken: str, why: str = "") -> Piece:
    return Piece(match.start(), match.end(), kind, spoken, SURE, (), why)


def first_reading(rules: tuple[Rule, ...], place: Place, position: int) -> Piece | None:
    """Return what the first rule that fits at `position` reads there."""
    for pattern, reader in rules:
        match = pattern.match(place.text, position)
        if match and (found := reader(match, place)):
            return found
    return None
