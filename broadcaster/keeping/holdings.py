"""What belongs to a station besides its database: every file that cannot be made anew."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from broadcaster.keeping.hashing import hash_of

LEFT_OUT = frozenset({"run", "logs", "cache", "heard", "live", "backups", "lost+found"})
"""Folders that are made anew, or are copies themselves."""
AIRCHECKS = "aircheck"
"""What was heard: large, so copied only where the administrator wants it."""
SECRET = "secret.key"  # noqa: S105 - the name of a file; it signs cookies, and no sign-in outlives a restore
NEVER_CHANGE = frozenset({"clips", "uploads", AIRCHECKS})
"""Folders whose files are written aside and renamed, and never written to again."""
PLACE_MARK = ".ward-station-backups"
"""In a folder that holds backups, which may lie inside the data folder."""
_PASSING = re.compile(r"^\.|(\.lock|\.part|\.tmp)$|^station\.db|^new-|\.before-\d+$|^ward-station-.*\.zip$")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Holding:
    """One file of a station as it was when it was copied."""

    path: str
    """Under the data folder, with `/`."""
    sha256: str
    size_bytes: int
    changed_ns: int
    """The file's own time of change: while it and the size stay, it is not read again."""

    @property
    def never_changes(self) -> bool:
        return PurePosixPath(self.path).parts[0] in NEVER_CHANGE


def of(folder: Path, known: dict[str, Holding], *, airchecks: bool) -> Iterator[Holding]:
    """Yield what is under the data `folder` now; `known` is what an earlier copy found, by path.

    A file that goes away meanwhile is left out.
    """
    for file in _files(folder, airchecks=airchecks):
        path = file.relative_to(folder).as_posix()
        try:
            stat = file.stat()
            before = known.get(path)
            if before and (before.size_bytes, before.changed_ns) == (stat.st_size, stat.st_mtime_ns):
                yield before
            else:
                yield Holding(path, _named(file) or hash_of(file), stat.st_size, stat.st_mtime_ns)
        except FileNotFoundError:
            continue


def is_safe(path: str) -> bool:
    """Return whether `path` from a manifest stays under the folder into which it is written."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and not {"..", "."} & set(parts) and "\\" not in path


def _files(folder: Path, *, airchecks: bool) -> Iterator[Path]:
    left_out = LEFT_OUT if airchecks else LEFT_OUT | {AIRCHECKS}
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink() or entry.name.startswith(".") or entry.name in left_out:
            continue
        if entry.is_file():
            if entry.name != SECRET and not _PASSING.search(entry.name):
                yield entry
            continue
        for place, folders, names in os.walk(entry):
            if PLACE_MARK in names:
                folders.clear()
                continue
            folders[:] = sorted(name for name in folders if name != "incoming" and name[0] != ".")
            yield from (Path(place) / name for name in sorted(names) if not _PASSING.search(name))


def _named(file: Path) -> str:
    """Return the hash that a clip is named by: reading it back is the copy's work."""
    is_clip = file.parent.parent.name == "clips" and _SHA256.fullmatch(file.stem)
    return file.stem if is_clip else ""
