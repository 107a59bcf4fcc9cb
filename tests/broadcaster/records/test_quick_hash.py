"""A batch hashed by column gives what each row gives by itself, and garbage in the store is a changed row."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from broadcaster.records import audit, chain
from broadcaster.records.chain import Break, Fault
from broadcaster.store.models import Audit, History
from tests.broadcaster.moments import NOW, later

ODD = [
    {"title": 'Đài “A” — ớ\n\t"\\ %s %d 😀', "reason": "100%"},
    {"level_dbfs": None, "started_at": None, "approved_at": None, "clip_sha256": None},
    {"seconds_heard": 0.0, "seconds_planned": 1 / 3, "level_dbfs": -0.1},
    {"details": {"z": [1, 2.5, None, True], "a": {"ố": 1e-7, "b": -1e22}}, "source": "relay"},
    {"zones": [], "is_self_approved": True, "on_loudspeaker": False, "approval_id": 12},
    {"planned_at": later(seconds=0.000001)},
]


def hashed_by_batch(session, table) -> list[str]:
    return [
        each for rows in chain._batches(session, table) for each in chain.hashes(chain._forms(table), rows)
    ]


def test_a_batch_gives_the_hash_of_each_row(session, add_row):
    kept = [add_row(**changes).row_hash for changes in ODD]
    assert hashed_by_batch(session, History) == kept
    assert chain.verify(session) == []


def test_many_batches_are_walked_in_order(session, monkeypatch):
    monkeypatch.setattr(chain, "_BATCH", 4)
    kept = [audit.note(session, None, "did", f"x {number}", NOW, n=number).row_hash for number in range(11)]
    assert hashed_by_batch(session, Audit) == kept
    assert chain.verify(session) == []
    session.execute(text("UPDATE audit SET act = 'undid' WHERE id = 9"))
    assert chain.verify(session) == [Break("audit", 9, Fault.CHANGED)]


@pytest.mark.parametrize(
    "change",
    [
        "planned_at = 'hôm qua'",
        "planned_at = ''",
        "zones = '[{'",
        "zones = ''",
        "zones = '[NaN]'",
        "details = 'x'",
        "seconds_heard = 'lâu'",
        "seconds_heard = x'00'",
        "title = x'FF'",
        "title = 5",
        "on_loudspeaker = 'có'",
        "row_hash = ''",
        "row_hash = x'00'",
        "previous_hash = ''",
    ],
)
def test_garbage_in_a_row_is_a_changed_row(session, add_row, change):
    for _ in range(4):
        add_row()
    session.execute(text(f"UPDATE history SET {change} WHERE id = 3"))
    assert chain.verify(session) == [Break("history", 3, Fault.CHANGED)]


def test_a_row_kept_in_another_form_is_asked_value_by_value(session, add_row):
    for _ in range(3):
        add_row()
    session.execute(text("UPDATE history SET planned_at = substr(planned_at, 1, 19) WHERE id = 2"))
    assert chain.verify(session) == []
