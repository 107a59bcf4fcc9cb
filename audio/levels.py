"""How loud is it? Loudness and true peak after ITU-R BS.1770-4, RMS, silence, clipping."""

from __future__ import annotations

import math

import numpy as np

from audio import filters
from audio.formats import CLIP_RATE_HZ, Pcm, Samples, resample

K_WEIGHTING = (
    filters.Biquad(
        1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585
    ),
    filters.Biquad(1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621),
)
"""The two filters of ITU-R BS.1770-4, annex 1, tables 1 and 2, for 48 kHz."""
HOP_FRAMES = 4800
"""100 ms: gating blocks of 400 ms overlap by three quarters."""
OVERSAMPLING = 4
_SPAN_FRAMES = 1024
_EDGE_FRAMES = 64
NEAR_PEAK = 0.7
"""A wave rises between its samples by 3 dB at most, unless it lies close to half the sampling rate."""
CLIPPED_AT = 32766 / 32768
CLIPPED_RUN_FRAMES = 3
"""So many frames in a row at full scale are a flattened top, not a chance peak."""


def integrated_loudness(pcm: Pcm) -> float:
    """Return the gated loudness of `pcm` in LUFS; -inf for silence.

    Raises ValueError for less than 0.4 s, one gating block. Source: ITU-R BS.1770-4, annex 1.
    """
    samples = resample(pcm, CLIP_RATE_HZ).samples
    return gated_loudness(energy_per_block(filters.apply(samples, K_WEIGHTING), HOP_FRAMES))


def energy_per_block(samples: Samples, frames: int) -> Samples:
    """Return the mean square of each whole block of `frames`."""
    whole = len(samples) // frames * frames
    rows = samples[:whole].reshape(-1, frames)
    energies: Samples = np.einsum("ij,ij->i", rows, rows) / np.float32(frames)
    return energies


def gated_loudness(energies: Samples) -> float:
    """Return the loudness in LUFS of K-weighted mean squares per 100 ms; -inf when none passes the gate."""
    if len(energies) < 4:
        raise ValueError("loudness needs at least 0.4 s of sound")
    blocks = np.lib.stride_tricks.sliding_window_view(energies.astype(np.float64), 4).mean(axis=1)
    heard = blocks[blocks > _energy(-70.0)]
    if not len(heard):
        return -math.inf
    heard = heard[heard > heard.mean() / 10]
    return -0.691 + 10 * math.log10(heard.mean())


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def to_db(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def from_db(db: float) -> float:
    return float(10 ** (db / 20))


def peak_dbfs(pcm: Pcm) -> float:
    """Return the highest sample in dBFS; -inf for silence."""
    return to_db(float(np.abs(pcm.samples).max(initial=0.0)))


def rms_dbfs(pcm: Pcm) -> float:
    """Return the RMS of the whole in dBFS (a full-scale square is 0); -inf for silence."""
    if not len(pcm.samples):
        return -math.inf
    return (
        10 * math.log10(mean)
        if (mean := float(np.square(pcm.samples, dtype=np.float64).mean())) > 0
        else -math.inf
    )


def true_peak_dbtp(pcm: Pcm) -> float:
    """Return the highest peak, also between samples, in dBTP; -inf for silence (ITU-R BS.1770-4, annex 2)."""
    loudest = float(np.abs(pcm.samples).max(initial=0.0))
    if loudest == 0:
        return -math.inf
    return to_db(float(true_peaks(pcm.samples, 64, at_least=loudest * NEAR_PEAK).max()))


def true_peaks(samples: Samples, frames: int, at_least: float = 0.0) -> Samples:
    """Return the true peak of each block of `frames` (a divisor of 1024; the last block may be short).

    Where no sample within some 1,000 reaches `at_least` the sample peak stands: most of speech need not be
    oversampled to know how loud its loudest moments are.
    """
    spans = -(-len(samples) // _SPAN_FRAMES)
    spaced = np.zeros(spans * _SPAN_FRAMES + 2 * _EDGE_FRAMES, np.float32)
    spaced[_EDGE_FRAMES : _EDGE_FRAMES + len(samples)] = samples
    magnitudes = np.abs(spaced[_EDGE_FRAMES:-_EDGE_FRAMES]).reshape(-1, frames)
    peaks = highest(magnitudes).reshape(spans, -1) if spans else np.empty((0, 1), np.float32)
    width = _SPAN_FRAMES + 2 * _EDGE_FRAMES
    windows = np.lib.stride_tricks.sliding_window_view(spaced, width)[::_SPAN_FRAMES]
    loud = np.flatnonzero(peaks.max(axis=1, initial=0.0) >= at_least)
    for some in np.array_split(loud, len(loud) // 256 + 1):
        peaks[some] = np.maximum(peaks[some], _oversampled_peaks(windows[some], frames))
    return peaks.reshape(-1)[: -(-len(samples) // frames)]


def highest(rows: Samples) -> Samples:
    """Return the highest value of each row; by halves while they are even, which numpy does twice as fast."""
    while rows.shape[1] % 2 == 0:
        half = rows.shape[1] // 2
        rows = np.maximum(rows[:, :half], rows[:, half:])
    top: Samples = rows.max(axis=1)
    return top


def _oversampled_peaks(windows: Samples, frames: int) -> Samples:
    """Return the peaks (windows, blocks); the edges only keep a window's ends from ringing into it."""
    if not len(windows):
        return np.empty((0, _SPAN_FRAMES // frames), np.float32)
    width = windows.shape[1]
    spectrum = np.fft.rfft(windows * _taper(width))
    fine = np.fft.irfft(spectrum, width * OVERSAMPLING) * np.float32(OVERSAMPLING)
    inner = np.abs(fine[:, _EDGE_FRAMES * OVERSAMPLING : -_EDGE_FRAMES * OVERSAMPLING])
    return highest(inner.reshape(-1, frames * OVERSAMPLING)).reshape(len(windows), -1)


def _taper(width: int) -> Samples:
    """Return ones that rise from nothing and fall to nothing over the outer half of each edge."""
    rise = (1 - np.cos(np.pi * (np.arange(_EDGE_FRAMES // 2) + 0.5) / (_EDGE_FRAMES // 2))) / 2
    taper = np.ones(width, np.float32)
    taper[: len(rise)], taper[-len(rise) :] = rise, rise[::-1]
    return taper


def clipped_runs(pcm: Pcm) -> int:
    """Return how many runs of 3 or more frames in a row stand at full scale on one side."""
    return sum(_runs(side * pcm.samples >= CLIPPED_AT) for side in (1, -1))


def _runs(is_full: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    if not is_full.any():
        return 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_full, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2] >= CLIPPED_RUN_FRAMES).sum())


def is_silent(pcm: Pcm, below_dbfs: float = -60.0) -> bool:
    return rms_dbfs(pcm) < below_dbfs
