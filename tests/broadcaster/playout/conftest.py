from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.store import Store
from broadcaster.store.migrate import migrate
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


@pytest.fixture
def room(tmp_path: Path, empty_store: Path) -> Iterator[Room]:
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    room = Room(tmp_path, FakeClock())
    room.furnish()
    room.boot()
    yield room
    room.store.close()
