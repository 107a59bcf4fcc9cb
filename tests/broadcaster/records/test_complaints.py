"""Complaints as rows: kept once, found by their code alone, their contacts forgotten in time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broadcaster.errors import Invalid, Refused
from broadcaster.records import complaints
from broadcaster.records.complaints import ANSWERED, NewComplaint
from broadcaster.store import facts
from broadcaster.store.models import Audit, Complaint
from tests.broadcaster.moments import NOW, later


def send(session, number: int = 1, now=NOW, mark: str = "", **fields) -> Complaint:
    told = {"airing_id": None, "kind": "loud", "place": "", "text": f"Loa to quá {number}"} | fields
    row, _ = complaints.receive(
        session,
        NewComplaint(**told),
        code=f"CODE-{number:04d}",
        stamp=f"stamp {number}",
        sender_mark=mark or f"mark {number}",
        now=now,
    )
    return row


def answer(row: Complaint, now) -> None:
    row.state, row.answer, row.answered_at = ANSWERED, "Đã sửa.", now


def test_it_is_found_by_its_code_however_that_is_typed(session):
    row = send(session)
    for typed in ("CODE-0001", "code0001", " Code 0001 "):
        assert complaints.by_code(session, typed) is row
    for wrong in ("", "CODE-0002", "%", "x" * 10_000):
        assert complaints.by_code(session, wrong) is None


def test_the_same_form_again_is_the_same_complaint(session):
    assert send(session, 1) is send(session, 1, text="Khác hẳn")
    assert session.query(Complaint).count() == 1


@pytest.mark.parametrize("name", ["name", "phone"])
def test_contacts_are_forgotten_some_days_after_the_answer_and_not_before(session, name):
    row = send(session, name="Hoa", phone="0912345678")
    waiting = send(session, 2, name="Lan")
    answer(row, NOW)
    assert complaints.forget_contacts(session, later(days=29)) == 0
    assert getattr(row, name)
    assert complaints.forget_contacts(session, later(days=31)) == 1
    assert (row.name, row.phone, row.contact_removed_at) == ("", "", later(days=31))
    assert waiting.name == "Lan"
    assert complaints.forget_contacts(session, later(days=32)) == 0
    (note,) = session.query(Audit).all()
    assert note.detail == {"days": 30, "number": 1}


def test_the_station_sets_how_long_contacts_are_kept(session):
    facts.put(session, facts.CONTACT_DAYS, 0)
    answer(send(session, name="Hoa"), NOW)
    assert complaints.forget_contacts(session, later(minutes=1)) == 1


def test_the_mark_of_a_sender_is_gone_the_next_day(session):
    row = send(session)
    complaints.forget_contacts(session, later(hours=23))
    assert row.sender_mark
    complaints.forget_contacts(session, later(hours=25))
    assert row.sender_mark == ""


def test_what_was_sent_too_often_is_refused_until_time_has_passed(session):
    for number in range(3):
        send(session, number, mark="one")
    with pytest.raises(Refused, match="đợi 10 phút"):
        send(session, 9, mark="one")
    send(session, 9, mark="another")
    send(session, 10, later(minutes=11), mark="one")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "x"}, "kind"),
        ({"text": "…"}, "text"),
        ({"text": "\u200b\u202e"}, "text"),
        ({"text": "a" * 2001}, "text"),
        ({"name": "a" * 81}, "name"),
        ({"phone": "12"}, "phone"),
        ({"phone": "0912 345 678; DROP"}, "phone"),
    ],
)
def test_what_cannot_be_taken_names_its_field(session, fields, field):
    with pytest.raises(Invalid) as refused:
        send(session, **fields)
    assert refused.value.field == field


def test_words_are_kept_as_lines_without_what_cannot_be_seen():
    written = "  Loa\u200b to\tquá \r\n\r\n\r\n\r\nở ngõ 12\x00\u202e "
    assert complaints.tidy(written) == "Loa to quá\n\nở ngõ 12"
    assert complaints.tidy("e\u0301") == "é"


def test_only_public_answers_are_for_all_newest_first(session):
    rows = [send(session, number) for number in range(3)]
    for number, row in enumerate(rows):
        answer(row, later(hours=number))
        row.is_public = number != 1
    assert complaints.latest_public(session, NOW - timedelta(days=1)) == [rows[2], rows[0]]
    assert complaints.latest_public(session, later(hours=1)) == [rows[2]]


def test_they_are_counted_by_state(session):
    answer(send(session, 1), NOW)
    send(session, 2)
    assert complaints.count_by_state(session) == {"new": 1, "taken": 0, "answered": 1}
    assert complaints.count_open(session) == 1
