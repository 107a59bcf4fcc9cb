"""Another station's sound comes to our level slowly, never clips, and its silence is noticed."""

from __future__ import annotations

import numpy as np
import pytest

from audio import levels
from audio.formats import Pcm, silence
from audio.relay_level import (
    BLOCK_FRAMES,
    MOST_LOUDER_DB,
    QUIET_S,
    TARGET_LUFS,
    Leveller,
    Limiter,
    Quiet,
)
from tests.audio.sounds import bursts, noise, sine


def in_blocks(pcm: Pcm) -> np.ndarray:
    return pcm.samples[: len(pcm.samples) // BLOCK_FRAMES * BLOCK_FRAMES].reshape(-1, BLOCK_FRAMES)


def louder(pcm: Pcm, factor: float) -> Pcm:
    return Pcm(pcm.samples * np.float32(factor), pcm.rate_hz)


def levelled(pcm: Pcm) -> Pcm:
    leveller, limiter = Leveller(), Limiter()
    parts = [part for block in in_blocks(pcm) for part in limiter.limit(leveller.level(block))]
    return Pcm(np.concatenate(parts).astype(np.float32) / 32768, 48_000)


@pytest.mark.parametrize("pcm", [noise(8, 0.05), bursts(8), louder(bursts(8), 6.0), sine(440, 8, 0.9)])
def test_whatever_comes_is_heard_near_the_target_and_below_the_ceiling(pcm):
    heard = levelled(pcm)
    assert levels.integrated_loudness(heard) == pytest.approx(TARGET_LUFS, abs=1.0)
    assert levels.true_peak_dbtp(heard) < -1.0
    assert len(heard.samples) == pytest.approx(len(pcm.samples), abs=BLOCK_FRAMES)


def test_a_sudden_change_is_followed_slowly():
    """20 dB louder from one moment to the next: after 3 s some two thirds of the way, never a jump."""
    leveller = Leveller()
    before, after = noise(6, 0.02, seed=3), noise(9, 0.2, seed=4)
    for block in in_blocks(before):
        leveller.level(block)
    gains = [leveller.gain_db]
    for block in in_blocks(after):
        leveller.level(block)
        gains.append(leveller.gain_db)
    steps = np.abs(np.diff(gains))
    assert steps.max() < 0.8, "per 0.1 s"
    assert 4.0 < gains[0] - gains[30] < 16.0
    assert gains[0] - gains[90] > 17.0


def test_inside_a_block_the_gain_moves_without_a_step():
    leveller = Leveller()
    tone = np.full(BLOCK_FRAMES, 0.02, np.float32)
    for block in in_blocks(noise(2, 0.02)):
        leveller.level(block)
    for block in in_blocks(noise(1, 0.3)):
        leveller.level(block)
    first, second = leveller.level(tone), leveller.level(tone)
    assert abs(float(second[0] - first[-1])) < 1e-4


def test_silence_is_not_pulled_up_and_noise_not_beyond_reason():
    leveller = Leveller()
    for block in in_blocks(silence(5)):
        assert not leveller.level(block).any()
    assert leveller.gain_db == 0.0
    for block in in_blocks(noise(5, 0.005)):
        leveller.level(block)
    assert leveller.gain_db == pytest.approx(MOST_LOUDER_DB)


def test_dead_air_begins_after_its_seconds_and_ends_at_once():
    quiet = Quiet()
    turns = [quiet.has_changed(block) for block in in_blocks(noise(QUIET_S + 1, 0.001))]
    assert turns.index(True) == round(QUIET_S * 10) - 1
    assert turns.count(True) == 1 and quiet.is_quiet
    assert quiet.has_changed(in_blocks(noise(0.1, 0.1))[0]) and not quiet.is_quiet


def test_a_short_pause_is_no_dead_air():
    quiet = Quiet()
    for _ in range(3):
        assert not any(quiet.has_changed(block) for block in in_blocks(silence(QUIET_S - 0.5)))
        assert not quiet.has_changed(in_blocks(noise(0.1, 0.1))[0])
