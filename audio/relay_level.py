"""Another station's sound pulled slowly to our level, held below a ceiling, and its silence noticed."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from audio.levels import K_WEIGHTING, from_db
from audio.outputs.output import RATE_HZ, Samples

Floats = NDArray[np.float32]

BLOCK_FRAMES = RATE_HZ // 10
BLOCK_S = BLOCK_FRAMES / RATE_HZ
TARGET_LUFS = -18.0
"""Two below speech of our own: nobody has listened to it before."""
CEILING_DBFS = -3.0
"""Of samples, so that the peaks between them stay below -1 dBTP also after a lossy output."""
PULL_S = 3.0
"""Time constant: slower than a sentence, so that no word is heard to swell."""
MOST_LOUDER_DB, MOST_SOFTER_DB = 12.0, 20.0
QUIET_DBFS = -50.0
QUIET_S = 5.0
"""Dead air of speech: so quiet for so long."""
_WINDOW_FRAMES = 4 * BLOCK_FRAMES
"""400 ms, the gating block of ITU-R BS.1770-4."""
_SPAN_BLOCKS = 30
_GATE_LUFS = -50.0
_GATE_LU = -10.0


class Leveller:
    """Takes blocks of 0.1 s, gives them back at another level."""

    def __init__(self, target_lufs: float = TARGET_LUFS) -> None:
        self._target_lufs = target_lufs
        self._meter = _Meter()
        self._gain_db: float | None = None

    @property
    def gain_db(self) -> float:
        return self._gain_db or 0.0

    def level(self, block: Floats) -> Floats:
        before_db = self._gain_db
        wanted_db = self._wanted_db(block)
        if wanted_db is None:
            after_db = before_db
        elif before_db is None:
            # Nothing of this stream was heard yet: the first gain may be the right one at once.
            before_db = after_db = wanted_db
        else:
            after_db = before_db + (wanted_db - before_db) * BLOCK_S / PULL_S
        self._gain_db = after_db
        ramp = np.linspace(before_db or 0.0, after_db or 0.0, len(block), dtype=np.float32)
        louder: Floats = block * np.float32(10.0) ** (ramp / np.float32(20.0))
        return louder

    def _wanted_db(self, block: Floats) -> float | None:
        """Return the gain that would be right now; None while nothing was loud enough to tell."""
        loudness = self._meter.loudness_after(block)
        if loudness is None:
            return None
        return min(MOST_LOUDER_DB, max(-MOST_SOFTER_DB, self._target_lufs - loudness))


class _Meter:
    """Loudness of the last 3 s after ITU-R BS.1770-4, gated; windows are weighted in the frequency domain."""

    def __init__(self) -> None:
        self._window = np.zeros(_WINDOW_FRAMES, np.float32)
        self._filled = 0
        self._shape = np.hanning(_WINDOW_FRAMES).astype(np.float32)
        shape_energy = float(np.square(self._shape).sum())
        self._weights = _k_weights(_WINDOW_FRAMES) * (2.0 / _WINDOW_FRAMES / shape_energy)
        self._energies: deque[float] = deque(maxlen=_SPAN_BLOCKS)

    def loudness_after(self, block: Floats) -> float | None:
        self._window = np.concatenate([self._window[len(block) :], block])
        self._filled = min(_WINDOW_FRAMES, self._filled + len(block))
        if self._filled == _WINDOW_FRAMES:
            spectrum = np.fft.rfft(self._window * self._shape)
            energy = float(np.dot(self._weights, spectrum.real**2 + spectrum.imag**2))
            if energy > _energy(_GATE_LUFS):
                self._energies.append(energy)
        if not self._energies:
            return None
        ungated = sum(self._energies) / len(self._energies)
        heard = [each for each in self._energies if each > ungated * 10 ** (_GATE_LU / 10)]
        return -0.691 + 10 * math.log10(sum(heard) / len(heard))


def _k_weights(frames: int) -> NDArray[np.float64]:
    z = np.exp(-2j * np.pi * np.arange(frames // 2 + 1) / frames)
    response = np.ones_like(z)
    for section in K_WEIGHTING:
        response = response * section.response(z)
    squared: NDArray[np.float64] = np.abs(response) ** 2
    return squared


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


class Limiter:
    """libavfilter's look-ahead limiter, fed block by block; what goes in comes out 5 ms later."""

    def __init__(self, ceiling_dbfs: float = CEILING_DBFS) -> None:
        self._graph: Any = av.filter.Graph()
        self._pts = 0
        parts = [
            self._graph.add_abuffer(
                format="flt", sample_rate=RATE_HZ, layout="mono", time_base=Fraction(1, RATE_HZ)
            ),
            self._graph.add("alimiter", f"limit={from_db(ceiling_dbfs):.4f}:attack=5:release=100:level=0"),
            self._graph.add("aformat", "sample_fmts=s16"),
            self._graph.add("abuffersink"),
        ]
        self._graph.link_nodes(*parts).configure()

    def limit(self, block: Floats) -> Iterator[Samples]:
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, Fraction(1, RATE_HZ), self._pts
        self._pts += len(block)
        self._graph.push(frame)
        while True:
            try:
                yield self._graph.pull().to_ndarray()[0]
            except (av.error.BlockingIOError, av.error.EOFError):
                return


class Quiet:
    """Notices dead air in what the other station sends, before it is made louder."""

    def __init__(self) -> None:
        self.is_quiet = False
        self._quiet_frames = 0

    def has_changed(self, block: Floats) -> bool:
        """Take in 0.1 s; return whether dead air has just begun or ended."""
        mean_square = float(np.dot(block, block)) / max(1, len(block))
        is_loud = mean_square > 10 ** (QUIET_DBFS / 10)
        self._quiet_frames = 0 if is_loud else self._quiet_frames + len(block)
        was_quiet, self.is_quiet = self.is_quiet, self._quiet_frames >= QUIET_S * RATE_HZ
        return self.is_quiet != was_quiet
