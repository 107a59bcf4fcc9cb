"""Sound that moves like speech without being any: syllables of coloured noise, a room, a street."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def babble(seconds: float, seed: int, rate_hz: int = 16_000) -> Samples:
    """Return some four syllables a second, each with a colour of its own, and pauses; RMS about -20 dBFS."""
    random = np.random.default_rng(seed)
    frames = round(seconds * rate_hz)
    out, at = np.zeros(frames, np.float32), 0
    while at < frames:
        length = round(random.uniform(0.1, 0.3) * rate_hz)
        sound = _coloured(random, length, rate_hz) * np.hanning(length) * random.uniform(0.05, 0.4)
        if random.random() > 0.2:
            out[at : at + length] = sound[: frames - at]
        at += length
    return out


def room(samples: Samples, rate_hz: int, reverberation_s: float = 0.8) -> Samples:
    """Return what a microphone on the other side of a hall would hear, as loud as before."""
    random = np.random.default_rng(99)
    tail = round(reverberation_s * rate_hz)
    response = random.standard_normal(tail) * np.exp(-6.9 * np.arange(tail) / tail)
    response[0] = 6.0
    size = 1 << (len(samples) + tail).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)[: len(samples)]
    return (wet * (samples.std() / wet.std())).astype(np.float32)


def street(samples: Samples) -> Samples:
    """Return noise as long and as loud as `samples`, mostly low."""
    spectrum = np.fft.rfft(np.random.default_rng(98).standard_normal(len(samples)))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 20)), len(samples))
    return (noise * (samples.std() / noise.std())).astype(np.float32)


def _coloured(random: np.random.Generator, frames: int, rate_hz: int) -> NDArray[np.float64]:
    """Return noise with two broad peaks, where a vowel has its formants."""
    spectrum = np.fft.rfft(random.standard_normal(frames))
    frequencies = np.fft.rfftfreq(frames, 1 / rate_hz)
    peaks = (random.uniform(300, 900), random.uniform(900, 3500))
    gains = sum(np.exp(-(((frequencies - peak) / 300.0) ** 2)) for peak in peaks)
    return np.asarray(np.fft.irfft(spectrum * (gains + 0.02), frames)) * 3
