"""One file that holds a whole station, and a station made again from such a file.

The database is copied through SQLite's own backup (never the file alone while a WAL stands beside it); the
archive is written aside, checked by reading it back, flushed and renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path, PurePosixPath

from broadcaster import settings
from broadcaster.errors import StoreError
from broadcaster.store import Store
from schedules.clock import LOCAL

DATABASE = "station.db"
MANIFEST = "manifest.json"
FORMAT = 1
WHOLE_FOLDERS = ("clips",)


def backup(store: Store, target: Path, now: datetime) -> Path:
    """Write one checked archive into the folder `target` and return its path; the station may go on.

    Raises StoreError when the archive cannot be written or does not read back.
    """
    if store.engine.dialect.name != "sqlite":
        raise StoreError("Dữ liệu nằm trong PostgreSQL; hãy sao lưu bằng pg_dump và chép thư mục clips.")
    target.mkdir(parents=True, exist_ok=True)
    name = f"ward-station-{now.astimezone(LOCAL):%Y%m%d-%H%M%S}.zip"
    aside = target / f".{name}.{os.getpid()}"
    try:
        aside.touch(mode=0o600)  # names, password hashes: for its owner only
        with tempfile.TemporaryDirectory() as scratch:
            database = Path(scratch) / DATABASE
            _copy_database(store, database)
            _write(aside, {DATABASE: database} | _files(store.folder), now)
        _check(aside)
        aside.replace(target / name)
    except (OSError, zipfile.BadZipFile, sqlite3.Error) as error:
        raise StoreError(f"Không ghi được bản sao lưu vào {target}: {error}") from error
    finally:
        aside.unlink(missing_ok=True)
    return target / name


def restore(archive: Path, folder: Path) -> None:
    """Make a station in the empty or missing `folder` from `archive`; nothing is left there on failure.

    Raises StoreError when the archive is damaged or the folder is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise StoreError(f"Thư mục {folder} không trống; hãy chọn một thư mục mới để khôi phục.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".restoring-", dir=folder.parent))
    try:
        _check(archive)
        _unpack(archive, aside)
        if folder.exists():
            folder.rmdir()
        aside.replace(folder)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise StoreError(f"Không khôi phục được từ {archive}: {error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _files(folder: Path) -> dict[str, Path]:
    found = {settings.FILE_NAME: folder / settings.FILE_NAME}
    for name in WHOLE_FOLDERS:
        found |= {
            path.relative_to(folder).as_posix(): path
            for path in sorted((folder / name).rglob("*"))
            if path.is_file() and "incoming" not in path.parts
        }
    return {name: path for name, path in found.items() if path.is_file()}


def _copy_database(store: Store, target: Path) -> None:
    file = Path(str(store.engine.url.database)).absolute()
    source = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    with closing(source), closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        if copy.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise StoreError("Cơ sở dữ liệu bị hỏng nên không sao lưu; hãy chạy: broadcaster doctor")


def _write(archive: Path, files: dict[str, Path], now: datetime) -> None:
    hashes = {}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name, path in files.items():
            hashes[name] = _hash(path)
            target.write(path, name)
        manifest = {"format": FORMAT, "made_at": now.isoformat(), "sha256": hashes}
        target.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    with archive.open("rb+") as written:
        os.fsync(written.fileno())


def _check(archive: Path) -> None:
    """Read every byte back against the manifest; raises StoreError for the first that differs."""
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
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise StoreError(f"{archive.name} không đọc được: {error}") from error


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as source:
        for name in source.namelist():
            parts = PurePosixPath(name)
            if parts.is_absolute() or ".." in parts.parts:
                raise ValueError(f"đường dẫn lạ {name}")
            if name != MANIFEST:
                source.extract(name, folder)


def _hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
