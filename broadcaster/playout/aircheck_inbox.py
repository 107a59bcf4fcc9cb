"""What the players have kept and nobody has taken in yet: `aircheck/incoming/<output>/<item>.wav`.

A player ends a file's name with `.part` while it writes. Nothing heavier than the standard library here: the
supervisor looks in here to know whether there is work for the archivist.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from broadcaster.store import pulse

FOLDER = "aircheck"
PROCESS = "archivist"
WAV = ".wav"
PART = ".wav.part"
LEFT_BEHIND_S = 900.0
"""A part that has not grown for so long, and that no player holds, is a dead output's."""
SWEEP_S = 24 * 3600.0
"""How often old files are looked for when nothing new comes."""
LONGEST_ITEM = 128


@dataclass(frozen=True, slots=True)
class Arrived:
    """One WAV that waits."""

    path: Path
    output_id: int
    item: str
    """What the player called it."""


def incoming(folder: Path, output_id: int) -> Path:
    """Return where the player of an output keeps what its device accepts."""
    return folder / FOLDER / "incoming" / str(output_id)


def arrived(folder: Path) -> Iterator[Arrived]:
    """Yield the files that are complete, and those that a player has left behind."""
    for output in _entries(folder / FOLDER / "incoming"):
        if not output.name.isascii() or not output.name.isdigit():
            continue
        for entry in _entries(Path(output.path)):
            if entry.is_file(follow_symlinks=False) and _is_done(entry):
                yield Arrived(Path(entry.path), int(output.name), item_of(entry.name))


def waits(folder: Path, item: str) -> bool:
    """Return whether something of `item` is still being written or waits to be taken in."""
    outputs = (Path(output.path) for output in _entries(folder / FOLDER / "incoming"))
    return any(item_of(entry.name) == item for output in outputs for entry in _entries(output))


def is_called(folder: Path) -> bool:
    """Return whether the archivist has something to do; False too while the disk does not answer."""
    try:
        if next(arrived(folder), None) is not None:
            return True
    except OSError:
        return False
    last = pulse.read(folder, PROCESS)
    return last is None or abs(last.age_s) > SWEEP_S


def item_of(name: str) -> str:
    """Return the item that a player meant by a file's name: quoted, and numbered from the second file on."""
    item = unquote(name.partition(WAV)[0].partition("+")[0])
    return item.encode("utf-8", "replace").decode()[:LONGEST_ITEM]


def _is_done(entry: os.DirEntry[str]) -> bool:
    if entry.name.endswith(WAV):
        return True
    if not entry.name.endswith(PART):
        return False
    try:
        age_s = time.time() - entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return False
    return age_s > LEFT_BEHIND_S and not _is_held(Path(entry.path))


def _is_held(path: Path) -> bool:
    """Return whether a player still holds it; Windows does not let go of an open file anyway."""
    if sys.platform == "win32":
        return False
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as found:
        return sorted(found, key=lambda entry: entry.name)
    return []
