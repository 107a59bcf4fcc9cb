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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from broadcaster.errors import StoreError
from broadcaster.keeping import databases, holdings
from broadcaster.keeping.hashing import copy_flushed, flush, hash_of, settle
from broadcaster.keeping.holdings import Holding
from broadcaster.keeping.pool import Pool
from broadcaster.playout.disk import size_text
from broadcaster.store import Store
from broadcaster.store.migrate import newest_revision
from schedules.clock import LOCAL

FORMAT = 2
MANIFEST = "manifest.json"
DAYS = 7
WEEKS = 8
LEFT_FREE_BYTES = 500_000_000
"""A backup never takes the last of a disk: the station and the system write there too."""


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


@dataclass(frozen=True, slots=True)
class Made:
    """A new set, and what was new in it."""

    backup: BackupSet
    added: int
    added_bytes: int
    removed: int
    """Older sets that were let go of."""

    @property
    def words(self) -> str:
        files = f"{len(self.backup.files):,}".replace(",", ".")
        return f"Đã sao lưu và đọc lại: {files} tệp, {size_text(self.backup.size_bytes)}; " + (
            f"mới thêm {self.added} tệp, {size_text(self.added_bytes)}."
            if self.added
            else "không có tệp mới."
        )


# --- making one ---


def make(store: Store, place: Path, now: datetime, *, airchecks: bool = False) -> Made:
    """Write a set of the whole station into `place`; the station may go on meanwhile.

    Raises StoreError when it cannot be written, does not read back, or would fill the disk.
    """
    with only_one(place):
        aside = _begin(place, now)
        try:
            database = databases.copy(store, aside)
            known = {each.path: each for old in listed(place)[:1] for each in old.files}
            files = list(holdings.of(store.folder, known, airchecks=airchecks))
            added, lost = _fill(Pool(place / "pool"), files, store.folder, place)
            made = _described(aside, database, now, files, lost, airchecks=airchecks)
            return _finish(aside, made, added)
        except OSError as error:
            raise StoreError(f"Không ghi được bản sao lưu vào {place}: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def mirror(backup: BackupSet, place: Path) -> Made:
    """Bring a whole copy of `backup` to another place. Raises StoreError as `make` does."""
    with only_one(place):
        aside = _begin(place, backup.made_at)
        try:
            pool = Pool(backup.place / "pool")
            require_room(place, backup.database_bytes)
            copy_flushed(backup.folder / backup.database, aside / backup.database)
            sources = {each.path: pool.path_of(each.sha256) for each in backup.files}
            added, _ = _fill(Pool(place / "pool"), backup.files, sources, place, is_mirror=True)
            made = replace(backup, folder=aside)
            return _finish(aside, made, added)
        except OSError as error:
            raise StoreError(f"Không ghi được bản sao lưu vào {place}: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def only_one(place: Path) -> Iterator[None]:
    """Keep others out of a place: two that write there at once would prune each other's files."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(place / ".lock")
    try:
        lock.acquire(timeout=1.0)
    except Timeout as error:
        raise StoreError("Một lượt sao lưu khác đang chạy; hãy chờ nó xong.") from error
    try:
        yield
    finally:
        lock.release()


def require_room(place: Path, needed_bytes: int) -> None:
    """Raise StoreError when `needed_bytes` would leave less than a disk needs."""
    free = shutil.disk_usage(place).free
    if free < needed_bytes + LEFT_FREE_BYTES:
        raise StoreError(
            f"Ổ đĩa của {place} không đủ chỗ: cần thêm {size_text(needed_bytes)}, còn {size_text(free)} "
            f"và phải chừa {size_text(LEFT_FREE_BYTES)}; hãy dọn bớt hoặc dùng ổ lớn hơn."
        )


def _begin(place: Path, now: datetime) -> Path:
    sets = place / "sets"
    sets.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in sets.glob(".*.part"):
        shutil.rmtree(left, ignore_errors=True)
    aside = sets / f".{_name(now)}.part"
    aside.mkdir(mode=0o700)
    return aside


def _fill(
    pool: Pool,
    files: Iterable[Holding],
    source: Path | dict[str, Path],
    place: Path,
    *,
    is_mirror: bool = False,
) -> tuple[list[Holding], dict[str, bool]]:
    """Bring into `pool` what it has not; return what was added, and the paths that could not be.

    Those say whether the file is damaged; one that went away meanwhile is not.
    """
    new = list({each.sha256: each for each in files if not pool.holds(each)}.values())
    require_room(place, sum(each.size_bytes for each in new))
    added: list[Holding] = []
    lost: dict[str, bool] = {}
    for each in new:
        try:
            file = source[each.path] if isinstance(source, dict) else source / each.path
            pool.add(each, file, may_link=not is_mirror)
        except (StoreError, FileNotFoundError) as error:
            if is_mirror:
                raise StoreError(f"Không chép được {each.path}: {error}.") from error
            lost[each.path] = isinstance(error, StoreError)
        else:
            added.append(each)
    return added, lost


def _described(
    aside: Path,
    database: Path,
    now: datetime,
    files: Iterable[Holding],
    lost: Mapping[str, bool],
    *,
    airchecks: bool,
) -> BackupSet:
    return BackupSet(
        folder=aside,
        made_at=now,
        revision=newest_revision(),
        database=database.name,
        database_sha256=hash_of(database),
        database_bytes=database.stat().st_size,
        files=tuple(each for each in files if each.path not in lost),
        airchecks=airchecks,
        damaged=tuple(sorted(path for path, is_damaged in lost.items() if is_damaged)),
    )


def _finish(aside: Path, described: BackupSet, added: list[Holding]) -> Made:
    _write_manifest(described)
    written = read(aside)
    if trouble := check(written, contents=False):
        raise StoreError(trouble)
    target = aside.with_name(_name(described.made_at))
    shutil.rmtree(target, ignore_errors=True)
    aside.replace(target)
    settle(target.parent)
    removed = prune(described.place, described.made_at)
    return Made(read(target), len(added), sum(each.size_bytes for each in added), removed)


def _name(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%Y%m%d-%H%M%S}"


# --- reading ---


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


def _write_manifest(backup: BackupSet) -> None:
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


def prune(place: Path, now: datetime) -> int:
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
