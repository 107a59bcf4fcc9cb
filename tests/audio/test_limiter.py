from __future__ import annotations

import numpy as np
import pytest

from audio import levels, limiter
from audio.formats import Pcm
from tests.audio.sounds import bursts, sine


def test_gain_goes_down_before_a_peak_and_comes_back_slowly():
    peaks_db = np.full(3000, -20.0)
    peaks_db[1500] = 5.0
    reduced = limiter.reduction_db(peaks_db, -1.0, release_db_per_s=60.0)
    assert reduced[1500] == pytest.approx(-6.0)
    assert -6.0 < reduced[1499] < 0.0
    assert reduced[1400] == 0.0
    assert reduced[1550] == pytest.approx(-6.0 + 60.0 * 50 * 64 / 48_000)


def test_a_release_that_began_in_the_block_before_goes_on():
    reduced = limiter.reduction_db(np.full(10, -40.0), -1.0, 300.0, before_db=-6.0)
    assert reduced[0] == pytest.approx(-5.6)
    assert np.all(np.diff(reduced) > 0)


def limited(samples, ceiling_dbtp=-3.0, size=960):
    block_by_block, limiting = samples.copy(), limiter.StreamLimiter(ceiling_dbtp)
    for start in range(0, len(samples), size):
        limiting.limit(block_by_block[start : start + size])
    return Pcm(block_by_block, 48_000)


@pytest.mark.parametrize("size", [100, 960, 2400])
@pytest.mark.parametrize("lift_db", [6.0, 20.0])
def test_a_stream_stays_below_its_ceiling(size, lift_db):
    loud = bursts(5.0).samples
    loud *= np.float32(levels.from_db(lift_db) / np.abs(loud).max())
    held = limited(loud, size=size)
    assert levels.true_peak_dbtp(held) <= -2.5  # full-band noise rises more between its samples than speech
    assert levels.clipped_runs(held) == 0


def test_what_is_soft_enough_passes_untouched():
    soft = sine(440, 1.0, levels.from_db(-6.0))
    assert np.array_equal(limited(soft.samples).samples, soft.samples)


def test_after_a_shot_the_stream_is_as_loud_as_before():
    calm = sine(440, 2.0, 0.2).samples
    shot = calm.copy()
    shot[9600:9696] = 1.0
    assert np.array_equal(limited(shot).samples[48_000:], calm[48_000:])
