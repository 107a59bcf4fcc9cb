"""Orders made heard: one thread turns them into parts for the players while the attention tone sounds.

The engine's thread only looks at what is there: it never waits for a voice, a disk or a hash.
"""

from __future__ import annotations

import logging
import queue
import shutil
import threading
import wave
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from audio.speech.engine import SYLLABLES_PER_MINUTE, Rejected, SpeechError, syllables
from broadcaster.newsroom import alert_texts, clips
from broadcaster.newsroom.alert_texts import Script
from broadcaster.playout.warm_voice import Voice

logger = logging.getLogger(__name__)

FOLDER = Path("run") / "alerts"
CHECK_S = 5.0
"""An emergency must not wait for a voice that died more than this long ago."""
RETRY_S = 2.0
CLIP_CHANGED = "Bản thu của lệnh bị mất hoặc đã thay đổi, nên máy đọc trực tiếp lời đã duyệt."


class Speaker(Protocol):
    """What is needed of a voice; `WarmVoice` is the real one."""

    def check(self) -> None: ...
    def say(
        self, text: str, pause_ms: int, voice: Voice, path: Path, *, with_chime: bool = False
    ) -> None: ...
    def rest(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be heard after the tone."""

    script: Script
    voice: Voice
    clip_sha256: str | None = None
    """Signed sound, to be heard in place of `script` while its bytes are those that were signed."""
    is_drill: bool = False
    with_chime: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    path: Path
    seconds: float


@dataclass(slots=True, eq=False)
class Speech:
    """How far the making of some words has come. Written by the announcer's thread, read by the engine's."""

    words: Words
    folder: Path
    parts: list[Part] = field(default_factory=list)
    is_whole: bool = False
    is_live: bool = False
    """The voice speaks what is said, be it for want of a clip."""
    trouble: str = ""
    """Why no more comes at present; empty: nothing is wrong."""
    note: str = ""
    """What the history should keep."""
    is_begun: bool = False
    is_dropped: bool = False
    todo: deque[tuple[str, int] | str] = field(default_factory=deque)
    """(text, pause in milliseconds), or the hash of a clip."""

    @property
    def expected_s(self) -> float:
        """How long it will sound, as well as it can be known before it is made."""
        pauses_s = sum(int(line["pause_ms"]) for line in self.words.script) / 1000
        said = sum(syllables(str(line["text"])) for line in self.words.script)
        return said * 60 / SYLLABLES_PER_MINUTE / self.words.voice.rate + pauses_s


class Announcer:
    """The thread. `begin`, `drop` and `close` may be called from any other, and return at once."""

    def __init__(self, folder: Path, voice: Speaker) -> None:
        """`folder` is that of the station."""
        self._folder = folder
        self._voice = voice
        self._inbox: queue.SimpleQueue[Speech | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._count = 0
        self._living = 0
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def begin(self, words: Words) -> Speech:
        """Have `words` made; look at what comes back for what is ready."""
        self._count += 1
        speech = Speech(words, self._folder / FOLDER / str(self._count))
        self._inbox.put(speech)
        return speech

    def drop(self, speech: Speech) -> None:
        """Nobody will hear more of it: stop making it and remove its files."""
        speech.is_dropped = True
        self._inbox.put(speech)

    def close(self) -> None:
        self._closing.set()
        self._inbox.put(None)
        if self._thread.ident is not None:
            self._thread.join(1.0)

    # --- in the thread ---

    def _run(self) -> None:
        shutil.rmtree(self._folder / FOLDER, ignore_errors=True)
        self._voice.check()
        while not self._closing.is_set():
            if self.work(CHECK_S) is None:
                self._voice.check()
        self._voice.close()

    def work(self, wait_s: float) -> Speech | None:
        """Make the next part of something; None when nothing was asked for within `wait_s`."""
        try:
            speech = self._inbox.get(timeout=wait_s) if wait_s else self._inbox.get_nowait()
        except queue.Empty:
            return None
        if speech is not None:
            self._go_on(speech)
            if speech.trouble and wait_s:
                self._closing.wait(RETRY_S)
        return speech

    def _go_on(self, speech: Speech) -> None:
        """Make the next part, and come back for the one after it once others had their turn."""
        if speech.is_dropped:
            self._forget(speech)
            return
        if not speech.is_begun:
            self._set_out(speech)
        self._make_next(speech)
        if not speech.is_whole:
            self._inbox.put(speech)

    def _set_out(self, speech: Speech) -> None:
        with suppress(OSError):  # the voice says what is wrong with the disk
            speech.folder.mkdir(parents=True, exist_ok=True)
        speech.is_begun = True
        self._living += 1
        words = speech.words
        own = deque[tuple[str, int] | str](_pairs(words.script))
        if words.clip_sha256 is not None and clips.is_intact(self._folder, words.clip_sha256):
            own = deque([words.clip_sha256])
        else:
            speech.is_live = True
            speech.note = CLIP_CHANGED if words.clip_sha256 is not None else ""
        speech.todo = _rehearsed(own) if words.is_drill else own

    def _make_next(self, speech: Speech) -> None:
        try:
            while speech.todo and isinstance(speech.todo[0], str):
                clip = clips.path_of(self._folder, speech.todo[0])
                speech.parts.append(Part(clip, _seconds(clip)))
                speech.todo.popleft()
            if speech.todo:
                self._say(speech, *speech.todo[0])
                speech.todo.popleft()
            speech.trouble = ""
        except Rejected as error:
            logger.error("a sentence of an order cannot be said: %s", error)
            speech.note = str(error)
            speech.todo.popleft()
        except (SpeechError, OSError, wave.Error) as error:
            logger.error("no voice for an order: %s", error)
            speech.trouble = str(error)
        speech.is_whole = not speech.todo

    def _say(self, speech: Speech, text: str, pause_ms: int) -> None:
        path = speech.folder / f"{len(speech.parts):03}.wav"
        is_first = not speech.parts and speech.words.with_chime
        self._voice.say(text, pause_ms, speech.words.voice, path, with_chime=is_first)
        speech.parts.append(Part(path, _seconds(path)))

    def _forget(self, speech: Speech) -> None:
        if not speech.is_begun:
            return  # dropped before it was begun, or told twice
        speech.is_begun = False
        shutil.rmtree(speech.folder, ignore_errors=True)
        self._living -= 1
        if self._living == 0:
            self._voice.rest()


def _rehearsed(own: Iterable[tuple[str, int] | str]) -> deque[tuple[str, int] | str]:
    """Return the words of a drill: it says so first and last."""
    before, after = alert_texts.lines(alert_texts.DRILL_BEFORE), alert_texts.lines(alert_texts.DRILL_AFTER)
    return deque([*_pairs(before), *own, *_pairs(after)])


def _pairs(script: Script) -> list[tuple[str, int] | str]:
    return [(str(line["text"]), int(line["pause_ms"])) for line in script]


def _seconds(path: Path) -> float:
    with wave.open(str(path), "rb") as clip:
        return clip.getnframes() / clip.getframerate()
