"""How a speech service is asked: politely, bounded in time and size, and only when it is itself.

Certificates are checked, redirections are not followed, questions keep a pace, and a service that says it is
asked too much is left alone for a quarter of an hour.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio.speech.engine import BadAudio, SpeechError, Transient

if TYPE_CHECKING:
    import requests

CONNECT_S, READ_S = 5.0, 10.0
BREAK_S = 15 * 60.0
OFFLINE_BREAK_S = 60.0
MOST_ANSWER_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes
    """Empty unless `status` is 200."""


class Caller:
    """Asks one service. Callers take turns by a lock of their own: a pace is kept by one at a time."""

    def __init__(self, who: str, pace_s: float, memory: Path | None = None) -> None:
        """`who` names the service in messages; `memory` is a file that keeps the breaker through restarts."""
        self.who = who
        self._breaker = Breaker(memory)
        self._pace_s = pace_s
        self._asked_at = -pace_s
        self._session: requests.Session | None = None

    def why_resting(self) -> str | None:
        """Return why the service must not be asked now, in Vietnamese, or None."""
        minutes = self._breaker.open_for_s() / 60
        return f"{self.who} đang tạm ngừng nhận yêu cầu; thử lại sau {minutes:.0f} phút." if minutes else None

    def require_rested(self) -> None:
        """Raise Transient while the service must not be asked."""
        if (reason := self.why_resting()) is not None:
            raise Transient(reason, max(self._breaker.open_for_s(), 1.0))

    def ask(self, method: str, url: str, until: float, **given: Any) -> Answer:
        """Return the answer to one request; `given` is what `requests.request` takes.

        `until` is a moment of time.monotonic(). Raises Transient when nobody answers in time, when the
        certificate is bad, or at status 429; every other status is the caller's to judge.
        """
        import requests  # noqa: PLC0415  slow to load, and only engines of the network need it
        import urllib3  # noqa: PLC0415

        self._keep_pace(until)
        try:
            with self._send(method, url, until, given) as response:
                self._heed(response.status_code)
                content = b"".join(self._within(response, until)) if response.status_code == 200 else b""
                return Answer(response.status_code, content)
        except requests.exceptions.SSLError as error:
            self._breaker.trip(OFFLINE_BREAK_S)
            raise Transient(
                f"Chứng thư của máy chủ {self.who} không hợp lệ; không nhận tiếng từ đó."
            ) from error
        except (requests.exceptions.Timeout, urllib3.exceptions.ReadTimeoutError) as error:
            raise self._late() from error
        except urllib3.exceptions.HTTPError as error:
            raise BadAudio(f"{self.who} trả lời nửa chừng rồi ngắt.") from error
        except requests.exceptions.RequestException as error:
            self._breaker.trip(OFFLINE_BREAK_S)
            text = f"Không kết nối được với {self.who}; hãy kiểm tra mạng."
            raise Transient(text, OFFLINE_BREAK_S) from error

    def trouble(self, status: int) -> SpeechError:
        """Return the error for a status that is neither 200 nor understood."""
        return Transient(f"{self.who} trả lời lỗi {status}.", OFFLINE_BREAK_S)

    def no_sound_in(self, content: bytes) -> SpeechError:
        """Return the error for an answer without sound; a page to sign in to the Wi-Fi is told apart."""
        if b"<html" in content[:2000].lower():
            return Transient(f"Mạng đang chuyển hướng đến một trang đăng nhập, không phải {self.who}.")
        return BadAudio(f"{self.who} trả lời nhưng không có âm thanh.")

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _send(self, method: str, url: str, until: float, given: dict[str, Any]) -> requests.Response:
        import requests  # noqa: PLC0415

        if self._session is None:
            self._session = requests.Session()
        left_s = max(until - time.monotonic(), 0.1)
        return self._session.request(
            method,
            url,
            timeout=(min(CONNECT_S, left_s), min(READ_S, left_s)),
            allow_redirects=False,
            stream=True,
            **given,
        )

    def _heed(self, status: int) -> None:
        if status == 429:
            self._breaker.trip(BREAK_S)
            raise Transient(f"{self.who} từ chối vì quá nhiều yêu cầu; tạm nghỉ 15 phút.", BREAK_S)

    def _keep_pace(self, until: float) -> None:
        wait_s = self._asked_at + self._pace_s - time.monotonic()
        if time.monotonic() + max(wait_s, 0.0) >= until:
            raise self._late()
        if wait_s > 0:
            time.sleep(wait_s)
        self._asked_at = time.monotonic()

    def _within(self, response: requests.Response, until: float) -> Iterator[bytes]:
        """Yield the answer's bytes; a server that drips them or never ends is left."""
        received = 0
        # Not iter_content: it waits for a whole block, and each drop would start the waiting anew.
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            received += len(chunk)
            if time.monotonic() > until:
                raise Transient(f"{self.who} trả lời quá chậm.", OFFLINE_BREAK_S)
            if received > MOST_ANSWER_BYTES:
                raise BadAudio(f"{self.who} trả lời quá dài.")
            yield chunk

    def _late(self) -> Transient:
        return Transient(f"{self.who} không trả lời đúng hạn.", OFFLINE_BREAK_S)


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
