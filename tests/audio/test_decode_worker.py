"""The process that opens a stranger's file: it tells how far it is, may be killed, and bounds itself."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from audio.decode_link import DecodeJob, DecodeLink, Died, Made, Refusal, Working
from audio.formats import Pcm, read_wav, write_wav
from tests.audio.made_files import made
from tests.audio.sounds import bursts
from tests.sound_server import eventually


def job(folder, source, **changes):
    values = {
        "name": "bài hát.mp3",
        "source": str(source),
        "sound": str(folder / "sound.wav"),
        "clip": str(folder / "clip.wav"),
        "from_s": None,
        "to_s": None,
        "target_lufs": -16.0,
        "is_music": False,
        "longest_s": 600.0,
    }
    return DecodeJob(**{**values, **changes})


def ended(link):
    def look():
        state = link.look(0.1)
        return None if isinstance(state, Working) else state

    return eventually(look, 40.0, "the process ends")


def test_a_file_becomes_a_clip_and_its_sound_is_kept_for_the_next_cut(tmp_path):
    source = made(tmp_path, "bai.mp3", bursts(9.0))
    first = ended(DecodeLink(job(tmp_path, source), tmp_path))
    assert isinstance(first, Made)
    assert first.loudness_lufs == pytest.approx(-16.0, abs=0.5)
    assert first.true_peak_dbtp <= -1.0
    assert first.found["codec"] == "mp3float"
    assert read_wav(tmp_path / "clip.wav").seconds == pytest.approx(first.seconds)
    assert (len(first.wave), len(first.clip_wave)) == (720, 720)
    source.unlink()
    again = ended(DecodeLink(job(tmp_path, source, from_s=2.0, to_s=6.0), tmp_path))
    assert isinstance(again, Made)
    assert again.found is None
    assert again.seconds == pytest.approx(4.0, abs=0.6)


def test_a_refusal_is_one_sentence(tmp_path):
    (tmp_path / "x").write_bytes(b"PK\x03\x04")
    refused = ended(DecodeLink(job(tmp_path, tmp_path / "x"), tmp_path))
    assert isinstance(refused, Refusal)
    assert "“bài hát.mp3” là tệp nén ZIP" in refused.text
    assert not (tmp_path / "sound.wav").exists()


def test_progress_is_told_and_a_killed_process_leaves_nothing_half_made(tmp_path):
    write_wav(tmp_path / "long.wav", Pcm(np.tile(bursts(4.0).samples, 100), 48_000))
    link = DecodeLink(job(tmp_path, tmp_path / "long.wav"), tmp_path)

    def is_at_work():
        state = link.look(0.01)
        assert isinstance(state, Working)
        return state.done > 0.02

    eventually(is_at_work, 30.0, "some progress")
    link.kill()
    assert isinstance(link.look(0.1), Died)
    again = ended(DecodeLink(job(tmp_path, tmp_path / "long.wav", to_s=5.0), tmp_path))
    assert isinstance(again, Made)


def test_it_takes_no_more_memory_time_and_disk_than_it_allows_itself(tmp_path):
    """Each limit, tried from inside the process as a hostile file would."""
    greedy = {
        "memory": ("x = bytearray(2_000_000_000)", "MemoryError"),
        "disk": (f"open({str(tmp_path / 'f')!r}, 'wb').write(bytes(90_000_000))", "File too large"),
    }
    for code, words in greedy.values():
        script = f"from audio.decode_worker import bound; bound(10.0); {code}"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert words in done.stderr


def test_a_disk_that_takes_no_more_is_told(tmp_path):
    source = made(tmp_path, "bai.mp3", bursts(3.0))
    refused = ended(DecodeLink(job(tmp_path, source, clip=str(tmp_path / "none" / "clip.wav")), tmp_path))
    assert isinstance(refused, Refusal)
    assert "ổ đĩa" in refused.text
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_what_steers_the_station_is_not_handed_to_it(tmp_path, monkeypatch):
    monkeypatch.setenv("BROADCASTER_KEY_FPT", "khóa")
    link = DecodeLink(job(tmp_path, tmp_path / "none"), tmp_path)
    ended(link)
    from audio import decode_link

    assert "BROADCASTER_KEY_FPT" not in decode_link._environment()
    assert json.loads((tmp_path / "words.jsonl").read_bytes().splitlines()[-1])["refused"]
