"""Thirty clips of all kinds, mastered by us and measured by ffmpeg's ebur128. Run by hand with `make bench`.

Each is measured as it lies in the store, and once more as the player of each kind of loudspeaker sends it.
"""

from __future__ import annotations

import numpy as np
import pytest

from audio import mastering
from audio.formats import Pcm, Samples
from audio.profiles import PROFILES, SoundProfile
from audio.shaping import Shaper
from tests.audio import corpus
from tests.audio.sounds import metered

pytestmark = pytest.mark.benchmark

BLOCK_FRAMES = 960


def test_thirty_clips_of_all_kinds_are_as_loud_as_meant(tmp_path):
    sounds = corpus.thirty()
    assert len(sounds) == 30
    wrong = []
    print()
    for sound in sounds:
        clip = mastering.master(sound.pcm, sound.target_lufs, tone=sound.tone)
        theirs = metered(clip.pcm, tmp_path)
        off_lu = theirs.loudness_lufs - sound.target_lufs
        print(f"{sound.name:26} {clip.pcm.seconds:6.1f} s  meant {sound.target_lufs:5.1f}  "
              f"ffmpeg {theirs.loudness_lufs:5.1f} LUFS {theirs.true_peak_dbtp:5.1f} dBTP  "
              f"ours {clip.loudness_lufs:6.2f} {clip.true_peak_dbtp:6.2f}")  # fmt: skip
        if abs(off_lu) > 0.5 or theirs.true_peak_dbtp > mastering.CEILING_DBTP:
            wrong.append(sound.name)
    assert wrong == []


def through(profile: SoundProfile, samples: Samples) -> Pcm:
    stream, shaper = samples * np.float32(32768), Shaper(profile, 32768.0)
    for start in range(0, len(stream), BLOCK_FRAMES):
        shaper.shape(stream[start : start + BLOCK_FRAMES])
    return Pcm(stream / np.float32(32768), 48_000)


@pytest.mark.parametrize("kind", PROFILES)
def test_no_kind_of_loudspeaker_gets_a_peak_above_its_ceiling(kind, tmp_path):
    ceiling_dbtp = PROFILES[kind].ceiling_dbtp
    worst_dbtp, least_lu, most_lu = -99.0, 99.0, -99.0
    for sound in corpus.thirty():
        clip = mastering.master(sound.pcm, sound.target_lufs, tone=sound.tone)
        sent = clip.pcm if PROFILES[kind].is_plain else through(PROFILES[kind], clip.pcm.samples)
        theirs = metered(sent, tmp_path)
        worst_dbtp = max(worst_dbtp, theirs.true_peak_dbtp)
        if sound.target_lufs != mastering.MUSIC_LUFS:
            off_lu = theirs.loudness_lufs - sound.target_lufs
            least_lu, most_lu = min(least_lu, off_lu), max(most_lu, off_lu)
    print(f"\n{kind}: highest true peak {worst_dbtp:.1f} dBTP (ceiling {ceiling_dbtp:.0f}), "
          f"speech {least_lu:+.1f} to {most_lu:+.1f} LU from its target")  # fmt: skip
    assert worst_dbtp <= ceiling_dbtp
