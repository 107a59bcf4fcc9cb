"""The outline of a sound as numbers, small enough to be kept in a row: `waveform` draws it."""

from __future__ import annotations

import numpy as np

from audio.limiter import Decibels
from audio.waveform import COLUMNS

_FLOOR_DB = -48.0


def outline(peaks_db: Decibels, columns: int = COLUMNS) -> list[int]:
    """Return the highest peak of each of `columns` equal parts, 0 (48 dB below the highest of all) to 100."""
    if not len(peaks_db):
        return [0] * columns
    starts = np.arange(columns) * len(peaks_db) // columns
    tops = np.maximum.reduceat(peaks_db, starts)
    below_db = np.clip(tops - peaks_db.max(), _FLOOR_DB, 0.0)
    return [round(100 * float(1 - below / _FLOOR_DB)) for below in below_db]
