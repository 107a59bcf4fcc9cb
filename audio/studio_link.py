"""Our end of the pipe to a studio process. No numpy here: whoever holds it stays small."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audio.speech.engine import SpeechError, Transient

_CLOSE_WAIT_S = 3.0
_KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
    "MALLOC_TOP_PAD_": str(1 << 26),
}
"""For glibc: memory of a bulletin's samples is used again, not given back and fetched anew for every step. Of
0.9 s of work for 600 words 0.3 were that (measured). The studio goes soon, and its memory with it."""
AFTER_FULL_DISK_S = 60.0
"""Nobody can say when there will be room again."""


@dataclass(frozen=True, slots=True)
class Job:
    lines: tuple[tuple[str, int], ...]
    """(text, pause after it in milliseconds)."""
    voice: str
    rate: float
    repeats: int
    target_lufs: float
    path: Path
    """Where the WAV is to be written."""
    with_chime: bool = True
    network_for_s: float | None = None
    """For how long engines of the network may be tried; None for as long as they take."""


@dataclass(frozen=True, slots=True)
class Progress:
    done: int


@dataclass(frozen=True, slots=True)
class Made:
    """What was measured on a finished clip, and who spoke it."""

    seconds: float
    loudness_lufs: float
    true_peak_dbtp: float
    engine: str
    voice: str
    notice: str | None


@dataclass(frozen=True, slots=True)
class Failed:
    text: str
    is_lasting: bool
    retry_after_s: float | None = None
    """When to try again, however often it failed; None leaves that to whoever asked."""


Word = Progress | Made | Failed


class StudioLink:
    """One studio process, doing one job after another. Close it when there is nothing to do."""

    def __init__(self, engines: Sequence[str], memory: Path) -> None:
        """`memory` is the folder of the sentence cache. Starts the process at once."""
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "audio.studio_worker"),
                *("--engines", ",".join(engines), "--memory", str(memory)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _KEEP_MEMORY,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._words: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, name="studio-listener", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def begin(self, job: Job) -> None:
        """Hand over a job; `next_word` tells what becomes of it. Raises Transient when nobody is there."""
        words = asdict(job) | {"path": str(job.path)}
        try:
            if self._process.stdin is not None:
                self._process.stdin.write(json.dumps(words).encode() + b"\n")
                self._process.stdin.flush()
        except OSError as error:
            raise _gone() from error

    def next_word(self, wait_s: float) -> Word | None:
        """Return the next word, or None when none came within `wait_s`. Raises SpeechError when it died."""
        try:
            words = self._words.get(timeout=wait_s)
        except queue.Empty:
            return None
        if words is None:
            raise _gone()
        return _word(words)

    def close(self) -> None:
        """Let it finish and go; one that does not go is killed."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(_CLOSE_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reap()

    def kill(self) -> None:
        self._process.kill()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        self._reap()

    def _reap(self) -> None:
        self._process.wait()
        self._listener.join(_CLOSE_WAIT_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _listen(self) -> None:
        if self._process.stdout is not None:
            with suppress(OSError, ValueError):
                for line in self._process.stdout:
                    self._words.put(json.loads(line))
        self._words.put(None)


def _word(words: dict[str, Any]) -> Word:
    kinds: dict[str, type[Progress] | type[Made] | type[Failed]] = {
        "progress": Progress,
        "made": Made,
        "failed": Failed,
    }
    return kinds[words.pop("word")](**words)


def _gone() -> SpeechError:
    return Transient("Tiến trình thu âm đã dừng giữa chừng; sẽ được mở lại.", 0.0)
