"""Making a recording ready for loudspeakers: high-pass, stated loudness, no peak above the ceiling.

The high-pass spares horn drivers and the transformers of the line; limiting speech to -16 LUFS raised its
measured intelligibility in noise, -14 and more lost it again. The limiter sees the whole recording, so it
turns down before a peak comes and lets go slowly after it; it never flattens a wave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audio import filters, levels
from audio.formats import CLIP_RATE_HZ, Pcm, Samples, resample

TARGET_LUFS = -16.0
CEILING_DBTP = -1.0
_MARGIN_DB = 0.1
"""Kept from the ceiling: 4-fold oversampling may see a peak so much too low, and 16 bits round up."""
_BETWEEN_SAMPLES_DB = 0.1
"""How far speech rises between its samples, in the mean of the blocks that matter."""
_BLOCK_FRAMES = 64
_BLOCK_S = _BLOCK_FRAMES / CLIP_RATE_HZ
_HOP_BLOCKS = levels.HOP_FRAMES // _BLOCK_FRAMES
_ATTACK_DB_PER_S = 2000.0
_RELEASE_DB_PER_S = 60.0
_MOST_PUSH_DB = 12.0
"""How much louder than plain gain would make it a recording is pushed into the limiter."""
_TOLERANCE_LU = 0.05

Decibels = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tone:
    """How the spectrum is shaped."""

    high_pass_hz: float = 200.0
    """0 leaves the low end alone. 250-300 for small horns, by their data sheet."""
    presence_db: float = 0.0
    """A lift around 2.5 kHz, where consonants live; 3 to 4 helps on dull horns."""

    def sections(self) -> tuple[filters.Biquad, ...]:
        low = filters.high_pass(self.high_pass_hz, CLIP_RATE_HZ) if self.high_pass_hz else ()
        lift = filters.peaking(2500.0, self.presence_db, 0.7, CLIP_RATE_HZ)
        return (*low, lift) if self.presence_db else low


@dataclass(frozen=True, slots=True, eq=False)
class Mastered:
    """Sound at 48 kHz, ready to be written, with what was measured on it."""

    pcm: Pcm
    loudness_lufs: float
    """-inf for silence and for less than 0.4 s."""
    true_peak_dbtp: float


def master(
    pcm: Pcm, target_lufs: float = TARGET_LUFS, ceiling_dbtp: float = CEILING_DBTP, tone: Tone | None = None
) -> Mastered:
    """Return `pcm` at 48 kHz, shaped, at `target_lufs` ±0.5 and at most `ceiling_dbtp`.

    Silence stays silence. Sound whose peaks would need more than 12 dB of limiting ends up softer.
    """
    analysis = analyse(pcm, tone)
    gain_db = analysis.gain_for(target_lufs, ceiling_dbtp)
    limited = analysis.samples if gain_db is None else analysis.with_gain(gain_db, ceiling_dbtp)
    return _measured(limited, ceiling_dbtp)


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Shaped sound at 48 kHz and, per block of 1.3 ms, what decides about its gain."""

    samples: Samples
    energies: Samples
    """K-weighted mean squares; at least 0.4 s of them."""
    sample_peaks_db: Decibels

    def gain_for(self, target_lufs: float, ceiling_dbtp: float = CEILING_DBTP) -> float | None:
        """Return the gain in dB with which the sound is at the target once limited; None for silence.

        Sample peaks, raised by what may lie between samples, are exact enough to find it.
        """
        loudness = levels.gated_loudness(_per_hop(self.energies))
        if not math.isfinite(loudness):
            return None
        peaks_db = self.sample_peaks_db + _BETWEEN_SAMPLES_DB
        return _search(target_lufs, loudness, self.energies, peaks_db, ceiling_dbtp - _MARGIN_DB)

    def with_gain(self, gain_db: float, ceiling_dbtp: float = CEILING_DBTP) -> Samples:
        """Return the sound with a fixed gain under the limiter."""
        ceiling_db = ceiling_dbtp - _MARGIN_DB
        near = levels.from_db(ceiling_db - gain_db) * levels.NEAR_PEAK
        peaks_db = _in_db(levels.true_peaks(self.samples, _BLOCK_FRAMES, near))
        return _apply_gain(self.samples, gain_db + _reduction_db(peaks_db + gain_db, ceiling_db))


def analyse(pcm: Pcm, tone: Tone | None = None) -> Analysis:
    """Return `pcm` at 48 kHz, shaped by `tone`, as many seconds as went in."""
    samples = _at_least_one_gate(resample(pcm, CLIP_RATE_HZ).samples)
    sections = (tone or Tone()).sections()
    shaped, weighted = filters.apply_each(samples, [sections, (*sections, *levels.K_WEIGHTING)])
    frames = round(pcm.seconds * CLIP_RATE_HZ)
    energies = levels.energy_per_block(weighted, _BLOCK_FRAMES)
    return Analysis(shaped[:frames], energies, _sample_peaks_db(shaped[:frames]))


