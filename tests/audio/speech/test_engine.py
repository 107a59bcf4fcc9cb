from __future__ import annotations

import unicodedata

import pytest

from audio.speech import engines
from audio.speech.engine import Rejected, Unavailable, speakable, syllables


def test_decomposed_text_is_composed_before_any_engine_sees_it():
    assert speakable(unicodedata.normalize("NFD", "Ủy ban nhân dân phường")) == "Ủy ban nhân dân phường"


@pytest.mark.parametrize(
    "dirty", ["xin\0 chào", "xin\u200b chào", "xin \r\n\tchào", "\ufeffxin chào", "xin\u00ad chào"]
)
def test_what_cannot_be_seen_is_not_spoken(dirty):
    assert speakable(dirty) == "xin chào"


@pytest.mark.parametrize("empty", ["", "   ", "\0", "… – !", "\u200b"])
def test_a_sentence_without_a_word_is_rejected(empty):
    with pytest.raises(Rejected):
        speakable(empty)


def test_syllables_are_the_words_between_spaces():
    assert syllables("Xin chào, bà con – lắng nghe!") == 6


def test_a_number_counts_as_many_syllables_as_digits():
    assert syllables("gọi 0912345678") == 11


def test_an_unknown_engine_is_named():
    with pytest.raises(Unavailable, match="espaek"):
        engines.build(["espeak", "espaek"])


def test_voices_of_all_engines_come_in_the_stations_order():
    assert [voice.id for voice in engines.voices(["google", "espeak"])][:2] == ["google-vi", "vi"]
