"""Parts for tests with a real player: clips, a link that remembers every word, and start errors."""

from __future__ import annotations

import math
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from audio.player_link import Gone, OutputSpec, PlayerLink, Ready, Word
from tests.sound_server import RATE_HZ, Ear, Samples, eventually, position_of

W = TypeVar("W")


def noise(seconds: float, seed: int = 1, level: float = 3000.0) -> Samples:
    """Return noise that is like no other noise, so that it is found in a recording to the sample."""
    values = np.random.default_rng(seed).normal(0.0, level, round(seconds * RATE_HZ))
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16)


def write_clip(path: Path, samples: Samples, rate_hz: int = RATE_HZ, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def read_clip(path: Path) -> Samples:
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


class Told:
    """A player and all it said, in order."""

    def __init__(self, spec: OutputSpec) -> None:
        self.words: list[Word] = []
        self.link = PlayerLink("thử", spec, self._hear)

    def __enter__(self) -> Told:
        self.link.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.link.close()

    def all(self, kind: type[W], item: str | None = None) -> list[W]:
        return [
            word
            for word in tuple(self.words)
            if isinstance(word, kind) and (item is None or getattr(word, "item", None) == item)
        ]

    def wait_for(
        self,
        kind: type[W],
        item: str | None = None,
        within_s: float = 8.0,
        such_that: Callable[[W], bool] = lambda _: True,
    ) -> W:
        """Return the first such word, said already or soon."""

        def look() -> list[W]:
            return [word for word in self.all(kind, item) if such_that(word)]

        return eventually(look, within_s, f"{kind.__name__} {item or ''}; said: {self.words[-8:]}")[0]

    def gone(self, within_s: float = 8.0) -> int:
        """Return the exit code of the first process, once it ended."""
        return self.wait_for(Gone, within_s=within_s).exit_code

    def _hear(self, _name: str, word: Word) -> None:
        self.words.append(word)


def start_errors_ms(
    ear: Ear, spec: OutputSpec, folder: Path, starts: int, apart_s: float = 0.35
) -> NDArray[np.float64]:
    """Return first sample heard minus planned moment, one for each of so many starts at odd moments."""
    odd = np.random.default_rng().uniform(0.0, 0.1, starts)
    clips = [noise(0.12, seed) for seed in range(starts)]
    with Told(spec) as player:
        player.wait_for(Ready)
        first_s = time.monotonic() + 2.0
        planned = [first_s + apart_s * number + float(odd[number]) for number in range(starts)]
        for number, at_s in enumerate(planned):
            path = write_clip(folder / f"start-{number}.wav", clips[number])
            player.link.arm(f"start {number}", path, at_s)
        ear.wait_for(planned[-1] + 1.0)
    heard = ear.heard()
    zero_s = ear.zero_s
    return np.array([_error_ms(heard, zero_s, clip, at_s) for clip, at_s in zip(clips, planned, strict=True)])


def _error_ms(heard: Samples, zero_s: float, clip: Samples, at_s: float) -> float:
    first = round((at_s - 0.3 - zero_s) * RATE_HZ)
    where = position_of(clip, heard[first : first + RATE_HZ])
    if where is None:
        return math.inf
    return (zero_s + (first + where) / RATE_HZ - at_s) * 1000.0


def calibrated_latency_s(ear: Ear, spec: OutputSpec, folder: Path, default_s: float) -> float:
    """Return the constant of an output, to be given as its `latency_s`: the default plus the median error."""
    return default_s + float(np.median(start_errors_ms(ear, spec, folder, 10))) / 1000.0
