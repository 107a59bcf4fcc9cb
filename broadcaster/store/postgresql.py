"""What makes PostgreSQL keep the promises of `db`: one writer at a time, readers that see one state.

A writer first takes an advisory lock that ends with its transaction, so that a station, its page and its
command line may stand on different machines; it then sees all that was committed before. Readers work on one
snapshot (REPEATABLE READ, READ ONLY), as SQLite's do.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from broadcaster.errors import StoreError

WRITERS = 0x57415244
"""The number of the writers' lock: "WARD"; a database is one station's."""
_BUSY = "55P03"
"""lock_not_available (postgresql.org/docs/current/errcodes-appendix.html)."""
READING: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""Execution options of a connection that only reads."""


def engine(url: str, wait_s: float) -> Engine:
    """Return an engine whose connections wait for the writers' lock at most `wait_s` when they begin.

    Raises StoreError for another kind of database, and where the driver is not installed.
    """
    if make_url(url).get_backend_name() != "postgresql":
        raise StoreError(
            "Mục “database_url” chỉ nhận sqlite:/// hoặc postgresql://; hãy sửa lại trong cài đặt."
        )
    try:
        made = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        words = "Máy này chưa có thư viện cho PostgreSQL; hãy cài: pip install 'ward-station[postgres]'"
        raise StoreError(words) from error

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        if "isolation_level" not in connection.get_execution_options():
            keep_writers_out(connection, wait_s)

    return made


def keep_writers_out(connection: Connection, wait_s: float) -> None:
    """Take the writers' lock until the transaction of `connection` ends; `is_busy` tells that it failed."""
    milliseconds = round(wait_s * 1000)
    connection.exec_driver_sql(
        f"SET LOCAL lock_timeout = {milliseconds}; SELECT pg_advisory_xact_lock({WRITERS})"
    )


def is_busy(error: DBAPIError) -> bool:
    """Return whether another writer kept the lock for too long."""
    return getattr(error.orig, "sqlstate", None) == _BUSY


class SnapshotWatch:
    """Asks which transactions are over: a word that changes with every commit, whoever made it.

    0.1 ms on the same machine. A connection that was lost counts as a change: who reads then learns more.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        self._seen = ""

    def has_changed(self) -> bool:
        try:
            now = self._ask()
        except self._engine.dialect.loaded_dbapi.Error:
            self.close()
            return True
        changed, self._seen = now != self._seen, now
        return changed

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self) -> str:
        if self._connection is None:
            words, names = self._engine.dialect.create_connect_args(self._engine.url)
            self._connection = self._engine.dialect.connect(*words, autocommit=True, **names)
        return str(self._connection.execute("SELECT pg_current_snapshot()::text").fetchone()[0])
