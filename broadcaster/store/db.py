"""Opening the store, and the two kinds of transaction: `read` and `write`.

SQLite is set up as measured safe on a ward PC: WAL, synchronous=FULL, foreign keys, BEGIN IMMEDIATE for
writers (a deferred transaction that upgrades fails with "locked" whatever the busy time-out), and one lock
around all write transactions, shared by every process on the data folder. The lock also keeps clear of the
WAL-reset fault of SQLite 3.7.0–3.51.2 (sqlite.org/wal.html), which needs a commit beside a checkpoint.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from broadcaster.errors import StoreDamaged, StoreError
from broadcaster.store import postgresql
from broadcaster.store.postgresql import SnapshotWatch

LOCK_WAIT_S = 10.0
LOCK_POLL_S = 0.005
"""What waits may be an emergency."""
READ_ONLY = "ward_read_only"
BUSY = "Kho dữ liệu đang bận quá lâu; hãy thử lại sau ít phút."
FOLDER = "ward_folder"
"""In `Session.info`: the data folder, in which the key lies that tells our own rows from others'."""


class Store:
    """A database by URL plus the folder in which the station keeps everything else."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """`folder` is made when missing; an empty `url` means SQLite inside it."""
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.url = url or sqlite_url(folder / "station.db")
        self.engine = _engine(self.url)
        ours = {FOLDER: folder}
        self._reading = sessionmaker(
            self.engine.execution_options(**reading_options(self.engine)),
            expire_on_commit=False,
            autoflush=False,
            info=ours,
        )
        self._writing = sessionmaker(self.engine, expire_on_commit=False, info=ours)
        (folder / "run").mkdir(exist_ok=True)
        lock = folder / "run" / "write.lock"
        self._lock = FileLock(lock, timeout=LOCK_WAIT_S, thread_local=False, poll_interval=LOCK_POLL_S)
        self._thread_lock = threading.RLock()
        self._watches: list[SnapshotWatch] = []

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state and writes nothing. Raises StoreError."""
        with in_our_words("Không đọc được kho dữ liệu"), self._reading() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed at the end of the block, or not at all.

        Keep it short: never hold it across speech or the network. Raises StoreError when the store stays
        busy for longer than `LOCK_WAIT_S`, or cannot be written.
        """
        with (
            in_our_words("Không ghi được vào kho dữ liệu"),
            self.exclusive(),
            self._writing() as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep every other writer out, of this process and of all others on the data folder."""
        busy = StoreError(BUSY)
        if not self._thread_lock.acquire(timeout=LOCK_WAIT_S):
            raise busy
        try:
            self._lock.acquire()
        except Timeout as error:
            self._thread_lock.release()
            raise busy from error
        try:
            yield
        finally:
            self._lock.release()
            self._thread_lock.release()

    def changes(self) -> ChangeWatch | SnapshotWatch:
        """Return a watch that tells cheaply whether another process has committed."""
        if _is_sqlite(self.engine):
            return ChangeWatch(self.engine)
        self._watches.append(SnapshotWatch(self.engine))
        return self._watches[-1]

    def close(self) -> None:
        for watch in self._watches:
            watch.close()
        self.engine.dispose()


class ChangeWatch:
    """Asks SQLite's `data_version`: a few microseconds, no lock."""

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.raw_connection()
        self._seen: int | None = None

    def has_changed(self) -> bool:
        """Return True when something was committed by another connection since the last call."""
        cursor = self._connection.cursor()
        version: int = cursor.execute("PRAGMA data_version").fetchone()[0]
        cursor.close()
        changed, self._seen = version != self._seen, version
        return changed

    def close(self) -> None:
        self._connection.close()


def reading_options(engine: Engine) -> dict[str, Any]:
    """Return the execution options of connections that only read."""
    return {READ_ONLY: True} if _is_sqlite(engine) else {READ_ONLY: True, **postgresql.READING}


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def sqlite_url(file: Path) -> str:
    """Return the URL of a database file, whatever characters its folders are named with."""
    return URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def _engine(url: str) -> Engine:
    """Errors carry no parameters: they end in the log, and may be names, texts and hashes of passwords."""
    if make_url(url).get_backend_name() != "sqlite":
        return postgresql.engine(url, LOCK_WAIT_S)
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_S}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def in_our_words(failed: str) -> Iterator[None]:
    """Raise StoreError, its sentence beginning with `failed`, for what a person can mend; StoreDamaged for a
    broken file. A statement that breaks a rule of the tables stays what it is: our own mistake."""
    try:
        yield
    except OperationalError as error:
        if postgresql.is_busy(error):
            raise StoreError(BUSY) from error
        raise StoreError(f"{failed} ({error.orig}); hãy kiểm tra ổ đĩa còn trống và thử lại.") from error
    except DatabaseError as error:
        if not _is_damage(error):
            raise
        raise damaged(error.orig) from error


def damaged(what: object) -> StoreDamaged:
    return StoreDamaged(
        f"Tệp dữ liệu của trạm bị hỏng ({what}); hãy khôi phục bản sao lưu gần nhất vào một thư mục mới "
        "bằng lệnh: broadcaster --data THƯ_MỤC restore TỆP"
    )


def _is_damage(error: DatabaseError) -> bool:
    # Only SQLite tells damage so: its other errors all have a class of their own.
    return type(error.orig) is sqlite3.DatabaseError


def quick_check(store: Store) -> str | None:
    """Return what is wrong with the database file, or None; SQLite only (0.8 s per GB)."""
    if store.engine.dialect.name != "sqlite":
        return None
    try:
        with store.engine.connect() as connection:
            answer = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    except DatabaseError as error:
        return str(error.orig)
    return None if answer == "ok" else str(answer)
