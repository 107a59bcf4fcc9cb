"""Our end of the pipe to a speech worker: starts it, asks it, and starts another when it dies or hangs.

No numpy here, so that the station can keep a worker warm for emergencies without carrying the sound library.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from audio.speech import frames
from audio.speech.engine import Rejected, Transient, Unavailable

START_DEADLINE_S = 10.0
_CLOSE_WAIT_S = 2.0


class WorkerLink:
    """One worker process at a time, used by one caller at a time; others wait their turn."""

    def __init__(self, who: str, command: Callable[[], Sequence[str]]) -> None:
        """`who` names the engine; `command` returns module and arguments, or raises Unavailable."""
        self._who = who
        self._command = command
        self._turn = threading.Lock()
        self._worker: _Worker | None = None
        self._hello: dict[str, Any] | None = None

    def hello(self) -> dict[str, Any]:
        """Start the worker if none runs, and return what it says of itself. Raises Unavailable."""
        with self._turn:
            self._ready()
            if self._hello is None:
                raise Unavailable(f"Bộ đọc {self._who} chưa khởi động.")
            return self._hello

    @property
    def pid(self) -> int | None:
        worker = self._worker
        return None if worker is None else worker.process.pid

    def ask(self, request: dict[str, object], voice: str, deadline_s: float) -> Iterator[bytes]:
        """Yield 16-bit samples as they come; raises Rejected, Transient or Unavailable.

        The deadline counts from the moment that the worker is ours. A caller who stops listening half-way
        costs the worker its life: what it still had to say is of no use to the next.
        """
        with self._turn:
            worker = self._ready()
            is_over = False
            try:
                yield from worker.ask(request, voice, time.monotonic() + deadline_s)
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

    def _ready(self) -> _Worker:
        if self._worker is not None and self._worker.process.poll() is None:
            return self._worker
        self._drop()
        worker = _Worker(self._who, self._command())
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


class _Worker:
    """One process and the thread that listens to it. Answers come through a queue, so waiting can end."""

    def __init__(self, who: str, command: Sequence[str]) -> None:
        self._who = who
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._answers: queue.SimpleQueue[tuple[bytes, bytes] | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, name=f"{who}-listener", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        out = self.process.stdout
        if out is not None:
            with suppress(OSError, ValueError):
                while (answer := frames.read_answer(out)) is not None:
                    self._answers.put(answer)
        self._answers.put(None)

    def wait_for_hello(self, until: float) -> dict[str, Any]:
        kind, body = self._next(until)
        if kind != frames.HELLO:
            raise Unavailable(f"Bộ đọc {self._who} không khởi động được: {_why(body)}.")
        words: dict[str, Any] = json.loads(body)
        return words

    def ask(self, request: dict[str, object], voice: str, until: float) -> Iterator[bytes]:
        self._send(request)
        while True:
            kind, body = self._next(until)
            if kind == frames.SOUND:
                yield body
            elif kind == frames.END:
                return
            else:
                why = _why(body) if kind == frames.FAILED else "trả lời sai quy ước"
                raise Rejected(f"Bộ đọc {self._who} không đọc được câu này với giọng “{voice}” ({why}).")

    def _send(self, request: dict[str, object]) -> None:
        try:
            if self.process.stdin is not None:
                frames.ask(self.process.stdin, request)
        except OSError as error:
            raise Transient(f"Bộ đọc {self._who} đã dừng; sẽ được mở lại.", 0.0) from error

    def _next(self, until: float) -> tuple[bytes, bytes]:
        try:
            answer = self._answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty as error:
            raise Transient(f"Bộ đọc {self._who} không trả lời đúng hạn.", 1.0) from error
        if answer is None:
            raise Transient(f"Bộ đọc {self._who} dừng giữa chừng.", 0.0)
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


def _why(body: bytes) -> str:
    try:
        return str(json.loads(body)["why"])
    except (ValueError, KeyError, TypeError):
        return "không rõ nguyên nhân"
