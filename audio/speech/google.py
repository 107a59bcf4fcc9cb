"""The everyday online voice: Google Translate's speech, by the protocol that gTTS knows.

gTTS itself posts without checking the server's certificate and waits for ever, so only its request bodies are
used; they go out through a session of our own that verifies, limits its waiting, keeps a pace, and stays away
for a quarter of an hour when told that it asks too much. Used while clips are prepared, never at air time.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from audio.speech.engine import (
    BadAudio,
    Rejected,
    SpeechError,
    SpeechRequest,
    Transient,
    Unavailable,
    Voice,
    speakable,
)

if TYPE_CHECKING:
    import requests

    from audio.formats import Pcm

VOICES = (Voice("google-vi", "Google (cần mạng)", "Bắc", "nữ"),)
LONGEST_PART_CHARS = 100
PACE_S = 0.7
CONNECT_S, READ_S = 5.0, 10.0
BREAK_S = 15 * 60.0
OFFLINE_BREAK_S = 60.0
MOST_ANSWER_BYTES = 4 * 1024 * 1024
SLOW_BELOW_RATE = 0.8
"""The service has two speeds, normal and slow."""
HEADROOM_DB = 3.0
_BETWEEN_PARTS_S = 0.15
_RPC = "jQ1olc"
_CLAUSE = re.compile(r"(?<=[.!?;:,…])\s+")


class GoogleEngine:
    name = "google"
    needs_network = True

    def __init__(self, memory: Path | None = None, pace_s: float = PACE_S) -> None:
        """`memory` is a file that keeps the breaker through a restart of the process."""
        self._breaker = Breaker(memory)
        self._pace_s = pace_s
        self._turn = threading.Lock()
        self._asked_at = -pace_s
        self._session: requests.Session | None = None

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
        minutes = self._breaker.open_for_s() / 60
        return f"Google đang tạm ngừng nhận yêu cầu; thử lại sau {minutes:.0f} phút." if minutes > 0 else None

    def synthesize(self, request: SpeechRequest, deadline_s: float) -> Pcm:
        """Return the sentence at the service's own rate, 3 dB softer than it came."""
        if request.voice not in {voice.id for voice in VOICES}:
            raise Rejected(f"Google không có giọng “{request.voice}”.")
        text = speakable(request.text)
        if (reason := self.check()) is not None:
            raise Transient(reason, max(self._breaker.open_for_s(), 1.0))
        with self._turn:
            until = time.monotonic() + deadline_s
            bodies = _bodies(text, is_slow=request.rate < SLOW_BELOW_RATE)
            return _joined([_decoded(_audio_in(self._post(body, until))) for body in bodies])

    def _post(self, body: str, until: float) -> bytes:
        """Return the answer's bytes. Every way to fail becomes one of our errors."""
        import requests  # noqa: PLC0415  slow to load, and only this engine needs it

        self._keep_pace(until)
        try:
            with self._send(body, until) as response:
                self._judge(response)
                return b"".join(_within(response, until))
        except requests.exceptions.SSLError as error:
            self._breaker.trip(OFFLINE_BREAK_S)
            raise Transient("Chứng thư của máy chủ Google không hợp lệ; không nhận tiếng từ đó.") from error
        except requests.exceptions.Timeout as error:
            raise Transient("Google không trả lời đúng hạn.", OFFLINE_BREAK_S) from error
        except requests.exceptions.RequestException as error:
            self._breaker.trip(OFFLINE_BREAK_S)
            raise Transient("Không kết nối được với Google; hãy kiểm tra mạng.", OFFLINE_BREAK_S) from error

    def _send(self, body: str, until: float) -> requests.Response:
        import requests  # noqa: PLC0415
        from gtts import tts  # noqa: PLC0415

        if self._session is None:
            self._session = requests.Session()
        left_s = max(until - time.monotonic(), 0.1)
        return self._session.post(
            tts._translate_url(tld="com", path="_/TranslateWebserverUi/data/batchexecute"),
            data=body,
            headers=tts.gTTS.GOOGLE_TTS_HEADERS,
            timeout=(min(CONNECT_S, left_s), min(READ_S, left_s)),
            allow_redirects=False,
            stream=True,
        )

    def _judge(self, response: requests.Response) -> None:
        if response.status_code == 429:
            self._breaker.trip(BREAK_S)
            raise Transient("Google từ chối vì quá nhiều yêu cầu; tạm nghỉ 15 phút.", BREAK_S)
        if response.status_code != 200:
            raise Transient(f"Google trả lời lỗi {response.status_code}.", OFFLINE_BREAK_S)

    def _keep_pace(self, until: float) -> None:
        wait_s = self._asked_at + self._pace_s - time.monotonic()
        if time.monotonic() + max(wait_s, 0.0) >= until:
            raise Transient("Google không trả lời đúng hạn.", OFFLINE_BREAK_S)
        if wait_s > 0:
            time.sleep(wait_s)
        self._asked_at = time.monotonic()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


