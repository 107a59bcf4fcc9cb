"""Holding peaks below a ceiling by turning down before them, of whole recordings and of a stream.

Gains are found per block of 1.3 ms and glide from one to the next, so no wave is flattened.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from audio.formats import CLIP_RATE_HZ, Samples
from audio.levels import from_db, highest

BLOCK_FRAMES = 64
_BLOCK_S = BLOCK_FRAMES / CLIP_RATE_HZ
_ATTACK_DB_PER_S = 2000.0
_STREAM_RELEASE_DB_PER_S = 300.0
_BETWEEN_SAMPLES_DB = 0.7
"""How far shaped speech and claps rose between their samples, at most, over our thirty test sounds."""

Decibels = npt.NDArray[np.float64]
"""One value per block."""


def sample_peaks_db(samples: Samples) -> Decibels:
    whole = np.pad(samples, (0, -len(samples) % BLOCK_FRAMES)).reshape(-1, BLOCK_FRAMES)
    return in_db(highest(np.abs(whole)))


def in_db(peaks: Samples) -> Decibels:
    return 20 * np.log10(np.maximum(peaks, np.float32(1e-9)).astype(np.float64))


def reduction_db(
    peaks_db: Decibels, ceiling_db: float, release_db_per_s: float, before_db: float = 0.0
) -> Decibels:
    """Return per block how far to turn down (0 or less): steeply before a peak, slowly released after it.

    `before_db` is where the block before the first one ended. On straight lines the nearest-lower-envelope
    is a running minimum, forwards for the release and backwards for the attack.
    """
    needed = np.minimum(0.0, ceiling_db - peaks_db)
    block = np.arange(len(needed), dtype=np.float64)
    release = release_db_per_s * _BLOCK_S
    released = np.minimum(_running_low(needed, release * block), before_db + release * (block + 1))
    return _running_low(released[::-1], _ATTACK_DB_PER_S * _BLOCK_S * block)[::-1]


def _running_low(needed: Decibels, rise: Decibels) -> Decibels:
    lowest: Decibels = np.minimum.accumulate(needed - rise) + rise
    return np.minimum(lowest, 0.0)


def turned(samples: Samples, gain_db: Decibels, before_db: float | None = None) -> Samples:
    """Return `samples` times a gain given per block, never above the block's own but for the very first.

    It glides from where `before_db` left it, by default from the first block's own.
    """
    if not len(samples):
        return samples
    own = np.concatenate([gain_db[:1] if before_db is None else [before_db], gain_db, gain_db[-1:]])
    ends = (10 ** (np.minimum(own[1:], own[:-1]) / 20)).astype(np.float32)
    if before_db is not None:
        ends[0] = np.float32(from_db(before_db))
    glide = np.linspace(0, 1, BLOCK_FRAMES, endpoint=False, dtype=np.float32)
    curve = ends[:-1, None] + (ends[1:] - ends[:-1])[:, None] * glide
    whole: Samples = samples * curve.reshape(-1)[: len(samples)]
    return whole


class StreamLimiter:
    """Holds a stream at or below a ceiling, block by block; adds no delay.

    It looks ahead to the end of the block that it is given. A peak right at a block's beginning is met with a
    turn of 1.3 ms and, should that come too late, held at the ceiling.
    """

    def __init__(self, ceiling_dbtp: float, full_scale: float = 1.0) -> None:
        self._ceiling_db = ceiling_dbtp - _BETWEEN_SAMPLES_DB + 20 * math.log10(full_scale)
        self._ceiling = np.float32(from_db(self._ceiling_db))
        self._before_db = 0.0

    def limit(self, block: Samples) -> None:
        """Limit `block` in place."""
        highest_now = max(float(block.max(initial=0.0)), -float(block.min(initial=0.0)))
        if self._before_db == 0.0 and highest_now <= self._ceiling:
            return
        peaks_db = sample_peaks_db(block)
        reduced = reduction_db(peaks_db, self._ceiling_db, _STREAM_RELEASE_DB_PER_S, self._before_db)
        np.clip(turned(block, reduced, self._before_db), -self._ceiling, self._ceiling, out=block)
        self._before_db = float(reduced[-1])

    def rest(self) -> None:
        self._before_db = 0.0
