"""Signs of life: each process overwrites one small file every second or so; others see how old it is.

Nothing here is worth an fsync or a row: after a power cut the processes beat anew.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Pulse:
    at: float
    """Wall time in seconds since 1970."""
    pid: int
    detail: Mapping[str, Any]

    @property
    def age_s(self) -> float:
        """Negative or huge after a step of the machine's clock: judge it beside the next beat."""
        return time.time() - self.at


def beat(folder: Path, name: str, **detail: object) -> None:
    """Write `run/<name>.json` under `folder` in one step; a disk that refuses must not stop the process.

    On a full disk the last beat is written over where it lies: a process without a new one would be killed.
    """
    file = _file(folder, name)
    words = json.dumps({"at": time.time(), "pid": os.getpid(), "detail": detail}, ensure_ascii=False)
    fresh = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(words, encoding="utf-8")
        fresh.replace(file)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        with suppress(OSError):
            _write_over(file, words.encode())


def read(folder: Path, name: str) -> Pulse | None:
    """Return the last beat of `name`, or None when there was none that can be read."""
    try:
        words = json.loads(_file(folder, name).read_text(encoding="utf-8"))
        return Pulse(float(words["at"]), int(words["pid"]), dict(words["detail"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_over(file: Path, words: bytes) -> None:
    with file.open("r+b") as there:
        there.write(words)
        there.truncate()


def _file(folder: Path, name: str) -> Path:
    return folder / "run" / f"{name}.json"
