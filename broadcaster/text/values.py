"""What the reader hands out: tokens with their certainty, and sentences with their pauses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Certainty(StrEnum):
    """How sure the reader is; only UNSURE waits for a person."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the written text and what is said for it.

    `start` and `end` are positions in the written text as it was given, before cleaning.
    `spoken` is "" for what is silent, and a mark (", . ; : ? !") where only a pause is made.
    """

    written: str
    start: int
    end: int
    kind: str
    spoken: str
    certainty: Certainty = Certainty.SURE
    choices: tuple[str, ...] = ()
    """Readings a person may pick from, the proposed one first."""
    why: str = ""
    """Vietnamese: what decided this reading."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What an engine speaks in one breath, and the silence after it."""

    text: str
    start: int
    end: int
    mark: str
    """'sentence', 'clause', 'heading', 'item' or 'paragraph': what ends here."""
    pause_ms: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as it will be said."""

    text: str
    tokens: tuple[Token, ...] = field(repr=False)
    sentences: tuple[Sentence, ...] = field(repr=False)

    @property
    def undecided(self) -> tuple[Token, ...]:
        """What a person must decide before an engine may speak."""
        return tuple(token for token in self.tokens if token.certainty is Certainty.UNSURE)


@dataclass(frozen=True, slots=True)
class ReadingEntry:
    """A person's decision: `written` is said as `spoken`.

    `context` None holds everywhere; otherwise it is what `context_of` gave for the place it was
    decided at, and holds only where the words on either side are still the same.
    """

    written: str
    spoken: str
    context: str | None = None
