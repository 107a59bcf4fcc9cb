"""Whoever changes, removes, moves or inserts a row behind our back is found, at the first such row."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from broadcaster.accounts.permissions import CONSOLE, Actor
from broadcaster.records import audit, chain, row_text
from broadcaster.records.chain import Break, Fault
from broadcaster.store import facts
from broadcaster.store.models import Audit
from tests.broadcaster.moments import NOW, later

SOMEBODY = Actor(3, "Lan", frozenset())


@pytest.fixture
def store(store):
    """A store with an audit of six rows."""
    with store.write() as session:
        for number in range(1, 7):
            audit.note(session, SOMEBODY, "did", f"bulletin {number}", later(minutes=number), n=number, x=0.1)
    return store


def tamper(store, *statements: str) -> list[Break]:
    with store.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    with store.read() as session:
        return chain.verify(session)


def forge_row(store, row_id: int) -> None:
    """Hash a row anew, as a forger who knows the method would."""
    with store.write() as session:
        row = session.get(Audit, row_id)
        values = {column.key: getattr(row, column.key) for column in Audit.__table__.columns}
        row.row_hash = row_text.row_hash(Audit, values)


def test_an_untouched_chain_has_no_break(store):
    with store.read() as session:
        assert chain.verify(session) == []


def test_an_empty_chain_has_no_break(session):
    assert chain.verify(session) == []


def test_ids_run_without_a_gap_and_each_row_names_the_one_before(store):
    with store.read() as session:
        rows = list(reversed(audit.latest(session)))
    assert [row.id for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.previous_hash for row in rows] == [chain.GENESIS, *(row.row_hash for row in rows[:-1])]


@pytest.mark.parametrize(
    "change",
    [
        "person = 'Kẻ khác'",
        "person_id = NULL",
        "act = 'undid'",
        "at = '2026-11-23 01:04:00.000001'",
        "subject = 'bulletin 5'",
        """detail = '{"n": 4, "x": 0.10000000000000002}'""",
        "row_hash = previous_hash",
    ],
)
def test_a_changed_column_is_found_at_its_row(store, change):
    assert tamper(store, f"UPDATE audit SET {change} WHERE id = 4") == [Break("audit", 4, Fault.CHANGED)]


def test_a_changed_row_hashed_anew_is_found_at_the_next(store):
    tamper(store, "UPDATE audit SET person = 'Kẻ khác' WHERE id = 4")
    forge_row(store, 4)
    assert tamper(store) == [Break("audit", 5, Fault.INSERTED)]


@pytest.mark.parametrize("row_id", [1, 3])
def test_a_removed_row_is_found(store, row_id):
    assert tamper(store, f"DELETE FROM audit WHERE id = {row_id}") == [Break("audit", row_id, Fault.MISSING)]


def test_a_removed_row_whose_successors_closed_the_gap_is_found(store):
    moved = [f"UPDATE audit SET id = {number - 1} WHERE id = {number}" for number in (4, 5, 6)]
    assert tamper(store, "DELETE FROM audit WHERE id = 3", *moved) == [Break("audit", 3, Fault.CHANGED)]


def test_two_rows_that_changed_places_are_found_at_the_first(store):
    swap = ("SET id = 99 WHERE id = 2", "SET id = 2 WHERE id = 5", "SET id = 5 WHERE id = 99")
    broken = tamper(store, *(f"UPDATE audit {each}" for each in swap))
    assert broken == [Break("audit", 2, Fault.CHANGED)]


@pytest.mark.parametrize(("row_id", "fault"), [(0, Fault.INSERTED), (7, Fault.CHANGED)])
def test_an_inserted_row_is_found(store, row_id, fault):
    copied = f"SELECT {row_id}, at, person_id, person, act, subject, detail, previous_hash, row_hash"
    assert tamper(store, f"INSERT INTO audit {copied} FROM audit WHERE id = 6") == [
        Break("audit", row_id, fault)
    ]


def test_a_forged_row_at_the_end_is_found(store):
    copied = "SELECT 7, at, person_id, person, act, subject, detail, row_hash, row_hash"
    tamper(store, f"INSERT INTO audit {copied} FROM audit WHERE id = 6")
    forge_row(store, 7)
    assert tamper(store) == [Break("audit", 7, Fault.INSERTED)]


def test_a_cut_tail_is_found(store):
    assert tamper(store, "DELETE FROM audit WHERE id >= 5") == [Break("audit", 5, Fault.CUT_OFF)]


def test_an_emptied_chain_is_found(store):
    assert tamper(store, "DELETE FROM audit") == [Break("audit", 1, Fault.CUT_OFF)]


def test_only_the_first_break_of_a_chain_is_named(store):
    broken = tamper(store, "UPDATE audit SET act = 'x' WHERE id IN (3, 5)")
    assert [each.row_id for each in broken] == [3]
    assert broken[0].sentence == "Dòng 3 của nhật ký thao tác đã bị sửa hoặc đổi chỗ."


def test_a_row_undone_with_its_act_leaves_no_gap(store):
    with pytest.raises(ZeroDivisionError), store.write() as session:
        audit.note(session, SOMEBODY, "did", "nothing", NOW)
        raise ZeroDivisionError
    with store.write() as session:
        assert audit.note(session, SOMEBODY, "did", "something", NOW).id == 7
    assert tamper(store) == []


@pytest.mark.parametrize(
    "detail",
    [
        {"text": "Đài “A” — ớ\n"},
        {"number": 1, "fraction": 1.0, "small": 5e-324, "big": 1.7e308, "third": 1 / 3},
        {"nested": [{"b": None, "a": [True, False]}]},
        {"zulu": 1, "alpha": 2},
    ],
)
def test_every_plain_value_hashes_the_same_before_and_after_the_database(store, detail):
    with store.write() as session:
        audit.note(session, None, "did", "x", NOW, **detail)
    assert tamper(store) == []


def test_a_moment_hashes_the_same_in_every_time_zone():
    local = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert row_text.moment_text(local) == row_text.moment_text(NOW) == "2026-11-23T01:00:00.000000Z"
    assert row_text.moment_text(NOW + timedelta(microseconds=1)).endswith(".000001Z")


def test_what_json_has_no_word_for_is_refused(session):
    with pytest.raises(ValueError, match="JSON"):
        audit.note(session, None, "did", "x", NOW, level=-math.inf)


def test_the_audit_tells_the_newest_first_and_page_by_page(store):
    with store.read() as session:
        assert [row.id for row in audit.latest(session, limit=2)] == [6, 5]
        assert [row.id for row in audit.latest(session, before=5, limit=2)] == [4, 3]
        assert [row.id for row in audit.latest(session, subject="bulletin 2")] == [2]


def test_the_program_and_the_command_line_have_names_of_their_own(session):
    program = audit.note(session, None, "did", "x", NOW)
    console = audit.note(session, CONSOLE, "did", "x", NOW)
    assert (program.person_id, program.person) == (None, "Chương trình")
    assert (console.person_id, console.person) == (None, CONSOLE.name)


def test_the_head_of_the_chain_is_kept_beside_it(store):
    with store.read() as session:
        last = audit.latest(session, limit=1)[0]
        assert facts.get(session, "chain_head:audit") == {"id": 6, "hash": last.row_hash}
