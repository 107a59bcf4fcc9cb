"""Our end of the pipe to a speech worker: starts it, asks it, and starts another when it dies or hangs.

No numpy here, so that the station can keep a worker warm for emergencies without carrying the sound library.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from audio.speech.engine import Rejected, Transient, Unavailable
from audio.speech.espeak_worker import ANSWER, END, FAILED, HELLO, REQUEST, SOUND

LONGEST_DATA_PATH_BYTES = 159
"""espeak-ng keeps its data path in 160 bytes; a longer one makes it refuse to start."""
START_DEADLINE_S = 10.0
_CLOSE_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Hello:
    rate_hz: int
    version: str


class EspeakLink:
    """One worker process at a time, used by one caller at a time; others wait their turn."""

    def __init__(self, data_path: Path | None = None) -> None:
        """`data_path` is for tests; None finds the data that came with the library."""
        self._data_path = data_path
        self._turn = threading.Lock()
        self._worker: _Worker | None = None
        self._hello: Hello | None = None
        self._short: tempfile.TemporaryDirectory[str] | None = None

    def warm(self) -> Hello:
        """Start the worker if none runs, and return what it says of itself. Raises Unavailable."""
        with self._turn:
            self._ready()
            return self._known()

    @property
    def pid(self) -> int | None:
        worker = self._worker
        return None if worker is None else worker.process.pid

    def speak(self, text: str, voice: str, words_per_minute: int, deadline_s: float) -> Iterator[bytes]:
        """Yield 16-bit samples as they come; raises Rejected, Transient or Unavailable.

        The deadline counts from the moment that the worker is ours. A caller who stops listening half-way
        costs the worker its life: what it still had to say is of no use to the next.
        """
        with self._turn:
            worker = self._ready()
            is_over = False
            try:
                yield from worker.ask(text, voice, words_per_minute, time.monotonic() + deadline_s)
                is_over = True
            except Rejected:
                is_over = True
                raise
            finally:
                if not is_over:
                    self._drop()

    def close(self) -> None:
        with self._turn:
            if self._worker is not None:
                self._worker.close()
                self._worker = None
            if self._short is not None:
                self._short.cleanup()
                self._short = None

    def _known(self) -> Hello:
        if self._hello is None:
            raise Unavailable("Bộ đọc espeak-ng chưa khởi động.")
        return self._hello

    def _ready(self) -> _Worker:
        if self._worker is not None and self._worker.process.poll() is None:
            return self._worker
        self._drop()
        worker = _Worker(self._usable_data_path())
        try:
            self._hello = worker.wait_for_hello(time.monotonic() + START_DEADLINE_S)
        except BaseException:
            worker.kill()
            raise
        self._worker = worker
        return worker

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _usable_data_path(self) -> Path:
        """Return the data's path, or a short one that leads to it. Raises Unavailable."""
        path = self._data_path or installed_data_path()
        if len(os.fsencode(path)) <= LONGEST_DATA_PATH_BYTES:
            return path
        if self._short is None:
            self._short = tempfile.TemporaryDirectory(prefix="espeak-", ignore_cleanup_errors=True)
        short = Path(self._short.name) / "data"
        if not short.exists():
            _lead_to(path, short)
        return short


def installed_data_path() -> Path:
    """Return where the wheel keeps espeak-ng's data; raises Unavailable when it is not installed."""
    try:
        import espeakng_loader  # noqa: PLC0415  not on every platform

        return Path(espeakng_loader.get_data_path())
    except (ImportError, RuntimeError) as error:
        raise Unavailable("Chưa cài bộ đọc espeak-ng trên máy này; hãy cài gói espeakng-loader.") from error


def _lead_to(path: Path, short: Path) -> None:
    try:
        short.symlink_to(path, target_is_directory=True)
    except OSError:  # Windows without the right to make links
        shutil.copytree(path, short)


class _Worker:
    """One process and the thread that listens to it. Answers come through a queue, so waiting can end."""

    def __init__(self, data_path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "audio.speech.espeak_worker", str(data_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._answers: queue.SimpleQueue[tuple[bytes, bytes] | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, name="espeak-listener", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        out = self.process.stdout
        if out is not None:
            with suppress(OSError, ValueError):
                while (answer := _read_answer(out)) is not None:
                    self._answers.put(answer)
        self._answers.put(None)

    def wait_for_hello(self, until: float) -> Hello:
        kind, body = self._next(until)
        if kind != HELLO:
            raise Unavailable(f"Bộ đọc espeak-ng không khởi động được: {_why(body)}.")
        words = json.loads(body)
        return Hello(int(words["rate_hz"]), str(words["version"]))

    def ask(self, text: str, voice: str, words_per_minute: int, until: float) -> Iterator[bytes]:
        self._send({"text": text, "voice": voice, "words_per_minute": words_per_minute})
        while True:
            kind, body = self._next(until)
            if kind == SOUND:
                yield body
            elif kind == END:
                return
            else:
                why = _why(body) if kind == FAILED else "trả lời sai quy ước"
                raise Rejected(f"Bộ đọc espeak-ng không đọc được câu này với giọng “{voice}” ({why}).")

    def _send(self, request: dict[str, object]) -> None:
        body = json.dumps(request).encode()
        pipe = self.process.stdin
        try:
            if pipe is not None:
                pipe.write(REQUEST.pack(len(body)) + body)
                pipe.flush()
        except OSError as error:
            raise Transient("Bộ đọc espeak-ng đã dừng; sẽ được mở lại.", 0.0) from error

    def _next(self, until: float) -> tuple[bytes, bytes]:
        try:
            answer = self._answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty as error:
            raise Transient("Bộ đọc espeak-ng không trả lời đúng hạn.", 1.0) from error
        if answer is None:
            raise Transient("Bộ đọc espeak-ng dừng giữa chừng.", 0.0)
        return answer

    def close(self) -> None:
        """Let it end by itself, at the end of its input; kill it when it does not."""
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()
        try:
            self.process.wait(_CLOSE_WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._reap()

    def kill(self) -> None:
        self.process.kill()
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()
        self._reap()

    def _reap(self) -> None:
        self.process.wait()
        self._listener.join(_CLOSE_WAIT_S)
        if self.process.stdout is not None:
            self.process.stdout.close()


def _read_answer(out: IO[bytes]) -> tuple[bytes, bytes] | None:
    header = out.read(ANSWER.size)
    if len(header) < ANSWER.size:
        return None
    kind, length = ANSWER.unpack(header)
    body = out.read(length)
    return (kind, body) if len(body) == length else None


def _why(body: bytes) -> str:
    try:
        return str(json.loads(body)["why"])
    except (ValueError, KeyError, TypeError):
        return "không rõ nguyên nhân"
