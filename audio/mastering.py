"""Making a recording ready for loudspeakers: high-pass, stated loudness, no peak above the ceiling.

The high-pass spares horn drivers and the transformers of the line; limiting speech to -16 LUFS raised its
measured intelligibility in noise, -14 and more lost it again. The limiter sees the whole recording, so it
turns down before a peak comes and lets go slowly after it, faster only where slowly would not reach the
stated loudness; it never flattens a wave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from audio import filters, levels, limiter
from audio.formats import CLIP_RATE_HZ, Pcm, Samples, resample
from audio.limiter import Decibels

SPEECH_LUFS, MUSIC_LUFS, EMERGENCY_LUFS = -16.0, -20.0, -14.0
TARGET_LUFS = SPEECH_LUFS
CEILING_DBTP = -1.0
"""Where a lossy or FM path follows, its player holds it 2 dB lower (`profiles.LOSSY_CEILING_DBTP`)."""
_MARGIN_DB = 0.1
"""Kept from the ceiling: 4-fold oversampling may see a peak so much too low, and 16 bits round up."""
_BETWEEN_SAMPLES_DB = 0.1
"""How far speech rises between its samples, in the mean of the blocks that matter."""
_HOP_BLOCKS = levels.HOP_FRAMES // limiter.BLOCK_FRAMES
_RELEASES_DB_PER_S = (60.0, 150.0, 300.0, 600.0)
"""From what nobody hears working to what follows each pulse of a deep voice."""
_MOST_PUSH_DB = 12.0
"""How much louder than plain gain would make it a recording is pushed into the limiter."""
_TOLERANCE_LU = 0.05
_CLOSE_ENOUGH_LU = 0.2
_SILENT_DBFS = -80.0
"""Peaks below this are the noise of 16 bits, not a sound to be made louder."""


@dataclass(frozen=True, slots=True)
class Tone:
    """How the spectrum is shaped."""

    high_pass_hz: float = 200.0
    """0 leaves the low end alone. 250-300 for small horns, by their data sheet."""
    presence_db: float = 0.0
    """A lift around 2.5 kHz, where consonants live; 3 to 4 helps on dull horns."""
    spreads_pulses: bool = True
    """Turns phases around 500 Hz, as broadcasters do: the pulses of a voice become 1 to 2 dB lower and no
    less loud (measured on espeak-ng's three voices), and the limiter has so much less to do."""

    def sections(self) -> tuple[filters.Biquad, ...]:
        low = filters.high_pass(self.high_pass_hz, CLIP_RATE_HZ) if self.high_pass_hz else ()
        lift = (filters.peaking(2500.0, self.presence_db, 0.7, CLIP_RATE_HZ),) if self.presence_db else ()
        turn = (filters.all_pass(500.0, 0.7, CLIP_RATE_HZ),) * 2 if self.spreads_pulses else ()
        return (*low, *lift, *turn)


MUSIC_TONE = Tone(high_pass_hz=60.0, spreads_pulses=False)
"""For what lives below a voice; a horn's own player takes the lows away (`profiles.PROFILES`)."""


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
    drive = analysis.drive_to(target_lufs, ceiling_dbtp)
    if drive is None:
        return _measured(analysis.samples, levels.true_peak_dbtp(Pcm(analysis.samples, CLIP_RATE_HZ)))
    made = _measured(*analysis.driven(drive, ceiling_dbtp))
    missing = target_lufs - made.loudness_lufs
    if abs(missing) <= _CLOSE_ENOUGH_LU:
        return made
    other = _measured(*analysis.driven(replace(drive, gain_db=drive.gain_db + missing), ceiling_dbtp))
    return min(made, other, key=lambda each: abs(each.loudness_lufs - target_lufs))


@dataclass(frozen=True, slots=True)
class Drive:
    """How hard a sound is driven into the limiter."""

    gain_db: float
    release_db_per_s: float = _RELEASES_DB_PER_S[0]
    """How fast the limiter lets go after a peak."""


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Shaped sound at 48 kHz and, per block of 1.3 ms, what decides about its gain."""

    samples: Samples
    energies: Samples
    """K-weighted mean squares; at least 0.4 s of them."""
    sample_peaks_db: Decibels

    def drive_to(self, target_lufs: float, ceiling_dbtp: float = CEILING_DBTP) -> Drive | None:
        """Return the gentlest drive with which the sound is at the target once limited; None for silence.

        Sample peaks, raised by what may lie between samples, are exact enough to find it.
        """
        loudness = self._loudness()
        if not math.isfinite(loudness):
            return None
        best = Drive(0.0), math.inf
        for release_db_per_s in _RELEASES_DB_PER_S:
            best = min(
                best, self._search(target_lufs, loudness, ceiling_dbtp, release_db_per_s), key=_missing
            )
            if _missing(best) <= _CLOSE_ENOUGH_LU:
                break
        return best[0]

    def driven(self, drive: Drive, ceiling_dbtp: float = CEILING_DBTP) -> tuple[Samples, float]:
        """Return the sound with a fixed gain under the limiter, and its true peak in dBTP.

        What a turn of the gain has raised meets the limiter a second time.
        """
        ceiling_db = ceiling_dbtp - _MARGIN_DB
        samples = self.samples * np.float32(levels.from_db(drive.gain_db))
        for release_db_per_s in (drive.release_db_per_s, _RELEASES_DB_PER_S[-1]):
            peaks_db = _true_peaks_db(samples, ceiling_db)
            if peaks_db.max(initial=-math.inf) <= ceiling_db + _MARGIN_DB / 2:
                break
            samples = limiter.turned(samples, limiter.reduction_db(peaks_db, ceiling_db, release_db_per_s))
        else:
            peaks_db = _true_peaks_db(samples, ceiling_db)
        return samples, float(peaks_db.max(initial=-math.inf))

    def _loudness(self) -> float:
        """Return the gated loudness as it is, however soft: at full scale the gate lets all of it pass."""
        peak_db = float(self.sample_peaks_db.max(initial=-math.inf))
        if peak_db < _SILENT_DBFS:
            return -math.inf
        return levels.gated_loudness(_per_hop(self.energies) / np.float32(10 ** (peak_db / 10))) + peak_db

    def _search(
        self, target_lufs: float, loudness: float, ceiling_dbtp: float, release_db_per_s: float
    ) -> tuple[Drive, float]:
        """Return the drive that reaches the target, found on block energies alone, and what it misses by."""
        peaks_db = self.sample_peaks_db + _BETWEEN_SAMPLES_DB
        plain_db = gain_db = target_lufs - loudness
        for _ in range(12):
            reduced = limiter.reduction_db(peaks_db + gain_db, ceiling_dbtp - _MARGIN_DB, release_db_per_s)
            factors = 10 ** ((gain_db + _padded(reduced, len(self.energies))) / 10)
            louder = (self.energies * factors).astype(np.float32)
            tried, missing = gain_db, target_lufs - levels.gated_loudness(_per_hop(louder))
            gain_db = min(gain_db + missing, plain_db + _MOST_PUSH_DB)
            if abs(missing) < _TOLERANCE_LU or gain_db == tried:
                break
        return Drive(tried, release_db_per_s), missing


def _missing(found: tuple[Drive, float]) -> float:
    return abs(found[1])


def analyse(pcm: Pcm, tone: Tone | None = None) -> Analysis:
    """Return `pcm` at 48 kHz, shaped by `tone`, as many seconds as went in."""
    samples = _at_least_one_gate(resample(pcm, CLIP_RATE_HZ).samples)
    sections = (tone or Tone()).sections()
    shaped, weighted = filters.apply_each(samples, [sections, (*sections, *levels.K_WEIGHTING)])
    frames = round(pcm.seconds * CLIP_RATE_HZ)
    energies = levels.energy_per_block(weighted, limiter.BLOCK_FRAMES)
    return Analysis(shaped[:frames], energies, limiter.sample_peaks_db(shaped[:frames]))


def _true_peaks_db(samples: Samples, ceiling_db: float) -> Decibels:
    """Return the true peaks of the blocks that come near the ceiling, the sample peaks of the others."""
    near = levels.from_db(ceiling_db) * levels.NEAR_PEAK
    return limiter.in_db(levels.true_peaks(samples, limiter.BLOCK_FRAMES, near))


def _measured(samples: Samples, true_peak_dbtp: float) -> Mastered:
    pcm = Pcm(samples, CLIP_RATE_HZ)
    return Mastered(pcm, loudness_of(pcm), true_peak_dbtp)


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


def _padded(reduced: Decibels, blocks: int) -> Decibels:
    return np.pad(reduced, (0, max(0, blocks - len(reduced))))[:blocks]
