"""What each kind of loudspeaker gets: as its profile says, and as ffmpeg measures on what comes out."""

from __future__ import annotations

import numpy as np
import pytest

from audio import levels, mastering
from audio.formats import Pcm
from audio.mixer import Mixer
from audio.outputs.output import RATE_HZ
from audio.outputs.spec import OutputSpec
from audio.player_words import BUSES
from audio.profiles import OPTION, PROFILES, SoundProfile, profile_of
from audio.shaping import Shaper, shaper_for
from audio.sources import StreamSource
from audio.voice import Voice
from tests.audio.corpus import ALARM, SENTENCE
from tests.audio.sounds import metered, sine


def spec(kind="soundcard", *zones, **options):
    return OutputSpec(kind, options={**options, OPTION: list(zones)})


@pytest.mark.parametrize(
    ("described", "profile"),
    [
        (OutputSpec("soundcard"), SoundProfile()),
        (spec("soundcard", "indoor"), SoundProfile()),
        (spec("soundcard", "horn"), PROFILES["horn"]),
        (spec("soundcard", "chưa ai biết"), SoundProfile()),
        (spec("soundcard", "horn", "column"), SoundProfile(280.0, 2.0)),
        (spec("soundcard", "horn", "indoor"), SoundProfile(280.0)),
        (spec("icecast"), SoundProfile(ceiling_dbtp=-3.0)),
        (spec("icecast", "horn"), SoundProfile(280.0, 3.0, -3.0)),
        (spec("soundcard", "fm"), SoundProfile(ceiling_dbtp=-3.0)),
        (spec("rtp", codec="L16"), SoundProfile()),
        (spec("rtp", codec="G722"), SoundProfile(ceiling_dbtp=-3.0)),
        (spec("rtp", codec="PCMU"), SoundProfile(ceiling_dbtp=-3.0)),
    ],
)
def test_zones_and_the_way_there_make_the_profile(described, profile):
    assert profile_of(described) == profile


def test_only_outputs_with_a_profile_of_their_own_are_shaped():
    assert shaper_for(spec("soundcard", "indoor")) is None
    assert shaper_for(spec("soundcard", "horn")) is not None
    assert shaper_for(spec("icecast")) is not None


def shaped(samples, profile):
    stream, shaper = samples * np.float32(32768), Shaper(profile, 32768.0)
    for start in range(0, len(stream), 960):
        shaper.shape(stream[start : start + 960])
    return Pcm(stream / np.float32(32768), 48_000)


@pytest.fixture(scope="module")
def clips():
    from audio.formats import resample
    from audio.speech.engine import SpeechRequest
    from audio.speech.espeak import EspeakEngine

    engine = EspeakEngine()
    made = [
        (mastering.master(engine.synthesize(SpeechRequest(text, voice, 1.0), 20), target).pcm, target)
        for text, voice, target in (
            (SENTENCE, "vi", -16.0), (SENTENCE, "vi-vn-x-south", -16.0), (ALARM, "vi-vn-x-central", -14.0),
        )
    ]  # fmt: skip
    engine.close()
    return [(resample(pcm, 48_000), target) for pcm, target in made]


@pytest.mark.parametrize("kind", PROFILES)
def test_a_clip_stays_loud_and_below_the_ceiling_on_every_kind_of_loudspeaker(kind, clips, tmp_path):
    for clip, target_lufs in clips:
        heard = metered(shaped(clip.samples, PROFILES[kind]), tmp_path)
        assert heard.true_peak_dbtp <= PROFILES[kind].ceiling_dbtp
        assert target_lufs - 2.0 < heard.loudness_lufs < target_lufs + 0.5


def test_a_horn_gets_no_lows_and_clearer_consonants():
    for hz, change_db in ((100, -35.0), (2500, 3.0)):
        tone = sine(hz, 1.0, 0.1)
        through = Pcm(shaped(tone.samples, PROFILES["horn"]).samples[9600:], 48_000)
        assert levels.rms_dbfs(through) - levels.rms_dbfs(tone) == pytest.approx(change_db, abs=1.0)


def test_a_mixer_shapes_all_that_it_plays():
    hum = np.full(RATE_HZ, 3000, np.int16)
    source = StreamSource()
    source.put(hum)
    source.finish()
    now_s = 1000.0
    mixer = Mixer(0.0, 0.0, monotonic=lambda: now_s, shaper=Shaper(PROFILES["horn"], 32768.0))
    mixer.arm(Voice("a", BUSES.index("programme"), now_s, source))
    heard = []
    for _ in range(60):
        heard.append(mixer.render(960).samples.copy())
        now_s += 0.02
    whole = np.concatenate(heard)
    assert np.abs(whole[:100]).max() > 2000
    assert np.abs(whole[9600:RATE_HZ]).max() < 5
    assert not whole[RATE_HZ + 960 :].any()


def test_a_rested_shaper_begins_anew():
    shaper = Shaper(PROFILES["horn"])
    first, again = sine(440, 0.02, 0.99).samples, sine(440, 0.02, 0.99).samples
    shaper.shape(first)
    shaper.rest()
    shaper.shape(again)
    assert np.array_equal(first, again)
