"""Linear filters on whole recordings, and on a stream block by block, through the frequency domain.

A recursive filter of a few poles, written in Python, would take minutes for a bulletin; its impulse response
is short, so multiplying by its frequency response gives the same samples in a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

import numpy as np
import numpy.typing as npt

from audio.formats import Samples

_BLOCK_FRAMES = 1 << 15
_TAIL_FRAMES = 1 << 12
"""The slowest filter here, a second-order high-pass at 38 Hz, has fallen by some 200 dB by then."""
_STREAM_TAIL_FRAMES = 1 << 11


@dataclass(frozen=True, slots=True)
class Biquad:
    """A second-order section: (b0 + b1/z + b2/z²) / (1 + a1/z + a2/z²)."""

    b0: float
    b1: float
    b2: float
    a1: float
    a2: float

    def response(self, z: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
        """Return the complex gain for delays `z` = exp(-jω)."""
        return (self.b0 + z * (self.b1 + z * self.b2)) / (1 + z * (self.a1 + z * self.a2))


def high_pass(corner_hz: float, rate_hz: int, order: int = 4) -> tuple[Biquad, ...]:
    """Return a Butterworth high-pass of even `order` (sections: R. Bristow-Johnson's audio EQ formulas)."""
    return tuple(
        _high_pass_section(corner_hz, rate_hz, 1 / (2 * cos(pi * (2 * k + 1) / (2 * order))))
        for k in range(order // 2)
    )


def _high_pass_section(corner_hz: float, rate_hz: int, quality: float) -> Biquad:
    turn = 2 * pi * corner_hz / rate_hz
    alpha, c = sin(turn) / (2 * quality), cos(turn)
    whole = 1 + alpha
    half = (1 + c) / 2
    return Biquad(half / whole, -(1 + c) / whole, half / whole, -2 * c / whole, (1 - alpha) / whole)


def peaking(centre_hz: float, gain_db: float, quality: float, rate_hz: int) -> Biquad:
    """Return a bell of `gain_db` around `centre_hz` (audio EQ formulas as above)."""
    turn = 2 * pi * centre_hz / rate_hz
    root = sqrt(10 ** (gain_db / 20))
    alpha, c = sin(turn) / (2 * quality), cos(turn)
    whole = 1 + alpha / root
    return Biquad(
        (1 + alpha * root) / whole,
        -2 * c / whole,
        (1 - alpha * root) / whole,
        -2 * c / whole,
        (1 - alpha / root) / whole,
    )


def all_pass(centre_hz: float, quality: float, rate_hz: int) -> Biquad:
    """Return a section that turns phases around `centre_hz` and leaves every level (formulas as above)."""
    turn = 2 * pi * centre_hz / rate_hz
    alpha, c = sin(turn) / (2 * quality), cos(turn)
    whole = 1 + alpha
    return Biquad((1 - alpha) / whole, -2 * c / whole, 1.0, -2 * c / whole, (1 - alpha) / whole)


def apply(samples: Samples, sections: Sequence[Biquad]) -> Samples:
    """Return `samples` passed through all `sections`, as many frames as went in."""
    return apply_each(samples, [sections])[0]


def apply_each(samples: Samples, filters: Sequence[Sequence[Biquad]]) -> list[Samples]:
    """Return `samples` passed through each of `filters`, for little more than the price of one."""
    gains = [_gain(sections) for sections in filters]
    filtered = [np.empty_like(samples) for _ in filters]
    hop = _BLOCK_FRAMES - _TAIL_FRAMES
    padded = np.concatenate([np.zeros(_TAIL_FRAMES, np.float32), samples, np.zeros(hop, np.float32)])
    for start in range(0, len(samples), hop):
        spectrum = np.fft.rfft(padded[start : start + _BLOCK_FRAMES], _BLOCK_FRAMES)
        for gain, into in zip(gains, filtered, strict=True):
            block = np.fft.irfft(spectrum * gain, _BLOCK_FRAMES)
            part = into[start : start + hop]
            part[:] = block[_TAIL_FRAMES : _TAIL_FRAMES + len(part)]
    return filtered


def _gain(sections: Sequence[Biquad]) -> npt.NDArray[np.complex64]:
    z = np.exp(-2j * np.pi * np.arange(_BLOCK_FRAMES // 2 + 1) / _BLOCK_FRAMES)
    gain = np.ones_like(z)
    for section in sections:
        gain = gain * section.response(z)
    narrow: npt.NDArray[np.complex64] = gain.astype(np.complex64)
    return narrow


class StreamFilter:
    """Sections on a stream that comes in blocks of any length; adds no delay.

    The impulse response is cut where it has fallen by more than 90 dB: half that of `apply`, whose filters
    reach lower than any loudspeaker.
    """

    def __init__(self, sections: Sequence[Biquad]) -> None:
        impulse = np.fft.irfft(_gain(sections), _BLOCK_FRAMES)[:_STREAM_TAIL_FRAMES]
        self._gain = np.fft.rfft(impulse.astype(np.float32), 2 * _STREAM_TAIL_FRAMES)
        self._window = np.zeros(2 * _STREAM_TAIL_FRAMES, np.float32)
        """The last frames that came in, and then those to be filtered."""
        self._is_at_rest = True

    def filter(self, block: Samples) -> None:
        """Filter `block` in place."""
        for start in range(0, len(block), _STREAM_TAIL_FRAMES):
            self._filter_part(block[start : start + _STREAM_TAIL_FRAMES])

    def rest(self) -> None:
        """Forget what came in: the stream begins anew."""
        if not self._is_at_rest:
            self._window.fill(0.0)
            self._is_at_rest = True

    def _filter_part(self, part: Samples) -> None:
        if self._is_at_rest and not part.any():
            return
        window, frames = self._window, len(part)
        window[_STREAM_TAIL_FRAMES : _STREAM_TAIL_FRAMES + frames] = part
        filtered = np.fft.irfft(np.fft.rfft(window) * self._gain, len(window))
        part[:] = filtered[_STREAM_TAIL_FRAMES : _STREAM_TAIL_FRAMES + frames]
        window[:_STREAM_TAIL_FRAMES] = window[frames : frames + _STREAM_TAIL_FRAMES]
        window[_STREAM_TAIL_FRAMES:] = 0.0
        self._is_at_rest = not window.any()
