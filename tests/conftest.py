"""How the suite runs: what waits for sound and browsers begins first, statements are compiled once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from broadcaster.store import db


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys take up to a minute and leave the processor idle: the last of them must not be waited for."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is None)


class _OneForAll(SQLiteDialect_pysqlite):
    """The dialect of each engine counts as the same, so that they can share what they compile."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _OneForAll)

    def __hash__(self) -> int:
        return hash(_OneForAll)


_COMPILED: LRUCache[Any, Any] = LRUCache(3000)


def _engine(*given: Any, **more: Any) -> Any:
    """Make an engine that knows what the engines of other tests have compiled: a fifth of a test's time."""
    made = create_engine(*given, **more)
    if type(made.dialect) is SQLiteDialect_pysqlite:
        made.dialect.__class__ = _OneForAll
        made._compiled_cache = _COMPILED
    return made


db.create_engine = _engine
