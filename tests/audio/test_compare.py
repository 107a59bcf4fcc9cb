from __future__ import annotations

import math

import numpy as np
import pytest

from audio import compare
from audio.compare import envelope, find, find_either
from tests.audio.talking import babble, room, street

RATE_HZ = 16_000
TALK = babble(30.0, seed=1)
SENT = envelope(TALK, RATE_HZ)[500:1000]
"""Ten seconds of it."""


def heard(samples: np.ndarray) -> compare.Likeness | None:
    return find(SENT, envelope(samples, RATE_HZ))


def test_the_same_sound_is_found_at_its_place():
    found = heard(TALK)
    assert found.is_same
    assert found.match == pytest.approx(1.0)
    assert found.at_s == pytest.approx(10.0)


@pytest.mark.parametrize("gain", [0.1, 0.5, 2.0])
def test_gain_does_not_matter(gain):
    assert heard(TALK * np.float32(gain)).match > 0.85


def test_a_room_and_as_much_street_noise_do_not_hide_it():
    through = room(TALK, RATE_HZ)
    assert heard(through + street(through)).is_same


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_a_recording_at_another_rate_is_compared_all_the_same(rate_hz):
    found = find(SENT, envelope(np.repeat(TALK, rate_hz // RATE_HZ), rate_hz))
    assert found.is_same


@pytest.mark.parametrize("seed", range(2, 8))
def test_other_talk_is_not_the_same(seed):
    assert not heard(babble(30.0, seed)).is_same


def test_noise_and_silence_are_not_the_same():
    assert not heard(street(TALK)).is_same
    assert not heard(np.zeros_like(TALK)).is_same


def test_a_short_stretch_must_match_better():
    assert compare.same_at(10.0) == compare.same_at(60.0) == pytest.approx(0.35)
    assert compare.same_at(10.0) < compare.same_at(5.0) < compare.same_at(2.0) <= 0.9


def test_what_is_even_or_too_long_cannot_be_compared():
    steady = np.sin(np.arange(10 * RATE_HZ) * 0.2).astype(np.float32)
    whole = envelope(TALK, RATE_HZ)
    assert find(envelope(steady, RATE_HZ), whole) is None
    assert find(whole, SENT) is None
    assert find(whole[:0], whole) is None


def test_levels_are_told_in_decibels():
    tone = np.sin(np.arange(RATE_HZ) * 2 * math.pi * 1000 / RATE_HZ).astype(np.float32)
    levels = envelope(tone, RATE_HZ)
    assert levels.shape == (50, len(compare.BANDS_HZ) - 1)
    assert levels[10].argmax() == 2  # 800 to 1600 Hz
    assert levels[10].max() == pytest.approx(-3.0, abs=0.3)
    assert levels[10].min() == pytest.approx(compare.FLOOR_DBFS)


@pytest.mark.parametrize("shift_s", [0.0, 0.2, -0.4])
def test_two_sounds_of_one_length_may_be_shifted_a_little(shift_s):
    whole = envelope(TALK, RATE_HZ)
    first = 100 + round(shift_s * compare.HOPS_A_SECOND)
    found = find_either(whole[100:900], whole[first : first + 800])
    assert found.match > 0.9
    assert found.at_s == pytest.approx(0.5 - shift_s, abs=0.03)
