"""Transactions, moments and facts as the rooms above rely on them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from broadcaster.errors import StoreDamaged, StoreError
from broadcaster.store import Store, facts
from broadcaster.store.db import quick_check
from broadcaster.store.migrate import migrate
from broadcaster.store.models import Boot, Person, SignIn
from tests.broadcaster.moments import NOW


def test_a_moment_comes_back_in_utc(store):
    local = datetime(2026, 11, 23, 17, 0, 0, 250_000, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    with store.write() as session:
        session.add(Boot(id="b", started_at=local, alive_at=local))
    with store.read() as session:
        kept = session.scalars(select(Boot.started_at)).one()
    assert (kept, kept.tzinfo) == (local, UTC)


def test_a_moment_without_a_time_zone_is_refused(store):
    naive = datetime(2026, 11, 23, 17, 0)  # noqa: DTZ001
    with pytest.raises(StatementError, match="time zone"), store.write() as session:
        session.add(Boot(id="b", started_at=naive, alive_at=NOW))


def test_what_was_to_be_written_does_not_stand_in_the_error_and_so_in_no_log(store):
    person = {"login": "an", "name": "Trần Thị An", "roles": [], "created_at": NOW}
    with pytest.raises(IntegrityError) as failed, store.write() as session:
        session.add_all([Person(**person), Person(**person)])
    assert "Trần" not in str(failed.value)


def test_a_row_that_points_nowhere_is_refused(store):
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(SignIn(token_hash="t", person_id=9, started_at=NOW, expires_at=NOW, confirmed_at=NOW))


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_the_file_is_set_up_to_survive_a_power_cut(store, pragma, value):
    with store.engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_a_sound_file_passes_the_quick_check(store):
    assert quick_check(store) is None


def test_a_damaged_file_does_not_pass_the_quick_check(store):
    with store.write() as session:
        for number in range(300):
            facts.put(session, f"key{number}", "x" * 300)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    file = store.folder / "station.db"
    content = bytearray(file.read_bytes())
    middle = len(content) * 3 // 4
    content[middle : middle + 4096] = b"\xff" * 4096
    file.write_bytes(bytes(content))
    assert quick_check(store) is not None


def test_a_file_that_is_no_database_is_said_to_be_damaged_in_one_sentence(tmp_path):
    (tmp_path / "station.db").write_bytes(b"no database" * 1000)
    store = Store(tmp_path)
    assert quick_check(store) == "file is not a database"
    for use in (store.read, store.write, partial(migrate, store)):
        with pytest.raises(StoreDamaged, match="khôi phục bản sao lưu"), use() as session:
            session.execute(text("SELECT 1"))
    store.close()


def test_a_file_damaged_in_the_middle_is_said_to_be_damaged(store, migrated_file):
    with store.write() as session:
        facts.put(session, "a", "a" * 50_000)
    store.close()
    file = store.folder / "station.db"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(StoreDamaged), store.read() as session:
        facts.get(session, "a")


def test_a_store_that_cannot_be_read_is_an_error_of_ours(store):
    with pytest.raises(StoreError, match="Không đọc được"), store.read() as session:
        session.execute(text("SELECT * FROM no_such_table"))


def test_another_kind_of_database_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(StoreError, match="postgresql://"):
        Store(tmp_path, "mysql://ward@localhost/ward")


def test_a_missing_driver_is_told_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"ward-station\[postgres\]"):
        Store(tmp_path, "postgresql://ward@localhost/ward")
