from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from audio.formats import from_s16, to_s16
from audio.speech.cache import SentenceCache, key_of
from audio.speech.engine import SpeechRequest
from tests.audio.sounds import noise

KEY = key_of("espeak-ng", "1.52.0", SpeechRequest("Xin chào", "vi"))


def the_file(folder: Path, key: str = KEY) -> Path:
    return folder / key[:2] / f"{key}.pcm"


def test_sound_comes_back_as_it_was_kept(tmp_path):
    sound = from_s16(to_s16(noise(0.5, rate_hz=22_050)), 22_050)
    SentenceCache(tmp_path).put(KEY, sound)
    again = SentenceCache(tmp_path).get(KEY)
    assert again.rate_hz == 22_050
    assert np.array_equal(again.samples, sound.samples)


def test_every_part_of_the_request_makes_another_key():
    requests = [
        SpeechRequest("Xin chào", "vi"),
        SpeechRequest("Xin chào.", "vi"),
        SpeechRequest("Xin chào", "vi-vn-x-south"),
        SpeechRequest("Xin chào", "vi", 1.1),
    ]
    keys = {key_of(engine, version, request) for engine in "ab" for version in "12" for request in requests}
    assert len(keys) == 16


@pytest.mark.parametrize(
    "poison",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:10],
        lambda whole: whole[:-2],
        lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
        lambda whole: b"<html>" + whole,
        lambda whole: whole.partition(b"\n")[0] + b"\n",
        lambda whole: b"[]\n" + whole.partition(b"\n")[2],
    ],
)
def test_a_damaged_file_is_a_miss_and_goes_away(tmp_path, poison):
    cache = SentenceCache(tmp_path)
    cache.put(KEY, noise(0.1))
    file = the_file(tmp_path)
    file.write_bytes(poison(file.read_bytes()))
    assert cache.get(KEY) is None
    assert not file.exists()


def test_another_sentences_sound_under_this_name_is_a_miss(tmp_path):
    other = key_of("espeak-ng", "1.52.0", SpeechRequest("Tạm biệt", "vi"))
    cache = SentenceCache(tmp_path)
    cache.put(other, noise(0.1))
    the_file(tmp_path).parent.mkdir(parents=True, exist_ok=True)
    the_file(tmp_path, other).rename(the_file(tmp_path))
    assert cache.get(KEY) is None


def test_the_folder_stays_under_its_bound_and_keeps_what_was_used_last(tmp_path):
    cache = SentenceCache(tmp_path, most_bytes=200_000)
    keys = [key_of("e", str(number), SpeechRequest("a", "vi")) for number in range(10)]
    for age, key in enumerate(keys):
        cache.put(key, noise(0.5))
        os.utime(the_file(tmp_path, key), (1000 + age, 1000 + age))
    assert cache.get(keys[0]) is not None
    cache.prune()
    assert sum(file.stat().st_size for file in tmp_path.glob("*/*")) <= 200_000
    assert cache.get(keys[0]) is not None
    assert cache.get(keys[-1]) is not None
    assert cache.get(keys[1]) is None


def test_a_folder_that_cannot_be_written_costs_speed_only(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = SentenceCache(tmp_path / "file")
    cache.put(KEY, noise(0.1))
    assert cache.get(KEY) is None
