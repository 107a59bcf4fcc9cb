"""Files that are what they were, and files that stay: hashes, copies, flushes."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from broadcaster.newsroom.clips import flush_folder

_CHUNK_BYTES = 1 << 20


def hash_of(file: Path) -> str:
    """Return the SHA-256 of the bytes of `file`."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def copy_flushed(source: Path, target: Path) -> None:
    """Copy `source` to `target`, readable by its owner only, and on the disk when this returns."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with source.open("rb") as bytes_in, os.fdopen(descriptor, "wb") as bytes_out:
        shutil.copyfileobj(bytes_in, bytes_out, _CHUNK_BYTES)
        flush(bytes_out.fileno())


def flush(descriptor: int) -> None:
    with suppress(OSError):  # some network shares know no flush
        os.fsync(descriptor)


def settle(folder: Path) -> None:
    """Make renames in `folder` last through a power cut, where the file system can."""
    with suppress(OSError):
        flush_folder(folder)
