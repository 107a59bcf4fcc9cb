"""Files that hold secrets: readable by their owner alone from the first byte, there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def put(file: Path, content: bytes) -> None:
    """Write `file`, or put a new one in its place, in one step. Raises OSError."""
    written_aside(file, content).replace(file)


def written_aside(file: Path, content: bytes) -> Path:
    """Return a new file beside `file` that holds `content`, safely on the disk. Raises OSError."""
    fresh = file.with_suffix(f".{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    return fresh
