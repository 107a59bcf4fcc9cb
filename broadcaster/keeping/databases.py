"""A whole copy of the database while the station writes to it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from broadcaster.errors import StoreError
from broadcaster.keeping.hashing import flush
from broadcaster.store import Store

SQLITE = "station.db"
POSTGRES = "station.pgdump"
"""A custom-format dump, for pg_restore."""
DUMP_S = 3600.0
_HOW_TO_DUMP = (
    "Dữ liệu nằm trong PostgreSQL mà máy này không có lệnh pg_dump; hãy cài gói postgresql-client, "
    "hoặc để người quản trị PostgreSQL sao lưu cơ sở dữ liệu."
)


def copy(store: Store, folder: Path) -> Path:
    """Write a checked copy of the database into `folder` and return its file; raises StoreError.

    SQLite is copied through its own backup, never as a file alone while a WAL stands beside it.
    """
    if store.engine.dialect.name != "sqlite":
        return _dump(store.url, folder / POSTGRES)
    target = folder / SQLITE
    try:
        copy_sqlite(Path(str(store.engine.url.database)), target)
    except sqlite3.Error as error:
        raise StoreError(f"Không sao lưu được cơ sở dữ liệu: {error}.") from error
    return target


def copy_sqlite(file: Path, target: Path) -> None:
    """Raises sqlite3.Error, and StoreError for a database that is damaged."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))  # names, password hashes
    source = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    with closing(source), closing(sqlite3.connect(target)) as made:
        source.backup(made)
        # One file: a copy must not depend on what would stand beside it.
        made.execute("PRAGMA journal_mode=DELETE")
        if made.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise StoreError("Cơ sở dữ liệu bị hỏng nên không sao lưu; hãy chạy: broadcaster doctor")
    with target.open("rb+") as written:
        flush(written.fileno())


def _dump(url: str, target: Path) -> Path:
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreError(_HOW_TO_DUMP)
    place = make_url(url)
    # The password goes by the environment: other people on the machine may read a command line.
    environment = os.environ | ({"PGPASSWORD": str(place.password)} if place.password else {})
    # Whole, for its query may name a socket or ask for encryption (libpq's connection URI).
    named = place.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    command = [program, "--format=custom", "--no-password", f"--file={target}", f"--dbname={named}"]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=DUMP_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise StoreError("pg_dump chạy quá lâu không xong; hãy kiểm tra máy chủ PostgreSQL.") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["không rõ lỗi"])[-1]
        raise StoreError(f"pg_dump không sao lưu được ({last}); hãy kiểm tra máy chủ PostgreSQL.")
    target.chmod(0o600)
    return target
