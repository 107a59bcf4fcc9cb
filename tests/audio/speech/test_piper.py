"""The real piper-tts in its real worker, with voices of one kilobyte that the tests make."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from audio import levels
from audio.speech import piper as module
from audio.speech import piper_voices
from audio.speech.engine import BadAudio, Rejected, SpeechRequest, Transient, Unavailable
from audio.speech.piper import PiperEngine
from tests.audio.speech import tiny_voice

SENTENCE = "Ủy ban nhân dân phường xin thông báo."


@pytest.fixture
def piper(tmp_path: Path) -> Iterator[PiperEngine]:
    tiny_voice.make(tmp_path)
    engine = PiperEngine(tmp_path)
    yield engine
    engine.close()


def request(text: str = SENTENCE, voice: str = "piper-tiny", rate: float = 1.0) -> SpeechRequest:
    return SpeechRequest(text, voice, rate)


def test_a_sentence_is_spoken_at_the_voices_own_rate(piper):
    pcm = piper.synthesize(request(), 20)
    assert pcm.rate_hz == tiny_voice.RATE_HZ
    assert 1.5 < pcm.seconds < 4.0
    assert levels.peak_dbfs(pcm) == pytest.approx(-12.0, abs=0.2)


def test_a_loud_voice_keeps_its_shape_and_3_db(piper, tmp_path):
    tiny_voice.make(tmp_path, "to", amplitude=1.9)
    pcm = piper.synthesize(request(voice="piper-to"), 20)
    assert levels.peak_dbfs(pcm) == pytest.approx(-3.0, abs=0.1)
    assert levels.clipped_runs(pcm) == 0
    assert levels.peak_dbfs(pcm) - levels.rms_dbfs(pcm) == pytest.approx(3.01, abs=0.1)


def test_sentences_of_one_call_keep_their_loudness(piper):
    pcm = piper.synthesize(request("Xin chào bà con. Mời bà con lắng nghe."), 20)
    halves = np.array_split(pcm.samples, 2)
    assert np.abs(halves[0]).max() == pytest.approx(np.abs(halves[1]).max(), rel=0.01)


@pytest.mark.parametrize("rate", [0.7, 1.3])
def test_the_rate_changes_the_length(piper, rate):
    alone = piper.synthesize(request(), 20).seconds
    assert piper.synthesize(request(rate=rate), 20).seconds == pytest.approx(alone / rate, rel=0.02)


def test_what_stands_in_brackets_is_text(piper):
    plain = piper.synthesize(request("Xin chào a e i bà con."), 20)
    assert piper.synthesize(request("Xin chào [[a e i]] bà con."), 20).seconds == plain.seconds
    with pytest.raises(Rejected):
        piper.synthesize(request("[[]]"), 20)


def test_no_sound_is_refused(piper, tmp_path):
    tiny_voice.make(tmp_path, "cam", samples_per_id=0)
    with pytest.raises((BadAudio, Rejected)):
        piper.synthesize(request(voice="piper-cam"), 20)


def test_a_broken_model_is_told_and_the_worker_lives_on(piper, tmp_path):
    piper.synthesize(request(), 20)
    before = piper.pid
    good = tiny_voice.make(tmp_path, "hong")
    good.write_bytes(good.read_bytes()[:300])
    with pytest.raises(Rejected, match="piper-hong"):
        piper.synthesize(request(voice="piper-hong"), 20)
    assert piper.synthesize(request(), 20).seconds > 1
    assert piper.pid == before


def test_a_worker_that_dies_takes_nothing_with_it(piper):
    piper.synthesize(request(), 20)
    before = piper.pid
    os.kill(before, signal.SIGKILL)
    psutil.Process(before).wait(5)
    assert piper.synthesize(request(), 20).seconds > 1
    assert piper.pid != before


def test_a_worker_that_dies_while_it_speaks_is_replaced(piper):
    piper.synthesize(request(), 20)
    worker = psutil.Process(piper.pid)
    worker.suspend()
    killer = threading.Timer(0.2, worker.kill)
    killer.start()
    assert piper.synthesize(request(), 20).seconds > 1
    killer.join()
    assert piper.pid != worker.pid


def test_a_worker_that_hangs_is_left_at_the_deadline(piper):
    piper.synthesize(request(), 20)
    worker = psutil.Process(piper.pid)
    worker.suspend()
    began = time.monotonic()
    with pytest.raises(Transient):
        piper.synthesize(request(), 0.3)
    assert time.monotonic() - began < 3
    assert not worker.is_running()


def test_a_voice_without_a_licence_is_refused_with_its_reason(tmp_path):
    tiny_voice.make(tmp_path, licence="")
    engine = PiperEngine(tmp_path)
    assert engine.voices() == ()
    assert "tiny.license.txt" in engine.check()
    with pytest.raises(Unavailable, match="giấy phép"):
        engine.synthesize(request(), 20)
    engine.close()


def test_a_licence_of_another_voice_does_not_count(tmp_path):
    tiny_voice.make(tmp_path, "mot", licence="")
    tiny_voice.make(tmp_path, "mot-hai")
    (tmp_path / "LICENSE").write_text("cho tất cả", encoding="utf-8")
    assert [each.name for each in piper_voices.usable(tmp_path)] == ["mot-hai"]


@pytest.mark.parametrize(
    ("written", "instead", "named"),
    [
        ('"voice": "vi"', '"voice": "en-us"', "tiếng Việt"),
        ("22050", '"22050"', "tần số"),
        ("22050", "1", "tần số"),
        ('"length_scale": 1.0', '"length_scale": 0.0', "length_scale"),
        ('"espeak"', '"other"', "espeak"),
        ("{", "", "tiny.onnx.json"),
    ],
)
def test_a_description_that_cannot_be_used_is_named(tmp_path, written, instead, named):
    file = tiny_voice.make(tmp_path).with_name("tiny.onnx.json")
    text = file.read_text(encoding="utf-8")
    assert written in text
    file.write_text(text.replace(written, instead, 1), encoding="utf-8")
    [voice] = piper_voices.found(tmp_path)
    assert named in voice.wrong
    assert voice.wrong.endswith(".")


def test_a_missing_description_is_named(tmp_path):
    tiny_voice.make(tmp_path).with_name("tiny.onnx.json").unlink()
    assert "tiny.onnx.json" in PiperEngine(tmp_path).check()


def test_no_voice_and_no_folder_are_told(tmp_path):
    assert "Chưa có giọng Piper" in PiperEngine(tmp_path / "none").check()


def test_a_missing_library_is_told_in_one_sentence(piper, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert "pip install" in piper.check()
    with pytest.raises(Unavailable, match="pip install"):
        piper.synthesize(request(), 20)


def test_the_version_follows_the_voice(piper, tmp_path):
    before = piper.version
    assert piper.version == before
    tiny_voice.make(tmp_path, samples_per_id=601)
    assert piper.version != before


def test_a_voice_that_was_replaced_is_loaded_again(piper, tmp_path):
    before = piper.synthesize(request(), 20).seconds
    tiny_voice.make(tmp_path, samples_per_id=1200)
    assert piper.synthesize(request(), 20).seconds == pytest.approx(2 * before, rel=0.01)


def test_one_voice_at_a_time_is_held(piper, tmp_path):
    tiny_voice.make(tmp_path, "cham", samples_per_id=1200)
    quick, slow = (piper.synthesize(request(voice=v), 20).seconds for v in ("piper-tiny", "piper-cham"))
    assert slow == pytest.approx(2 * quick, rel=0.01)
    assert piper.synthesize(request(), 20).seconds == quick
