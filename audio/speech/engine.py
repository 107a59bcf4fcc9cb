"""What every speech engine is, and how it fails. Importing this costs nothing."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from audio.formats import Pcm

SYLLABLES_PER_MINUTE = 190
"""What rate 1.0 means inside sentences. With the pauses between them a bulletin runs at about 180, three
syllables a second, still clear through reverberant loudspeakers."""
LOWEST_RATE, HIGHEST_RATE = 0.6, 1.6


@dataclass(frozen=True, slots=True)
class Voice:
    id: str
    name: str
    """Shown to people, in Vietnamese."""
    region: str
    gender: str


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One sentence, every word spelled out as it is said."""

    text: str
    voice: str
    rate: float = 1.0
    """1.0 = `SYLLABLES_PER_MINUTE`."""


class SpeechError(Exception):
    """An engine could not speak. The message is one Vietnamese sentence."""


class Unavailable(SpeechError):
    """The engine cannot work here until something is installed or set."""


class Transient(SpeechError):
    """It may work later."""

    def __init__(self, message: str, retry_after_s: float = 60.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Rejected(SpeechError):
    """This text or voice will never be spoken by this engine."""


class BadAudio(SpeechError):
    """What came back is not the sentence: nothing, silence, cut off, distorted."""


class SpeechEngine(Protocol):
    """Turns one sentence into sound. Any thread may call it; calls may wait for each other."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str:
        """Changes when the same request would sound different. May raise Unavailable."""
        ...

    @property
    def needs_network(self) -> bool:
        """Such an engine is never asked while something is on the air."""
        ...

    def voices(self) -> tuple[Voice, ...]:
        """Return the voices, the engine's own choice first; none where the station owns none."""
        ...

    def check(self) -> str | None:
        """Return None when ready, else why not, in Vietnamese. Quick; never touches the network."""
        ...

    def synthesize(self, request: SpeechRequest, deadline_s: float) -> Pcm:
        """Return the sound of `request` at the engine's own rate, at most about -3 dBFS.

        Raises a SpeechError; Transient when it took longer than `deadline_s`.
        """
        ...

    def close(self) -> None: ...


def speakable(text: str) -> str:
    """Return `text` in NFC without control characters; raises Rejected when no letter or digit is left.

    Decomposed (NFD) Vietnamese is read as English by espeak-ng, and a NUL cuts the sentence short.
    """
    composed = unicodedata.normalize("NFC", text)
    visible = (c for c in composed if unicodedata.category(c) not in ("Cf", "Cs"))
    clean = " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in visible).split())
    if not any(c.isalnum() for c in clean):
        raise Rejected("Câu không có chữ nào để đọc.")
    return clean


def syllables(text: str) -> int:
    """Return about how many syllables are said: in Vietnamese, the words between spaces that hold a letter.

    A number that nobody spelled out counts as many as it has digits.
    """
    words = (word for word in text.split() if any(c.isalnum() for c in word))
    return sum(max(1, sum(c.isdigit() for c in word)) for word in words)
