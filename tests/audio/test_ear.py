"""A real ear on a real sound server: it hears the sink that plays, and nothing at the one that does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from audio.ear_link import EarLink
from audio.ear_words import (
    NO_SOURCE_EXIT,
    BadLine,
    Deaf,
    Gone,
    Heard,
    Listen,
    Listening,
    command_line,
    read_command,
    read_word,
    word_line,
)
from audio.player_link import OutputSpec, Ready
from tests.audio.talking import babble
from tests.player_rig import Told, write_clip
from tests.sound_server import DEVICE, SoundServer, eventually, own_sound_server  # noqa: F401

OTHER = "Loa-khac"


@contextmanager
def listening(source: str, folder: Path) -> Iterator[list[object]]:
    words: list[object] = []
    ear = EarLink(Listen(source, folder), words.append)
    try:
        yield words
    finally:
        ear.close()


def first(words: list[object], kind: type, within_s: float = 15.0) -> object:
    found = eventually(
        lambda: [word for word in words if isinstance(word, kind)], within_s, f"{kind}: {words}"
    )
    return found[0]


@pytest.mark.journey
def test_it_hears_the_loudspeaker_that_plays_and_not_the_other(
    own_sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    own_sound_server._pactl(
        "load-module", "module-null-sink", "sink_name=khac", f"sink_properties=device.description={OTHER}"
    )
    clip = (babble(40.0, 1, rate_hz=48_000) * 32768).clip(-32768, 32767).astype(np.int16)
    kept = tmp_path / "kept"
    kept.mkdir()
    with (
        listening(f"Monitor of {DEVICE}", kept) as near,
        listening(f"monitor of {OTHER}", kept) as far,
        Told(OutputSpec("soundcard", DEVICE, aircheck=kept)) as player,
    ):
        first(near, Listening)
        first(far, Listening)
        player.wait_for(Ready)
        player.link.arm("tin", write_clip(tmp_path / "tin.wav", clip), time.monotonic() + 0.5)
        # A machine busy with other tests may tear the sound of the first ten seconds.
        eventually(lambda: any(word.is_same for word in near if isinstance(word, Heard)), 40.0, str(near))
        first(far, Heard)
    heard = [word for word in near if isinstance(word, Heard) and word.is_same]
    unheard = [word for word in far if isinstance(word, Heard)]
    assert {word.item for word in heard + unheard} == {"tin"}
    assert not any(word.is_same for word in unheard)
    assert unheard[-1].level_dbfs < -55 < heard[-1].level_dbfs


@pytest.mark.journey
def test_a_source_that_is_not_there_is_named(own_sound_server: SoundServer, tmp_path: Path) -> None:  # noqa: F811
    with listening("Micrô cũ", tmp_path) as words:
        assert "“Micrô cũ”" in first(words, Deaf).text
        assert first(words, Gone).exit_code == NO_SOURCE_EXIT


def test_lines_come_back_as_they_went() -> None:
    for word in (Listening("a"), Heard("tin", 10.0, 1.0, 0.9, True, -20.0), Deaf("Không")):
        assert read_word(word_line(word)) == word
    command = Listen("Micrô", Path("/a b"))
    assert read_command(command_line(command)) == command


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"3", b'{"word":"x"}', b'{"word":"deaf"}', b"\xff"])
@pytest.mark.parametrize("read", [read_word, read_command])
def test_what_is_no_line_of_ours_is_told(read: Callable[[bytes], object], line: bytes) -> None:
    with pytest.raises(BadLine):
        read(line)
