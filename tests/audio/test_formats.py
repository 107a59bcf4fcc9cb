from __future__ import annotations

import numpy as np
import pytest

from audio import mp3
from audio.formats import BadSound, Pcm, decode, from_s16, read_wav, resample, silence, to_s16, write_wav
from tests.audio.sounds import as_mp3, noise, sine


def test_a_wav_comes_back_as_it_was_written(tmp_path):
    sound = from_s16(to_s16(noise(0.5)), 48_000)
    write_wav(tmp_path / "a.wav", sound)
    again = read_wav(tmp_path / "a.wav")
    assert again.rate_hz == 48_000
    assert np.array_equal(again.samples, sound.samples)


def test_what_exceeds_full_scale_is_held_at_it_and_does_not_wrap():
    loud = Pcm(np.array([1.5, -1.5, 1.0, -1.0], np.float32), 48_000)
    assert np.frombuffer(to_s16(loud), "<i2").tolist() == [32767, -32768, 32767, -32768]


def test_a_truncated_wav_is_named(tmp_path):
    write_wav(tmp_path / "cut.wav", noise(0.5))
    whole = (tmp_path / "cut.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadSound, match=r"cut\.wav"):
        read_wav(tmp_path / "cut.wav")


@pytest.mark.parametrize(
    "content", [b"", b"<html>sign in here</html>", b"RIFF\x00\x00\x00\x00WAVE", b"\x00" * 4000]
)
def test_what_is_no_sound_is_refused(content, tmp_path):
    with pytest.raises(BadSound):
        decode(content)
    (tmp_path / "x.wav").write_bytes(content)
    with pytest.raises(BadSound):
        read_wav(tmp_path / "x.wav")


def test_an_mp3_decodes_at_its_own_rate():
    sound = decode(as_mp3(sine(440, 2.0, rate_hz=24_000)))
    assert sound.rate_hz == 24_000
    assert sound.seconds == pytest.approx(2.0, abs=0.1)


def test_stereo_is_mixed_to_one_channel(tmp_path):
    import wave

    frames = np.tile(np.array([16000, -8000], "<i2"), 1000)
    with wave.open(str(tmp_path / "stereo.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(frames.tobytes())
    sound = decode((tmp_path / "stereo.wav").read_bytes())
    assert (len(sound.samples), sound.rate_hz) == (1000, 44_100)
    assert sound.samples.mean() == pytest.approx(4000 / 32768, abs=1e-4)


@pytest.mark.parametrize("before", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000])
def test_resampling_keeps_a_tone_in_place(before):
    turned = resample(sine(1000, 3.0005, 0.5, before), 48_000)
    exact = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(len(turned.samples)) / 48_000)
    inner = slice(12_000, -12_000)
    assert turned.seconds == pytest.approx(3.0005, abs=0.0002)
    assert np.abs(turned.samples - exact)[inner].max() < 1e-5


def test_resampling_removes_what_the_lower_rate_cannot_hold():
    turned = resample(sine(15_000, 2.0), 22_050)
    assert np.abs(turned.samples[5000:-5000]).max() < 1e-4


@pytest.mark.parametrize("frames", [1, 7, 147, 5000])
def test_resampling_takes_the_shortest_sounds(frames):
    turned = resample(Pcm(np.full(frames, 0.1, np.float32), 22_050), 48_000)
    assert len(turned.samples) == -(-frames * 320 // 147)


def test_resampling_nothing_gives_nothing():
    assert len(resample(silence(0.0, 22_050), 48_000).samples) == 0


def test_a_whole_mp3_is_told_from_a_broken_one():
    whole = as_mp3(sine(440, 1.0, rate_hz=24_000))
    assert mp3.is_whole(whole)
    assert mp3.is_whole(whole + b"TAG" + b"\0" * 125)
    assert not mp3.is_whole(whole[: len(whole) // 2 + 1])
    assert not mp3.is_whole(b"")
    assert not mp3.is_whole(b"<html>sign in here</html>")


def test_mp3s_in_a_row_are_whole_and_decode_whole():
    once = as_mp3(sine(440, 1.0, rate_hz=24_000))
    assert mp3.is_whole(once + once)
    assert decode(once + once).seconds == pytest.approx(2.0, abs=0.2)
