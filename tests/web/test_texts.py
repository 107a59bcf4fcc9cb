"""Two texts side by side: nothing lost, what changed marked."""

from __future__ import annotations

import re

import pytest

from broadcaster.text import Certainty, Sentence, Spoken, Token, to_spoken
from web import texts

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
    choice = texts.choice_of(written, token)
    assert (choice.before, choice.written, choice.after) == ("Hôm nay xe ", "ABX", " chạy.")
    assert choice.choices == ("a bê ích",)
    pieces = texts.rows(written, Spoken("", (token,), ()))[0].spoken
    assert ("…", "unsure") in [(piece.text, piece.look) for piece in pieces]


def test_a_long_neighbourhood_is_cut_between_words():
    written = "một hai " * 20 + "X" + " ba bốn" * 20
    choice = texts.choice_of(written, Token("X", 160, 161, "code", ""))
    assert choice.before.startswith("…")
    assert choice.before[1:].split()[0] in ("một", "hai")
    assert choice.after.endswith("…")
