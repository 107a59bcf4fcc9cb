"""Every preset against servers of ours on the loopback; no test here touches the internet."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from audio import levels
from audio.speech.cloud import CloudEngine, at
from audio.speech.engine import BadAudio, Rejected, SpeechError, SpeechRequest, Transient, Unavailable
from tests.audio.speech.cloud_server import KEY, CloudServer
from tests.audio.speech.translate_server import running

SENTENCE = "Xin chào bà con."
KINDS = ("fpt", "viettel", "zalo", "base64")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running(CloudServer()) as server:
        yield server


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, cloud: CloudServer) -> Iterator[CloudEngine]:
    made = CloudEngine(cloud.service(request.param), lambda: KEY)
    yield made
    made.close()


def engine_of(cloud: CloudServer, name: str, **changed: object) -> CloudEngine:
    return CloudEngine(replace(cloud.service(name), **changed), lambda: KEY)


def asked(engine: CloudEngine, text: str = SENTENCE, rate: float = 1.0) -> SpeechRequest:
    return SpeechRequest(text, engine.voices()[0].id, rate)


def test_a_sentence_is_spoken_with_headroom(engine, cloud):
    pcm = engine.synthesize(asked(engine), 10)
    assert pcm.seconds == pytest.approx(1.0, abs=0.15)
    assert levels.peak_dbfs(pcm) < -3.0
    assert cloud.asked == [SENTENCE]


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("400", Rejected),
        ("401", Unavailable),
        ("403", Unavailable),
        ("429", Transient),
        ("500", Transient),
        ("503", Transient),
        ("redirect", Transient),
        ("html", Transient),
        ("error", Transient),
        ("nothing", BadAudio),
        ("half", BadAudio),
        ("torn", BadAudio),
        ("broken off", BadAudio),
    ],
)
def test_whatever_is_not_the_sentence_is_refused(engine, cloud, mode, error):
    cloud.mode = mode
    with pytest.raises(error) as refused:
        engine.synthesize(asked(engine), 10)
    assert engine.name in str(refused.value)
    assert KEY not in str(refused.value)


def test_the_services_own_words_are_passed_on_without_the_key(engine, cloud):
    cloud.mode = "error"
    with pytest.raises(Transient, match="hết hạn mức cho •••"):
        engine.synthesize(asked(engine), 10)


def test_too_many_requests_opens_the_breaker_for_a_quarter_of_an_hour(engine, cloud):
    cloud.mode = "429"
    with pytest.raises(Transient) as refused:
        engine.synthesize(asked(engine), 10)
    assert refused.value.retry_after_s == 15 * 60
    cloud.mode = "ok"
    assert "15 phút" in engine.check()
    with pytest.raises(Transient):
        engine.synthesize(asked(engine), 10)
    assert len(cloud.asked) == 1


@pytest.mark.parametrize("mode", ["hang", "drip"])
def test_a_slow_service_is_left_at_the_deadline(engine, cloud, mode):
    cloud.mode = mode
    began = time.monotonic()
    with pytest.raises(Transient):
        engine.synthesize(asked(engine), 0.4)
    assert time.monotonic() - began < 1.5


def test_a_certificate_that_nobody_vouches_for_is_refused(cloud, tmp_path):
    cloud.use_tls(tmp_path)
    engine = engine_of(cloud, "zalo")
    with pytest.raises(Transient, match="Chứng thư"):
        engine.synthesize(asked(engine), 10)
    engine.close()
    assert cloud.asked == []


def test_nobody_listening_is_told_quickly_and_remembered(cloud, tmp_path):
    service = replace(cloud.service("fpt"), url="http://127.0.0.1:9/")
    engine = CloudEngine(service, lambda: KEY, tmp_path / "fpt.break")
    with pytest.raises(Transient, match="mạng"):
        engine.synthesize(asked(engine), 10)
    assert CloudEngine(service, lambda: KEY, tmp_path / "fpt.break").check() is not None


def test_a_file_that_is_not_there_yet_is_waited_for_without_the_key(cloud):
    cloud.not_yet = 3
    engine = engine_of(cloud, "fpt")
    assert engine.synthesize(asked(engine), 10).seconds > 0.5
    engine.close()
    assert len(cloud.fetched) == 4
    assert not any(KEY in str(headers) for headers in cloud.fetched)


def test_a_file_that_never_comes_is_given_up_at_the_deadline(cloud):
    cloud.not_yet = 10_000
    engine = engine_of(cloud, "zalo")
    began = time.monotonic()
    with pytest.raises(Transient):
        engine.synthesize(asked(engine), 0.4)
    engine.close()
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "there", ["http://192.168.1.1/x.mp3", "file:///etc/passwd", "http://[", "ftp://127.0.0.1/"]
)
def test_an_answer_cannot_send_us_elsewhere(cloud, there):
    cloud.mode, cloud.elsewhere = "elsewhere", there
    engine = engine_of(cloud, "zalo")
    with pytest.raises(BadAudio, match="địa chỉ lạ"):
        engine.synthesize(asked(engine), 10)
    engine.close()
    assert cloud.fetched == []


def test_a_long_sentence_goes_in_parts_and_comes_back_whole(cloud):
    engine = engine_of(cloud, "viettel", longest_chars=22)
    pcm = engine.synthesize(asked(engine, "Xin chào bà con, mời bà con lắng nghe."), 10)
    engine.close()
    assert cloud.asked == ["Xin chào bà con,", "mời bà con lắng nghe."]
    assert pcm.seconds == pytest.approx(2.4, abs=0.4)


def test_each_service_is_asked_in_its_own_way(cloud):
    for name in ("fpt", "viettel", "zalo"):
        engine = engine_of(cloud, name)
        engine.synthesize(asked(engine, rate=1.2), 10)
        engine.close()
    fpt, _, zalo = cloud.headers
    assert (fpt["api_key"], fpt["voice"], fpt["speed"]) == (KEY, "banmai", "2")
    assert cloud.bodies[0] == SENTENCE.encode()
    viettel = json.loads(cloud.bodies[1])
    assert (viettel["token"], viettel["voice"], viettel["speed"]) == (KEY, "hn-quynhanh", 1.2)
    assert zalo["apikey"] == KEY
    form = parse_qs(cloud.bodies[2].decode())
    assert (form["speaker_id"], form["speed"], form["encode_type"]) == (["2"], ["1.2"], ["1"])


def test_text_that_looks_like_a_template_does_not_reveal_the_key(cloud):
    engine = engine_of(cloud, "fpt")
    engine.synthesize(asked(engine, "Xin chào {key} bà con."), 10)
    engine.close()
    assert cloud.asked == ["Xin chào {key} bà con."]


def test_the_key_is_in_no_log(cloud, caplog):
    # Setting up the station's log keeps urllib3 quiet for the rest of a process; here it is to talk.
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")
    engine = engine_of(cloud, "zalo")
    engine.synthesize(asked(engine), 10)
    cloud.mode = "error"
    with pytest.raises(SpeechError):
        engine.synthesize(asked(engine), 10)
    engine.close()
    assert caplog.records
    assert KEY not in caplog.text


def test_requests_keep_their_pace(cloud):
    engine = engine_of(cloud, "viettel", pace_s=0.2)
    began = time.monotonic()
    for _ in range(3):
        engine.synthesize(asked(engine), 10)
    engine.close()
    assert time.monotonic() - began >= 0.4


def test_without_a_key_it_says_where_one_goes_and_asks_nobody(cloud):
    def missing() -> str:
        raise Unavailable("Chưa có khóa.")

    engine = CloudEngine(cloud.service("fpt"), missing)
    assert engine.check() == "Chưa có khóa."
    with pytest.raises(Unavailable):
        engine.synthesize(asked(engine), 10)
    assert cloud.asked == []


def test_pointers_find_what_stands_there_or_nothing():
    document = {"a/b": [{"c": 1}], "~": 2}
    assert at(document, "/a~1b/0/c") == 1
    assert at(document, "/~0") == 2
    assert at(document, "/a~1b/7/c") is None
    assert at(document, "/x/y") is None
