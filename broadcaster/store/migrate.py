"""Bringing a store's tables to the present shape.

Altering a parent table with foreign keys enforced silently deletes the rows of its children (SQLite copies
and drops the table), so a migration runs on a connection of its own with enforcement off, and checks every
key afterwards, before anything is committed.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.pool import NullPool

from broadcaster.errors import StoreError
from broadcaster.store import postgresql
from broadcaster.store.db import LOCK_WAIT_S, Store, in_our_words, reading_options, sqlite_url

if TYPE_CHECKING:
    from alembic.config import Config

SEARCH_TABLES = "history_words_fts"
"""Begins the names of the tables that SQLite's text search keeps for itself."""
SCRIPTS = Path(__file__).parent / "migrations"


def migrate(store: Store) -> str:
    """Bring `store` to the newest shape and return its revision; raises StoreError, changing nothing.

    A filled SQLite file is copied aside first, as `station.db.before-<revision>`.
    """
    with in_our_words("Không mở được kho dữ liệu"):
        return _migrate(store)


def _migrate(store: Store) -> str:
    newest = newest_revision()
    if _present(store.engine.execution_options(**reading_options(store.engine))) == newest:
        return newest
    engine = create_engine(store.url, poolclass=NullPool)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        event.listen(engine, "connect", lambda connection, _: _unenforced(connection))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with store.exclusive(), engine.connect() as connection:
        present = _present(connection)
        connection.rollback()
        if present and is_sqlite:
            _copy_aside(Path(str(engine.url.database)), present)
        with connection.begin():
            if not is_sqlite:
                postgresql.keep_writers_out(connection, LOCK_WAIT_S)
            _upgrade(connection)
            if is_sqlite:
                _check_keys(connection)
    return newest


def newest_revision() -> str:
    """Return the newest revision; the files are numbered, so Alembic need not be loaded (10 MB) to know."""
    return max(path.name[:4] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def present_revision(store: Store) -> str:
    """Return the revision in which the tables of `store` are, empty before the first; changes nothing."""
    with in_our_words("Không đọc được kho dữ liệu"):
        return _present(store.engine.execution_options(**reading_options(store.engine)))


def _present(bind: Engine | Connection) -> str:
    if not inspect(bind).has_table("alembic_version"):
        return ""
    query = "SELECT version_num FROM alembic_version"
    if isinstance(bind, Connection):
        return str(bind.exec_driver_sql(query).scalar() or "")
    with bind.connect() as connection:
        return str(connection.exec_driver_sql(query).scalar() or "")


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - loaded only when there is something to do

    command.upgrade(config(connection), newest_revision())


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration on `connection`, for this module and for writing new revisions."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _unenforced(connection: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]
    connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]


def _copy_aside(database: Path, revision: str) -> None:
    engine = create_engine(sqlite_url(database), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy2(database, database.with_name(f"{database.name}.before-{revision}"))


def _check_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StoreError(
            f"Nâng cấp kho dữ liệu bị dừng: bảng {broken[0][0]} có dòng mồ côi. Dữ liệu giữ nguyên."
        )
