"""The sound with which an output is tried: the opening chime, kept as a file beside the clips."""

from __future__ import annotations

from pathlib import Path


def chime(folder: Path) -> Path:
    """Return the chime's WAV file, made at the first call."""
    path = folder / "run" / "chime.wav"
    if not path.exists():
        from audio import chimes, formats  # noqa: PLC0415 - samples are only needed once

        formats.write_wav(path, chimes.opening_chime())
    return path
