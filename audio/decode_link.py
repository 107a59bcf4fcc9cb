"""Our end of a decode process: starts it on one file, tells how far it is, ends it. No numpy here.

The process writes its words into a file beside its work, so that it may be killed at any moment without
leaving anybody waiting at a pipe.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_WORDS = "words.jsonl"
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Each further thread of numpy's would reserve tens of MB of the memory that the process allows itself."""


@dataclass(frozen=True, slots=True)
class DecodeJob:
    """One file to be made into a clip; paths are absolute."""

    name: str
    """As its owner calls it; refusals name it."""
    source: str
    sound: str
    """Where its decoded, uncut sound lies, or will."""
    clip: str
    from_s: float | None
    to_s: float | None
    target_lufs: float
    is_music: bool
    longest_s: float


@dataclass(frozen=True, slots=True)
class Made:
    """A finished clip, and what was in the file."""

    seconds: float
    loudness_lufs: float
    true_peak_dbtp: float
    found: dict[str, Any] | None
    """{codec, seconds, rate_hz, channels, damaged}; None when its sound had been decoded before."""
    kept: list[list[float]]
    """[from, to] in seconds of the file."""
    wave: list[int]
    clip_wave: list[int]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The file cannot be taken: a sentence for its owner."""

    text: str


@dataclass(frozen=True, slots=True)
class Died:
    """The process ended without a word: out of memory, out of time, a crash."""

    status: int


@dataclass(frozen=True, slots=True)
class Working:
    done: float
    """0 to 1."""


State = Working | Made | Refusal | Died


class DecodeLink:
    """One process for one file."""

    def __init__(self, job: DecodeJob, folder: Path) -> None:
        """Start at once; `folder` takes the process's words."""
        self._words = folder / _WORDS
        with self._words.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "audio.decode_worker", json.dumps(asdict(job))],
                stdin=subprocess.PIPE,  # ends when we do, however we end
                stdout=out,
                env=_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def look(self, wait_s: float) -> State:
        """Return how it stands after at most `wait_s`."""
        try:
            status = self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            return Working(_progress(self._last()))
        self._let_go()
        return _ending(self._last(), status)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _last(self) -> dict[str, Any]:
        """Return the last whole word, an empty one before the first."""
        lines = self._words.read_bytes().split(b"\n")
        return dict(json.loads(lines[-2])) if len(lines) > 1 else {}


def _progress(word: dict[str, Any]) -> float:
    return float(word.get("done", 0.0))


def _ending(word: dict[str, Any], status: int) -> Made | Refusal | Died:
    if status == 0 and "made" in word:
        return Made(**word["made"])
    if status == 0 and "refused" in word:
        return Refusal(str(word["refused"]))
    return Died(status)


def _environment() -> dict[str, str]:
    """Return ours without what steers the station: keys and passwords are nothing for a stranger's file."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BROADCASTER_")}
    return ours | _ONE_THREAD
