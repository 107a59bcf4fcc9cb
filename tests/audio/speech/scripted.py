"""A small working engine that fails on cue."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from audio.formats import Pcm
from audio.speech.engine import SpeechRequest, Voice, syllables
from tests.audio.sounds import sine

RATE_HZ = 16_000


class ScriptedEngine:
    """Says a tone of 0.25 s for each syllable. `cues` maps a sentence to what happens instead."""

    needs_network = False
    version = "1"

    def __init__(
        self,
        name: str,
        cues: Mapping[str, Exception | Callable[[SpeechRequest], Pcm]] | None = None,
        not_ready: str | None = None,
    ) -> None:
        self.name = name
        self.cues = dict(cues or {})
        self.not_ready = not_ready
        self.said: list[str] = []

    def voices(self) -> tuple[Voice, ...]:
        return (
            Voice(f"{self.name}-1", f"Giọng {self.name}", "Bắc", "nữ"),
            Voice(f"{self.name}-2", "hai", "", ""),
        )

    def check(self) -> str | None:
        return self.not_ready

    def synthesize(self, request: SpeechRequest, deadline_s: float) -> Pcm:
        assert deadline_s > 0
        assert request.voice in {voice.id for voice in self.voices()}, (
            "the chain asks for a voice that I have"
        )
        assert request.text == " ".join(request.text.split()), "sentences come clean"
        self.said.append(request.text)
        cue = self.cues.get(request.text)
        if isinstance(cue, Exception):
            raise cue
        return tone(request) if cue is None else cue(request)

    def close(self) -> None:
        self.said.append("closed")


def tone(request: SpeechRequest) -> Pcm:
    return sine(300, 0.25 * syllables(request.text), 0.4, RATE_HZ)


def silent(request: SpeechRequest) -> Pcm:
    return Pcm(np.zeros_like(tone(request).samples), RATE_HZ)


def empty(_: SpeechRequest) -> Pcm:
    return Pcm(np.zeros(0, np.float32), RATE_HZ)


def cut_short(request: SpeechRequest) -> Pcm:
    return Pcm(tone(request).samples[: len(tone(request).samples) // 4], RATE_HZ)


def endless(request: SpeechRequest) -> Pcm:
    return Pcm(np.tile(tone(request).samples, 12), RATE_HZ)


def torn(request: SpeechRequest) -> Pcm:
    return Pcm(np.clip(tone(request).samples * 4, -1, 1), RATE_HZ)
