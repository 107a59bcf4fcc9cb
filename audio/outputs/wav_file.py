"""A WAV like our clips that grows while it sounds: 48 kHz, mono, 16 bit, without a buffer in between."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from audio.outputs.output import RATE_HZ, Samples

HEADER_BYTES = 44
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class WavFile:
    """All methods raise OSError, most of all when the disk is full; what was written before stays."""

    def __init__(self, path: Path, is_new: bool = True) -> None:
        """Raises FileExistsError for a new one whose name is taken."""
        self.path = path
        self._file = path.open("x+b" if is_new else "r+b", buffering=0)
        self._bytes = 0
        try:
            if is_new:
                self._write(_header(0))
            else:
                self._bytes = max(0, self._file.seek(0, os.SEEK_END) - HEADER_BYTES)
        except OSError:
            self._file.close()
            raise

    @property
    def frames(self) -> int:
        return self._bytes // 2

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, samples: Samples) -> None:
        view = memoryview(samples.astype("<i2", copy=False).tobytes())
        while view:
            written = self._write(view)
            self._bytes += written
            view = view[written:]

    def complete_header(self) -> None:
        """Make the header tell what is there, so that the file can be played."""
        if self._bytes % 2:
            self._file.truncate(HEADER_BYTES + self.frames * 2)
        self._file.seek(0)
        self._write(_header(self.frames * 2))
        self._file.seek(0, os.SEEK_END)

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def _write(self, content: bytes | memoryview) -> int:
        return self._file.write(content) or 0


def _header(sound_bytes: int) -> bytes:
    size = HEADER_BYTES - 8 + sound_bytes
    return _HEADER.pack(
        b"RIFF", size, b"WAVE", b"fmt ", 16, 1, 1, RATE_HZ, RATE_HZ * 2, 2, 16, b"data", sound_bytes
    )
