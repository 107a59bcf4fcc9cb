"""Two texts side by side: nothing lost, what changed marked."""

from __future__ import annotations

import re

import pytest

from broadcaster.text import Certainty, Sentence, Spoken, Token, to_spoken
from broadcaster.text.slips import Slip, find_slips
from web import choices, texts

NOTICE = """Kính thưa bà con!
Ngày 12/11/2026, UBND phường (gọi tắt là UBND) họp lúc 7 giờ 30. Mời bà con đến dự."""


def shown(rows, side):
    return "".join(piece.text for row in rows for piece in getattr(row, side))


@pytest.mark.parametrize("written", [NOTICE, "", " ", "Một", "1", "(a)\n\n\n- b\n• c;", "🙂 Xin chào"])
def test_the_written_side_loses_nothing(written):
    rows = texts.rows(written, to_spoken(written))
    assert "".join(shown(rows, "written").split()) == "".join(written.split())


def test_the_spoken_side_says_the_words_in_order():
    spoken = to_spoken(NOTICE)
    said = " ".join(re.findall(r"\w+", shown(texts.rows(NOTICE, spoken), "spoken").lower()))
    assert said == " ".join(re.findall(r"\w+", spoken.text.lower()))


def test_what_is_said_otherwise_is_marked_on_both_sides():
    rows = texts.rows(NOTICE, to_spoken(NOTICE))
    written = [piece.text for row in rows for piece in row.written if piece.look]
    assert any("12/11/2026" in piece for piece in written)
    assert not any(piece.look for row in rows for piece in row.written if piece.text == "Kính")
    assert any("tháng mười một" in piece.text for row in rows for piece in row.spoken if piece.look)


def test_a_row_ends_with_its_sentence_and_not_with_a_pause_inside_it():
    tokens = (Token("A", 0, 1, "word", "A"), Token("b", 2, 3, "word", "b"), Token("C", 5, 6, "word", "C"))
    sentences = (
        Sentence("A", 0, 1, "clause", 100),
        Sentence("b.", 2, 4, "sentence", 400),
        Sentence("C", 5, 6, "sentence", 400),
    )
    rows = texts.rows("A b. C", Spoken("A b. C", tokens, sentences))
    assert [shown([row], "written") for row in rows] == ["A b. ", "C"]


def test_a_word_that_waits_for_a_person_is_shown_with_its_neighbours():
    written = "Hôm nay xe ABX chạy."
    token = Token("ABX", 11, 14, "code", "", Certainty.UNSURE, ("a bê ích",), "từ lạ")
    choice = choices.choice_of(written, token)
    assert (choice.before, choice.written, choice.after) == ("Hôm nay xe ", "ABX", " chạy.")
    assert choice.choices == ("a bê ích", "a bê ích xì")
    pieces = texts.rows(written, Spoken("", (token,), ()))[0].spoken
    assert ("…", "unsure") in [(piece.text, piece.certainty) for piece in pieces]


def test_a_long_neighbourhood_is_cut_between_words():
    written = "một hai " * 20 + "X" + " ba bốn" * 20
    choice = choices.choice_of(written, Token("X", 160, 161, "code", ""))
    assert choice.before.startswith("…")
    assert choice.before[1:].split()[0] in ("một", "hai")
    assert choice.after.endswith("…")


def test_a_slip_is_marked_with_its_hint_and_cuts_no_word_from_its_row():
    written = "Bà con chủ động chủ động nộp ngày 12/11/2026."
    made = texts.rows(written, to_spoken(written), find_slips(written))
    assert shown(made, "written") == written
    slips = [piece for row in made for piece in row.written if piece.slip]
    assert [piece.text for piece in slips] == ["chủ động chủ động"]
    assert "“chủ động”?" in slips[0].slip


def test_a_changed_word_under_a_slip_is_one_word_to_jump_to():
    token = Token("12 UBND", 0, 7, "abbreviation", "mười hai ủy ban")
    slip = Slip(3, 9, "glued", "UBND x", "", "thiếu dấu cách")
    made = texts.rows("12 UBND x", Spoken("", (token,), ()), (slip,))
    pieces = made[0].written
    assert [(piece.text, bool(piece.look), bool(piece.slip)) for piece in pieces] == [
        ("12 ", True, False),
        ("UBND", True, True),
        (" x", False, True),
    ]
    assert [piece.is_first for piece in pieces] == [True, False, False]


def test_a_row_can_be_heard_unless_a_word_in_it_waits_for_a_person():
    written = "Mời bà con đến họp.\nGửi Ban CT."
    first, second = texts.rows(written, to_spoken(written))
    assert first.is_sayable
    assert " ".join(text for text, _ in first.lines) == "Mời bà con đến họp."
    assert second.is_undecided
    assert not second.is_sayable


def test_two_rows_have_two_marks_and_the_same_words_the_same():
    first, second = texts.rows("Một.\nHai.", to_spoken("Một.\nHai."))
    assert first.mark != second.mark
    assert first.mark == texts.rows("Một.", to_spoken("Một."))[0].mark


def test_the_same_word_in_the_same_need_is_asked_once():
    written = "Báo cho CT trước. Rồi nhắc CT sau."
    spoken = to_spoken(written)
    asked = choices.undecided(written, spoken)
    assert len(spoken.undecided) == 2
    assert [(each.written, each.places) for each in asked] == [("CT", 2)]


@pytest.mark.parametrize(
    ("written", "offered"),
    [("Gọi 113 ngay.", "một một ba"), ("Gửi UBND.", "u bê en nờ đê"), ("Họp 23,5 phút.", "hai ba năm")],
)
def test_other_readings_are_offered_where_the_reader_was_sure(written, offered):
    token = next(
        each for each in to_spoken(written).tokens if each.kind != "word" and each.written[0].isalnum()
    )
    assert offered in choices.choice_of(written, token).choices


def test_what_is_left_unsaid_can_stay_so_or_be_said():
    written = "Cải cách hành chính (CCHC) là việc chung."
    token = next(each for each in to_spoken(written).tokens if each.kind == "defined")
    assert choices.UNSAID in choices.choice_of(written, token).choices


def test_a_bullet_stands_before_what_it_lists():
    written = "Mời bà con:\n\n- Đến đúng giờ;\n- Mang sổ."
    made = texts.rows(written, to_spoken(written))
    assert [shown([row], "written").strip() for row in made][-2:] == ["- Đến đúng giờ;", "- Mang sổ."]
    assert all(row.sentences for row in made)
