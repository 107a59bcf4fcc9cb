"""What was written instead of heard, on a machine without a sound card: kept for a look, never for long."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

FOLDER = "heard"
MOST_BYTES = 500_000_000
"""About an hour and a half of sound."""


def prune(folder: Path, most_bytes: int = MOST_BYTES) -> int:
    """Remove the oldest files of `folder` until the rest is small enough; return how many went."""
    kept, gone = 0, 0
    for path in sorted(folder.glob("*.wav"), key=_age_key, reverse=True):
        with suppress(OSError):
            kept += path.stat().st_size
            if kept > most_bytes:
                path.unlink()
                gone += 1
    return gone


def _age_key(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
