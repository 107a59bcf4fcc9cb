"""Thirty sounds as a ward station makes and gets them, each with the loudness that it is to have.

Speech comes from the real engine, music is synthesised here, and what spoils clips (claps, hum, hiss, wind,
far too soft, far too loud) is laid over speech.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from audio.formats import Pcm, Samples, resample
from audio.mastering import EMERGENCY_LUFS, MUSIC_LUFS, MUSIC_TONE, SPEECH_LUFS, Tone
from audio.speech.engine import SpeechRequest
from audio.speech.espeak import EspeakEngine
from tests.audio.sounds import bursts, noise

RATE_HZ = 48_000
VOICES = ("vi", "vi-vn-x-central", "vi-vn-x-south")
RATES = (0.7, 1.0, 1.4)
SENTENCE = (
    "Ủy ban nhân dân phường xin thông báo đến toàn thể bà con, các tổ dân phố và các trường học: "
    "từ bảy giờ ba mươi phút ngày mai, trạm y tế tổ chức tiêm chủng mở rộng cho trẻ em dưới năm tuổi."
)
ALARM = "Khẩn cấp! Nước sông đang lên nhanh. Đề nghị bà con di chuyển ngay đến nơi an toàn."


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    name: str
    pcm: Pcm
    target_lufs: float = SPEECH_LUFS
    tone: Tone | None = None


def thirty() -> list[Sound]:
    """Return all of them; the engine speaks for about a second."""
    engine = EspeakEngine()
    try:
        return [*_spoken(engine), *_spoiled(engine), *_alarms(engine), *_music()]
    finally:
        engine.close()


def _say(engine: EspeakEngine, text: str, voice: str = "vi", rate: float = 1.0) -> Pcm:
    return resample(engine.synthesize(SpeechRequest(text, voice, rate), 30), RATE_HZ)


def _spoken(engine: EspeakEngine) -> Iterator[Sound]:
    for voice, rate in product(VOICES, RATES):
        yield Sound(f"{voice} at {rate}", _say(engine, SENTENCE, voice, rate))
    yield Sound("two words", _say(engine, "Xin chào."))
    yield Sound("one word", _say(engine, "Vâng."))
    yield Sound("three minutes", _say(engine, " ".join([SENTENCE] * 15), rate=0.9))
    words = (_say(engine, word).samples for word in ("Một.", "Hai.", "Ba."))
    far_apart = [piece for word in words for piece in (word, np.zeros(4 * RATE_HZ, np.float32))]
    yield Sound("words far apart", Pcm(np.concatenate(far_apart), RATE_HZ))


def _spoiled(engine: EspeakEngine) -> Iterator[Sound]:
    plain = _say(engine, SENTENCE)
    seconds = plain.seconds
    spoil: dict[str, Callable[[Samples], Samples]] = {
        "with claps": lambda s: s + _claps(len(s)),
        "with one shot": lambda s: s + _claps(len(s), every_s=1000.0),
        "with hum": lambda s: s + 0.2 * _tone(50, len(s)),
        "with hiss": lambda s: s + noise(seconds, 0.01).samples[: len(s)],
        "with wind": lambda s: s + _wind(len(s)),
        "far too soft": lambda s: s * np.float32(0.002),
        "torn by its recorder": lambda s: np.clip(s * 12, -1, 1),
        "soft, then loud": lambda s: s * np.linspace(0.05, 1, len(s), dtype=np.float32),
    }
    for name, spoiled in spoil.items():
        yield Sound(name, Pcm(spoiled(plain.samples).astype(np.float32), RATE_HZ))


def _alarms(engine: EspeakEngine) -> Iterator[Sound]:
    for voice in VOICES:
        yield Sound(f"alarm by {voice}", _say(engine, ALARM, voice, 0.85), EMERGENCY_LUFS)


def _music() -> Iterator[Sound]:
    made = {
        "an anthem": _chords(30.0),
        "drums": _drums(20.0),
        "a band": _chords(20.0) + _drums(20.0),
        "a bell": _bell(6.0),
        "a flute": _tone(880, 8 * RATE_HZ) * _swell(8 * RATE_HZ),
        "music far too loud": np.clip(_chords(12.0) * 20, -1, 1),
    }
    for name, samples in made.items():
        yield Sound(name, Pcm(samples.astype(np.float32), RATE_HZ), MUSIC_LUFS, MUSIC_TONE)


# --- how they are made ---


def _tone(hz: float, frames: int) -> Samples:
    tone: Samples = np.sin(2 * np.pi * hz * np.arange(frames) / RATE_HZ).astype(np.float32)
    return tone


def _swell(frames: int) -> Samples:
    swell: Samples = (0.6 + 0.4 * _tone(0.7, frames)).astype(np.float32)
    return swell


def _claps(frames: int, every_s: float = 0.9) -> Samples:
    claps = np.zeros(frames, np.float32)
    clap = noise(0.02, 0.6).samples * np.exp(-np.arange(960) / 150).astype(np.float32)
    for start in range(RATE_HZ // 2, frames - 960, round(every_s * RATE_HZ)):
        claps[start : start + 960] += clap
    return claps


def _wind(frames: int) -> Samples:
    spectrum = np.fft.rfft(noise(frames / RATE_HZ, 1.0).samples[:frames])
    hz = np.fft.rfftfreq(frames, 1 / RATE_HZ)
    gusts: Samples = np.fft.irfft(spectrum * np.exp(-hz / 40), frames).astype(np.float32)
    return gusts * np.float32(0.4 / np.abs(gusts).max()) * _swell(frames)


def _chords(seconds: float) -> Samples:
    frames = round(seconds * RATE_HZ)
    beat = RATE_HZ // 2
    roots = (220.0, 261.6, 293.7, 196.0)
    song = np.zeros(frames, np.float32)
    for number, start in enumerate(range(0, frames, beat)):
        left = min(beat, frames - start)
        fall = np.exp(-np.arange(left) / RATE_HZ * 3).astype(np.float32)
        for interval, partial in product((1.0, 1.25, 1.5), (1, 2, 3, 4)):
            hz = roots[number % 4] * interval * partial
            song[start : start + left] += 0.1 / partial * _tone(hz, left) * fall
    return song


def _drums(seconds: float) -> Samples:
    frames = round(seconds * RATE_HZ)
    drum = _tone(70, 9600) * np.exp(-np.arange(9600) / 1500).astype(np.float32)
    drum[:2400] += 2 * bursts(0.05).samples
    beats = np.zeros(frames, np.float32)
    for start in range(0, frames - 9600, RATE_HZ // 3):
        beats[start : start + 9600] += 0.8 * drum
    return beats


def _bell(seconds: float) -> Samples:
    frames = round(seconds * RATE_HZ)
    fall = np.exp(-np.arange(frames) / RATE_HZ * 1.5).astype(np.float32)
    bell: Samples = sum(_tone(hz, frames) / n for n, hz in enumerate((440, 880, 1210, 1930), 1)) * fall
    return bell * np.float32(0.3)