def _measured(samples: Samples, ceiling_dbtp: float = CEILING_DBTP) -> Mastered:
    """Return finished sound with loudness and true peak; what still exceeds the ceiling is turned down."""
    pcm = Pcm(samples, CLIP_RATE_HZ)
    peak_dbtp = levels.true_peak_dbtp(pcm)
    if peak_dbtp > ceiling_dbtp - _MARGIN_DB / 2:
        down_db = ceiling_dbtp - _MARGIN_DB / 2 - peak_dbtp
        pcm = Pcm(samples * np.float32(levels.from_db(down_db)), CLIP_RATE_HZ)
        peak_dbtp += down_db
    return Mastered(pcm, loudness_of(pcm), peak_dbtp)


def loudness_of(pcm: Pcm) -> float:
    """Return the integrated loudness in LUFS, of short sounds as if silence followed; -inf for silence."""
    return levels.integrated_loudness(Pcm(_at_least_one_gate(pcm.samples), pcm.rate_hz))


def _at_least_one_gate(samples: Samples) -> Samples:
    missing = 4 * levels.HOP_FRAMES - len(samples)
    return np.pad(samples, (0, missing)) if missing > 0 else samples


def _per_hop(energies: Samples) -> Samples:
    """Return mean squares per 100 ms from mean squares per block."""
    hops = len(energies) // _HOP_BLOCKS
    means: Samples = energies[: hops * _HOP_BLOCKS].reshape(hops, _HOP_BLOCKS).mean(axis=1)
    return means


def _sample_peaks_db(samples: Samples) -> Decibels:
    whole = np.pad(samples, (0, -len(samples) % _BLOCK_FRAMES)).reshape(-1, _BLOCK_FRAMES)
    return _in_db(np.maximum(whole.max(axis=1), -whole.min(axis=1)))


def _in_db(peaks: Samples) -> Decibels:
    return 20 * np.log10(np.maximum(peaks, np.float32(1e-9)).astype(np.float64))


def _search(
    target_lufs: float, loudness: float, energies: Samples, peaks_db: Decibels, ceiling_db: float
) -> float:
    """Return the gain in dB that reaches the target after limiting, found on block energies alone."""
    plain_db = gain_db = target_lufs - loudness
    for _ in range(12):
        reduced = _reduction_db(peaks_db + gain_db, ceiling_db)
        factors = 10 ** ((gain_db + _padded(reduced, len(energies))) / 10)
        missing = target_lufs - levels.gated_loudness(_per_hop((energies * factors).astype(np.float32)))
        gain_db = min(gain_db + missing, plain_db + _MOST_PUSH_DB)
        if abs(missing) < _TOLERANCE_LU:
            break
    return gain_db


def _padded(reduced: Decibels, blocks: int) -> Decibels:
    return np.pad(reduced, (0, max(0, blocks - len(reduced))))[:blocks]


def _reduction_db(peaks_db: Decibels, ceiling_db: float) -> Decibels:
    """Return per block how far to turn down (0 or less): steeply before a peak, slowly released after it.

    On straight lines the nearest-lower-envelope is a running minimum, forwards for the release and backwards
    for the attack.
    """
    needed = np.minimum(0.0, ceiling_db - peaks_db)
    needed = np.minimum(needed, np.minimum(np.append(needed[1:], 0.0), np.insert(needed[:-1], 0, 0.0)))
    block = np.arange(len(needed), dtype=np.float64)
    released = _running_low(needed, _RELEASE_DB_PER_S * _BLOCK_S * block)
    return _running_low(released[::-1], _ATTACK_DB_PER_S * _BLOCK_S * block)[::-1]


def _running_low(needed: Decibels, rise: Decibels) -> Decibels:
    lowest: Decibels = np.minimum.accumulate(needed - rise) + rise
    return np.minimum(lowest, 0.0)


def _apply_gain(samples: Samples, gain_db: Decibels) -> Samples:
    """Return `samples` times a gain given per block, gliding from the middle of one block to the next."""
    if not len(samples):
        return samples
    factors = (10 ** (gain_db / 20)).astype(np.float32)
    middles = np.concatenate([factors[:1], (factors[1:] + factors[:-1]) / 2, factors[-1:]])
    glide = np.linspace(0, 1, _BLOCK_FRAMES, endpoint=False, dtype=np.float32)
    curve = middles[:-1, None] + (middles[1:] - middles[:-1])[:, None] * glide
    turned: Samples = samples * curve.reshape(-1)[: len(samples)]
    return turned
