"""The way of a microphone's sound from the page to the station: one small WAV for each piece, in a folder.

Written aside and renamed, so that a piece is there whole or not at all. A piece that the station has taken
is renamed once more and removed a while later, when no player can still be reading it.
"""

from __future__ import annotations

import shutil
import wave
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from broadcaster.errors import Invalid

FOLDER = "live"
RATE_HZ = 48_000
LONGEST_BYTES = 2 * RATE_HZ
"""One second of 16-bit mono."""
MOST_NUMBER = 999_999
KEPT_S = 20.0
"""A player may still read a piece for this long after it was told of it."""
_HEAD_BYTES = 44


@dataclass(frozen=True, slots=True)
class Piece:
    number: int
    path: Path
    seconds: float


def put(data: Path, live_id: str, number: int, pcm: bytes) -> None:
    """Keep piece `number`: 48 kHz, mono, 16 bit. Raises Invalid for what cannot be one."""
    if not 0 <= number <= MOST_NUMBER or not 0 < len(pcm) <= LONGEST_BYTES or len(pcm) % 2:
        raise Invalid("Mẩu tiếng gửi lên không đúng dạng; hãy tải lại trang.")
    folder = folder_of(data, live_id)
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{number:06}.part"
    with wave.open(str(aside), "wb") as piece:
        piece.setnchannels(1)
        piece.setsampwidth(2)
        piece.setframerate(RATE_HZ)
        piece.writeframes(pcm)
    aside.replace(folder / f"{number:06}.wav")


def folder_of(data: Path, live_id: str) -> Path:
    return data / "run" / FOLDER / live_id


def clear(data: Path) -> None:
    """Remove what earlier lives of the station left."""
    shutil.rmtree(data / "run" / FOLDER, ignore_errors=True)


class Spool:
    """The station's end of one announcement's folder."""

    def __init__(self, data: Path, live_id: str) -> None:
        self._folder = folder_of(data, live_id)
        self._taken: list[tuple[float, Path]] = []

    def take(self, now: float) -> list[Piece]:
        """Return what has arrived since the last call, by number; they are the caller's from now on."""
        self._sweep(now)
        pieces = sorted(self._arrived(), key=lambda piece: piece.number)
        self._taken += [(now, piece.path) for piece in pieces]
        return pieces

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _arrived(self) -> Iterator[Piece]:
        with suppress(FileNotFoundError):
            for file in self._folder.glob("*.wav"):
                taken = file.with_suffix(".taken")
                with suppress(OSError):
                    file.replace(taken)
                    seconds = (taken.stat().st_size - _HEAD_BYTES) / 2 / RATE_HZ
                    yield Piece(int(file.stem), taken, seconds)

    def _sweep(self, now: float) -> None:
        while self._taken and now - self._taken[0][0] > KEPT_S:
            with suppress(OSError):  # Windows keeps what somebody still reads
                self._taken.pop(0)[1].unlink()
