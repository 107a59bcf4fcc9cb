"""The same million rows on PostgreSQL, where the queries are the same: carried over from the file by COPY."""

from __future__ import annotations

import sqlite3
import time as stopwatch
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from psycopg import sql

from broadcaster.records import chain, history
from broadcaster.store import Store
from broadcaster.store.migrate import migrate
from broadcaster.store.models import Base, History
from tests.benchmarks.decade import ROWS, folder_of_a_decade
from tests.benchmarks.test_decade import PAGE_S, first_and_median, insertions, search_slow, timed
from tests.postgresql import Cluster

COMPARED = "full_page_writes=on", "fsync=on", "synchronous_commit=on", "shared_buffers=256MB"
"""As a station would run it."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    cluster = Cluster(*COMPARED)
    opened = Store(tmp_path_factory.mktemp("decade"), cluster.url())
    migrate(opened)
    start = stopwatch.perf_counter()
    carry_over(folder_of_a_decade() / "station.db", opened)
    print(f"\ncopied in {stopwatch.perf_counter() - start:.0f} s")
    yield opened
    opened.close()
    cluster.close()


def carry_over(file: Path, store: Store) -> None:
    """Copy every table; keys hold there already, so they are not checked again."""
    with closing(sqlite3.connect(file)) as source, store.engine.connect() as connection:
        target = connection.connection.driver_connection
        target.execute("SET session_replication_role = replica")
        for table in Base.metadata.sorted_tables:
            names = table.columns.keys()
            rows = source.execute(f"SELECT {', '.join(map(_quoted, names))} FROM {_quoted(table.name)}")
            copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
            )
            with target.cursor() as cursor, cursor.copy(copy) as into:
                for row in rows:
                    into.write_row(row)
        number = "SELECT setval('history_words_id_seq', (SELECT max(id) FROM history_words))"
        target.execute(number)
        target.commit()
        target.autocommit = True
        target.execute("VACUUM ANALYZE")


def _quoted(name: str) -> str:
    return f'"{name}"'


@pytest.mark.benchmark
def test_the_same_searches(store: Store) -> None:
    print()
    with store.read() as session:
        slow = search_slow(session, PAGE_S)
        row = session.get_one(History, ROWS // 3)
        first, median = first_and_median(lambda: history.of_airing(session, row.airing_id))
    print(
        f"of an airing: {median * 1e3:.2f} ms (first {first * 1e3:.1f}); slower than 50 ms: {slow or 'none'}"
    )


@pytest.mark.benchmark
def test_the_same_chain(store: Store) -> None:
    start, busy = stopwatch.perf_counter(), stopwatch.process_time()
    with store.read() as session:
        assert chain.verify(session) == []
    wall_s, busy_s = stopwatch.perf_counter() - start, stopwatch.process_time() - busy
    print(f"\nverify: {wall_s:.1f} s, {busy_s:.1f} s of one processor")


@pytest.mark.benchmark
def test_one_more_row(store: Store) -> None:
    rows = insertions(store)
    warm = sorted(timed(lambda: next(rows)) for _ in range(100))
    print(f"\ninsert: {warm[50] * 1e3:.2f} ms, longest {warm[-1] * 1e3:.1f}")
