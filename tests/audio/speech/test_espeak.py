"""The real engine in its real worker."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from audio import levels
from audio.assembly import trimmed
from audio.formats import from_s16
from audio.speech import espeak_link
from audio.speech.engine import Rejected, SpeechRequest, Transient, Unavailable, syllables
from audio.speech.espeak import EspeakEngine, words_per_minute
from audio.speech.espeak_link import EspeakLink

GREETING = "Ủy ban nhân dân phường xin thông báo đến toàn thể bà con trên địa bàn phường."
PASSAGE = (
    "Để bảo đảm vệ sinh môi trường, Ủy ban nhân dân phường đề nghị các hộ gia đình, cơ quan, đơn vị trên "
    "địa bàn tổ chức tổng dọn vệ sinh, thu gom rác thải, khơi thông cống rãnh; không đổ rác ra đường, "
    "không lấn chiếm vỉa hè, lòng đường để buôn bán."
)
TONES = ("ma", "má", "mà", "mả", "mã", "mạ")
LONG = " ".join([GREETING] * 400)


def request(text: str = GREETING, voice: str = "vi", rate: float = 1.0) -> SpeechRequest:
    return SpeechRequest(text, voice, rate)


def test_a_sentence_is_spoken_with_3_db_of_headroom(espeak):
    pcm = espeak.synthesize(request(), 10)
    assert pcm.rate_hz == 22_050
    assert 4.0 < pcm.seconds < 8.0
    assert -45 < levels.rms_dbfs(pcm) < -10
    assert -9.0 < levels.peak_dbfs(pcm) < -2.5
    assert levels.clipped_runs(pcm) == 0


@pytest.mark.parametrize("rate", [0.7, 1.0, 1.3])
def test_rate_one_is_190_syllables_a_minute_inside_a_sentence(espeak, rate):
    pcm = trimmed(espeak.synthesize(request(PASSAGE, rate=rate), 10))
    assert syllables(PASSAGE) / pcm.seconds == pytest.approx(190 / 60 * rate, rel=0.12)


def test_rates_out_of_bounds_are_held_at_them():
    assert words_per_minute(0.0) == words_per_minute(0.6)
    assert words_per_minute(99.0) == words_per_minute(1.6)
    assert [words_per_minute(rate / 10) for rate in range(6, 17)] == sorted(
        words_per_minute(rate / 10) for rate in range(6, 17)
    )


@pytest.mark.parametrize("voice", ["vi", "vi-vn-x-central", "vi-vn-x-south"])
def test_every_voice_speaks(espeak, voice):
    assert espeak.synthesize(request(voice=voice), 10).seconds > 3


@pytest.mark.parametrize("voice", ["", "en", "không-có", "vi\0"])
def test_an_unknown_voice_is_rejected_and_the_worker_lives_on(espeak, link, voice):
    espeak.synthesize(request("Một."), 10)
    before = link.pid
    with pytest.raises(Rejected):
        espeak.synthesize(request(voice=voice), 10)
    assert espeak.synthesize(request("Hai."), 10).seconds > 0
    assert link.pid == before


def test_a_voice_that_the_library_does_not_know_is_told(link):
    with pytest.raises(Rejected, match="xx-none"):
        list(link.speak("Một.", "xx-none", 140, 10))


def test_decomposed_text_sounds_like_composed_text():
    heard = []
    for form in ("NFC", "NFD"):
        engine = EspeakEngine()  # a fresh process speaks the same samples each time
        heard.append(engine.synthesize(request(unicodedata.normalize(form, GREETING)), 10))
        engine.close()
    assert np.array_equal(heard[0].samples, heard[1].samples)


def test_a_nul_does_not_cut_the_sentence_short(espeak):
    whole = espeak.synthesize(request("Xin chào bà con lắng nghe bản tin."), 10)
    with_nul = espeak.synthesize(request("Xin chào\0 bà con lắng nghe bản tin."), 10)
    assert with_nul.seconds == pytest.approx(whole.seconds, rel=0.05)


def test_the_six_tones_sound_different(espeak):
    heard = [espeak.synthesize(request(word), 10).samples[:8000] for word in TONES]
    for place, one in enumerate(heard):
        for other in heard[place + 1 :]:
            shorter = min(len(one), len(other))
            assert np.corrcoef(one[:shorter], other[:shorter])[0, 1] < 0.95


def test_the_first_sound_comes_long_before_the_last(link):
    link.warm()
    began = time.monotonic()
    pieces = link.speak(LONG, "vi", 140, 60)
    next(pieces)
    first_s = time.monotonic() - began
    pieces.close()
    assert first_s < 0.5


def test_a_worker_killed_in_the_middle_of_a_sentence_is_told_and_replaced(link):
    pieces = link.speak(LONG, "vi", 140, 60)
    next(pieces)
    killed = link.pid
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(Transient):
        list(pieces)
    assert len(b"".join(link.speak("Xin chào.", "vi", 140, 10))) > 10_000
    assert link.pid != killed
    assert not psutil.pid_exists(killed)


def test_a_worker_that_died_between_two_sentences_is_not_noticed(espeak, link):
    espeak.synthesize(request("Một."), 10)
    os.kill(link.pid, signal.SIGKILL)
    assert espeak.synthesize(request(), 10).seconds > 3


def test_a_worker_that_hangs_misses_its_deadline_and_is_replaced(espeak, link):
    espeak.synthesize(request("Một."), 10)
    stopped = link.pid
    os.kill(stopped, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(Transient):
        espeak.synthesize(request(), 0.3)
    assert time.monotonic() - began < 3
    assert not psutil.pid_exists(stopped)
    assert espeak.synthesize(request(), 10).seconds > 3


def test_whoever_stops_listening_does_not_leave_his_words_to_the_next(link):
    pieces = link.speak(LONG, "vi", 140, 60)
    next(pieces)
    pieces.close()
    short = from_s16(b"".join(link.speak("Hai.", "vi", 140, 10)), 22_050)
    assert short.seconds < 2


def test_eight_at_once_each_get_their_own_sentence(espeak):
    texts = [" ".join(["xin chào bà con"] * count) for count in range(1, 9)]
    alone = [espeak.synthesize(request(text), 10).seconds for text in texts]
    start = threading.Barrier(8)

    def speak(text: str) -> float:
        start.wait()
        return espeak.synthesize(request(text), 30).seconds

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(speak, texts))
    assert together == pytest.approx(alone, rel=0.05)


@pytest.mark.parametrize("length", [159, 160, 240])
def test_data_on_a_long_path_is_reached(tmp_path, length):
    folder = tmp_path
    while length - len(str(folder)) > 100:
        folder = folder / ("d" * 50)
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / ("e" * (length - len(str(folder)) - 1))
    data.symlink_to(espeak_link.installed_data_path())
    assert len(str(data)) == length
    link = EspeakLink(data)
    try:
        assert list(link.speak("Xin chào.", "vi", 140, 10))
    finally:
        link.close()


def test_a_folder_without_data_says_that_the_engine_is_unavailable(tmp_path):
    link = EspeakLink(tmp_path)
    with pytest.raises(Unavailable):
        link.warm()
    assert link.pid is None


def test_a_worker_leaves_when_its_pipe_closes(link):
    link.warm()
    process = psutil.Process(link.pid)
    link.close()
    assert not process.is_running()
    assert link.warm().rate_hz == 22_050


def test_a_worker_is_small(link):
    link.warm()
    list(link.speak(GREETING, "vi", 140, 10))
    assert psutil.Process(link.pid).memory_info().rss < 25 * 1024 * 1024


def test_holding_a_worker_needs_no_sound_library():
    """The station keeps one warm; numpy would cost it 25 MB."""
    import subprocess
    import sys

    code = "import sys, audio.speech.espeak_link, audio.speech.engines; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_copied_data_folder_works_where_links_cannot_be_made(tmp_path, monkeypatch):
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError("no right to make links")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    small = tmp_path / "data"
    shutil.copytree(tmp_path, small)
    (small / "phontab").write_text("x")
    espeak_link._lead_to(small, tmp_path / "short")
    assert (tmp_path / "short" / "phontab").read_text() == "x"
