"""A store of its own for each test, a session in one write transaction, and people by role."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from broadcaster.accounts import people
from broadcaster.accounts.permissions import Actor, Role
from broadcaster.store import Store
from broadcaster.store.migrate import migrate
from tests.broadcaster.moments import NOW

AsRole = Callable[..., Actor]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database in the present shape, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    store = Store(folder)
    migrate(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return folder / "station.db"


@pytest.fixture
def store(tmp_path: Path, migrated_file: Path) -> Iterator[Store]:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(migrated_file, folder / "station.db")
    opened = Store(folder)
    yield opened
    opened.close()


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    """One write transaction for the whole test; code that opens its own takes `store` instead."""
    with store.write() as opened:
        yield opened


@pytest.fixture
def as_role(session: Session) -> AsRole:
    """`as_role("officer", "approver")` returns a new person who holds these roles, ready to act."""

    def make(*roles: str, name: str = "") -> Actor:
        number = len(people.everyone(session)) + 1
        called = name or f"{roles[0].title()} {number}"
        person = people.create(session, f"person{number}", called, [Role(each) for each in roles], NOW)
        person.password_hash = "kept"
        session.flush()
        return people.actor_of(person)

    return make


@pytest.fixture(scope="session")
def hasher() -> PasswordHasher:
    """Argon2 at its cheapest: 0.2 ms instead of 0.1 s."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
