"""Test sounds, and ffmpeg as a second opinion: its meter and its MP3 encoder share no line with ours."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.formats import Pcm, to_s16, write_wav


def sine(hz: float, seconds: float, level: float = 0.5, rate_hz: int = 48_000, phase: float = 0.0) -> Pcm:
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return Pcm((level * np.sin(2 * np.pi * hz * time_s + phase)).astype(np.float32), rate_hz)


def noise(seconds: float, level: float = 0.1, rate_hz: int = 48_000, seed: int = 1) -> Pcm:
    samples = np.random.default_rng(seed).standard_normal(round(seconds * rate_hz)) * level
    return Pcm(samples.astype(np.float32), rate_hz)


def bursts(seconds: float, rate_hz: int = 48_000) -> Pcm:
    """Noise below 9 kHz that comes and goes four times a second with a high crest, somewhat like speech.

    Up to half the sampling rate no two true-peak meters agree: their filters end differently there.
    """
    spectrum = np.fft.rfft(noise(seconds, 0.1, rate_hz).samples)
    spectrum[round(9000 * seconds) :] = 0
    dull = np.fft.irfft(spectrum, round(seconds * rate_hz))
    time_s = np.arange(len(dull)) / rate_hz
    swell = np.clip(np.sin(2 * np.pi * 4 * time_s), 0, None) ** 2 * (np.sin(2 * np.pi * 0.3 * time_s) > -0.6)
    return Pcm((dull * swell).astype(np.float32), rate_hz)


@dataclass(frozen=True, slots=True)
class Meter:
    loudness_lufs: float
    true_peak_dbtp: float


def by_ffmpeg(wav: Path) -> Meter:
    """Return what ffmpeg's ebur128 filter reads on a file."""
    heard = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-i", wav, "-af", "ebur128=peak=true", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    return Meter(
        float(re.findall(r"I: +(\S+) LUFS", heard)[-1]), float(re.findall(r"Peak: +(\S+) dBFS", heard)[-1])
    )


def metered(pcm: Pcm, folder: Path) -> Meter:
    write_wav(folder / "metered.wav", pcm)
    return by_ffmpeg(folder / "metered.wav")


def as_mp3(pcm: Pcm) -> bytes:
    return subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(pcm.rate_hz), "-i", "-", "-f", "mp3", "-"],
        input=to_s16(pcm),
        capture_output=True,
        check=True,
    ).stdout
