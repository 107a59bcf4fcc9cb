"""The sound with which an output is tried: the opening chime, and a voice that says what it is."""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path

from audio.announcer_link import AnnouncerLink, Sentence
from audio.speech.engine import SpeechError
from audio.speech.espeak import VOICES, words_per_minute

logger = logging.getLogger(__name__)

WORDS = "Đây là tín hiệu thử loa."
NAME = "chuong-thu.wav"
TARGET_LUFS = -16.0
SPEAK_S = 15.0


def ready(folder: Path) -> Path | None:
    """Return the WAV file under the station's `folder`, None before it was made."""
    path = folder / "run" / NAME
    return path if path.exists() else None


def make(folder: Path) -> Path:
    """Make the file, in about a second; without a voice it is the chime alone. Raises OSError."""
    path = folder / "run" / NAME
    fresh = path.with_suffix(".new.wav")
    try:
        _speak(fresh)
    except SpeechError as error:
        logger.warning("the test chime does not speak: %s", error)
        _chime(fresh)
    fresh.replace(path)
    return path


def _speak(path: Path) -> None:
    sentence = Sentence(WORDS, VOICES[0].id, words_per_minute(1.0), 300, True, TARGET_LUFS)
    with closing(AnnouncerLink()) as announcer:
        announcer.say(sentence, path, SPEAK_S)


def _chime(path: Path) -> None:
    from audio import chimes, formats  # noqa: PLC0415 - samples are only needed here

    formats.write_wav(path, chimes.opening_chime())
