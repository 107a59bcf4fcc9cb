from __future__ import annotations

import math

import numpy as np
import pytest

from audio import levels
from audio.formats import Pcm, silence
from tests.audio.sounds import bursts, metered, noise, sine


def test_a_full_scale_sine_of_997_hz_reads_minus_3_lufs():
    """The calibration of ITU-R BS.1770-4, annex 1: 997 Hz at 0 dBFS in one channel is -3.01 LKFS."""
    assert levels.integrated_loudness(sine(997, 5.0, 1.0)) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize(
    "sound",
    [bursts(12.0), sine(100, 4.0), bursts(8.0, 22_050)],
    ids=["bursts", "a low tone", "bursts at 22 kHz"],
)
def test_loudness_and_true_peak_agree_with_ffmpeg(sound, tmp_path):
    theirs = metered(sound, tmp_path)
    assert levels.integrated_loudness(sound) == pytest.approx(theirs.loudness_lufs, abs=0.1)
    assert levels.true_peak_dbtp(sound) == pytest.approx(theirs.true_peak_dbtp, abs=0.3)


def test_silence_around_speech_does_not_make_it_softer():
    speech = noise(5.0)
    padded = Pcm(np.concatenate([speech.samples, silence(20.0).samples]), 48_000)
    assert levels.integrated_loudness(padded) == pytest.approx(levels.integrated_loudness(speech), abs=0.2)


def test_silence_has_no_loudness():
    assert levels.integrated_loudness(silence(2.0)) == -math.inf
    assert levels.true_peak_dbtp(silence(2.0)) == -math.inf
    assert levels.rms_dbfs(silence(0.0)) == -math.inf
    assert levels.is_silent(silence(1.0))


def test_loudness_needs_one_gating_block():
    with pytest.raises(ValueError, match=r"0\.4 s"):
        levels.integrated_loudness(sine(440, 0.39))


def test_a_peak_between_the_samples_is_seen():
    """A quarter of the sampling rate at 45 degrees: every sample is 3 dB below the wave's true top."""
    between = sine(12_000, 1.0, 1.0, phase=math.pi / 4)
    assert levels.peak_dbfs(between) == pytest.approx(-3.01, abs=0.01)
    assert levels.true_peak_dbtp(between) == pytest.approx(0.0, abs=0.15)


def test_true_peaks_per_block_cover_every_sample():
    sound = noise(0.77)
    peaks = levels.true_peaks(sound.samples, 64)
    assert len(peaks) == math.ceil(len(sound.samples) / 64)
    padded = np.zeros(len(peaks) * 64, np.float32)
    padded[: len(sound.samples)] = np.abs(sound.samples)
    assert (peaks >= padded.reshape(-1, 64).max(axis=1) - 1e-6).all()


def test_a_flattened_top_counts_as_one_clipped_run_and_a_chance_peak_as_none():
    torn = Pcm(np.clip(sine(440, 1.0, 1.2).samples, -1, 1), 48_000)
    assert levels.clipped_runs(torn) == 880
    assert levels.clipped_runs(sine(440, 1.0, 0.99)) == 0
    assert levels.clipped_runs(Pcm(np.array([0, 1, 1, 0], np.float32), 48_000)) == 0
    assert levels.clipped_runs(Pcm(np.array([1, 1, -1, -1], np.float32), 48_000)) == 0


def test_rms_of_a_sine_is_3_db_below_its_peak():
    assert levels.rms_dbfs(sine(1000, 1.0, 0.5)) == pytest.approx(-9.03, abs=0.01)
