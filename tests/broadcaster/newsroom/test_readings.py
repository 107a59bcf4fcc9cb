"""What people decided about saying something is kept, wins in the right place, and can be taken back."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from broadcaster.errors import Invalid, NotFound, NotPermitted, Refused
from broadcaster.newsroom import bulletins, readings, readings_history
from broadcaster.records import audit
from broadcaster.text import ReadingEntry, context_of, to_spoken
from tests.broadcaster.moments import NOW, later
from tests.broadcaster.newsroom.making import approved, drafted, submitted


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


# --- choices and the text around them ---

TEXT = (
    "Sáng mai, TT Tân Minh tổ chức họp dân.\n\n"
    "Người dân liên hệ ĐT của trạm y tế phường để đăng ký. Ông Hai ở TT Y tế cũng nhận đăng ký.\n\n"
    "Xin cảm ơn bà con."
)


def once(session, officer, bulletin, text, written, spoken, number=0):
    """Decide as the page does: for the place of one token."""
    tokens = [token for token in to_spoken(text).tokens if token.written == written]
    context = context_of(text, tokens[number])
    return decide(session, officer, written, spoken, bulletin, context)


def said(session, officer, bulletin, text):
    """Save `text` and return what its abbreviations are read as."""
    draft = replace(bulletins.draft_of(bulletin), written=text)
    bulletins.edit(session, officer, bulletin.id, draft, bulletin.version.number, NOW)
    spoken = bulletins.spoken_of(session, bulletin)
    return [token.spoken for token in spoken.tokens if token.written in ("TT", "ĐT")]


@pytest.mark.parametrize(
    "edited",
    [
        TEXT,
        "Thông báo mới.\n\n" + TEXT,
        TEXT.replace("Xin cảm ơn bà con.", "Trân trọng cảm ơn."),
        TEXT.replace("Sáng mai", "Chiều thứ bảy tuần này"),
        TEXT.replace("của trạm y tế", "phòng khám"),
        TEXT.replace("liên hệ", "gọi"),
        TEXT.replace("tổ chức họp dân", "tổ chức hội nghị"),
        TEXT.replace("\n\n", "\n"),
        unicodedata.normalize("NFD", TEXT),
        TEXT.replace(" ", "\u00a0"),
        TEXT.replace("Ông Hai ở", "Bà Ba, "),
    ],
)
def test_choices_for_one_place_survive_an_edit_around_it(session, officer, edited):
    bulletin = drafted(session, officer, written=TEXT)
    once(session, officer, bulletin, TEXT, "TT", "trật tự", 0)
    once(session, officer, bulletin, TEXT, "ĐT", "đường dây nóng")
    once(session, officer, bulletin, TEXT, "TT", "tổ trưởng", 1)
    assert said(session, officer, bulletin, edited) == ["trật tự", "đường dây nóng", "tổ trưởng"]


def test_a_choice_for_one_place_does_not_hold_where_the_words_around_are_others(session, officer):
    bulletin = drafted(session, officer, written=TEXT)
    once(session, officer, bulletin, TEXT, "TT", "trật tự", 0)
    readings_now = said(session, officer, bulletin, TEXT)
    assert readings_now[0] == "trật tự"
    assert readings_now[2] != "trật tự"
    assert said(session, officer, bulletin, "Hôm qua ở TT này")[0] != "trật tự"


def test_a_choice_in_this_bulletin_holds_in_every_place_and_in_no_other_bulletin(session, officer):
    bulletin, other = drafted(session, officer, written=TEXT), drafted(session, officer, written=TEXT)
    decide(session, officer, "TT", "trật tự", bulletin)
    assert said(session, officer, bulletin, f"{TEXT} TT.") == [
        "trật tự",
        bulletin_reads(TEXT, "ĐT"),
        "trật tự",
        "trật tự",
    ]
    assert "trật tự" not in said(session, officer, other, f"{TEXT} TT.")


def bulletin_reads(text, written):
    return next(token.spoken for token in to_spoken(text).tokens if token.written == written)


def test_once_beats_in_this_bulletin_beats_always_at_this_station(session, officer):
    bulletin = drafted(session, officer, written=TEXT)
    decide(session, officer, "TT", "ở đài")
    assert said(session, officer, bulletin, TEXT)[::2] == ["ở đài", "ở đài"]
    decide(session, officer, "TT", "ở bản tin", bulletin)
    assert said(session, officer, bulletin, TEXT)[::2] == ["ở bản tin", "ở bản tin"]
    once(session, officer, bulletin, TEXT, "TT", "ở đây thôi", 0)
    assert said(session, officer, bulletin, TEXT)[::2] == ["ở đây thôi", "ở bản tin"]


@pytest.mark.parametrize(
    "written", ["CCCD\u200b gắn chíp", "10 \u00a0- 15", "ÐT", unicodedata.normalize("NFD", "Kỷ niệm")]
)
def test_a_choice_is_found_again_however_its_blanks_and_letters_are_written(session, officer, written):
    text = f"Nhớ mang {written} nhé bà con."
    bulletin = drafted(session, officer, written=text)
    decide(session, officer, written, "một hai ba", bulletin)
    assert "một hai ba" in bulletins.spoken_of(session, bulletin).text


# --- saying nothing ---

ADDRESS = "https://phuongtanminh.binhthuan.gov.vn/tin-tuc/chi-tiet/12345"


def test_an_address_of_the_net_may_be_left_unsaid(session, officer):
    bulletin = drafted(session, officer, written=f"Xem tại {ADDRESS} nhé.")
    decide(session, officer, ADDRESS, "", bulletin)
    spoken = bulletins.spoken_of(session, bulletin)
    assert (spoken.text.lower(), spoken.undecided) == ("xem tại nhé.", ())


def test_words_that_the_reader_says_may_not_be_left_unsaid(session, officer):
    bulletin = drafted(session, officer, written=f"Họp tại UBND phường, xem {ADDRESS}.")
    for written in ("UBND", "phường", "nothing of this text"):
        with pytest.raises(Invalid) as refused:
            decide(session, officer, written, "", bulletin)
        assert refused.value.field == "spoken"


# --- the station's lexicon ---


def test_the_lexicon_is_listed_by_writing_and_found_without_diacritics(session, officer):
    for written, spoken in (("TYT", "trạm y tế"), ("BĐH", "ban điều hành"), ("ĐVTN", "đoàn viên thanh niên")):
        decide(session, officer, written, spoken)
    assert [each.written for each in readings.entries(session)] == ["BĐH", "ĐVTN", "TYT"]
    assert [each.written for each in readings.entries(session, "dieu HÀNH")] == ["BĐH"]
    assert [each.written for each in readings.entries(session, "đv thanh")] == ["ĐVTN"]


def test_the_label_of_the_lexicon_changes_with_every_change_and_comes_back_with_it(session, officer):
    empty = readings.version(session)
    reading = decide(session, officer)
    assert readings.version(session) == readings.lexicon_for(session, None).version != empty
    readings.retire(session, officer, reading.id, later(hours=1))
    assert readings.version(session) == empty


def test_the_lexicon_of_a_signature_can_be_brought_back(session, officer, as_role):
    decide(session, officer)
    bulletin, approval = approved(session, officer, as_role("approver"))
    signed = approval.lexicon
    readings.decide(session, officer, None, "UBND", "u bê en đê", None, later(hours=1))
    readings.decide(session, officer, None, "TYT", "trạm y tế", None, later(hours=2))
    assert readings.version(session, bulletin.id) != signed
    assert readings.lexicon_for(session, bulletin.id, approval.approved_at).version == signed


def test_an_entry_is_heard_before_it_is_saved(session, officer):
    heard = readings.tried(session, None, "TYT", "trạm y tế", "Mời bà con đến TYT phường.")
    assert "trạm y tế phường" in heard.text
    assert readings.tried(session, None, "TYT", "trạm y tế").text.lower() == "trạm y tế"
    assert readings.entries(session) == []
    with pytest.raises(Invalid):
        readings.tried(session, None, "TYT", "TYT")


def test_every_change_is_told_with_who_and_when(session, officer, as_role):
    other = as_role("officer", name="Trần Văn Bình")
    decide(session, officer)
    readings.decide(session, other, None, "UBND", "u bê en đê", None, later(hours=1))
    kept = readings.decide(session, officer, None, "TYT", "trạm y tế", None, later(hours=2))
    readings.retire(session, other, kept.id, later(hours=3))
    told = [
        (each.by, each.act, each.written, each.before, each.after)
        for each in readings_history.changes(session)
    ]
    assert told == [
        ("Trần Văn Bình", "removed", "TYT", "trạm y tế", None),
        (officer.name, "added", "TYT", None, "trạm y tế"),
        ("Trần Văn Bình", "changed", "UBND", "ủy ban nhân dân", "u bê en đê"),
        (officer.name, "added", "UBND", None, "ủy ban nhân dân"),
    ]
    assert [(each.number, each.at) for each in readings_history.versions(session)] == [
        (number, later(hours=number - 1)) for number in (4, 3, 2, 1)
    ]


def test_the_history_of_one_bulletin_is_its_own(session, officer):
    bulletin = drafted(session, officer)
    decide(session, officer)
    decide(session, officer, "TT", "thị trấn", bulletin)
    assert [each.written for each in readings_history.changes(session, bulletin.id)] == ["TT"]
    assert [each.written for each in readings_history.changes(session)] == ["UBND"]
