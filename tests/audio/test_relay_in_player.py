"""Relays through real players and real workers: what a file output got, to the sample, and what was told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from audio.outputs.spec import OutputSpec
from audio.player_words import Armed, Ended, Incident, Ready, Relayed, Started
from tests.audio.radio import Radio, serving
from tests.player_rig import Told, noise, read_clip, write_clip
from tests.sound_server import RATE_HZ, Samples, eventually

BLOCK = RATE_HZ // 20
LONG_S = 120.0
BACK_S = 3.0
"""A source that has returned is heard again within this."""


@dataclass
class Scene:
    """A player, a station, and a filler that is like no station."""

    player: Told
    folder: Path
    radio: Radio
    filler: Path

    def open_ahead(self, item: str, path: str = "/live.mp3") -> None:
        """Have the stream open before anything is armed, however busy the machine is."""
        self.player.link.prepare(item, self.radio.url(path))
        eventually(lambda: self.radio.times_asked(path), 20.0, "the worker listens")
        time.sleep(1.5)  # what it takes for a live stream to bring a second and a half

    def relay(self, item: str, seconds: float, path: str = "/live.mp3") -> float:
        at_s = time.monotonic() + 0.5
        self.player.link.relay(item, self.radio.url(path), at_s, at_s + seconds, self.filler)
        return at_s

    def heard(self, item: str) -> Samples:
        return read_clip(next(self.folder.glob(f"{item}*.wav")))

    def loudness(self, item: str) -> np.ndarray:
        """Return dBFS of each 50 ms."""
        heard = self.heard(item)
        whole = heard[: len(heard) // BLOCK * BLOCK].astype(np.float64) / 32768
        return 10 * np.log10(np.square(whole).reshape(-1, BLOCK).mean(axis=1) + 1e-12)

    def next_incident(self, after: int) -> str:
        return eventually(lambda: self.player.all(Incident)[after:], 20.0, "something is told")[0].text


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    filler = write_clip(folder / "cho.wav", noise(1.3, 9, level=600))
    with serving() as radio, Told(OutputSpec("file", folder=folder / "ra")) as player:
        player.wait_for(Ready, within_s=20)
        yield Scene(player, folder / "ra", radio, filler)


def test_a_relay_fills_its_window_and_not_a_sample_more(tmp_path):
    with scene(tmp_path) as each:
        assert any(is_exact(each, f"r{number}") for number in range(3)), "a busy machine may tear one"
        process = psutil.Process(each.player.link.pid)
        eventually(lambda: not process.children(), 5.0, "its worker is gone with it")


def is_exact(each: Scene, item: str) -> bool:
    seconds = 1.5
    each.open_ahead(item)
    at_s = each.relay(item, seconds)
    assert each.player.wait_for(Ended, item).how == "whole"
    assert each.player.all(Armed, item)
    heard = each.heard(item)
    assert len(heard) <= seconds * RATE_HZ
    starts_late_s = each.player.wait_for(Started, item).at_monotonic_s - at_s
    is_stream = each.player.all(Relayed, item)[-1].filler_s == 0
    return len(heard) >= seconds * RATE_HZ - 2 and abs(starts_late_s) < 0.001 and is_stream


def test_a_source_that_goes_or_stalls_is_filled_and_back_in_3_s(tmp_path):
    with scene(tmp_path) as each:
        each.open_ahead("r")
        each.relay("r", LONG_S)
        eventually(lambda: each.player.all(Started, "r"), 10.0, "it sounds")
        assert any(back_after(each, "off", "nguồn ngắt kết nối") < BACK_S for _ in range(3))
        assert back_after(each, "stalled", "nguồn ngừng gửi âm thanh") < 3 * BACK_S
        each.player.link.cut("r")
        each.player.wait_for(Ended, "r")
        assert (each.loudness("r")[5:-5] > -60).all(), "never silent"


def back_after(each: Scene, what: str, why: str) -> float:
    """Let the station do `what`, then be as before; return how long after that it is heard again."""
    known = len(each.player.all(Incident))
    each.radio.air = what
    assert why in each.next_incident(known)
    each.radio.air, since_s = "on", time.monotonic()
    assert "phát tiếng chờ" in each.next_incident(known + 1)
    back_s = time.monotonic() - since_s
    time.sleep(1.2)  # the stream must be worth losing again
    return back_s


def test_what_is_no_live_station_never_sounds_and_the_reason_is_told(tmp_path):
    with scene(tmp_path) as each:
        each.player.link.prepare("r", each.radio.url("/endless.mp3"))
        eventually(lambda: each.radio.left, 30.0, "the worker has had enough")
        time.sleep(0.5)
        each.relay("r", 4.0, "/endless.mp3")
        ended = each.player.wait_for(Ended, "r", within_s=15)
        assert (ended.how, each.player.all(Relayed, "r")[-1].stream_s) == ("failed", 0.0)
        assert "nhanh hơn thời gian thật" in ended.text
        assert (each.loudness("r")[round(3.5 / 0.05) : -5] > -45).all(), "the filler sounds"


def test_a_relay_gives_way_to_time_to_an_emergency_and_to_the_end_of_its_player(tmp_path):
    with scene(tmp_path) as each:
        now_s = time.monotonic()
        each.player.link.relay("a", "http://127.0.0.1:9/", now_s - 10, now_s - 1)
        assert each.player.wait_for(Ended, "a").text == "Khung giờ tiếp âm đã qua."
        each.relay("b", LONG_S)
        each.player.wait_for(Started, "b")
        each.player.link.arm("e", write_clip(tmp_path / "e.wav", noise(0.3, 2)), 0.0, bus="emergency")
        assert each.player.wait_for(Ended, "b").how == "cut"
        each.player.link.prepare("c", each.radio.url("/live.mp3"))
        workers = eventually(psutil.Process(each.player.link.pid).children, 5.0, "one listens ahead")
        each.player.link.kill()
        eventually(
            lambda: not any(worker.is_running() for worker in workers), 10.0, "it goes with the player"
        )