class Breaker:
    """Remembers until when not to ask, also through a restart."""

    def __init__(self, memory: Path | None) -> None:
        self._memory = memory
        self._until = 0.0

    def trip(self, seconds: float) -> None:
        self._until = time.time() + seconds
        if self._memory is not None:
            try:
                self._memory.parent.mkdir(parents=True, exist_ok=True)
                self._memory.write_text(str(self._until), encoding="ascii")
            except OSError:
                return

    def open_for_s(self) -> float:
        """Return for how long to stay away; a clock stepped back never makes it more than 15 minutes."""
        until = max(self._until, self._remembered())
        left_s = until - time.time()
        return left_s if 0 < left_s <= BREAK_S else 0.0

    def _remembered(self) -> float:
        try:
            return float(self._memory.read_text(encoding="ascii")) if self._memory else 0.0
        except (OSError, ValueError):
            return 0.0


# --- asking ---


def _bodies(text: str, *, is_slow: bool) -> list[str]:
    from gtts import gTTS  # noqa: PLC0415

    asked = gTTS(
        text, lang="vi", slow=is_slow, lang_check=False, pre_processor_funcs=[], tokenizer_func=packed
    )
    try:
        return [body if isinstance(body, str) else body.decode() for body in asked.get_bodies()]
    except AssertionError as error:
        raise Rejected("Câu không có chữ nào để đọc.") from error


def packed(text: str, longest: int = LONGEST_PART_CHARS) -> list[str]:
    """Return `text` in as few parts as fit, cut after clauses, or between words of a long one."""
    parts: list[str] = []
    for piece in (piece for clause in _CLAUSE.split(text) for piece in _pieces(clause.strip(), longest)):
        if parts and len(parts[-1]) + 1 + len(piece) <= longest:
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return parts


def _pieces(clause: str, longest: int) -> Iterator[str]:
    while len(clause) > longest:
        cut = clause.rfind(" ", 0, longest + 1)
        cut = cut if cut > 0 else longest
        yield clause[:cut]
        clause = clause[cut:].strip()
    if clause:
        yield clause


# --- reading the answer ---


def _within(response: requests.Response, until: float) -> Iterator[bytes]:
    """Yield the answer's bytes; a server that drips them or never ends is left."""
    received = 0
    for chunk in response.iter_content(16 * 1024):
        received += len(chunk)
        if time.monotonic() > until:
            raise Transient("Google trả lời quá chậm.", OFFLINE_BREAK_S)
        if received > MOST_ANSWER_BYTES:
            raise BadAudio("Google trả lời quá dài.")
        yield chunk


def _audio_in(answer: bytes) -> bytes:
    """Return the MP3 in an answer: a line of JSON [["wrb.fr", "jQ1olc", "[\\"BASE64\\"]", …], …]."""
    for line in answer.split(b"\n"):
        if _RPC.encode() in line:
            try:
                [payload] = [row[2] for row in json.loads(line) if row[1:2] == [_RPC]]
                return base64.b64decode(json.loads(payload)[0], validate=True)
            except (ValueError, TypeError, IndexError, binascii.Error) as error:
                raise BadAudio("Google trả lời nhưng không có âm thanh.") from error
    raise _not_google(answer)


def _not_google(answer: bytes) -> SpeechError:
    if b"<html" in answer[:2000].lower():
        return Transient("Mạng đang chuyển hướng đến một trang đăng nhập, không phải Google.")
    return BadAudio("Google trả lời nhưng không có âm thanh.")


def _decoded(content: bytes) -> Pcm:
    from audio import formats, levels, mp3  # noqa: PLC0415

    if not mp3.is_whole(content):
        raise BadAudio("Âm thanh nhận từ Google không phải MP3 hoặc bị cụt.")
    try:
        pcm = formats.decode(content)
    except formats.BadSound as error:
        raise BadAudio("Âm thanh nhận từ Google không đọc được.") from error
    down_db = min(-HEADROOM_DB, -HEADROOM_DB - levels.peak_dbfs(pcm))  # a decoded MP3 may pass full scale
    return formats.Pcm(pcm.samples * pcm.samples.dtype.type(levels.from_db(down_db)), pcm.rate_hz)


def _joined(parts: list[Pcm]) -> Pcm:
    """Return the parts in a row with a short breath between, at the first one's rate."""
    if len(parts) == 1:
        return parts[0]
    from audio import assembly  # noqa: PLC0415

    return assembly.in_a_row(parts, _BETWEEN_PARTS_S)
