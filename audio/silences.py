"""Which stretches of a recording are kept: silence is cut off its ends and shortened where it is long.

What is silent is judged as it will be heard: below -50 dBFS once the sound is at its loudness, the level
under which a playing output counts as dead air after 5 s.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from audio.formats import CLIP_RATE_HZ
from audio.limiter import BLOCK_FRAMES
from audio.mastering_stream import Survey

SILENT_DBFS = -50.0
LONG_S = 3.0
LEFT_S = 1.5
"""What is left of a longer silence."""
_STEP_BLOCKS = 15
_STEP_S = _STEP_BLOCKS * BLOCK_FRAMES / CLIP_RATE_HZ
"""20 ms."""
_BEFORE_S, _AFTER_S = 0.1, 0.3
"""Left standing before the first and after the last sound: soft onsets, the fall of a room."""
_LEAST_LUFS = -66.0
"""Softer than this, at half level, is the noise of a microphone that nobody spoke into."""

Steps = npt.NDArray[np.int64]


def is_silent(seen: Survey) -> bool:
    return seen.loudness() < _LEAST_LUFS


def kept_ranges(
    seen: Survey, from_s: float | None, to_s: float | None, target_lufs: float
) -> list[tuple[int, int]]:
    """Return the stretches [from, to) in blocks that are kept of [`from_s`, `to_s`) of the sound.

    Nothing is kept of silence.
    """
    first, last = _bounds(seen, from_s, to_s)
    part = seen.kept([(first * _STEP_BLOCKS, last * _STEP_BLOCKS)])
    heard = first + np.flatnonzero(_is_heard(part, target_lufs))
    if not len(heard):
        return []
    begin = max(first, int(heard[0]) - round(_BEFORE_S / _STEP_S))
    end = min(last, int(heard[-1]) + 1 + round(_AFTER_S / _STEP_S))
    edges = [begin, *(edge for gap in _gaps(heard) for edge in gap), end]
    return [
        (a * _STEP_BLOCKS, min(b * _STEP_BLOCKS, len(seen.energies)))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]


def in_seconds(ranges: list[tuple[int, int]]) -> list[list[float]]:
    block_s = BLOCK_FRAMES / CLIP_RATE_HZ
    return [[round(first * block_s, 3), round(last * block_s, 3)] for first, last in ranges]


def _bounds(seen: Survey, from_s: float | None, to_s: float | None) -> tuple[int, int]:
    steps = -(-len(seen.energies) // _STEP_BLOCKS)
    first = 0 if from_s is None else round(from_s / _STEP_S)
    last = steps if to_s is None else round(to_s / _STEP_S)
    return min(max(0, first), steps), min(max(0, last), steps)


def _is_heard(part: Survey, target_lufs: float) -> npt.NDArray[np.bool_]:
    """Return for each 20 ms whether it will be louder than silence."""
    loudness = part.loudness()
    if not math.isfinite(loudness):
        return np.zeros(0, np.bool_)
    padded = np.pad(part.energies, (0, -len(part.energies) % _STEP_BLOCKS))
    means = padded.reshape(-1, _STEP_BLOCKS).mean(axis=1)
    heard: npt.NDArray[np.bool_] = means > 10 ** ((SILENT_DBFS - (target_lufs - loudness)) / 10)
    return heard


def _gaps(heard: Steps) -> list[tuple[int, int]]:
    """Return what is left out of each long silence, as steps [from, to)."""
    left = round(LEFT_S / _STEP_S / 2)
    before, after = heard[:-1], heard[1:]
    long = after - before > LONG_S / _STEP_S
    return [(int(a) + 1 + left, int(b) - left) for a, b in zip(before[long], after[long], strict=True)]
