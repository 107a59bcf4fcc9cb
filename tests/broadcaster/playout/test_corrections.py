"""A mistake in the history is put right by a row that points at it; what was measured and signed stays."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from broadcaster.accounts.permissions import Actor, Role
from broadcaster.errors import Invalid, NotFound, NotPermitted, Refused
from broadcaster.playout import corrections
from broadcaster.playout.corrections import SILENT
from broadcaster.records import audit, chain, history
from broadcaster.records.history import HistoryFilter
from broadcaster.store.models import History
from tests.broadcaster.moments import later
from tests.broadcaster.records.conftest import add_row  # noqa: F401

APPROVER = Actor(1, "Trần Thị Duyệt", frozenset({Role.APPROVER}))
TWO_ZONES = [
    {"zone": "Khu 1", "output": "A", "seconds_heard": 60.0, "level_dbfs": -18.0, "fault": ""},
    {"zone": "Khu 2", "output": "B", "seconds_heard": 60.0, "level_dbfs": -18.0, "fault": ""},
]


@pytest.fixture
def row(add_row) -> History:  # noqa: F811
    return add_row(zones=TWO_ZONES)


def correct(session: Any, row: History, actor: Actor = APPROVER, **changes: Any) -> History:
    changes.setdefault("reason", "gõ nhầm khi nhập")
    wanted = dataclasses.replace(corrections.now_reads(row), **changes)
    return corrections.correct(session, actor, row.id, wanted, later(hours=3))


def test_a_correction_is_a_new_row_that_stands_in_the_place_of_the_old(session, row):
    new = correct(session, row, title="Lịch tiêm chủng tháng 12", topic="tiêm chủng")
    assert (new.corrects_id, new.written_at) == (row.id, later(hours=3))
    assert (new.title, new.topic, row.title) == ("Lịch tiêm chủng tháng 12", "tiêm chủng", "Lịch tiêm chủng")
    assert session.query(History).where(history.in_force()).all() == [new]
    assert history.of_airing(session, row.airing_id) is new
    assert corrections.by_row(session, [row.id, new.id]) == {row.id: new.id}
    assert chain.verify(session) == []


def test_all_that_was_measured_and_signed_is_carried_over(session, row):
    new = correct(session, row, title="Khác")
    same = {column.key for column in History.__table__.columns} - {
        "id", "written_at", "title", "details", "words_id", "corrects_id", "previous_hash", "row_hash"
    }  # fmt: skip
    assert {name: getattr(new, name) for name in same} == {name: getattr(row, name) for name in same}


def test_who_corrected_what_and_why_is_told_in_the_row_and_in_the_audit_trail(session, row):
    new = correct(session, row, topic="an ninh", remark="theo biên bản ngày 24/11")
    assert corrections.told(new) == {
        "by": "Trần Thị Duyệt",
        "reason": "gõ nhầm khi nhập",
        "remark": "theo biên bản ngày 24/11",
        "before": {"remark": "", "topic": "y tế"},
    }
    assert corrections.told(row) == {}
    noted = audit.latest(session, limit=1)[0]
    assert (noted.act, noted.subject, noted.person) == (
        "history.corrected",
        f"history {new.id}",
        APPROVER.name,
    )


def test_the_new_title_is_found_and_the_old_one_too(session, row):
    new = correct(session, row, title="Ra quân diệt lăng quăng")
    assert history.find(session, HistoryFilter(words="lang quang")) == [new]
    assert row in history.find(session, HistoryFilter(words="lich tiem chung"))


def test_a_row_is_corrected_once_and_a_correction_again(session, row):
    first = correct(session, row, title="Một")
    with pytest.raises(Refused, match=rf"đã được đính chính bằng dòng {first.id}"):
        correct(session, row, title="Hai")
    second = correct(session, first, title="Hai")
    assert session.query(History).where(history.in_force()).all() == [second]


# --- not heard although played ---


def test_a_zone_that_nobody_heard_no_longer_counts(session, row):
    new = correct(session, row, silent=frozenset({"Khu 2"}))
    assert new.on_loudspeaker
    assert [(zone["seconds_heard"], zone["fault"]) for zone in new.zones] == [(60.0, ""), (0.0, SILENT)]
    assert [zone["level_dbfs"] for zone in new.zones] == [-18.0, -18.0]


def test_what_no_loudspeaker_said_is_not_on_the_loudspeakers(session, row):
    new = correct(session, row, silent=frozenset({"Khu 1", "Khu 2"}))
    assert (new.on_loudspeaker, new.result, new.seconds_heard) == (False, "played", row.seconds_heard)


def test_such_a_word_can_be_taken_back_to_what_the_machine_measured(session, row):
    silent = correct(session, row, silent=frozenset({"Khu 1", "Khu 2"}))
    again = correct(session, silent, silent=frozenset(), reason="hỏi lại tổ trưởng: có nghe")
    assert (again.on_loudspeaker, again.zones) == (True, row.zones)


@pytest.mark.parametrize(
    "more",
    [
        {"result": "missed", "on_loudspeaker": False, "zones": [{**TWO_ZONES[0], "seconds_heard": 0.0}]},
        {"on_loudspeaker": False, "zones": TWO_ZONES},
    ],
)
def test_nobody_can_say_more_was_heard_than_the_machine_measured(session, add_row, more):  # noqa: F811
    row = add_row(**more)
    assert corrections.may_be_silent(row) == []
    new = correct(session, row, remark="ghi chú")
    assert (new.result, new.on_loudspeaker, new.zones) == (row.result, False, row.zones)


# --- what is refused ---


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "Khác", "reason": ""}, "reason"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"kind": "vui"}, "kind"),
        ({"silent": frozenset({"Khu 9"})}, "silent"),
    ],
)
def test_what_cannot_be_taken_names_its_field(session, row, changes, field):
    with pytest.raises(Invalid) as refused:
        correct(session, row, **changes)
    assert refused.value.field == field


def test_an_alert_stays_an_alert(session, add_row):  # noqa: F811
    with pytest.raises(Invalid, match="Loại tin"):
        correct(session, add_row(source="alert", kind="emergency"), kind="routine")


def test_a_correction_that_changes_nothing_is_refused(session, row):
    with pytest.raises(Refused, match="Chưa có gì khác"):
        correct(session, row)


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.APPROVER])
def test_only_those_who_answer_for_what_is_said_may_correct(session, row, role):
    with pytest.raises(NotPermitted, match="vai trò Duyệt"):
        correct(session, row, Actor(9, "X", frozenset({role})), title="Khác")


def test_a_row_that_is_not_there_is_named(session, row):
    with pytest.raises(NotFound, match="số 99"):
        corrections.correct(session, APPROVER, 99, corrections.now_reads(row), later())


# --- counted at writing ---


def test_the_nth_airing_of_a_bulletin_is_counted_when_it_is_written(session, add_row):  # noqa: F811
    rows = [add_row(), add_row(seconds_heard=0.0, result="missed"), add_row(), add_row(bulletin_id=7)]
    assert [row.nth for row in rows] == [1, None, 2, 1]
    new = correct(session, rows[0], title="Khác")
    assert (new.nth, add_row().nth) == (1, 3)


def test_rows_older_than_the_count_are_counted_too(session, add_row):  # noqa: F811
    for _ in range(3):
        add_row().nth = None
    session.flush()
    assert [add_row().nth, add_row().nth] == [4, 5]
