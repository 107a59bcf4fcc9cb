"""What a player can play: a clip from disk, or sound that is still being made. Read ahead by one thread,
taken by the output's thread; a deque between them, so neither ever waits for the other."""

from __future__ import annotations

import math
import os
import wave
from collections import deque
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.outputs.output import RATE_HZ, Samples

AHEAD_FRAMES = 10 * RATE_HZ
"""A disk may stall this long before it is heard."""
_CHUNK_FRAMES = RATE_HZ // 2


class BadSource(Exception):
    """The sound cannot be read; `str(error)` is one Vietnamese sentence."""


class Source(Protocol):
    position: int
    """Frames from the beginning of the sound to what is taken next."""
    failure: str
    """Why no more will come, or empty."""
    is_late: bool
    """The last `take` gave less than was asked for, although more should have been there by then."""

    def begin(self, heard_at_s: float) -> None:
        """It is taken from next, and that is heard at this moment of time.monotonic()."""

    def take(self, out: NDArray[np.float32]) -> int:
        """Fill `out` from its beginning, in steps of a 16-bit sample; return how much there was."""

    @property
    def is_finished(self) -> bool:
        """Nothing is left and nothing will come."""

    @property
    def is_waiting(self) -> bool:
        """Nothing is there now, and nothing need be: an item does not begin like this."""

    def read_ahead(self) -> None: ...

    def close(self) -> None: ...


class _Ahead:
    """Samples between the thread that reads and the thread that plays."""

    def __init__(self) -> None:
        self.position = 0
        self.failure = ""
        self.is_late = False
        self._chunks: deque[Samples] = deque()
        self._head: Samples = np.empty(0, np.int16)
        self._is_complete = False
        self._frames_in = 0
        self._frames_out = 0

    @property
    def is_finished(self) -> bool:
        # Completeness first: a chunk that comes between the two questions is then seen by the second.
        return self._is_complete and not len(self._head) and not self._chunks

    @property
    def is_waiting(self) -> bool:
        return False

    @property
    def is_complete(self) -> bool:
        """Everything that will come is in memory."""
        return self._is_complete

    @property
    def frames_ahead(self) -> int:
        return self._frames_in - self._frames_out

    def begin(self, heard_at_s: float) -> None:
        """A clip begins where it stands, whenever that is."""

    def take(self, out: NDArray[np.float32]) -> int:
        taken = 0
        while taken < len(out) and self._fill_head():
            part = self._head[: len(out) - taken]
            out[taken : taken + len(part)] = part
            self._head = self._head[len(part) :]
            taken += len(part)
        self.position += taken
        self._frames_out += taken
        self.is_late = taken < len(out) and not self.is_finished
        return taken

    def _fill_head(self) -> bool:
        if not len(self._head) and self._chunks:
            self._head = self._chunks.popleft()
        return len(self._head) > 0

    def _put(self, chunk: Samples) -> None:
        if len(chunk):
            self._frames_in += len(chunk)
            self._chunks.append(chunk)


class ClipSource(_Ahead):
    """A clip of ours on disk: WAV, 48 kHz, mono, 16 bit. Raises BadSource when `path` is something else."""

    def __init__(self, path: Path, from_s: float = 0.0) -> None:
        super().__init__()
        self._path = path
        self._wave = _open_clip(path)
        self.frames = self._wave.getnframes()
        self.position = min(math.floor(from_s * RATE_HZ + 0.5), self.frames)
        self._wave.setpos(self.position)
        self._to_read = self.frames - self.position
        self._is_complete = self._to_read == 0

    def read_ahead(self) -> None:
        while not self._is_complete and self.frames_ahead < AHEAD_FRAMES:
            self._read_chunk()
        if self._is_complete:
            self._wave.close()

    def close(self) -> None:
        self._wave.close()

    def _read_chunk(self) -> None:
        wanted = min(_CHUNK_FRAMES, self._to_read)
        try:
            chunk = np.frombuffer(self._wave.readframes(wanted), "<i2").astype(np.int16, copy=False)
        except (OSError, ValueError, wave.Error) as error:
            chunk = np.empty(0, np.int16)
            self.failure = f"Không đọc tiếp được tệp {self._path.name}: {error}."
        if len(chunk) < wanted and not self.failure:
            self.failure = f"Tệp {self._path.name} ngắn hơn độ dài nó tự ghi."
        self._put(chunk)
        self._to_read -= len(chunk)
        self._is_complete = self._to_read == 0 or bool(self.failure)


class StreamSource(_Ahead):
    """Sound that is still being made: whoever makes it puts blocks in, then says `finish`."""

    def put(self, chunk: Samples) -> None:
        self._put(chunk)

    def finish(self) -> None:
        self._is_complete = True

    def read_ahead(self) -> None:
        pass

    def close(self) -> None:
        pass


def _open_clip(path: Path) -> wave.Wave_read:
    try:
        clip = wave.open(str(path), "rb")  # noqa: SIM115 - read bit by bit while it plays
    except (OSError, EOFError, wave.Error, RuntimeError) as error:
        raise BadSource(f"Không mở được tệp âm thanh {path.name}: {error}.") from error
    reason = _why_unplayable(clip, path)
    if reason:
        clip.close()
        raise BadSource(f"Tệp âm thanh {path.name} không phát được: {reason}.")
    return clip


def _why_unplayable(clip: wave.Wave_read, path: Path) -> str:
    if (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) != (RATE_HZ, 1, 2):
        return (
            f"cần WAV 48000 Hz, một kênh, 16 bit, nhưng tệp là {clip.getframerate()} Hz, "
            f"{clip.getnchannels()} kênh, {clip.getsampwidth() * 8} bit"
        )
    if clip.getnframes() == 0:
        return "tệp không có âm thanh"
    if os.stat(path).st_size < clip.getnframes() * 2:  # noqa: PTH116 - Path.stat follows the same file
        return "tệp bị cụt, hãy tạo lại bản thu"
    return ""
