from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from broadcaster.store import Store
from broadcaster.store.migrate import migrate
from schedules.clock import LOCAL
from tests.broadcaster.playout.room import Room
from tests.clocks import FakeClock


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows, to be copied: migrating costs half a second each time."""
    folder = tmp_path_factory.mktemp("empty")
    store = Store(folder)
    migrate(store)
    store.close()  # the last connection to close writes the WAL back into the file
    return folder / "station.db"


def _open(folder: Path, database: Path, clock: FakeClock) -> Iterator[Room]:
    (folder / "station.db").write_bytes(database.read_bytes())
    room = Room(folder, clock)
    room.furnish()
    room.boot()
    yield room
    room.store.close()


@pytest.fixture
def room(tmp_path: Path, empty_store: Path) -> Iterator[Room]:
    yield from _open(tmp_path, empty_store, FakeClock())


@pytest.fixture
def desk(tmp_path: Path, empty_store: Path) -> Iterator[Room]:
    """The same on Monday 23/11/2026, at 8:00 on the station's clock."""
    yield from _open(tmp_path, empty_store, FakeClock(datetime(2026, 11, 23, 8, 0, tzinfo=LOCAL)))
