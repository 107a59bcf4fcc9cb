"""How long it takes from words to sound. Run by hand with `make bench`; figures depend on the machine."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import psutil
import pytest

from audio import mastering
from audio.formats import Pcm
from audio.speech.cache import SentenceCache
from audio.speech.chain import Chain
from audio.speech.espeak import EspeakEngine
from audio.studio import Line, Script, make_clip
from broadcaster.store import Store
from broadcaster.store.migrate import migrate
from tests.audio.sounds import bursts

pytestmark = pytest.mark.benchmark

SENTENCE = "Ủy ban nhân dân phường xin thông báo đến toàn thể bà con lịch tiêm chủng {}"
NUMBERS = "một hai ba bốn năm sáu bảy tám chín mười".split()  # noqa: SIM905
FIRST_SOUND = """
from audio.speech.espeak import EspeakEngine
from audio.studio import Line, speak_stream
import time
next(speak_stream([Line("Xin chào bà con.", 450)] * 60, EspeakEngine()))
print(time.time())
"""


def bulletin_of_600_words() -> Script:
    texts = [SENTENCE.format(f"đợt {NUMBERS[n // 10]} {NUMBERS[n % 10]}.") for n in range(32)]
    return Script(tuple(Line(text, 450) for text in texts))


def test_600_words_become_a_mastered_clip_within_a_second_and_a_half(tmp_path):
    script = bulletin_of_600_words()
    took = []
    for attempt in range(5):
        chain = Chain([EspeakEngine()], SentenceCache(tmp_path / str(attempt)))
        began = time.perf_counter()
        made = make_clip(script, chain, tmp_path / "clip.wav")
        took.append(time.perf_counter() - began)
        chain.close()
    words = sum(len(line.text.split()) for line in script.lines)
    print(f"\n{words} words, {made.seconds:.0f} s of sound, worker start included: "
          f"best {min(took):.2f} s, median {statistics.median(took):.2f} s")  # fmt: skip
    assert min(took) <= 1.5


def test_mastering_alone(tmp_path):
    sound = Pcm(bursts(200.0).samples, 48_000)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        mastering.master(sound)
        took.append(time.perf_counter() - began)
    print(f"\n200 s mastered: best {min(took):.2f} s, median {statistics.median(took):.2f} s")


def test_first_mastered_sentence_of_a_new_python(tmp_path):
    took = []
    for _ in range(7):
        began = time.time()
        out = subprocess.run([sys.executable, "-c", FIRST_SOUND], capture_output=True, text=True, check=True)
        took.append(float(out.stdout) - began)
    best, usual = min(took), statistics.median(took)
    print(f"\nfirst sentence from python's start: best {best:.2f} s, median {usual:.2f} s")
    assert statistics.median(took) <= 1.0


def test_memory_of_a_waiting_renderer(tmp_path):
    store = Store(tmp_path)
    migrate(store)
    store.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "broadcaster.newsroom.renderer", "--data", str(tmp_path)]
    )
    try:
        time.sleep(2)
        mine = psutil.Process(process.pid)
        before = sum(mine.cpu_times()[:2])
        time.sleep(10)
        cpu = (sum(mine.cpu_times()[:2]) - before) / 10
        print(f"\nwaiting renderer: {mine.memory_info().rss / 2**20:.0f} MB, {100 * cpu:.2f} % of a core")
    finally:
        process.terminate()
        process.wait()
