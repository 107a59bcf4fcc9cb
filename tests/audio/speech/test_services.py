from __future__ import annotations

import os
from dataclasses import replace

import pytest

from audio.speech import services
from audio.speech.engine import Unavailable
from audio.speech.services import Speed, filled, key_for, known

OWN = """
[tinh]
title = "Máy của tỉnh"
url = "https://tts.tinh.example/doc"
longest_chars = 900
body = { kind = "form", content = { text = "{text}" } }
answer = { kind = "audio" }
voices = [ { id = "a", name = "Giọng A" } ]
"""


def test_the_three_vendors_are_known():
    assert list(known()) == ["fpt", "viettel", "zalo"]
    assert all(each.url.startswith("https://") and each.pace_s >= 0.7 for each in known().values())
    assert "{" not in "".join(each.url for each in known().values())


def test_a_station_may_describe_its_own(tmp_path):
    (tmp_path / services.OWN_FILE).write_text(OWN, encoding="utf-8")
    found = known(tmp_path)["tinh"]
    assert (found.title, found.voices[0].name, found.answer.kind) == ("Máy của tỉnh", "Giọng A", "audio")


@pytest.mark.parametrize(
    ("written", "instead", "named"),
    [
        ("title", "titel", "titel"),
        ('title = "Máy của tỉnh"\n', "", "title"),
        ("https://", "http://", "https"),
        ("tinh.example/doc", "tinh.example/{key}", "khóa"),
        ('kind = "form"', 'kind = "xml"', "body.kind"),
        ('kind = "form"', 'kind = "raw"', "body.content"),
        ('kind = "audio"', 'kind = "url", pointer = "/x"', "answer.hosts"),
        ('kind = "audio"', 'kind = "base64"', "answer.pointer"),
        ("= 900", '= "900"', "longest_chars"),
        ("= 900", "= 0", "longest_chars"),
        ('[ { id = "a", name = "Giọng A" } ]', "[]", "voices"),
        ('[ { id = "a", name = "Giọng A" } ]', '["a"]', "tinh"),
        ("[tinh]", "['../x']", "chữ thường"),
        ("[tinh]", "tinh", "speech-services.toml"),
    ],
)
def test_a_description_that_cannot_be_used_is_named(tmp_path, written, instead, named):
    assert written in OWN
    (tmp_path / services.OWN_FILE).write_text(OWN.replace(written, instead, 1), encoding="utf-8")
    with pytest.raises(Unavailable, match=named):
        known(tmp_path)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://file01.fpt.ai/a.mp3", True),
        ("https://fpt.ai/a.mp3", True),
        ("http://file01.fpt.ai/a.mp3", False),
        ("https://fpt.ai.example.com/a.mp3", False),
        ("https://xfpt.ai/a.mp3", False),
        ("https://fpt.ai@10.0.0.1/a.mp3", False),
        ("https://u:p@fpt.ai/a.mp3", False),
        ("https://fpt.ai:8443/a.mp3", False),
        ("http://127.0.0.1/a.mp3", False),
        ("https://127.0.0.1/a.mp3", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_sound_is_fetched_only_from_the_services_own_hosts(url, may):
    assert known()["fpt"].may_fetch(url) is may


def test_speeds_are_the_services_own_and_stay_in_bounds():
    fpt, viettel = known()["fpt"].speed, known()["viettel"].speed
    assert [fpt.at(rate) for rate in (0.5, 0.8, 1.0, 1.1, 2.0)] == [-3, -2, 0, 1, 3]
    assert [viettel.at(rate) for rate in (0.5, 1.0, 1.15, 2.0)] == [0.7, 1.0, 1.1, 1.3]
    assert isinstance(Speed(decimals=0).at(1.0), int)


def test_filling_is_done_once_and_keeps_numbers():
    values = {"text": "{key} và {voice}", "voice": "v", "speed": 1.2, "key": "k"}
    template = {"a": ["{text}", "{speed}"], "b": "x {speed} {khác}", "c": False}
    assert filled(template, values) == {"a": ["{key} và {voice}", 1.2], "b": "x 1.2 {khác}", "c": False}


def test_another_description_is_another_version():
    fpt = known()["fpt"]
    assert fpt.digest == known()["fpt"].digest
    assert replace(fpt, url="https://api.fpt.ai/hmi/tts/v6").digest != fpt.digest


def test_the_key_comes_from_the_environment_before_the_file(tmp_path):
    fpt = known()["fpt"]
    file = tmp_path / services.KEYS_FILE
    file.write_text('fpt = "tu-tep"\n', encoding="utf-8")
    file.chmod(0o600)
    assert key_for(fpt, tmp_path, {}) == "tu-tep"
    assert key_for(fpt, tmp_path, {"BROADCASTER_KEY_FPT": " tu-moi-truong "}) == "tu-moi-truong"


@pytest.mark.skipif(os.name != "posix", reason="modes mean nothing elsewhere")
def test_a_key_file_that_others_may_read_is_refused(tmp_path):
    file = tmp_path / services.KEYS_FILE
    file.write_text('fpt = "bi-mat"\n', encoding="utf-8")
    file.chmod(0o640)
    with pytest.raises(Unavailable, match="chmod 600") as refused:
        key_for(known()["fpt"], tmp_path, {})
    assert "bi-mat" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "fpt = ", 'zalo = "khác"', 'fpt = ""'])
def test_a_missing_or_broken_key_says_where_it_goes(tmp_path, text):
    file = tmp_path / services.KEYS_FILE
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(Unavailable, match="speech-keys"):
        key_for(known()["fpt"], tmp_path, {})


@pytest.mark.parametrize("key", ["hai từ", "a\nb", "chữ-có-dấu"])
def test_a_key_with_strange_letters_is_refused_without_being_shown(tmp_path, key):
    with pytest.raises(Unavailable, match="ký tự lạ") as refused:
        key_for(known()["fpt"], tmp_path, {"BROADCASTER_KEY_FPT": key})
    assert key not in str(refused.value)
