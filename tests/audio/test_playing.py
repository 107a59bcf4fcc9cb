"""Playing what is still being made."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.formats import Pcm
from audio.outputs.output import RATE_HZ, NoDevice, OutputError
from audio.outputs.spec import OutputSpec
from audio.playing import play
from tests.player_rig import noise, read_clip
from tests.sound_server import (
    SoundServer,
    _session_server,  # noqa: F401
    eventually,
    own_sound_server,  # noqa: F401
    sound_server,  # noqa: F401
)


def pcm(seconds: float, seed: int) -> Pcm:
    return Pcm((noise(seconds, seed) / 32767).astype(np.float32), RATE_HZ)


def test_blocks_are_played_one_after_the_other_to_the_last_sample(tmp_path: Path) -> None:
    blocks = [pcm(0.3, 1), pcm(0.2, 2)]
    assert play(iter(blocks), OutputSpec("file", folder=tmp_path), "nghe") == pytest.approx(0.5)
    sent = np.concatenate([block.samples for block in blocks]) * 32767
    assert np.abs(read_clip(tmp_path / "nghe.wav") - sent).max() <= 1


def test_the_first_block_sounds_before_the_last_is_made(sound_server: SoundServer) -> None:  # noqa: F811
    is_heard = threading.Event()

    def blocks() -> Iterator[Pcm]:
        yield pcm(0.5, 61)
        sound_server.ear.find(noise(0.5, 61))
        is_heard.set()
        yield pcm(0.2, 62)

    assert play(blocks(), OutputSpec("soundcard")) == pytest.approx(0.7)
    assert is_heard.is_set()
    sound_server.ear.find(noise(0.2, 62))


def test_nothing_to_play_is_nothing_played(tmp_path: Path) -> None:
    assert play([], OutputSpec("file", folder=tmp_path)) == 0.0


def test_a_failing_maker_is_not_hidden_and_the_output_is_closed(tmp_path: Path) -> None:
    def blocks() -> Iterator[Pcm]:
        yield pcm(0.1, 1)
        raise KeyError("máy đọc")

    before = threading.active_count()
    with pytest.raises(KeyError):
        play(blocks(), OutputSpec("file", folder=tmp_path))
    eventually(lambda: threading.active_count() <= before)


def test_a_wrong_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="22050"):
        play([Pcm(np.zeros(100, np.float32), 22_050)], OutputSpec("file", folder=tmp_path))


def test_a_missing_card_is_said_before_anything_is_made() -> None:
    with pytest.raises(NoDevice):
        play(iter([pcm(0.1, 1)]), OutputSpec("soundcard", "Loa cũ"))


def test_a_sound_server_that_dies_is_an_error_and_not_a_long_wait(own_sound_server: SoundServer) -> None:  # noqa: F811
    def blocks() -> Iterator[Pcm]:
        yield pcm(5.0, 1)
        own_sound_server.kill()

    with pytest.raises(OutputError):
        play(blocks(), OutputSpec("soundcard"))
