from __future__ import annotations

import unicodedata

import pytest

from audio.speech import engines
from audio.speech.engine import Rejected, Unavailable, speakable, syllables
from tests.audio.speech import tiny_voice
from tests.audio.speech.test_services import OWN


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


def test_a_station_has_its_own_voices_services_and_keys(tmp_path):
    tiny_voice.make(tmp_path / "voices")
    (tmp_path / "speech-services.toml").write_text(OWN, encoding="utf-8")
    (tmp_path / "speech-keys.toml").write_text('tinh = "k"\n', encoding="utf-8")
    (tmp_path / "speech-keys.toml").chmod(0o600)
    built = engines.build(["piper", "tinh", "zalo"], tmp_path / "cache")
    assert [engine.voices()[0].id for engine in built] == ["piper-tiny", "tinh-a", "zalo-2"]
    assert [engine.check() is None for engine in built] == [True, True, False]
    listed = [voice.id for voice in engines.voices(["tinh", "piper"], tmp_path)]
    assert listed == ["tinh-a", "piper-tiny"]
    assert "tinh" in engines.names(tmp_path)
    for engine in built:
        engine.close()


def test_voices_of_all_engines_have_different_names(tmp_path):
    tiny_voice.make(tmp_path / "voices")
    ids = [voice.id for voice in engines.voices(engines.names(tmp_path), tmp_path)]
    assert len(ids) == len(set(ids)) > 20


def test_an_engine_of_the_network_says_that_it_is_one(tmp_path):
    built = engines.build(engines.names(), tmp_path / "cache")
    assert [engine.name for engine in built if not engine.needs_network] == ["espeak-ng", "Piper"]
    for engine in built:
        engine.close()
