"""Bringing a store's tables to the present shape.

Altering a parent table with foreign keys enforced silently deletes the rows of its children (SQLite copies
and drops the table), so a migration runs on a connection of its own with enforcement off, and checks every
key afterwards, before anything is committed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from broadcaster.errors import StoreError
from broadcaster.store.db import Store

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(store: Store) -> str:
    """Bring `store` to the newest shape and return its revision; raises StoreError, changing nothing.

    A filled SQLite file is copied aside first, as `station.db.before-<revision>`.
    """
    newest = ScriptDirectory.from_config(_config()).get_current_head() or ""
    engine = create_engine(store.url, poolclass=NullPool)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        event.listen(engine, "connect", lambda connection, _: _unenforced(connection))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with store.exclusive(), engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        if present == newest:
            return newest
        if present is not None and is_sqlite:
            _copy_aside(Path(str(engine.url.database)), present)
        with connection.begin():
            command.upgrade(_config(connection), "head")
            if is_sqlite:
                _check_keys(connection)
    return newest


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _unenforced(connection: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]
    connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]


def _copy_aside(database: Path, revision: str) -> None:
    engine = create_engine(f"sqlite:///{database}", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy2(database, database.with_name(f"{database.name}.before-{revision}"))


def _check_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StoreError(
            f"Nâng cấp kho dữ liệu bị dừng: bảng {broken[0][0]} có dòng mồ côi. Dữ liệu giữ nguyên."
        )
