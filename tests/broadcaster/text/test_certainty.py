"""Nothing is guessed in silence: what could mean two things is decided by its neighbours or by a person."""

from __future__ import annotations

import pytest

from broadcaster.text import Certainty, ReadingEntry, check, context_of, to_spoken
from broadcaster.text.lexicon import BUILT_IN


def undecided(text: str) -> list[str]:
    return [token.written for token in to_spoken(text).undecided]


@pytest.mark.parametrize(
    "text",
    ["Giá trị 5/12", "TT đã họp", "tiếp nhận 23,069 hồ sơ", "Ngày 10-12 sẽ họp", "phòng XYZK", "bão Kompasu"],
)
def test_what_nothing_decides_waits_for_a_person(text):
    (token,) = to_spoken(text).undecided
    assert token.choices and token.why and token.spoken == token.choices[0]


@pytest.mark.parametrize(
    "text",
    [
        "5/12 hằng năm",
        "TT Y tế xã",
        "Tháng này: 23,069",
        "từ 10-15 người",
        "UBND xã",
        "ngày 5/12",
        "3/4 số hộ",
    ],
)
def test_what_the_neighbours_decide_is_not_flagged(text):
    assert undecided(text) == []


def test_the_choices_of_a_slash_name_each_meaning():
    (token,) = to_spoken("Giá trị 3/4").undecided
    assert token.choices == ("ba phần tư", "ba trên bốn", "ba tháng tư")


def test_an_abbreviation_the_text_defines_is_known_there():
    text = "Đội tình nguyện xung kích (ĐTNXK) họp. ĐTNXK ra quân."
    assert to_spoken(text).text == "Đội tình nguyện xung kích họp. Đội tình nguyện xung kích ra quân."
    assert undecided("ĐTNXK ra quân") == ["ĐTNXK"]


def test_a_definition_beats_the_built_in_table():
    text = "Tập thể học chung (TTHC) thông báo. TTHC nghỉ."
    assert to_spoken(text).text == "Tập thể học chung thông báo. Tập thể học chung nghỉ."


def test_a_definition_is_not_said_twice():
    assert to_spoken("Ủy ban nhân dân (UBND) xã").text == "Ủy ban nhân dân xã"
    assert to_spoken("CCHC (cải cách hành chính) năm nay").text == "cải cách hành chính năm nay"


def test_a_persons_reading_is_sure_and_changes_the_version():
    lexicon = BUILT_IN.with_readings([ReadingEntry("XYZK", "xê y dê ca")])
    spoken = to_spoken("phòng XYZK", lexicon)
    assert spoken.text == "phòng xê y dê ca" and not spoken.undecided
    assert lexicon.version != BUILT_IN.version
    assert BUILT_IN.with_readings([]).version == BUILT_IN.version


def test_a_later_reading_beats_an_earlier_one():
    lexicon = BUILT_IN.with_readings([ReadingEntry("XYZK", "cũ")]).with_readings(
        [ReadingEntry("XYZK", "mới")]
    )
    assert to_spoken("XYZK", lexicon).text == "mới"


def test_a_reading_for_once_holds_only_where_its_neighbours_are():
    text = "họp tại TT hôm nay; mai TT nghỉ"
    first = to_spoken(text).undecided[0]
    lexicon = BUILT_IN.with_readings([ReadingEntry("TT", "trung tâm", context_of(text, first))])
    assert [token.start for token in to_spoken(text, lexicon).undecided] == [text.rindex("TT")]
    edited = "Kính mời bà con đến " + text
    assert len(to_spoken(edited, lexicon).undecided) == 1


def test_a_reading_does_not_hold_inside_a_longer_word():
    lexicon = BUILT_IN.with_readings([ReadingEntry("an", "ăn")])
    assert to_spoken("ban an toàn", lexicon).text == "ban ăn toàn"


def test_check_gives_plain_values():
    (row, *_) = check("UBND xã")
    assert row == {"class": "abbreviation", "span": [0, 4], "written": "UBND", "reading": "ủy ban nhân dân",
                   "certainty": "sure", "choices": [], "why": ""}  # fmt: skip


def test_spans_are_those_of_the_text_as_given():
    text = "\u00adÐảng\u00a0u\u0309y UBND"
    token = to_spoken(text).tokens[-1]
    assert text[token.start : token.end] == "UBND" and token.certainty is Certainty.SURE
