"""Sets: the state of a whole station at one moment, checked, in a folder of its own beside the pool.

    PLACE/pool/ab/ab12…                  every file of the station once
    PLACE/sets/20261122-013000/          station.db and manifest.json: which files make the station, by hash

A set is written aside, read back, flushed and renamed: one that has its name is whole. Kept are the newest
of each of 7 days and of each of 8 weeks; the pool loses only what no kept set names.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from broadcaster.errors import StoreError
from broadcaster.keeping import holdings
from broadcaster.keeping.hashing import flush, hash_of
from broadcaster.keeping.holdings import Holding
from broadcaster.keeping.pool import Pool
from schedules.clock import LOCAL

FORMAT = 2
MANIFEST = "manifest.json"
DAYS = 7
WEEKS = 8


@dataclass(frozen=True, slots=True)
class BackupSet:
    """One set as its manifest tells it."""

    folder: Path
    made_at: datetime
    revision: str
    """Of the tables."""
    database: str
    database_sha256: str
    database_bytes: int
    files: tuple[Holding, ...]
    airchecks: bool
    damaged: tuple[str, ...] = ()
    """Files that were already damaged in the station, and so could not be copied."""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def place(self) -> Path:
        return self.folder.parent.parent

    @property
    def size_bytes(self) -> int:
        return self.database_bytes + sum(each.size_bytes for each in self.files)


def listed(place: Path) -> list[BackupSet]:
    """Return the sets of a place that can be read, newest first."""
    found = []
    for folder in sorted((place / "sets").glob("[0-9]*"), reverse=True):
        with suppress(StoreError):
            found.append(read(folder))
    return sorted(found, key=lambda each: each.made_at, reverse=True)


def read(folder: Path) -> BackupSet:
    """Return the set in `folder` (or of its manifest). Raises StoreError when it is none that we know."""
    folder = folder.parent if folder.name == MANIFEST else folder
    try:
        words = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if words["format"] != FORMAT:
            raise StoreError(f"{folder.name} không phải bản sao lưu dùng được của phiên bản này.")
        files = tuple(Holding(path, *rest) for path, rest in words["files"].items())
        if not all(holdings.is_safe(each.path) for each in files):
            raise StoreError(f"Bản sao lưu {folder.name} có đường dẫn lạ nên không dùng.")
        return BackupSet(
            folder=folder,
            made_at=datetime.fromisoformat(words["made_at"]),
            revision=words["revision"],
            database=Path(words["database"]).name,
            database_sha256=words["database_sha256"],
            database_bytes=words["database_bytes"],
            files=files,
            airchecks=bool(words["airchecks"]),
            damaged=tuple(words["damaged"]),
        )
    except FileNotFoundError as error:
        raise StoreError(
            f"{folder} không phải một bản sao lưu; hãy chọn thư mục của một đêm, như …/sets/20261122-013000."
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"Không đọc được bản sao lưu {folder}: {error}.") from error


def check(backup: BackupSet, *, contents: bool = True) -> str:
    """Return what is wrong with a set, empty when it is whole; `contents`: every byte is read."""
    database = backup.folder / backup.database
    try:
        if hash_of(database) != backup.database_sha256:
            return f"Cơ sở dữ liệu trong bản sao lưu {backup.name} bị hỏng."
    except OSError:
        return f"Bản sao lưu {backup.name} thiếu cơ sở dữ liệu."
    pool = Pool(backup.place / "pool")
    bad = [each for each in backup.files if not (pool.is_intact if contents else pool.holds)(each)]
    if bad:
        return f"Bản sao lưu {backup.name} có {len(bad)} tệp bị mất hoặc hỏng, ví dụ {bad[0].path}."
    return ""


def write_manifest(backup: BackupSet) -> None:
    words: dict[str, Any] = {
        "format": FORMAT,
        "made_at": backup.made_at.isoformat(),
        "revision": backup.revision,
        "database": backup.database,
        "database_sha256": backup.database_sha256,
        "database_bytes": backup.database_bytes,
        "airchecks": backup.airchecks,
        "damaged": list(backup.damaged),
        "files": {each.path: [each.sha256, each.size_bytes, each.changed_ns] for each in backup.files},
    }
    with (backup.folder / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(words, file, ensure_ascii=False, indent=0)
        file.flush()
        flush(file.fileno())
    os.chmod(backup.folder / MANIFEST, 0o600)  # noqa: PTH101


# --- letting go ---


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """Return which sets stay: the newest of each of the last 7 days and 8 weeks that have any."""
    newest_first = sorted(moments, reverse=True)
    days: dict[object, datetime] = {}
    weeks: dict[object, datetime] = {}
    for moment in newest_first:
        local = moment.astimezone(LOCAL)
        days.setdefault(local.date(), moment)
        weeks.setdefault(local.isocalendar()[:2], moment)
    return {*list(days.values())[:DAYS], *list(weeks.values())[:WEEKS]}


def prune(place: Path) -> int:
    """Let go of the sets that are not kept, then of what only they needed; return how many sets went.

    While a manifest cannot be read nothing leaves the pool: it may need anything.
    """
    found = listed(place)
    stays = kept(each.made_at for each in found)
    going = [each for each in found if each.made_at not in stays]
    for each in going:
        shutil.rmtree(each.folder, ignore_errors=True)
    left = [each for each in found if each.made_at in stays]
    if len(left) == sum(1 for _ in (place / "sets").glob("[0-9]*")):
        Pool(place / "pool").prune({file.sha256 for each in left for file in each.files})
    return len(going)
