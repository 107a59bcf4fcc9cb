"""The folder of what people sent: parts that are still coming, files as they were sent, their decoded sound.

A file is named by its SHA-256, never by its owner; what it was called is only shown. `uploads/incoming` holds
what is on its way, `uploads/ab/ab12…` the file, and `….wav` beside it what was heard in it, uncut.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from broadcaster.errors import Invalid
from broadcaster.newsroom import clips
from broadcaster.newsroom.importing.kinds import shown

FOLDER = "uploads"
PART_BYTES = 8_000_000
"""What a browser sends at a time: a break in the line costs no more than this."""
LEFT_FREE_BYTES = 1_000_000_000
"""The disk is left this much for clips, records and the system."""
_INCOMING = "incoming"
_CODE = re.compile(r"[0-9a-f]{32}")
_CHUNK_BYTES = 1 << 20
_ABANDONED_S = 86_400.0
NAMELESS = "bản thu"


@dataclass(frozen=True, slots=True)
class Sent:
    """One whole file in its place."""

    name: str
    """As its owner called it, fit to be shown."""
    sha256: str
    bytes: int
    origin: str
    """`upload`, or `recording` for what the browser's microphone took."""


def path_of(folder: Path, sha256: str) -> Path:
    return folder / FOLDER / sha256[:2] / sha256


def sound_of(folder: Path, sha256: str) -> Path:
    """Return where the decoded, uncut sound of a file lies, whether or not it is there."""
    return folder / FOLDER / sha256[:2] / f"{sha256}.wav"


# --- coming in ---


def add_part(folder: Path, person_id: int, code: str, start: int, part: IO[bytes], most_bytes: int) -> int:
    """Put `part` behind the `start` bytes of the upload `code` and return how many there are then.

    A part that does not follow what is there is not taken: the sender goes on from what is returned.
    Raises Invalid for a file that is too heavy, and for a disk that is too full.
    """
    path = _incoming(folder, person_id, code)
    with _opened(path) as file:
        size = file.seek(0, os.SEEK_END)
        if start != size:
            return size
        left = most_bytes - size
        require_room(folder, min(PART_BYTES, left))
        if copied(part, file, left) > left:
            file.truncate(0)
            raise too_heavy(most_bytes)
        return file.tell()


def looked_at(folder: Path, person_id: int, code: str, name: str, origin: str) -> Sent:
    """Return what an upload that is whole holds; it stays where it is. Raises Invalid when nothing came."""
    path = _incoming(folder, person_id, code)
    called = shown(name) or NAMELESS
    if not path.is_file():
        raise Invalid("Tệp chưa gửi lên được; hãy chọn lại tệp rồi gửi lại.", field="file")
    if not (size := path.stat().st_size):
        raise Invalid(f"Tệp “{called}” trống; hãy chép lại tệp từ máy thu rồi gửi lại.", field="file")
    return Sent(called, clips.hash_of(path), size, origin)


def adopt(folder: Path, person_id: int, code: str, sent: Sent) -> None:
    """Move the upload to its place: a power cut leaves a whole file there, or none."""
    path = _incoming(folder, person_id, code)
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    place = path_of(folder, sent.sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    path.replace(place)


def copied(source: IO[bytes], target: IO[bytes], most_bytes: int) -> int:
    """Copy at most `most_bytes`; return how many came, one more when there were more."""
    done = 0
    while chunk := source.read(min(_CHUNK_BYTES, most_bytes - done + 1)):
        done += len(chunk)
        if done > most_bytes:
            break
        target.write(chunk)
    return done


def require_room(folder: Path, more_bytes: int) -> None:
    """Raise Invalid when the disk has no room for `more_bytes` besides what the station itself needs."""
    if shutil.disk_usage(folder).free < LEFT_FREE_BYTES + more_bytes:
        raise Invalid(
            "Ổ đĩa của máy sắp đầy nên chưa nhận thêm tệp; hãy báo người quản trị dọn bớt.", field="file"
        )


def too_heavy(most_bytes: int) -> Invalid:
    return Invalid(
        f"Tệp nặng hơn {most_bytes // 1_000_000} MB; hãy gửi riêng phần tiếng (MP3, M4A) hoặc chia nhỏ tệp.",
        field="file",
    )


def _opened(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600), "r+b")


def _incoming(folder: Path, person_id: int, code: str) -> Path:
    if not _CODE.fullmatch(code):
        raise Invalid("Lượt gửi tệp này không còn dùng được; hãy tải lại trang rồi gửi lại.", field="file")
    return folder / FOLDER / _INCOMING / f"{person_id}-{code}.part"


# --- going ---


def hashes(folder: Path) -> Iterator[str]:
    """Yield the name of every file that is kept, or of which the sound is."""
    found = {path.stem for path in (folder / FOLDER).glob("??/*") if len(path.stem) == 64}
    yield from sorted(found)


def is_young(folder: Path, sha256: str) -> bool:
    """Return whether a file came within a day: its row may still be on its way."""
    return any(not _is_abandoned(path) for path in (path_of(folder, sha256), sound_of(folder, sha256)))


def forget(folder: Path, sha256: str) -> None:
    for path in (path_of(folder, sha256), sound_of(folder, sha256)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def sweep_incoming(folder: Path) -> None:
    """Throw away what was begun more than a day ago and never ended."""
    for path in (folder / FOLDER / _INCOMING).glob("*"):
        if _is_abandoned(path):
            with suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_abandoned(path: Path) -> bool:
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > _ABANDONED_S
    return True
