from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from broadcaster.cli import main
from tests.audio.speech import tiny_voice


def call(folder, *words):
    return CliRunner(mix_stderr=False).invoke(main, ["--data", str(folder), "voices", *words])


def test_every_engine_is_listed_with_what_is_wrong(tmp_path, monkeypatch):
    monkeypatch.delenv("BROADCASTER_KEY_FPT", raising=False)
    answer = call(tmp_path)
    assert answer.exit_code == 0
    assert "espeak – espeak-ng (đang chọn): sẵn sàng" in answer.output
    assert "BROADCASTER_KEY_FPT" in answer.output
    assert "Chưa có giọng Piper nào" in answer.output
    assert "vi-vn-x-south" in answer.output


def test_a_good_voice_has_spoken_and_shows_its_licence(tmp_path):
    tiny_voice.make(tmp_path / "voices", licence="CC0 dòng đầu\ndòng hai")
    answer = call(tmp_path)
    assert answer.exit_code == 0
    assert "Giọng Piper tiny: ổn    22050 Hz\n    giấy phép: CC0 dòng đầu\n" in answer.output
    assert call(tmp_path, "--licence", "piper-tiny").output == "CC0 dòng đầu\ndòng hai\n"
    assert call(tmp_path, "--licence", "khác").exit_code == 1


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"licence": ""}, "chưa có tệp giấy phép"),
        ({"amplitude": 0.0}, "gần như im lặng"),
        ({"samples_per_id": 5}, "giây cho"),
    ],
)
def test_a_voice_that_cannot_be_used_is_told_by_words_and_status(tmp_path, made, said):
    tiny_voice.make(tmp_path / "voices", **made)
    answer = call(tmp_path, "--json")
    assert answer.exit_code == 1
    assert said in json.loads(answer.output)["owned"][0]["wrong"]


def test_a_chosen_engine_that_is_not_ready_is_told_by_the_status(tmp_path):
    (tmp_path / "settings.toml").write_text('engines = ["piper", "espeak"]', encoding="utf-8")
    answer = call(tmp_path)
    assert answer.exit_code == 1
    assert answer.output.startswith("piper – Piper (đang chọn): Chưa có giọng")


def test_voices_are_added_only_when_they_speak(tmp_path):
    source, station = tmp_path / "usb", tmp_path / "tram"
    tiny_voice.make(source, "tot")
    assert call(station, "--add", str(source)).exit_code == 0
    assert {path.name for path in (station / "voices").iterdir()} == {
        "tot.onnx",
        "tot.onnx.json",
        "tot.license.txt",
    }
    tiny_voice.make(source, "xau").write_bytes(b"not a model")
    refused = call(station, "--add", str(source))
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert not (station / "voices" / "xau.onnx").exists()


def test_an_empty_folder_adds_nothing(tmp_path):
    assert "Không có tệp giọng" in call(tmp_path / "tram", "--add", str(tmp_path)).stderr


@pytest.mark.parametrize("text", ["[tinh]\nurl = 1", "engines"])
def test_a_broken_description_is_one_sentence(tmp_path, text):
    (tmp_path / "speech-services.toml").write_text(text, encoding="utf-8")
    answer = call(tmp_path)
    assert (answer.exit_code, answer.stderr.count("\n")) == (1, 1)
    assert "speech-services.toml" in answer.stderr
