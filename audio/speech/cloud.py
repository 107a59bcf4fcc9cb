"""One engine for every speech service that is asked by HTTP; `services.toml` says how each is asked.

The key never reaches a message or a log, and goes only to the service itself: sound that lies elsewhere is
fetched without it. Used while clips are prepared, never at air time.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio.speech.caller import OFFLINE_BREAK_S, Caller
from audio.speech.engine import (
    BadAudio,
    Rejected,
    SpeechRequest,
    Transient,
    Unavailable,
    Voice,
    speakable,
)
from audio.speech.received import joined, packed, sound_of
from audio.speech.services import Service, filled

if TYPE_CHECKING:
    from audio.formats import Pcm

_NOT_YET = (202, 403, 404)
"""What a file's address answers while it is being made; stores of objects say 403 for what is not there."""
_MASK = "•••"


class CloudEngine:
    needs_network = True

    def __init__(self, service: Service, key: Callable[[], str], memory: Path | None = None) -> None:
        """`key` returns the key or raises Unavailable; `memory` keeps the breaker through a restart."""
        self._service = service
        self._key = key
        self._caller = Caller(service.title, service.pace_s, memory)
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        return self._service.title

    @property
    def version(self) -> str:
        return self._service.digest

    def voices(self) -> tuple[Voice, ...]:
        return voices_of(self._service)

    def check(self) -> str | None:
        try:
            self._key()
        except Unavailable as error:
            return str(error)
        return self._caller.why_resting()

    def synthesize(self, request: SpeechRequest, deadline_s: float) -> Pcm:
        """Return the sentence at the service's own rate, 3 dB softer than it came."""
        voice = self._own_id(request.voice)
        text = speakable(request.text)
        values = {"voice": voice, "speed": self._service.speed.at(request.rate), "key": self._key()}
        self._caller.require_rested()
        with self._turn:
            until = time.monotonic() + deadline_s
            parts = packed(text, self._service.longest_chars)
            return joined([self._spoken({**values, "text": part}, until) for part in parts])

    def close(self) -> None:
        self._caller.close()

    def _own_id(self, voice: str) -> str:
        own = {theirs.id: mine.id for mine, theirs in zip(self._service.voices, self.voices(), strict=True)}
        if voice not in own:
            raise Rejected(f"{self._service.title} không có giọng “{voice}”.")
        return own[voice]

    def _spoken(self, values: dict[str, Any], until: float) -> Pcm:
        answer = self._caller.ask("POST", self._service.url, until, **self._request(values))
        if answer.status != 200:
            raise self._refusal(answer.status)
        return sound_of(self._sound_in(answer.content, values["key"], until), self._service.title)

    def _request(self, values: dict[str, Any]) -> dict[str, Any]:
        service = self._service
        headers = {name: str(value) for name, value in filled(service.headers, values).items()}
        content = filled(service.body.content, values)
        if service.body.kind == "json":
            return {"headers": headers, "json": content}
        return {"headers": headers, "data": content.encode() if service.body.kind == "raw" else content}

    def _refusal(self, status: int) -> Exception:
        title = self._service.title
        if status in (401, 403):
            return Unavailable(f"{title} không nhận khóa này (lỗi {status}); hãy kiểm tra khóa và gói cước.")
        if status in (400, 413, 422):
            return Rejected(f"{title} không nhận câu hoặc giọng này (lỗi {status}).")
        return self._caller.trouble(status)

    # --- reading the answer ---

    def _sound_in(self, content: bytes, key: str, until: float) -> bytes:
        reply = self._service.answer
        if reply.kind == "audio" and not content.lstrip().startswith((b"{", b"<")):
            return content
        document = self._document(content)
        self._heed(document, key)
        found = at(document, reply.pointer) if reply.pointer else None
        if not isinstance(found, str) or not found:
            raise self._caller.no_sound_in(b"")
        return self._decoded(found) if reply.kind == "base64" else self._fetched(found, until)

    def _document(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except ValueError as error:
            raise self._caller.no_sound_in(content) from error

    def _heed(self, document: Any, key: str) -> None:
        """Raise what the service says went wrong, with its own words, shortened and without the key."""
        reply = self._service.answer
        code = at(document, reply.error) if reply.error else None
        is_well = code in (None, "", 0, "0", False) and reply.kind != "audio"
        if is_well:
            return
        words = at(document, reply.message) if reply.message else None
        said = " ".join(f"{code or ''} {words or ''}".split()).replace(key, _MASK)[:120]
        raise Transient(f"{self._service.title} báo lỗi: {said or 'không rõ'}.", OFFLINE_BREAK_S)

    def _decoded(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (ValueError, binascii.Error) as error:
            raise self._caller.no_sound_in(b"") from error

    def _fetched(self, url: str, until: float) -> bytes:
        """Return what lies at `url` as soon as it lies there."""
        if not self._may_fetch(url):
            raise BadAudio(f"{self._service.title} chỉ đến một địa chỉ lạ; không tải âm thanh từ đó.")
        while True:
            answer = self._caller.ask("GET", url, until)
            if answer.status == 200 and answer.content:
                return answer.content
            if answer.status not in (200, *_NOT_YET):
                raise self._caller.trouble(answer.status)
            time.sleep(max(0.0, min(self._service.answer.poll_s, until - time.monotonic())))

    def _may_fetch(self, url: str) -> bool:
        try:
            return self._service.may_fetch(url)
        except ValueError:  # not even an address
            return False


def voices_of(service: Service) -> tuple[Voice, ...]:
    """Return the service's voices under names that no other engine has."""
    return tuple(
        Voice(f"{service.name}-{voice.id}", voice.name, voice.region, voice.gender)
        for voice in service.voices
    )


def at(document: Any, pointer: str) -> Any:
    """Return what stands at a JSON pointer (RFC 6901), or None."""
    for step in (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]):
        if isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict):
            document = document.get(step)
        else:
            return None
    return document
