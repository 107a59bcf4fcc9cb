"""`broadcaster say` with the voices of the station, and what is said about engines before anything starts."""

from __future__ import annotations

import json
import os
import wave

import pytest
from click.testing import CliRunner

from broadcaster.cli import main
from tests.audio.speech import tiny_voice

TEXT = "Xin chào bà con."


def call(folder, *words, text=TEXT):
    return CliRunner(mix_stderr=False).invoke(main, ["--data", str(folder), *words], input=text.encode())


def seconds(path):
    with wave.open(str(path)) as sound:
        return sound.getnframes() / sound.getframerate()


@pytest.fixture
def station(tmp_path, monkeypatch):
    monkeypatch.delenv("BROADCASTER_KEY_FPT", raising=False)
    tiny_voice.make(tmp_path / "voices", "thu-lan")
    return tmp_path


@pytest.mark.parametrize("voice", ["vi-vn-x-south", "piper-thu-lan"])
def test_any_voice_of_the_station_may_be_tried(station, voice):
    answer = call(station, "say", "-", "--voice", voice, "--out", str(station / "a.wav"))
    assert answer.exit_code == 0, answer.stderr
    assert 0.5 < seconds(station / "a.wav") < 6.0


def test_a_voice_that_no_engine_has_is_one_clear_sentence(station):
    answer = call(station, "say", "-", "--voice", "vi-bac", "--out", str(station / "a.wav"))
    assert (answer.exit_code, answer.stderr.count("\n")) == (1, 1)
    assert "Không có giọng “vi-bac”" in answer.stderr
    assert "vi-vn-x-south" in answer.stderr
    assert not (station / "a.wav").exists()


def test_a_voice_whose_engine_is_not_ready_says_why(station):
    answer = call(station, "say", "-", "--voice", "fpt-banmai", "--out", str(station / "a.wav"))
    assert (answer.exit_code, answer.stderr.count("\n")) == (1, 1)
    assert "BROADCASTER_KEY_FPT" in answer.stderr


def test_without_a_voice_the_first_engine_speaks_that_needs_no_network(station):
    call(station, "say", "-", "--voice", "piper-thu-lan", "--out", str(station / "piper.wav"))
    (station / "settings.toml").write_text('engines = ["fpt", "piper", "espeak"]', encoding="utf-8")
    assert call(station, "say", "-", "--out", str(station / "a.wav")).exit_code == 0
    assert (station / "a.wav").read_bytes() == (station / "piper.wav").read_bytes()


# --- engines in the settings ---


def finding(folder, name, words=""):
    found = json.loads(call(folder, "doctor", "--json").output)
    return next(each for each in found if each["name"] == name and words in each["words"])


def test_an_unknown_engine_stops_the_start_with_one_sentence(station):
    (station / "settings.toml").write_text('engines = ["espaek"]', encoding="utf-8")
    answer = call(station, "run")
    assert (answer.exit_code, answer.stderr.count("\n")) == (1, 1)
    assert "Không có bộ đọc “espaek”" in answer.stderr
    assert "espeak, piper, google, fpt, viettel, zalo" in answer.stderr


def test_an_unknown_engine_is_found_by_the_doctor(station):
    (station / "settings.toml").write_text('engines = ["espeak", "loa"]', encoding="utf-8")
    found = finding(station, "giọng đọc")
    assert not found["is_well"]
    assert "“loa”" in found["words"]
    assert "engines" in found["advice"]


def test_the_doctor_looks_at_every_engine_that_was_chosen(station):
    (station / "settings.toml").write_text('engines = ["piper", "espeak", "fpt"]', encoding="utf-8")
    assert finding(station, "giọng đọc", "espeak-ng: sẵn sàng, 3 giọng")["is_well"]
    assert finding(station, "giọng đọc", "Piper: sẵn sàng, 1 giọng")["is_well"]
    assert not finding(station, "giọng đọc", "BROADCASTER_KEY_FPT")["is_well"]
    tiny_voice.make(station / "voices", "khong-phep", licence="")
    assert "chưa có tệp giấy phép" in finding(station, "giọng của đài")["words"]


@pytest.mark.skipif(os.name != "posix", reason="modes mean nothing elsewhere")
@pytest.mark.parametrize(("mode", "is_well"), [(0o600, True), (0o644, False)])
def test_keys_that_others_may_read_are_found_by_the_doctor(station, mode, is_well):
    (station / "speech-keys.toml").write_text('fpt = "khoa-bi-mat"', encoding="utf-8")
    (station / "speech-keys.toml").chmod(mode)
    found = finding(station, "khóa giọng đọc")
    assert found["is_well"] is is_well
    assert "chmod 600" in found["advice"] or is_well
    assert "khoa-bi-mat" not in call(station, "doctor").output
