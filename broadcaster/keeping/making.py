"""A new set of the whole station, and a copy of one in another place: written aside, read back, renamed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from broadcaster.errors import StoreError
from broadcaster.keeping import databases, holdings, sets
from broadcaster.keeping.hashing import copy_flushed, hash_of, settle
from broadcaster.keeping.holdings import Holding
from broadcaster.keeping.pool import Pool
from broadcaster.keeping.sets import BackupSet
from broadcaster.playout.disk import size_text
from broadcaster.records.reports import numbers
from broadcaster.store import Store
from broadcaster.store.migrate import newest_revision
from schedules.clock import LOCAL

LEFT_FREE_BYTES = 500_000_000
"""A backup never takes the last of a disk: the station and the system write there too."""


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
        files = numbers.count(len(self.backup.files))
        return f"Đã sao lưu và đọc lại: {files} tệp, {size_text(self.backup.size_bytes)}; " + (
            f"mới thêm {self.added} tệp, {size_text(self.added_bytes)}."
            if self.added
            else "không có tệp mới."
        )


def make(store: Store, place: Path, now: datetime, *, airchecks: bool = False) -> Made:
    """Write a set of the whole station into `place`; the station may go on meanwhile.

    Raises StoreError when it cannot be written, does not read back, or would fill the disk.
    """
    with only_one(place):
        aside = _begin(place, now)
        try:
            database = databases.copy(store, aside)
            known = {each.path: each for old in sets.listed(place)[:1] for each in old.files}
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
    folder = place / "sets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(".*.part"):
        shutil.rmtree(left, ignore_errors=True)
    aside = folder / f".{_name(now)}.part"
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
    sets.write_manifest(described)
    written = sets.read(aside)
    if trouble := sets.check(written, contents=False):
        raise StoreError(trouble)
    target = aside.with_name(_name(described.made_at))
    shutil.rmtree(target, ignore_errors=True)
    aside.replace(target)
    settle(target.parent)
    removed = sets.prune(described.place)
    return Made(sets.read(target), len(added), sum(each.size_bytes for each in added), removed)


def _name(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%Y%m%d-%H%M%S}"
