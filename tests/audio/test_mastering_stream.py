"""Long sound is mastered as short sound is, without ever being held whole."""

from __future__ import annotations

import numpy as np
import pytest

from audio import mastering, silences
from audio.formats import CLIP_RATE_HZ, Pcm, read_wav, write_wav
from audio.limiter import BLOCK_FRAMES
from audio.mastering import MUSIC_TONE, Tone
from audio.mastering_stream import cut, master_file, measure, survey, windows
from audio.waveform_outline import outline
from tests.audio.sounds import bursts, by_ffmpeg, noise, sine

SPEECH, MUSIC = (Tone(), -16.0), (MUSIC_TONE, -20.0)


def written(folder, samples):
    write_wav(folder / "sound.wav", Pcm(np.asarray(samples, np.float32), CLIP_RATE_HZ))
    return folder / "sound.wav"


def mastered(wav, tone, target_lufs):
    seen = survey(wav, tone)
    ranges = silences.kept_ranges(seen, None, None, target_lufs)
    return master_file(wav, wav.with_name("clip.wav"), seen, ranges, tone, target_lufs)


@pytest.mark.parametrize(
    ("tone", "target_lufs", "scale"), [(*SPEECH, 0.02), (*SPEECH, 4.0), (*MUSIC, 0.02), (*MUSIC, 1.0)]
)
def test_any_level_comes_out_at_the_target_under_the_ceiling(tone, target_lufs, scale, tmp_path):
    wav = written(tmp_path, bursts(22.0).samples * scale)
    made = mastered(wav, tone, target_lufs)
    theirs = by_ffmpeg(tmp_path / "clip.wav")
    assert theirs.loudness_lufs == pytest.approx(target_lufs, abs=0.5)
    assert theirs.true_peak_dbtp <= -1.0
    assert made.loudness_lufs == pytest.approx(theirs.loudness_lufs, abs=0.1)
    assert made.true_peak_dbtp == pytest.approx(theirs.true_peak_dbtp, abs=0.3)


def test_it_sounds_as_the_whole_mastered_at_once(tmp_path):
    sound = bursts(24.0)
    wav = written(tmp_path, sound.samples)
    seen = survey(wav, Tone())
    master_file(wav, tmp_path / "clip.wav", seen, [(0, len(seen.energies))], Tone())
    at_once = mastering.master(Pcm(read_wav(wav).samples, CLIP_RATE_HZ)).pcm.samples
    in_windows = read_wav(tmp_path / "clip.wav").samples
    inner = slice(4800, len(in_windows) - 4800)
    off = np.abs(in_windows[inner] - at_once[inner]).max()
    assert off < 0.02


def test_a_click_on_the_edge_of_a_window_is_turned_down_before_it_comes(tmp_path):
    sound = noise(24.0, 0.05).samples.copy()
    for second in (8.4, 20.0, 20.0005):
        sound[round(second * 48_000) : round(second * 48_000) + 30] = 0.99
    made = mastered(written(tmp_path, sound), Tone(), -16.0)
    assert made.true_peak_dbtp <= -1.0
    assert made.loudness_lufs == pytest.approx(-16.0, abs=0.5)


def test_a_survey_counts_every_block_once(tmp_path):
    sound = noise(18.3, 0.1).samples
    seen = survey(written(tmp_path, sound), Tone())
    at_once = mastering.analyse(Pcm(read_wav(tmp_path / "sound.wav").samples, CLIP_RATE_HZ))
    assert len(seen.peaks_db) == -(-len(sound) // BLOCK_FRAMES)
    assert np.allclose(seen.energies[100:-2], at_once.energies[100 : len(seen.energies) - 2], rtol=1e-2)
    assert len(outline(seen.peaks_db)) == 720


@pytest.mark.parametrize("length", [1, 63, 64, 1000, 4096, 10_001])
def test_windows_cover_a_stream_without_gap_and_overlap(length):
    stream = np.arange(1, length + 1, dtype=np.float32)
    blocks = np.array_split(stream, 7)
    seen = [window.samples[30 : 30 + window.frames] for window in windows(blocks, 1000, before=30, after=50)]
    assert np.array_equal(np.concatenate(seen), stream)


def test_silence_is_cut_off_both_ends_and_shortened_inside(tmp_path):
    speech, quiet = bursts(4.0).samples, np.zeros(round(7.0 * 48_000), np.float32)
    wav = written(tmp_path, np.concatenate([quiet, speech, quiet, speech, quiet[:96_000]]))
    made = mastered(wav, Tone(), -16.0)
    assert made.seconds == pytest.approx(4.0 + 1.5 + 4.0 + 0.4, abs=1.2)
    heard = np.abs(read_wav(tmp_path / "clip.wav").samples) > 0.01
    edges = np.flatnonzero(heard)
    assert edges[0] / 48_000 < 0.6
    assert np.diff(edges).max() / 48_000 <= 2.0


def test_a_short_pause_stays_as_it_is(tmp_path):
    speech = bursts(4.0).samples
    pause = np.zeros(round(2.0 * 48_000), np.float32)
    wav = written(tmp_path, np.concatenate([speech, pause, speech]))
    kept = silences.kept_ranges(survey(wav, Tone()), None, None, -16.0)
    assert len(kept) == 1


def test_a_quiet_room_is_not_silence(tmp_path):
    speech = bursts(6.0).samples
    room = noise(10.0, 0.003).samples
    wav = written(tmp_path, np.concatenate([speech, room, speech]))
    assert len(silences.kept_ranges(survey(wav, Tone()), None, None, -16.0)) == 1


def test_a_person_says_which_part_is_kept(tmp_path):
    wav = written(tmp_path, bursts(20.0).samples)
    kept = silences.in_seconds(silences.kept_ranges(survey(wav, Tone()), 5.0, 11.0, -16.0))
    assert len(kept) == 1
    assert kept[0][0] == pytest.approx(5.0, abs=0.5)
    assert kept[0][1] == pytest.approx(11.0, abs=0.5)


def test_nothing_is_kept_of_silence_and_nothing_outside_the_sound(tmp_path):
    wav = written(tmp_path, np.zeros(480_000))
    assert silences.is_silent(survey(wav, Tone()))
    assert silences.kept_ranges(survey(wav, Tone()), None, None, -16.0) == []
    loud = survey(written(tmp_path, sine(500, 5.0).samples), Tone())
    assert silences.kept_ranges(loud, 9.0, 12.0, -16.0) == []
    assert silences.kept_ranges(loud, 3.0, 2.0, -16.0) == []


def test_joints_do_not_click(tmp_path):
    tone = sine(300, 4.0, 0.5).samples
    joined = np.concatenate(list(cut(np.array_split(tone, 9), [(100, 700), (1500, 2900)])))
    assert len(joined) == (600 + 1400) * BLOCK_FRAMES
    assert np.abs(np.diff(joined)).max() < 0.05
    assert abs(joined[0]) < 0.01
    assert abs(joined[-1]) < 0.01


def test_what_was_measured_is_what_ffmpeg_measures(tmp_path):
    wav = written(tmp_path, bursts(20.0).samples)
    ours, theirs = measure(wav), by_ffmpeg(wav)
    assert ours.loudness_lufs == pytest.approx(theirs.loudness_lufs, abs=0.1)
    assert ours.true_peak_dbtp == pytest.approx(theirs.true_peak_dbtp, abs=0.2)
    assert ours.seconds == pytest.approx(20.0)
