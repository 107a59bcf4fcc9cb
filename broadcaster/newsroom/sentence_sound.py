"""One sentence to listen to at once, while the whole bulletin is not rendered yet.

Spoken by a studio process that is started at the first wish, stays for a minute and goes again: whoever asks
carries no samples. It shares the renderer's sentence cache, so what was heard here is not spoken a second
time for the clip. Measured on two slow cores: 0.8 s for the first sentence, 0.1 s for the next.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from audio.speech.engine import SpeechError, Transient
from audio.studio_link import Failed, Job, Made, StudioLink
from broadcaster.errors import Refused
from broadcaster.newsroom.rendering import CLIP_VERSION
from broadcaster.text import guard

DEADLINE_S = 8.0
NETWORK_FOR_S = 6.0
"""What is left then is enough for a voice of this machine."""
IDLE_S = 60.0
LONGEST_TEXT = 2_000
"""Characters; a sentence read in one go is far shorter."""
MOST_FILES = 64
"""About 50 MB of the newest sentences."""
Line = tuple[str, int]
"""(Text, pause after it in milliseconds)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is to be listened to."""

    wav: Path
    notice: str
    """What the listener must know, e.g. that another voice had to speak; usually empty."""


class SentenceSounds:
    """The sounds of single sentences of one station, made one at a time. Close it at the end."""

    def __init__(self, folder: Path, engines: Sequence[str], target_lufs: float) -> None:
        self._memory = folder / "cache"
        self._kept = folder / "cache" / "listen"
        self._engines = tuple(engines)
        self._target_lufs = target_lufs
        self._turn = threading.Lock()
        self._studio: StudioLink | None = None
        self._rest: threading.Timer | None = None

    def sound_of(self, lines: Iterable[Line], voice: str, rate: float) -> Heard:
        """Return a WAV that says `lines`, loud as a clip will be; kept, so that the next wish is instant.

        What another voice had to say is not kept: the next time the chosen one may speak again. Raises
        Refused, with the sentence for the person: nothing to say, a word that no engine can say, or no voice
        that answered within `DEADLINE_S`.
        """
        said = tuple((text, pause_ms) for text, pause_ms in lines if text.strip())
        _require_sayable(said)
        wav, notice = self._kept / f"{self._key(said, voice, rate)}.wav", ""
        if not wav.exists():
            if not self._turn.acquire(timeout=DEADLINE_S):
                raise Refused("Máy đang đọc câu khác; hãy bấm nghe lại sau vài giây.")
            try:
                wav, notice = self._make(said, voice, rate, wav)
            finally:
                self._turn.release()
        with suppress(OSError):
            os.utime(wav)
        return Heard(wav, notice)

    def close(self) -> None:
        with self._turn:
            self._drop()

    def _key(self, lines: tuple[Line, ...], voice: str, rate: float) -> str:
        asked = [lines, voice, rate, self._engines, self._target_lufs, CLIP_VERSION]
        return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()

    def _make(self, lines: tuple[Line, ...], voice: str, rate: float, wav: Path) -> tuple[Path, str]:
        if wav.exists():
            return wav, ""  # somebody else wished for it while we waited
        aside = wav.with_suffix(".new")
        job = Job(
            lines, voice, rate, 1, self._target_lufs, aside, with_chime=False, network_for_s=NETWORK_FOR_S
        )
        try:
            self._kept.mkdir(parents=True, exist_ok=True)
            notice = self._speak(job).notice or ""
            place = wav.with_name(f"{wav.stem}-khac.wav") if notice else wav
            aside.replace(place)
        except SpeechError as error:
            self._drop()
            raise Refused(f"Chưa nghe được câu này: {error}") from error
        except OSError as error:
            raise Refused(f"Chưa nghe được câu này: không ghi được tệp tạm ({error.strerror}).") from error
        finally:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
        self._stay_a_while()
        self._prune()
        return place, notice

    def _speak(self, job: Job) -> Made:
        """Have it spoken; a studio that died meanwhile is replaced once. Raises SpeechError."""
        until = time.monotonic() + DEADLINE_S
        try:
            return self._ask(job, until)
        except Transient as error:
            if error.retry_after_s > 0:
                raise
            self._drop()
            return self._ask(job, until)

    def _ask(self, job: Job, until: float) -> Made:
        studio = self._ready_studio()
        studio.begin(job)
        while (left_s := until - time.monotonic()) > 0:
            word = studio.next_word(left_s)
            if isinstance(word, Failed):
                raise Transient(word.text)
            if isinstance(word, Made):
                return word
        raise Transient("giọng đọc không trả lời kịp; hãy thử lại.")

    def _ready_studio(self) -> StudioLink:
        if self._studio is None or not self._studio.is_alive:
            self._drop()
            self._studio = StudioLink(self._engines, self._memory)
        return self._studio

    def _stay_a_while(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        self._rest = threading.Timer(IDLE_S, self.close)
        self._rest.daemon = True
        self._rest.start()

    def _drop(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        if self._studio is not None:
            self._studio.kill()
            self._studio = None

    def _prune(self) -> None:
        """Throw away the sentences that nobody has listened to for longest."""
        files = sorted(_ages(self._kept), reverse=True)
        for _, file in files[MOST_FILES:]:
            with suppress(OSError):  # it may be playing, which some systems mind
                file.unlink()


def _require_sayable(lines: tuple[Line, ...]) -> None:
    if not any(letter.isalnum() for text, _ in lines for letter in text):
        raise Refused("Câu này không có gì để đọc.")
    if sum(len(text) for text, _ in lines) > LONGEST_TEXT:
        raise Refused("Câu này quá dài để nghe riêng; hãy bấm “Nghe cả bài”.")
    for text, _ in lines:
        objection = guard(text)
        if objection is not None:
            raise Refused(f"Chưa nghe được câu này: {objection} Hãy chọn cách đọc trước.")


def _ages(folder: Path) -> list[tuple[float, Path]]:
    found = []
    for file in folder.glob("*.wav"):
        with suppress(OSError):
            found.append((file.stat().st_mtime, file))
    return found
