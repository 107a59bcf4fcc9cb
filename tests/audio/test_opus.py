from __future__ import annotations

import os
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from audio import opus
from audio.formats import BadSound, Pcm, write_wav
from tests.audio.talking import babble

RATE_HZ = 48_000


def kept(path: Path, seconds: float = 3.21) -> np.ndarray:
    samples = babble(seconds, seed=1, rate_hz=RATE_HZ)
    write_wav(path, Pcm(samples, RATE_HZ))
    return samples


def decoded(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def test_the_opus_file_is_the_sound_as_long_to_the_sample(tmp_path):
    samples = kept(tmp_path / "a.wav", 25.0)
    beats = []
    told = opus.encode(opus.open_kept(tmp_path / "a.wav"), tmp_path / "a.opus", lambda: beats.append(1))
    heard = decoded(tmp_path / "a.opus")
    assert len(heard) == len(samples) == round(told.seconds * RATE_HZ)
    assert np.corrcoef(heard, samples)[0, 1] > 0.95
    assert told.level_dbfs == pytest.approx(20 * np.log10(samples.std()), abs=0.1)
    assert len(told.envelope) == 25 * 50
    assert len(beats) == 3
    assert (tmp_path / "a.opus").stat().st_size < 25 * 24_000 / 8 * 1.5


@pytest.mark.parametrize("told", [0, 100, 0xFFFFFFFF])
def test_a_wav_whose_header_was_never_put_right_is_read_to_its_end(tmp_path, told):
    samples = kept(tmp_path / "a.wav")
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[40:44] = told.to_bytes(4, "little")
    (tmp_path / "b.wav").write_bytes(content)
    assert opus.open_kept(tmp_path / "b.wav").frames == len(samples)
    assert opus.open_kept(tmp_path / "b.wav").sha256() == opus.open_kept(tmp_path / "a.wav").sha256()


def test_half_a_sample_at_the_end_is_dropped(tmp_path):
    samples = kept(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes() + b"\1")
    assert (
        opus.encode(opus.open_kept(tmp_path / "b.wav"), tmp_path / "b.opus").seconds == len(samples) / RATE_HZ
    )


def test_silence_and_nothing_at_all_are_kept_too(tmp_path):
    write_wav(tmp_path / "s.wav", Pcm(np.zeros(RATE_HZ, np.float32), RATE_HZ))
    write_wav(tmp_path / "n.wav", Pcm(np.zeros(0, np.float32), RATE_HZ))
    assert opus.encode(opus.open_kept(tmp_path / "s.wav"), tmp_path / "s.opus").level_dbfs == -np.inf
    assert opus.open_kept(tmp_path / "n.wav").frames == 0


def hostile(path: Path) -> list[bytes]:
    kept(path)
    good = path.read_bytes()
    with wave.open(str(path), "wb") as stereo:
        stereo.setnchannels(2)
        stereo.setsampwidth(2)
        stereo.setframerate(RATE_HZ)
        stereo.writeframes(b"\0" * 400)
    return [
        b"",
        b"RIFF",
        good[:30],
        "không phải âm thanh".encode(),
        b"RIFF\0\0\0\0WAVE" + b"LIST\xff\xff\xff\xff",
        b"RIFF\0\0\0\0WAVE" + b"data\x04\0\0\0\1\2\3\4",
        b"RIFF\0\0\0\0WAVE" + b"fmt \0\0\0\0" * 8000,
        path.read_bytes(),
        os.urandom(5000),
    ]


def test_what_no_player_wrote_is_refused(tmp_path):
    for number, content in enumerate(hostile(tmp_path / "x.wav")):
        file = tmp_path / f"{number}.wav"
        file.write_bytes(content)
        with pytest.raises(BadSound, match=f"{number}.wav"):
            opus.open_kept(file)


def test_a_disk_that_does_not_take_it_is_an_oserror(tmp_path):
    kept(tmp_path / "a.wav", 30.0)
    with pytest.raises(OSError, match="No space left"):
        opus.encode(opus.open_kept(tmp_path / "a.wav"), Path("/dev/full"))
