"""The everyday online voice: Google Translate's speech, by the protocol that gTTS knows.

gTTS itself posts without checking the server's certificate and waits for ever, so only its request bodies are
used; they go out through a session of our own that verifies, limits its waiting, keeps a pace, and stays away
for a quarter of an hour when told that it asks too much. Used while clips are prepared, never at air time.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from audio.speech.caller import Caller
from audio.speech.engine import Rejected, SpeechRequest, Unavailable, Voice, speakable
from audio.speech.received import joined, packed, sound_of

if TYPE_CHECKING:
    from audio.formats import Pcm

VOICES = (Voice("google-vi", "Giọng nữ Google", "Bắc", "nữ"),)
LONGEST_PART_CHARS = 100
PACE_S = 0.7
SLOW_BELOW_RATE = 0.8
"""The service has two speeds, normal and slow."""
_RPC = "jQ1olc"


class GoogleEngine:
    name = "Google"
    needs_network = True

    def __init__(self, memory: Path | None = None, pace_s: float = PACE_S) -> None:
        """`memory` is a file that keeps the breaker through a restart of the process."""
        self._caller = Caller("Google", pace_s, memory)
        self._turn = threading.Lock()

    @property
    def version(self) -> str:
        try:
            return f"gTTS {version('gTTS')}"
        except PackageNotFoundError as error:
            raise Unavailable("Chưa cài gói gTTS.") from error

    def voices(self) -> tuple[Voice, ...]:
        return VOICES

    def check(self) -> str | None:
        if find_spec("gtts") is None:
            return "Chưa cài gói gTTS."
        return self._caller.why_resting()

    def synthesize(self, request: SpeechRequest, deadline_s: float) -> Pcm:
        """Return the sentence at the service's own rate, 3 dB softer than it came."""
        if request.voice not in {voice.id for voice in VOICES}:
            raise Rejected(f"Google không có giọng “{request.voice}”.")
        text = speakable(request.text)
        if find_spec("gtts") is None:
            raise Unavailable("Chưa cài gói gTTS.")
        self._caller.require_rested()
        with self._turn:
            until = time.monotonic() + deadline_s
            bodies = _bodies(text, is_slow=request.rate < SLOW_BELOW_RATE)
            return joined([sound_of(self._audio_in(self._post(body, until)), "Google") for body in bodies])

    def _post(self, body: str, until: float) -> bytes:
        from gtts import tts  # noqa: PLC0415

        url = tts._translate_url(tld="com", path="_/TranslateWebserverUi/data/batchexecute")
        answer = self._caller.ask("POST", url, until, data=body, headers=tts.gTTS.GOOGLE_TTS_HEADERS)
        if answer.status != 200:
            raise self._caller.trouble(answer.status)
        return answer.content

    def _audio_in(self, answer: bytes) -> bytes:
        """Return the MP3 in an answer: a line of JSON [["wrb.fr", "jQ1olc", "[\\"BASE64\\"]", …], …]."""
        for line in answer.split(b"\n"):
            if _RPC.encode() in line:
                try:
                    [payload] = [row[2] for row in json.loads(line) if row[1:2] == [_RPC]]
                    return base64.b64decode(json.loads(payload)[0], validate=True)
                except (ValueError, TypeError, IndexError, binascii.Error) as error:
                    raise self._caller.no_sound_in(b"") from error
        raise self._caller.no_sound_in(answer)

    def close(self) -> None:
        self._caller.close()


def _bodies(text: str, *, is_slow: bool) -> list[str]:
    from gtts import gTTS  # noqa: PLC0415

    asked = gTTS(
        text, lang="vi", slow=is_slow, lang_check=False, pre_processor_funcs=[], tokenizer_func=_parts
    )
    try:
        return [body if isinstance(body, str) else body.decode() for body in asked.get_bodies()]
    except AssertionError as error:
        raise Rejected("Câu không có chữ nào để đọc.") from error


def _parts(text: str) -> list[str]:
    return packed(text, LONGEST_PART_CHARS)
