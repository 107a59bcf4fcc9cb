"""The lines between station and player, good and hostile."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from audio.player_lines import BadLine, command_line, read_command, read_word, word_line
from audio.player_link import Armed, Ended, Fault, OutputSpec, Ready, Report, Started
from audio.player_words import (
    Append,
    Arm,
    Command,
    Cut,
    Finish,
    Gain,
    Incident,
    Kept,
    Open,
    Queue,
    Word,
)
from tests.player_rig import noise, read_clip, write_clip

WORDS: list[Word] = [
    Ready(True, "Loa thử", 0.03),
    Armed("12", 480),
    Started("12", 1234.5),
    Report(None, 0.0, 0.0, -120.0, -120.0, 0.01),
    Ended("12", "failed", 0.0, -120.0, "Tệp hỏng."),
    Fault("bad_file", "Tệp “a” hỏng.\nDòng hai."),
    Incident("12", "bad_part", "Câu 2 hỏng."),
    Kept("12", "/tmp/giữ/12.wav", 1.5),
]
COMMANDS: list[Command] = [
    Open(OutputSpec("file", "x", 0.1, Path("/tmp/ra"), {"period_ms": 20}, Path("/tmp/giữ"))),
    Open(OutputSpec("soundcard")),
    Arm("12", Path("/tmp/bản tin.wav"), 1234.5, 0.25, "emergency"),
    Cut(None, 0.1),
    Cut("12", 0.0),
    Queue("12", 1234.5, "emergency", "attention"),
    Queue("12", 1234.5, "live", ""),
    Append("12", Path("/tmp/câu 1.wav")),
    Finish("12"),
    Gain(-12.5, 0.0),
]
ARM = {"do": "arm", "item": "a", "path": "/a.wav", "at_monotonic_s": 1.0, "from_s": 0.0, "bus": "programme"}
HOSTILE = [
    b"",
    b"\n",
    b"xin ch\xc3",
    b"null",
    b"[]",
    b'"arm"',
    b"{}",
    b'{"do": "fly"}',
    b'{"do": []}',
    b'{"do": "arm"}',
    b"[" * 50_000,
    *(
        json.dumps({**ARM, **wrong}).encode()
        for wrong in (
            {"item": 7},
            {"item": ""},
            {"path": None},
            {"path": "a\0b"},
            {"at_monotonic_s": "now"},
            {"at_monotonic_s": float("nan")},
            {"at_monotonic_s": float("inf")},
            {"at_monotonic_s": True},
            {"from_s": -1},
            {"from_s": 1e300},
            {"bus": "tàu"},
            {"bus": ["programme"]},
        )
    ),
    b'{"do": "cut", "item": 5}',
    b'{"do": "queue", "item": "a", "at_monotonic_s": 1.0, "bus": "live", "opening": "trumpet"}',
    b'{"do": "queue", "item": "a", "at_monotonic_s": 1.0}',
    b'{"do": "append", "item": "a"}',
    b'{"do": "finish"}',
    *(
        f'{{"do": "gain", "gain_db": {gain}, "ramp_s": {ramp}}}'.encode()
        for gain, ramp in (("0.1", 1), ("-60.1", 1), ("NaN", 1), ('"0"', 1), ("-6", -1), ("-6", 61))
    ),
    b'{"do": "cut", "item": "a", "fade_s": -1}',
    b'{"do": "open", "kind": "file", "options": 5}',
    b'{"do": "open", "kind": "soundcard"}',
]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
def test_a_word_arrives_as_it_was_said(word: Word) -> None:
    line = word_line(word)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert read_word(line) == word


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_command_arrives_as_it_was_given(command: Command) -> None:
    assert read_command(command_line(command)) == command


@pytest.mark.parametrize("line", HOSTILE[:-1], ids=range(len(HOSTILE) - 1))
def test_what_is_no_command_is_refused(line: bytes) -> None:
    with pytest.raises(BadLine):
        read_command(line)


@pytest.mark.parametrize("line", [b"", b"{}", b'{"word": "gone"}', b'{"word": "ready"}', b"[1]"])
def test_what_is_no_word_is_refused(line: bytes) -> None:
    with pytest.raises(BadLine):
        read_word(line)


def test_hostile_lines_do_not_disturb_what_plays(tmp_path: Path) -> None:
    clip = noise(1.0)
    path = write_clip(tmp_path / "a.wav", clip)
    play = Arm("a", path, 0.0, 0.0, "programme")
    lines = [
        command_line(Open(OutputSpec("file", folder=tmp_path / "out"))),
        command_line(play),
        *(line + b"\n" for line in HOSTILE if line),
        b"{" * 3_000_000 + b"\n",
        command_line(play),  # a name that is taken
        command_line(Arm("b", path, 0.0, 0.0, "programme")),
    ]
    player = subprocess.Popen(
        [sys.executable, "-m", "audio.player"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with player:
        assert player.stdin is not None and player.stdout is not None
        player.stdin.write(b"".join(lines))
        player.stdin.flush()
        words = []
        while Ended not in [type(word) for word in words if getattr(word, "item", "") == "b"]:
            words.append(read_word(player.stdout.readline()))
        player.stdin.close()
        assert player.wait(5) == 0
    faults = [word.kind for word in words if isinstance(word, Fault)]
    assert faults == ["bad_command"] * (len(lines) - 3 + 1)  # all but three; one of them is two lines
    assert [word.how for word in words if isinstance(word, Ended)] == ["whole", "whole"]
    assert (read_clip(tmp_path / "out" / "a.wav") == clip).all()


@pytest.mark.parametrize(
    "first",
    [b"", b"xin", b'{"do": "cut"}', b'{"do": "open", "kind": "fax"}', b'{"do": "open", "kind": "file"}'],
)
def test_a_player_that_is_not_told_its_output_says_so_and_ends(first: bytes) -> None:
    player = subprocess.run(
        [sys.executable, "-m", "audio.player"], input=first, capture_output=True, timeout=10, check=False
    )
    assert player.returncode == 2
    assert isinstance(read_word(player.stdout), Fault)
