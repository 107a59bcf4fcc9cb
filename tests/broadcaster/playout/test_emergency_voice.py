"""The announcer: parts for the players while the tone sounds, whatever happens to the voice."""

from __future__ import annotations

import os
import signal
import wave
from pathlib import Path

import pytest

from broadcaster.newsroom import alert_texts, clips
from broadcaster.playout import emergency_voice
from broadcaster.playout.emergency_voice import Announcer, Words
from broadcaster.playout.warm_voice import Voice, WarmVoice
from tests.sound_server import eventually

TEXT = "Nước sông đang lên nhanh. Mời bà con Khu phố ba lên trường tiểu học. Mang theo giấy tờ."


@pytest.fixture
def voice():
    return WarmVoice()


@pytest.fixture
def announcer(tmp_path, voice):
    made = Announcer(tmp_path, voice)
    made.start()
    yield made
    made.close()
    eventually(lambda: not made._thread.is_alive(), 10, "the thread ends")


def words(text: str = TEXT, **more) -> Words:
    return Words(alert_texts.lines(text), Voice(), **more)


def whole(speech):
    eventually(lambda: speech.is_whole, 15, "all is spoken")
    return speech


def seconds(path: Path) -> float:
    with wave.open(str(path)) as clip:
        return clip.getnframes() / clip.getframerate()


def kept_clip(folder: Path) -> str:
    new = folder / "new.wav"
    with wave.open(str(new), "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(48_000)
        clip.writeframes(bytes(96_000))
    return clips.keep(folder, new)


def test_words_become_one_part_for_each_sentence(announcer):
    speech = whole(announcer.begin(words()))
    assert len(speech.parts) == 3
    assert [part.seconds for part in speech.parts] == [
        pytest.approx(seconds(part.path)) for part in speech.parts
    ]
    assert speech.is_live
    assert speech.expected_s == pytest.approx(sum(part.seconds for part in speech.parts), rel=0.4)


def test_a_voice_that_is_killed_over_a_sentence_says_it_all_the_same(announcer, voice):
    eventually(lambda: voice._link.pid, 10, "the voice is warm")
    speech = announcer.begin(words(TEXT + " " + TEXT))
    os.kill(voice._link.pid, signal.SIGKILL)
    assert len(whole(speech).parts) == 6
    assert speech.trouble == ""


def test_a_signed_clip_is_heard_as_it_is(announcer, tmp_path):
    speech = whole(announcer.begin(words(clip_sha256=kept_clip(tmp_path))))
    assert [part.seconds for part in speech.parts] == [1.0]
    assert not speech.is_live


def test_a_clip_that_is_gone_is_spoken_and_that_is_noted(announcer):
    speech = whole(announcer.begin(words(clip_sha256="0" * 64)))
    assert len(speech.parts) == 3
    assert speech.note == emergency_voice.CLIP_CHANGED


def test_a_drill_has_its_clip_between_words_that_say_so(announcer, tmp_path):
    sha256 = kept_clip(tmp_path)
    speech = whole(announcer.begin(words(clip_sha256=sha256, is_drill=True)))
    names = [part.path.name for part in speech.parts]
    place = names.index(f"{sha256}.wav")
    assert 0 < place < len(names) - 1


def test_what_nobody_needs_any_more_leaves_no_file_and_lets_the_voice_rest(announcer, voice, tmp_path):
    speech = whole(announcer.begin(words()))
    spoke = voice._link.pid
    announcer.drop(speech)
    eventually(lambda: not speech.folder.exists(), 10, "the files are gone")
    eventually(lambda: voice._link.pid not in (None, spoke), 10, "a fresh voice waits")


def test_leftovers_of_an_earlier_life_are_removed(tmp_path, voice):
    left = tmp_path / emergency_voice.FOLDER / "7"
    left.mkdir(parents=True)
    made = Announcer(tmp_path, voice)
    made.start()
    eventually(lambda: not left.exists(), 10, "they are gone")
    made.close()
    eventually(lambda: not made._thread.is_alive(), 10, "the thread ends")


def test_without_a_voice_it_says_why_and_goes_on_when_there_is_one(announcer, voice, monkeypatch):
    monkeypatch.setattr(emergency_voice, "RETRY_S", 0.05)
    say = voice.say

    def dumb(*_: object, **__: object) -> None:
        raise OSError("no process")

    monkeypatch.setattr(voice, "say", dumb)
    speech = announcer.begin(words())
    eventually(lambda: speech.trouble, 10, "the trouble is told")
    monkeypatch.setattr(voice, "say", say)
    assert len(whole(speech).parts) == 3
    assert speech.trouble == ""


def test_an_order_with_a_clip_does_not_wait_behind_one_without_a_voice(
    announcer, voice, tmp_path, monkeypatch
):
    monkeypatch.setattr(emergency_voice, "RETRY_S", 0.05)

    def dumb(*_: object, **__: object) -> None:
        raise OSError("no process")

    monkeypatch.setattr(voice, "say", dumb)
    stuck = announcer.begin(words())
    whole(announcer.begin(words(clip_sha256=kept_clip(tmp_path))))
    assert not stuck.is_whole
