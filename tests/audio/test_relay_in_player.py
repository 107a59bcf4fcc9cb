"""Relays through real players and real workers: what a file output got, to the sample, and what was told.

The stations differ; the scenes play at the same time, because each lasts as long as its window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from audio.outputs.spec import OutputSpec
from audio.player_words import Armed, Ended, Incident, Ready, Relayed, Started
from tests.audio.radio import Radio, serving
from tests.player_rig import Told, noise, read_clip, write_clip
from tests.sound_server import RATE_HZ, Samples, eventually

WINDOW_S = 7.5
AHEAD_S = 3.0
GONE_S, BACK_S = 1.5, 3.5
BLOCK = RATE_HZ // 20


@dataclass
class Scene:
    """One relay on a player of its own."""

    player: Told
    folder: Path
    radio: Radio
    at_s: float = 0.0

    def arm(self, path: str, filler: Path | None = None, at_s: float = 0.0, address: str = "") -> None:
        self.at_s = at_s
        address = address or self.radio.url(path)
        self.player.link.prepare("r", address)
        self.player.link.relay("r", address, at_s, at_s + WINDOW_S, filler)

    @property
    def heard(self) -> Samples:
        return read_clip(next(self.folder.glob("r*.wav")))

    @property
    def ended(self) -> Ended:
        return self.player.wait_for(Ended, "r", within_s=WINDOW_S + 10)

    def incidents(self) -> list[str]:
        return [word.text for word in self.player.all(Incident, "r")]

    def share(self) -> Relayed:
        return self.player.all(Relayed, "r")[-1]

    def loudness(self) -> np.ndarray:
        """Return dBFS of each 50 ms."""
        heard = self.heard[: len(self.heard) // BLOCK * BLOCK].astype(np.float64) / 32768
        return 10 * np.log10(np.square(heard).reshape(-1, BLOCK).mean(axis=1) + 1e-12)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Scene]]:
    """Play everything at once: whole, cut for a while, stalled for a while, silent, endless, nobody there."""
    with ExitStack() as stack:

        def scene(name: str) -> Scene:
            folder = tmp_path_factory.mktemp(name)
            player = stack.enter_context(Told(OutputSpec("file", folder=folder)))
            return Scene(player, folder, stack.enter_context(serving()))

        made = {name: scene(name) for name in ("cut", "stalled", "silent", "endless", "nobody")}
        for each in made.values():
            each.player.wait_for(Ready)
        at_s = time.monotonic() + AHEAD_S
        filler = write_clip(tmp_path_factory.mktemp("cho") / "cho.wav", noise(1.3, 9, level=600))
        made["cut"].arm("/live.mp3", filler, at_s)
        made["stalled"].arm("/live.aac", filler, at_s)
        made["silent"].arm("/silent.mp3", filler, at_s)
        made["endless"].arm("/endless.mp3", filler, at_s)
        made["nobody"].arm("", filler, at_s, address="http://127.0.0.1:9/")
        _at(at_s + GONE_S, lambda: _set(made, "off", "stalled"))
        _at(at_s + BACK_S, lambda: _set(made, "on", "on"))
        for each in made.values():
            assert each.ended
        yield made


def _set(made: dict[str, Scene], cut: str, stalled: str) -> None:
    made["cut"].radio.air, made["stalled"].radio.air = cut, stalled


def _at(moment_s: float, do: Callable[[], None]) -> None:
    time.sleep(max(0.0, moment_s - time.monotonic()))
    do()


def test_every_relay_fills_its_window_and_not_a_sample_more(scenes):
    for name, scene in scenes.items():
        frames = round(WINDOW_S * RATE_HZ)
        assert frames - 2 <= len(scene.heard) <= frames, name
        assert scene.player.wait_for(Started, "r").at_monotonic_s == pytest.approx(scene.at_s, abs=0.001), (
            name
        )
        assert scene.player.all(Armed, "r"), name


def test_a_source_that_was_cut_is_back_within_3_s_and_filled_meanwhile(scenes):
    scene = scenes["cut"]
    lost, back = scene.incidents()
    assert "ngắt kết nối" in lost
    assert scene.share().filler_s < BACK_S - GONE_S + 3.0, "not longer than it was gone and 3 s"
    assert f"{scene.share().filler_s:.0f} giây phát tiếng chờ" in back
    assert scene.ended.how == "whole"
    level = scene.loudness()[5:-5]
    assert (level > -60).all(), "never silent"


def test_a_source_that_stalls_and_keeps_its_line_is_left_and_found_again(scenes):
    scene = scenes["stalled"]
    assert scene.share().filler_s < BACK_S - GONE_S + 3.0
    assert scene.share().stream_s > 2.0
    assert (scene.loudness()[5:-5] > -60).all()


def test_silence_of_the_source_is_filled_and_told(scenes):
    scene = scenes["silent"]
    assert any("im tiếng" in text for text in scene.incidents())
    silent = scene.loudness()[5:-5] < -50
    longest = max(map(len, "".join("x" if each else " " for each in silent).split()), default=0)
    assert longest * BLOCK / RATE_HZ < 6.0


@pytest.mark.parametrize(
    ("name", "why"), [("endless", "nhanh hơn thời gian thật"), ("nobody", "không kết nối được")]
)
def test_what_is_no_live_station_never_sounds_and_the_reason_is_told(scenes, name, why):
    scene = scenes[name]
    assert (scene.ended.how, scene.share().stream_s) == ("failed", 0.0)
    assert why in scene.ended.text
    filled = scene.loudness()[round(3.5 / 0.05) : -5]
    assert (filled > -45).all()


def test_the_worker_ends_with_its_relay_and_with_its_player(tmp_path):
    with serving() as radio, Told(OutputSpec("file", folder=tmp_path)) as player:
        player.wait_for(Ready)
        process = psutil.Process(player.link.pid)
        at_s = time.monotonic() + 0.3
        player.link.relay("a", radio.url("/live.mp3"), at_s, at_s + 1.0)
        eventually(process.children, 5.0, "a worker listens")
        player.wait_for(Ended, "a")
        eventually(lambda: not process.children(), 5.0, "it is gone with the relay")
        player.link.prepare("b", radio.url("/live.mp3"))
        (worker,) = eventually(process.children, 5.0, "another listens ahead")
        player.link.kill()
        eventually(lambda: not worker.is_running(), 5.0, "it is gone with the player")


def test_a_window_that_has_passed_is_refused(tmp_path):
    with Told(OutputSpec("file", folder=tmp_path)) as player:
        now_s = time.monotonic()
        player.link.relay("a", "http://127.0.0.1:9/", now_s - 10, now_s - 1)
        assert player.wait_for(Ended, "a").text == "Khung giờ tiếp âm đã qua."


def test_an_emergency_takes_a_relay_over(tmp_path):
    with serving() as radio, Told(OutputSpec("file", folder=tmp_path)) as player:
        now_s = time.monotonic()
        player.link.relay("a", radio.url("/live.mp3"), now_s, now_s + 60)
        player.wait_for(Started, "a")
        player.link.arm("e", write_clip(tmp_path / "e.wav", noise(0.3, 2)), 0.0, bus="emergency")
        assert player.wait_for(Ended, "a").how == "cut"
