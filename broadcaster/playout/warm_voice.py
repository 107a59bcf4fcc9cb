"""One announcer kept warm, so that an emergency is spoken without waiting for anything to start."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from audio.announcer_link import AnnouncerLink, Sentence
from audio.speech.engine import SpeechError, Transient, speakable
from audio.speech.espeak import VOICES, words_per_minute

logger = logging.getLogger(__name__)

DEADLINE_S = 4.0
"""The longest sentence takes 0.3 s; a worker that hangs is replaced after this."""
TRIES = 3


@dataclass(frozen=True, slots=True)
class Voice:
    """Which of the built-in voices speaks, and how fast (1.0 as for bulletins)."""

    name: str = ""
    rate: float = 1.0

    @property
    def id(self) -> str:
        """An emergency is only ever spoken by the voice that needs nothing: others give way to it."""
        return self.name if self.name in {each.id for each in VOICES} else VOICES[0].id


class WarmVoice:
    """Holds the announcer and starts a new one when it has died. Any thread may call."""

    def __init__(self) -> None:
        self._link = AnnouncerLink()
        self._trouble = ""
        self._is_closed = threading.Event()

    def check(self) -> None:
        """Start the announcer when it does not run; a machine on which it cannot is told once in the log.

        That no process can be started now (OSError) is no reason to end what sounds.
        """
        try:
            self._link.warm()
        except (SpeechError, OSError) as error:
            if str(error) != self._trouble:
                logger.error("no warm voice: %s", error)
            self._trouble = str(error)
        else:
            self._trouble = ""

    def say(self, text: str, pause_ms: int, voice: Voice, path: Path, *, with_chime: bool = False) -> None:
        """Write a clip at `path` that says `text`; an announcer that dies over it is replaced.

        Raises SpeechError: Rejected when this text can never be said, else when nobody answered.
        """
        rate = words_per_minute(voice.rate)
        sentence = Sentence(speakable(text), voice.id, rate, pause_ms, with_chime)
        trouble = Transient("Giọng đọc đã được tắt.")
        for _ in range(TRIES):
            if self._is_closed.is_set():
                break
            try:
                return self._link.say(sentence, path, DEADLINE_S)
            except Transient as error:
                trouble = error
            except OSError as error:
                trouble = Transient(f"Không mở được giọng đọc: {error.strerror or error}.")
            logger.warning("the warm voice broke off: %s", trouble)
        raise trouble

    def rest(self) -> None:
        """Let the announcer go that carries numpy since it spoke; a fresh one waits in its place."""
        self._link.close()
        self.check()

    def close(self) -> None:
        self._is_closed.set()
        self._link.close()
