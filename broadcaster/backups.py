"""One file that holds a whole station, and a station made again from such a file or from a nightly set.

The archive is written aside, checked by reading it back, flushed and renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from broadcaster import settings
from broadcaster.errors import StoreError
from broadcaster.keeping import bringing, databases, holdings, places, sets, settling
from broadcaster.keeping.hashing import hash_of
from broadcaster.playout.disk import size_text
from broadcaster.store import Store
from broadcaster.store.models import Restoration
from schedules.clock import LOCAL

MANIFEST = "manifest.json"
FORMAT = 1
SECRETS = 0o600
POSTGRES_NEXT = (
    "Dữ liệu của trạm này nằm trong PostgreSQL: hãy nạp tệp station.pgdump trong thư mục vừa khôi phục vào "
    "một cơ sở dữ liệu trống bằng lệnh pg_restore, sửa mục “database_url” cho đúng, rồi mới chạy trạm."
)


def backup(store: Store, target: Path, now: datetime) -> Path:
    """Write one checked archive into the folder `target` and return its path; the station may go on.

    Raises StoreError when the archive cannot be written or does not read back.
    """
    target.mkdir(parents=True, exist_ok=True)
    name = f"ward-station-{now.astimezone(LOCAL):%Y%m%d-%H%M%S}.zip"
    aside = target / f".{name}.{os.getpid()}"
    try:
        aside.touch(mode=SECRETS)  # names, password hashes, keys: for its owner only
        with tempfile.TemporaryDirectory() as scratch:
            database = databases.copy(store, Path(scratch))
            files = {
                each.path: store.folder / each.path for each in holdings.of(store.folder, {}, airchecks=False)
            }
            _require_room(target, files.values(), database)
            _write(aside, {database.name: database} | files, now)
        _check(aside)
        aside.replace(target / name)
    except (OSError, zipfile.BadZipFile) as error:
        raise StoreError(f"Không ghi được bản sao lưu vào {target}: {error}") from error
    finally:
        aside.unlink(missing_ok=True)
    return target / name


def for_download(store: Store, now: datetime) -> str:
    """Make the one archive that an administrator may take away; an older one goes first."""
    folder = places.downloads(store.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("*.zip"):
        old.unlink(missing_ok=True)
    made = backup(store, folder, now)
    return f"Tệp {made.name} ({size_text(made.stat().st_size)}) đã sẵn sàng."


def restore(source: Path, folder: Path, now: datetime) -> Restoration | None:
    """Make a station in the empty or missing `folder` from an archive, or from a nightly set's folder.

    Nothing is left there on failure. Returns what the station now knows of the time that its books do not
    hold; None when its database is PostgreSQL's, which is restored by its own tools.
    Raises StoreError when the copy is damaged or the folder is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise StoreError(f"Thư mục {folder} không trống; hãy chọn một thư mục mới để khôi phục.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".restoring-", dir=folder.parent))
    try:
        copied_at = _bring(source, aside)
        restoration = _settle(aside, copied_at, source.name, now)
        if folder.exists():
            folder.rmdir()
        aside.replace(folder)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise StoreError(f"Không khôi phục được từ {source}: {error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return restoration


def _bring(source: Path, folder: Path) -> datetime:
    """Write the files of a copy into `folder`, each checked; return when the copy was made."""
    if source.is_dir() or source.name == MANIFEST:
        return bringing.bring(sets.read(source), folder)
    made_at = _check(source)
    _unpack(source, folder)
    return made_at


def _settle(folder: Path, copied_at: datetime, source: str, now: datetime) -> Restoration | None:
    if not (folder / databases.SQLITE).exists():
        settling.mark(folder, copied_at, source, now)
        return None
    store = Store(folder, "")
    try:
        return settling.settle(store, copied_at, source, now)
    finally:
        store.close()


def _require_room(target: Path, files: Iterable[Path], database: Path) -> None:
    total = database.stat().st_size + sum(file.stat().st_size for file in files)
    free = shutil.disk_usage(target).free
    if free < total:
        raise StoreError(
            f"Ổ đĩa của {target} không đủ chỗ: cần khoảng {size_text(total)}, còn {size_text(free)}."
        )


def _write(archive: Path, files: dict[str, Path], now: datetime) -> None:
    hashes = {}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name, path in files.items():
            hashes[name] = hash_of(path)
            target.write(path, name)
        manifest = {"format": FORMAT, "made_at": now.isoformat(), "sha256": hashes}
        target.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    with archive.open("rb+") as written:
        os.fsync(written.fileno())


def _check(archive: Path) -> datetime:
    """Read every byte back against the manifest and return when it was made.

    Raises StoreError for the first file that differs.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            manifest = json.loads(source.read(MANIFEST))
            names = set(source.namelist()) - {MANIFEST}
            if manifest["format"] != FORMAT or names != set(manifest["sha256"]):
                raise StoreError(f"{archive.name} không phải bản sao lưu dùng được của phiên bản này.")
            for name, expected in manifest["sha256"].items():
                with source.open(name) as content:
                    if hashlib.file_digest(content, "sha256").hexdigest() != expected:  # type: ignore[arg-type]
                        raise StoreError(f"Trong {archive.name}, tệp {name} bị hỏng.")
            return datetime.fromisoformat(manifest["made_at"])
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise StoreError(f"{archive.name} không đọc được: {error}") from error


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as source:
        for name in source.namelist():
            if name == MANIFEST:
                continue
            if not holdings.is_safe(name):
                raise ValueError(f"đường dẫn lạ {name}")
            source.extract(name, folder)
            if name != settings.FILE_NAME:
                (folder / name).chmod(SECRETS)
