"""Any text at all: no crash, linear time, one form of Unicode, the same when read twice."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.text import check, guard, to_spoken
from broadcaster.text.clean import clean
from broadcaster.text.debris import find_debris
from broadcaster.text.slips import find_slips
from tests.broadcaster.text.samples import SAMPLES
from tests.broadcaster.text.test_sentences import TEXT
from tests.broadcaster.text.test_slips_and_debris import PAGE

LIKELY_TEXT = st.text(
    st.sampled_from("aăđ1230/.-, \n()ABCĐKHTXVI%:hgmx+\"'…–°²@&ủỦ\u0301\u0323"), max_size=80
)


@given(st.one_of(st.text(max_size=300), LIKELY_TEXT))
@settings(max_examples=600, deadline=None)
def test_nothing_typed_makes_it_fail(text):
    spoken = to_spoken(text)
    assert not any(character.isdecimal() for character in spoken.text)
    positions = [(token.start, token.end) for token in spoken.tokens]
    assert positions == sorted(positions)
    assert all(text[token.start : token.end] == token.written for token in spoken.tokens)
    assert all(0 <= sentence.start <= sentence.end <= len(text) for sentence in spoken.sentences)
    for sentence in spoken.sentences:
        guard(sentence)
    find_slips(text)
    find_debris(text)


@given(LIKELY_TEXT)
@settings(max_examples=300, deadline=None)
def test_check_covers_every_character_but_blanks(text):
    covered = {place for row in check(text) for place in range(*row["span"])}
    left = {text[place] for place in range(len(text)) if place not in covered}
    assert all(character.isspace() or unicodedata.combining(character) for character in left)


@pytest.mark.parametrize("written", [sample.written for sample in SAMPLES])
def test_decomposed_text_reads_like_composed(written):
    assert to_spoken(unicodedata.normalize("NFD", written)).text == to_spoken(written).text


@pytest.mark.parametrize("written", [sample.written for sample in SAMPLES])
def test_reading_what_is_said_changes_nothing(written):
    once = to_spoken(written).text
    assert to_spoken(once).text == once


@pytest.mark.parametrize("text", [TEXT, PAGE, "một\nhai\nBA\nemail\n1. a\nb) c"])
def test_reading_several_lines_twice_changes_nothing(text):
    once = to_spoken(text).text
    assert to_spoken(once).text == once


HARD = ["1", "1 ", "1/", "1-", "1.", "1,", "123.", "AB-", "a.", "a@", "(", "(AB)", "a", "A", "\u0301\u0323",
        "e\u0301\u0323",
        "\n", " ", ".", "/", "1h1", "XX ", "ab.vn/x ", "số 12/3 ", "TT ", "Ủy ban nhân dân (UBND) ",
        "của của ", "中", "🙂"]  # fmt: skip


def _seconds(text: str) -> float:
    start = time.process_time()
    to_spoken(text)
    find_slips(text)
    find_debris(text)
    return time.process_time() - start


@pytest.mark.parametrize("unit", HARD)
def test_time_grows_no_faster_than_the_text(unit):
    """Quadratic time would be 64 times as long for eight times the text."""
    count = 1_000 // len(unit)
    seconds = {factor: min(_seconds(unit * count * factor) for _ in range(2)) for factor in (1, 2, 4, 8)}
    assert seconds[8] <= 20 * seconds[1] + 0.1, seconds
    assert seconds[8] <= 9 * seconds[2] + 0.1, seconds


def test_a_hundred_thousand_characters_are_read():
    assert to_spoken("Kính mời bà con dự họp. " * 4_200).text
    assert _seconds("AB-1/2.3 " * 5_500) < 20


def test_a_control_character_under_a_mark_goes_like_any_other():
    once = clean("a\x1b\u08cab").text
    assert "\x1b" not in once
    assert clean(once).text == once
