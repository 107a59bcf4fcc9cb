"""What the station expects of every speech engine, asked of each."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from audio.speech import chain
from audio.speech.cache import SentenceCache
from audio.speech.chain import Chain, what_is_wrong
from audio.speech.cloud import CloudEngine
from audio.speech.engine import Rejected, SpeechEngine, SpeechRequest, Transient
from audio.speech.espeak import EspeakEngine
from audio.speech.google import GoogleEngine
from audio.speech.piper import PiperEngine
from tests.audio.speech import tiny_voice
from tests.audio.speech.cloud_server import KEY, CloudServer
from tests.audio.speech.scripted import ScriptedEngine
from tests.audio.speech.translate_server import TranslateServer, running

SENTENCE = "Ủy ban nhân dân phường xin thông báo."


REAL = ("espeak", "piper", "google", "fpt", "viettel", "zalo", "base64")


@pytest.fixture(params=[*REAL, "scripted"])
def engine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[SpeechEngine]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as stack:
        made = _made(request.param, stack, monkeypatch, tmp_path)
        yield made
        made.close()


def _made(name: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> SpeechEngine:
    match name:
        case "espeak":
            return EspeakEngine()
        case "piper":
            tiny_voice.make(folder)
            return PiperEngine(folder)
        case "google":
            server = stack.enter_context(running(TranslateServer()))
            monkeypatch.setattr("gtts.tts._translate_url", server.url)
            return GoogleEngine(pace_s=0.0)
        case "scripted":
            return ScriptedEngine("kịch bản")
    cloud = stack.enter_context(running(CloudServer()))
    return CloudEngine(cloud.service(name), lambda: KEY)


def test_it_names_itself_its_version_and_its_voices(engine):
    assert engine.name
    assert engine.version
    assert engine.voices()
    assert len({voice.id for voice in engine.voices()}) == len(engine.voices())


def test_it_is_ready_here_and_says_so_quickly(engine):
    began = time.monotonic()
    assert engine.check() is None
    assert time.monotonic() - began < 0.5


def test_each_voice_says_a_sentence_that_passes_the_gate(engine):
    for voice in engine.voices():
        asked = SpeechRequest(SENTENCE, voice.id)
        pcm = engine.synthesize(asked, 20)
        assert pcm.samples.dtype == np.float32
        assert pcm.samples.ndim == 1
        assert what_is_wrong(pcm, asked) is None


def test_longer_text_takes_longer(engine):
    voice = engine.voices()[0].id
    short, long = (engine.synthesize(SpeechRequest(text, voice), 20) for text in ("Xin chào.", SENTENCE))
    assert long.seconds > 1.5 * short.seconds


def test_decomposed_text_takes_as_long_as_composed(engine):
    voice = engine.voices()[0].id
    composed, decomposed = (
        engine.synthesize(SpeechRequest(unicodedata.normalize(form, SENTENCE), voice), 20)
        for form in ("NFC", "NFD")
    )
    assert decomposed.seconds == pytest.approx(composed.seconds, rel=0.05)


@pytest.mark.parametrize("engine", REAL, indirect=True)
def test_real_engines_reject_empty_sentences_and_unknown_voices(engine):
    for asked in (SpeechRequest("…", engine.voices()[0].id), SpeechRequest(SENTENCE, "không-có")):
        with pytest.raises(Rejected):
            engine.synthesize(asked, 20)


@pytest.mark.parametrize("engine", REAL, indirect=True)
def test_real_engines_keep_their_deadline(engine):
    began = time.monotonic()
    with pytest.raises(Transient):
        engine.synthesize(SpeechRequest(" ".join([SENTENCE] * 300), engine.voices()[0].id), 0.001)
    assert time.monotonic() - began < 5


def test_closing_twice_does_no_harm(engine):
    engine.close()
    engine.close()


# --- engines of the network, when the network is not what it should be ---


NETWORK = ("google", "fpt", "viettel", "zalo", "base64")
SENTENCES = (SENTENCE, "Kính mời bà con đến trạm y tế.", "Xin cảm ơn bà con.")
TROUBLES = {
    "429": "quá nhiều yêu cầu",
    "503": "lỗi 503",
    "html": "trang đăng nhập",
    "nothing": "không có âm thanh|bị cụt",
    "half": "bị cụt",
    "hang": "không trả lời đúng hạn",
    "drip": "quá chậm|không trả lời đúng hạn",
    "tls": "Chứng thư",
}


def _server_and_engine(
    name: str, mode: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> tuple[TranslateServer, SpeechEngine]:
    server = stack.enter_context(running(TranslateServer() if name == "google" else CloudServer()))
    server.mode = mode
    if mode == "tls":
        server.mode = "ok"
        server.use_tls(folder)
    if isinstance(server, CloudServer):
        return server, CloudEngine(server.service(name), lambda: KEY)
    monkeypatch.setattr("gtts.tts._translate_url", server.url)
    return server, GoogleEngine(pace_s=0.0)


@pytest.mark.parametrize("mode", TROUBLES)
@pytest.mark.parametrize("name", NETWORK)
def test_whatever_happens_on_the_way_the_next_engine_reads_all_and_it_is_told(
    name, mode, monkeypatch, tmp_path
):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(chain, "SENTENCE_DEADLINE_S", 0.6)
    with ExitStack() as stack:
        server, engine = _server_and_engine(name, mode, stack, monkeypatch, tmp_path)
        local, cache = ScriptedEngine("máy"), tmp_path / "sentences"
        began = time.monotonic()
        take = Chain([engine, local], SentenceCache(cache)).speak(SENTENCES)
        assert time.monotonic() - began < 4
        assert (take.engine, local.said) == ("máy 1", list(SENTENCES))
        assert re.search(TROUBLES[mode], take.notice), take.notice
        assert engine.name in take.notice
        assert KEY not in take.notice
        assert len(server.asked) <= 1
        assert len(list(cache.glob("*/*.pcm"))) == len(SENTENCES), "what the network sent is not kept"
        engine.close()


@pytest.mark.parametrize("name", NETWORK)
def test_a_service_that_fails_at_the_last_sentence_costs_only_time(name, monkeypatch, tmp_path):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as stack:
        server, engine = _server_and_engine(name, "ok", stack, monkeypatch, tmp_path)
        local = ScriptedEngine("máy")
        heard: list[int] = []

        def fail_at_the_end(done: int) -> None:
            heard.append(done)
            server.mode = "503" if done == len(SENTENCES) - 1 else server.mode

        take = Chain([engine, local]).speak(SENTENCES, progress=fail_at_the_end)
        assert (take.engine, local.said) == ("máy 1", list(SENTENCES))
        assert heard == [0, 1, 2, 0, 1, 2, 3]
        engine.close()
