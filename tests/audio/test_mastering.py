from __future__ import annotations

import math

import numpy as np
import pytest

from audio import levels, mastering
from audio.formats import Pcm, silence
from tests.audio import corpus
from tests.audio.sounds import bursts, metered, noise, sine


@pytest.mark.parametrize("target_lufs", [-20.0, -16.0, -14.0])
@pytest.mark.parametrize("scale", [0.02, 1.0, 10.0])
def test_any_level_comes_out_at_the_target_under_the_ceiling(target_lufs, scale, tmp_path):
    sound = Pcm(bursts(10.0).samples * np.float32(scale), 48_000)
    mastered = mastering.master(sound, target_lufs)
    theirs = metered(mastered.pcm, tmp_path)
    assert theirs.loudness_lufs == pytest.approx(target_lufs, abs=0.5)
    assert theirs.true_peak_dbtp <= -1.0
    assert mastered.loudness_lufs == pytest.approx(theirs.loudness_lufs, abs=0.1)
    assert levels.clipped_runs(mastered.pcm) == 0


@pytest.mark.parametrize("place", [0.0, 2.0, 3.99])
def test_one_loud_click_is_turned_down_and_the_rest_is_not(place):
    sound = noise(4.0, 0.1)
    clicked = sound.samples.copy()
    clicked[round(place * 48_000) : round(place * 48_000) + 48] = 0.99
    mastered = mastering.master(Pcm(clicked, 48_000))
    assert mastered.true_peak_dbtp <= -1.0
    assert mastered.loudness_lufs == pytest.approx(-16.0, abs=0.5)


def test_silence_and_nothing_stay_what_they_are():
    for empty in (silence(0.0), silence(3.0)):
        mastered = mastering.master(empty)
        assert mastered.loudness_lufs == -math.inf
        assert not np.any(mastered.pcm.samples)
        assert mastered.pcm.seconds == empty.seconds


def test_a_word_shorter_than_a_gating_block_is_mastered_too():
    mastered = mastering.master(sine(440, 0.2, 0.05))
    assert mastered.pcm.seconds == pytest.approx(0.2)
    assert mastered.true_peak_dbtp <= -1.0


def test_what_cannot_reach_the_target_ends_softer_and_not_torn():
    clicks = np.zeros(480_000, np.float32)
    clicks[::4800] = 0.5
    mastered = mastering.master(Pcm(clicks, 48_000))
    assert mastered.loudness_lufs < -16.5
    assert mastered.true_peak_dbtp <= -1.0


def test_the_low_end_is_taken_from_horns_and_speech_is_left():
    hum, speech = (mastering.analyse(sine(hz, 2.0)).samples for hz in (50, 1000))
    assert levels.rms_dbfs(Pcm(hum[9600:], 48_000)) < levels.rms_dbfs(sine(50, 2.0)) - 40
    assert levels.rms_dbfs(Pcm(speech, 48_000)) == pytest.approx(levels.rms_dbfs(sine(1000, 2.0)), abs=0.1)


def test_presence_lifts_consonants_only():
    tone = mastering.Tone(high_pass_hz=0, presence_db=4.0)
    for hz, lift_db in ((2500, 4.0), (200, 0.0)):
        lifted = levels.rms_dbfs(Pcm(mastering.analyse(sine(hz, 2.0, 0.1), tone).samples, 48_000))
        assert lifted - levels.rms_dbfs(sine(hz, 2.0, 0.1)) == pytest.approx(lift_db, abs=0.3)


def test_a_fixed_gain_keeps_the_ceiling():
    turned = Pcm(mastering.analyse(bursts(3.0)).driven(mastering.Drive(30.0))[0], 48_000)
    assert levels.true_peak_dbtp(turned) <= -1.0 + 0.05


def test_the_same_sound_is_mastered_the_same():
    once, twice = (mastering.master(bursts(2.0)).pcm.samples for _ in range(2))
    assert np.array_equal(once, twice)


def test_the_thirty_sounds_of_a_ward_come_out_as_loud_as_they_are_meant_to(tmp_path):
    """All but the long ones; `make bench` measures every one."""
    for sound in corpus.thirty():
        if sound.pcm.seconds > 10.0:
            continue
        mastered = mastering.master(sound.pcm, sound.target_lufs, tone=sound.tone)
        theirs = metered(mastered.pcm, tmp_path)
        assert theirs.loudness_lufs == pytest.approx(sound.target_lufs, abs=0.5), sound.name
        assert theirs.true_peak_dbtp <= -1.0, sound.name


def test_speech_far_too_soft_is_lifted_and_the_noise_of_16_bits_is_not():
    soft, noise_of_bits = (Pcm(bursts(3.0).samples * np.float32(by), 48_000) for by in (0.003, 0.00005))
    assert mastering.master(soft).loudness_lufs == pytest.approx(-16.0, abs=0.5)
    assert mastering.master(noise_of_bits).true_peak_dbtp < -70.0
