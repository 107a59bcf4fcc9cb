"""What the doctor finds, and the ways in which it looks without changing anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from broadcaster import settings
from broadcaster.store import Store

Check = Callable[[Path], Iterator["Finding"]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` is empty when it is well."""

    name: str
    is_well: bool
    words: str
    advice: str = ""


def has_station(folder: Path) -> bool:
    return bool(settings.load(folder).database_url) or (folder / "station.db").exists()


def open_store(folder: Path) -> closing[Store]:
    return closing(Store(folder, settings.load(folder).database_url))


def is_private(file: Path) -> bool:
    """Return whether only the owner may read `file`; always True where modes mean nothing (Windows)."""
    return os.name != "posix" or file.stat().st_mode & 0o077 == 0
