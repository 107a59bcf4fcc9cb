"""The store of sound: finished clips in files named by their SHA-256, never changed, found by their name."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def path_of(folder: Path, sha256: str) -> Path:
    """Return where the clip lies under the data `folder`, whether or not it is there."""
    return folder / "clips" / sha256[:2] / f"{sha256}.wav"


def keep(folder: Path, wav: Path) -> str:
    """Copy `wav` into the store and return its SHA-256; it is on the disk when this returns.

    Written aside, flushed, then renamed: a power cut leaves a whole clip or none. A damaged file that stands
    in its place is replaced.
    """
    aside_in = folder / "clips" / "incoming"
    aside_in.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(suffix=".wav", dir=aside_in)
    aside = Path(name)
    try:
        with wav.open("rb") as source, os.fdopen(descriptor, "wb") as copy:
            shutil.copyfileobj(source, copy, _CHUNK_BYTES)
            copy.flush()
            os.fsync(copy.fileno())
        sha256 = hash_of(aside)
        _move_into_place(aside, path_of(folder, sha256))
    finally:
        aside.unlink(missing_ok=True)
    return sha256


def hash_of(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def is_intact(folder: Path, sha256: str) -> bool:
    """Return whether the clip is there and its bytes still hash to its name (20 MB: about 20 ms)."""
    try:
        return hash_of(path_of(folder, sha256)) == sha256
    except OSError:
        return False


def _move_into_place(aside: Path, place: Path) -> None:
    is_new_folder = not place.parent.exists()
    place.parent.mkdir(parents=True, exist_ok=True)
    aside.replace(place)
    flush_folder(place.parent)
    if is_new_folder:
        flush_folder(place.parent.parent)


def flush_folder(folder: Path) -> None:
    """Make a rename last through a power cut; Windows has no such call and needs none (NTFS journals it)."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
