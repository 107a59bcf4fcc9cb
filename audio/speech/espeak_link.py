"""The pipe to the espeak-ng worker, and a way around the shortness of the path that espeak-ng can keep.

No numpy here, so that the station can keep a worker warm for emergencies without carrying the sound library.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audio.speech.engine import Unavailable
from audio.speech.worker_link import WorkerLink

LONGEST_DATA_PATH_BYTES = 159
"""espeak-ng keeps its data path in 160 bytes; a longer one makes it refuse to start."""


@dataclass(frozen=True, slots=True)
class Hello:
    rate_hz: int
    version: str


class EspeakLink(WorkerLink):
    """One espeak-ng worker at a time, used by one caller at a time; others wait their turn."""

    def __init__(self, data_path: Path | None = None) -> None:
        """`data_path` is for tests; None finds the data that came with the library."""
        super().__init__("espeak-ng", self._module)
        self._data_path = data_path
        self._short = ShortPath()

    def warm(self) -> Hello:
        """Start the worker if none runs, and return what it says of itself. Raises Unavailable."""
        words = self.hello()
        return Hello(int(words["rate_hz"]), str(words["version"]))

    def speak(self, text: str, voice: str, words_per_minute: int, deadline_s: float) -> Iterator[bytes]:
        """Yield 16-bit samples as they come; see `WorkerLink.ask`."""
        request = {"text": text, "voice": voice, "words_per_minute": words_per_minute}
        return self.ask(request, voice, deadline_s)

    def close(self) -> None:
        super().close()
        self._short.close()

    def _module(self) -> Sequence[str]:
        path = self._short.to(self._data_path or installed_data_path())
        return "audio.speech.espeak_worker", str(path)


class ShortPath:
    """A short way to espeak-ng's data, where the real one is too long."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def to(self, path: Path) -> Path:
        """Return `path`, or a short one that leads to it until `close`."""
        if len(os.fsencode(path)) <= LONGEST_DATA_PATH_BYTES:
            return path
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="espeak-", ignore_cleanup_errors=True)
        short = Path(self._folder.name) / "data"
        if not short.exists():
            _lead_to(path, short)
        return short

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


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
