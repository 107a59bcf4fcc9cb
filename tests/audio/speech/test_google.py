"""gTTS's protocol against a server of ours on the loopback; no test here touches the internet."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from audio import levels
from audio.speech import caller
from audio.speech import google as module
from audio.speech.engine import BadAudio, Rejected, SpeechRequest, Transient
from audio.speech.google import GoogleEngine
from audio.speech.received import packed

SENTENCE = "Xin chào bà con."
LONG = (
    "Ủy ban nhân dân phường thông báo đến bà con, các tổ dân phố: từ ngày mai, bắt đầu tiêm chủng cho trẻ; "
    "bà con mang theo sổ tiêm, giấy khai sinh và đến đúng giờ."
)


def request(text: str = SENTENCE, rate: float = 1.0) -> SpeechRequest:
    return SpeechRequest(text, "google-vi", rate)


def test_a_sentence_is_spoken_with_headroom(google, translate):
    pcm = google.synthesize(request(), 10)
    assert pcm.rate_hz == 24_000
    assert pcm.seconds == pytest.approx(1.0, abs=0.15)
    assert levels.peak_dbfs(pcm) < -3.0
    assert translate.asked == [SENTENCE]


def test_a_long_sentence_goes_in_few_parts_and_comes_back_whole(google, translate):
    pcm = google.synthesize(request(LONG), 10)
    assert len(translate.asked) == 2
    assert " ".join(translate.asked) == LONG
    assert pcm.seconds == pytest.approx(0.25 * len(LONG.split()), abs=1.0)


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("429", Transient),
        ("503", Transient),
        ("redirect", Transient),
        ("html", Transient),
        ("nothing", BadAudio),
        ("half", BadAudio),
        ("torn", BadAudio),
    ],
)
def test_whatever_is_not_the_sentence_is_refused(google, translate, mode, error):
    translate.mode = mode
    with pytest.raises(error):
        google.synthesize(request(), 10)


def test_too_many_requests_opens_the_breaker_for_a_quarter_of_an_hour(google, translate):
    translate.mode = "429"
    with pytest.raises(Transient) as refused:
        google.synthesize(request(), 10)
    assert refused.value.retry_after_s == 15 * 60
    translate.mode = "ok"
    assert "15 phút" in google.check()
    with pytest.raises(Transient):
        google.synthesize(request(), 10)
    assert len(translate.asked) == 1


def test_the_breaker_outlives_the_process_and_a_clock_that_steps_back(tmp_path):
    memory = tmp_path / "break"
    caller.Breaker(memory).trip(caller.BREAK_S)
    assert 890 < caller.Breaker(memory).open_for_s() <= 900
    memory.write_text(str(time.time() + 7200))
    assert caller.Breaker(memory).open_for_s() == 0
    memory.write_text("rubbish")
    assert caller.Breaker(memory).open_for_s() == 0


def test_a_server_that_never_answers_is_left_at_the_deadline(google, translate):
    translate.mode = "hang"
    began = time.monotonic()
    with pytest.raises(Transient):
        google.synthesize(request(), 0.5)
    assert time.monotonic() - began < 2


def test_a_server_that_drips_is_left_at_the_deadline(google, translate):
    translate.mode = "drip"
    began = time.monotonic()
    with pytest.raises(Transient):
        google.synthesize(request(), 0.5)
    assert time.monotonic() - began < 3


def test_nobody_listening_is_told_quickly(google, monkeypatch):
    monkeypatch.setattr("gtts.tts._translate_url", lambda **_: "http://127.0.0.1:9/")
    with pytest.raises(Transient, match="mạng"):
        google.synthesize(request(), 10)
    assert google.check() is not None


def test_a_certificate_that_nobody_vouches_for_is_refused(google, translate, tmp_path):
    translate.use_tls(tmp_path)
    with pytest.raises(Transient, match="Chứng thư"):
        google.synthesize(request(), 10)
    assert translate.asked == []


def test_requests_keep_their_pace_even_from_many_threads(translate):
    engine = GoogleEngine(pace_s=0.2)
    began = time.monotonic()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: engine.synthesize(request(), 10), range(5)))
    engine.close()
    assert time.monotonic() - began >= 4 * 0.2
    assert len(translate.asked) == 5


def test_the_pace_of_the_station_is_gentle():
    assert module.PACE_S >= 0.7


def test_slow_rates_ask_for_the_slow_voice():
    assert module._bodies(SENTENCE, is_slow=True) != module._bodies(SENTENCE, is_slow=False)


def test_another_engines_voice_is_rejected_without_asking(google, translate):
    with pytest.raises(Rejected):
        google.synthesize(SpeechRequest(SENTENCE, "vi"), 10)
    assert translate.asked == []


@pytest.mark.parametrize(
    "text", [SENTENCE, LONG, "a" * 250, " ".join(["tiếng"] * 200), "Một. Hai. Ba.", "1,5 phần trăm, hai"]
)
def test_packing_loses_nothing_and_fits(text):
    parts = packed(text, 100)
    assert all(0 < len(part) <= 100 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_packing_makes_few_parts():
    assert len(packed(LONG, 100)) == 2
    assert packed("Một. Hai. Ba.", 100) == ["Một. Hai. Ba."]
