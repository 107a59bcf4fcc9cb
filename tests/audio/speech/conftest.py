from __future__ import annotations

from collections.abc import Iterator

import pytest

from audio.speech.espeak import EspeakEngine
from audio.speech.espeak_link import EspeakLink
from audio.speech.google import GoogleEngine
from tests.audio.speech.translate_server import TranslateServer, running


@pytest.fixture
def link() -> Iterator[EspeakLink]:
    made = EspeakLink()
    yield made
    made.close()


@pytest.fixture
def espeak(link: EspeakLink) -> EspeakEngine:
    return EspeakEngine(link)


@pytest.fixture
def translate(monkeypatch: pytest.MonkeyPatch) -> Iterator[TranslateServer]:
    """Google Translate, played by a server of ours; nothing leaves the machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running(TranslateServer()) as server:
        monkeypatch.setattr("gtts.tts._translate_url", server.url)
        yield server


@pytest.fixture
def google(translate: TranslateServer) -> Iterator[GoogleEngine]:
    engine = GoogleEngine(pace_s=0.0)
    yield engine
    engine.close()
