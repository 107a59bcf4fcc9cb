"""What people decided about saying something is kept, wins in the right place, and can be taken back."""

from __future__ import annotations

import pytest

from broadcaster.errors import Invalid, NotFound, NotPermitted, Refused
from broadcaster.newsroom import readings
from broadcaster.records import audit
from broadcaster.text import ReadingEntry
from tests.broadcaster.moments import NOW, later
from tests.broadcaster.newsroom.making import drafted, submitted


@pytest.fixture
def officer(as_role):
    return as_role("officer")


def decide(session, officer, written="UBND", spoken="ủy ban nhân dân", bulletin=None, context=None):
    number = bulletin.id if bulletin else None
    return readings.decide(session, officer, number, written, spoken, context, NOW)


def test_a_reading_of_the_station_holds_for_every_bulletin(session, officer):
    bulletin = drafted(session, officer)
    decide(session, officer)
    assert readings.lexicon_for(session, bulletin.id).entries == (ReadingEntry("UBND", "ủy ban nhân dân"),)


def test_a_bulletins_own_reading_comes_last_and_so_wins(session, officer):
    bulletin, other = drafted(session, officer), drafted(session, officer)
    decide(session, officer, spoken="của riêng bản tin", bulletin=bulletin)
    decide(session, officer, spoken="của đài")
    said = [entry.spoken for entry in readings.lexicon_for(session, bulletin.id).entries]
    assert said == ["của đài", "của riêng bản tin"]
    assert [entry.spoken for entry in readings.lexicon_for(session, other.id).entries] == ["của đài"]


def test_deciding_again_retires_what_was_decided_before(session, officer):
    first, second = decide(session, officer), decide(session, officer, spoken="u bê en đê")
    assert readings.in_force(session, None) == [second]
    assert (first.retired_by, first.retired_at) == (officer.id, NOW)
    assert readings.changes(session, None) == [second, first]


def test_the_same_writing_in_another_context_is_another_reading(session, officer):
    decide(session, officer, written="5-6", spoken="năm đến sáu", context="trẻ | tuổi")
    decide(session, officer, written="5-6", spoken="năm trừ sáu", context="tính | bằng")
    assert len(readings.in_force(session, None)) == 2


def test_a_retired_reading_holds_no_more(session, officer):
    reading = decide(session, officer)
    before = readings.lexicon_for(session, None).version
    readings.retire(session, officer, reading.id, later(hours=1))
    readings.retire(session, officer, reading.id, later(hours=2))
    assert readings.in_force(session, None) == []
    assert reading.retired_at == later(hours=1)
    assert readings.lexicon_for(session, None).version != before


def test_decisions_are_audited_with_what_was_decided(session, officer):
    reading = decide(session, officer)
    readings.retire(session, officer, reading.id, NOW)
    acts = [(row.act, row.subject, row.detail["written"]) for row in audit.latest(session)]
    assert acts == [("reading_retired", "lexicon", "UBND"), ("reading_decided", "lexicon", "UBND")]


@pytest.mark.parametrize("role", ["viewer", "approver", "operator", "admin"])
def test_only_an_officer_decides(session, officer, as_role, role):
    reading, other = decide(session, officer), as_role(role)
    with pytest.raises(NotPermitted):
        decide(session, other)
    with pytest.raises(NotPermitted):
        readings.retire(session, other, reading.id, NOW)


@pytest.mark.parametrize(
    ("written", "spoken", "context", "field"),
    [
        ("", "gì đó", None, "written"),
        ("x" * 201, "gì đó", None, "written"),
        ("UBND", " ", None, "spoken"),
        ("UBND", "ê " * 201, None, "spoken"),
        ("UBND", "gì đó", "x" * 401, "context"),
        ("12", "12 giờ", None, "spoken"),
        ("UBND", "UBND phường", None, "spoken"),
        ("@", "a @ còng", None, "spoken"),
    ],
)
def test_a_reading_that_no_engine_could_say_is_refused(session, officer, written, spoken, context, field):
    with pytest.raises(Invalid) as refused:
        decide(session, officer, written, spoken, context=context)
    assert refused.value.field == field
    assert readings.in_force(session, None) == []


def test_what_waits_for_its_approver_keeps_its_words(session, officer):
    bulletin, _ = submitted(session, officer)
    with pytest.raises(Refused, match="đã gửi duyệt"):
        decide(session, officer, bulletin=bulletin)


def test_what_is_not_there_is_not_found(session, officer):
    with pytest.raises(NotFound):
        readings.retire(session, officer, 99, NOW)
    with pytest.raises(NotFound):
        readings.decide(session, officer, 99, "UBND", "ủy ban", None, NOW)
