"""One sentence, heard at once: a real voice in a process of its own."""

from __future__ import annotations

import os
import signal
import time
import wave
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from broadcaster.errors import Refused
from broadcaster.newsroom import sentence_sound
from broadcaster.newsroom.sentence_sound import SentenceSounds

SENTENCE = (("Bảy giờ ba mươi, mời bà con đến trạm y tế.", 400),)


@pytest.fixture
def sounds(tmp_path):
    made = SentenceSounds(tmp_path, ("espeak",), -16.0)
    yield made
    made.close()


def seconds(heard):
    with wave.open(str(heard.wav)) as clip:
        return clip.getnframes() / clip.getframerate()


def studios():
    return [each for each in psutil.Process().children(recursive=True) if _is_studio(each)]


def _is_studio(process):
    try:
        return "audio.studio_worker" in process.cmdline()
    except psutil.ZombieProcess:
        return False


def test_a_sentence_sounds_without_a_chime_and_in_its_own_time(sounds):
    assert 1.5 < seconds(sounds.sound_of(SENTENCE, "vi", 1.0)) < 4.5


def test_the_second_sentence_and_the_same_again_come_at_once(sounds):
    sounds.sound_of(SENTENCE, "vi", 1.0)
    began = time.monotonic()
    other = sounds.sound_of((("Xin cảm ơn bà con.", 400),), "vi", 1.0)
    assert time.monotonic() - began < 1.0
    sounds.close()
    began = time.monotonic()
    assert sounds.sound_of((("Xin cảm ơn bà con.", 400),), "vi", 1.0) == other
    assert time.monotonic() - began < 0.05


def test_slower_is_another_sound_and_longer(sounds):
    plain, slow = (sounds.sound_of(SENTENCE, "vi", rate) for rate in (1.0, 0.7))
    assert seconds(slow) > 1.2 * seconds(plain)


@pytest.mark.parametrize("text", ["Họp lúc 7 giờ.", "Gửi về UBND.", "…", "", "ba " * 1000])
def test_what_no_voice_can_say_is_refused_before_one_is_asked(text, sounds):
    with pytest.raises(Refused):
        sounds.sound_of(((text, 300),), "vi", 1.0)
    assert studios() == []


def test_a_voice_that_died_is_replaced(sounds):
    sounds.sound_of(SENTENCE, "vi", 1.0)
    for each in studios():
        each.kill()
    assert sounds.sound_of((("Xin mời bà con.", 300),), "vi", 1.0).wav.exists()


def test_a_voice_that_hangs_is_given_up_with_a_sentence(sounds, monkeypatch):
    sounds.sound_of(SENTENCE, "vi", 1.0)
    monkeypatch.setattr(sentence_sound, "DEADLINE_S", 0.4)
    for each in studios():
        os.kill(each.pid, signal.SIGSTOP)
    with pytest.raises(Refused, match="không trả lời kịp"):
        sounds.sound_of((("Xin mời bà con.", 300),), "vi", 1.0)
    assert studios() == []


def test_many_wishes_at_once_are_all_heard(sounds):
    texts = ["Xin mời bà con.", "Xin cảm ơn.", "Kính thưa bà con."]
    with ThreadPoolExecutor(3) as people:
        found = list(people.map(lambda text: sounds.sound_of(((text, 300),), "vi", 1.0), texts))
    assert len(set(found)) == 3
    assert len(studios()) == 1


def test_the_voice_goes_when_nobody_has_listened_for_a_while(sounds, monkeypatch):
    monkeypatch.setattr(sentence_sound, "IDLE_S", 0.1)
    sounds.sound_of(SENTENCE, "vi", 1.0)
    deadline = time.monotonic() + 5
    while studios():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_only_the_sentences_heard_last_are_kept(sounds, monkeypatch, tmp_path):
    monkeypatch.setattr(sentence_sound, "MOST_FILES", 2)
    for text in ("Một.", "Hai.", "Ba."):
        sounds.sound_of(((text, 300),), "vi", 1.0)
    assert len(list((tmp_path / "cache" / "listen").iterdir())) == 2
