from __future__ import annotations

import os
import signal
import wave

import pytest

from audio.speech.engine import Rejected, Transient
from broadcaster.playout.warm_voice import Voice, WarmVoice

NORTH = Voice("vi", 0.85)


@pytest.fixture
def voice():
    made = WarmVoice()
    yield made
    made.close()


def seconds(path):
    with wave.open(str(path)) as clip:
        assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (48000, 1, 2)
        return clip.getnframes() / clip.getframerate()


def test_a_machine_that_cannot_start_the_voice_is_told_once_and_tried_again(voice, monkeypatch, caplog):
    answers = [OSError("no more processes"), OSError("no more processes"), Transient("dừng giữa chừng"), None]

    def warm():
        if (answer := answers.pop(0)) is not None:
            raise answer

    monkeypatch.setattr(voice._link, "warm", warm)
    for _ in range(4):
        voice.check()
    assert answers == []
    assert [record.getMessage() for record in caplog.records] == [
        "no warm voice: no more processes",
        "no warm voice: dừng giữa chừng",
    ]


def test_the_voice_is_ready_after_the_start_and_again_after_its_death(voice):
    voice.check()
    first = voice._link.pid
    os.kill(first, signal.SIGKILL)
    voice._link._worker.process.wait()
    voice.check()
    assert voice._link.pid not in (None, first)


def test_a_sentence_is_written_as_a_clip_with_its_pause(voice, tmp_path):
    voice.say("Nước đang lên nhanh.", 0, NORTH, tmp_path / "a.wav")
    voice.say("Nước đang lên nhanh.", 1000, NORTH, tmp_path / "b.wav")
    assert 0.8 < seconds(tmp_path / "a.wav") < 3.0
    assert seconds(tmp_path / "b.wav") - seconds(tmp_path / "a.wav") == pytest.approx(1.0, abs=0.02)


def test_a_sentence_over_which_the_voice_dies_is_said_by_its_successor(voice, tmp_path):
    voice.check()
    os.kill(voice._link.pid, signal.SIGKILL)
    voice.say("Mời bà con sơ tán.", 0, NORTH, tmp_path / "a.wav")
    assert seconds(tmp_path / "a.wav") > 0.5


def test_a_frozen_voice_is_replaced(voice, tmp_path, monkeypatch):
    monkeypatch.setattr("broadcaster.playout.warm_voice.DEADLINE_S", 1.0)
    voice.check()
    frozen = voice._link.pid
    os.kill(frozen, signal.SIGSTOP)
    voice.say("Mời bà con sơ tán.", 0, NORTH, tmp_path / "a.wav")
    assert seconds(tmp_path / "a.wav") > 0.5
    assert voice._link.pid != frozen


def test_what_cannot_be_said_is_refused_at_once(voice, tmp_path):
    with pytest.raises(Rejected):
        voice.say("…", 0, NORTH, tmp_path / "a.wav")


def test_a_voice_that_is_not_built_in_gives_way_to_one_that_is(voice, tmp_path):
    assert Voice("piper-cua-dai").id == "vi"
    assert Voice("vi-vn-x-south").id == "vi-vn-x-south"


def test_a_disk_that_refuses_is_named(voice, tmp_path):
    with pytest.raises(Rejected, match="không ghi được tệp"):
        voice.say("Mời bà con sơ tán.", 0, NORTH, tmp_path / "khong-co" / "a.wav")


def test_a_voice_that_has_spoken_rests_as_a_fresh_one(voice, tmp_path):
    voice.say("Mời bà con sơ tán.", 0, NORTH, tmp_path / "a.wav")
    spoke = voice._link.pid
    voice.rest()
    assert voice._link.pid not in (None, spoke)
