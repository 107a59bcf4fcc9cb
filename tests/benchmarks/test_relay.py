"""How soon a relay is heard again after its source has returned, and what it costs. Real Icecast, real ffmpeg
as the other station, a real player on a null sink."""

from __future__ import annotations

import subprocess
import time

import numpy as np
import psutil
import pytest

from audio.outputs.spec import OutputSpec
from audio.player_words import Ended, Incident, Ready, Relayed, Started
from tests.contracts.listeners import PASSWORD, Icecast, icecast  # noqa: F401
from tests.player_rig import Told
from tests.sound_server import DEVICE, SoundServer, _session_server, eventually, sound_server  # noqa: F401

pytestmark = pytest.mark.benchmark
CUTS = 10
GONE_S = 4.0
WATCH_S = 20.0
FORMS = {
    "mp3": ("libmp3lame", "mp3", "audio/mpeg"),
    "aac": ("aac", "adts", "audio/aac"),
    "opus": ("libopus", "ogg", "audio/ogg"),
}


class Station:
    """Debian's ffmpeg sending noise to a mount in real time."""

    def __init__(self, server: Icecast, form: str) -> None:
        codec, muxer, kind = FORMS[form]
        self._server = server
        self._command = [
            "ffmpeg", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "anoisesrc=a=0.1:c=pink", "-ac", "1",
            "-ar", "48000", "-c:a", codec, "-b:a", "64k", "-f", muxer, "-content_type", kind,
            f"icecast://source:{PASSWORD}@{server.target}",
        ]  # fmt: skip
        self.begin()

    def begin(self) -> float:
        """Return the moment at which the server has the stream."""
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)
        eventually(self._server.has_stream, 10.0, "the mount is there")
        return time.monotonic()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        eventually(lambda: not self._server.has_stream(), 10.0, "the mount is gone")


@pytest.mark.parametrize("form", list(FORMS))
def test_back_after_the_source_and_cost(icecast: Icecast, sound_server: SoundServer, form: str) -> None:  # noqa: F811
    station = Station(icecast, form)
    try:
        with Told(OutputSpec("soundcard", DEVICE)) as player:
            player.wait_for(Ready)
            at_s = time.monotonic() + 4.0
            player.link.prepare("r", icecast.url)
            player.link.relay("r", icecast.url, at_s, at_s + WATCH_S + CUTS * 15 + 60)
            player.wait_for(Started, "r")
            time.sleep(2.0)
            cost = _cost(psutil.Process(player.link.pid))
            backs = [_cut(player, station) for _ in range(CUTS)]
            share = player.all(Relayed, "r")[-1]
            player.link.cut("r")
            player.wait_for(Ended, "r")
    finally:
        station.end()
    print(
        f"\nrelay of {form}: {CUTS} cuts of {GONE_S:.0f} s, heard again after the mount is back: "
        f"median {np.median(backs):.2f}, worst {max(backs):.2f} s; "
        f"stream {share.stream_s:.0f} s, filler {share.filler_s:.0f} s\n  {cost}"
    )
    assert max(backs) <= 3.0


def _cut(player: Told, station: Station) -> float:
    """Take the source away for a while; return how long after its return it is heard."""
    known = len(player.all(Incident, "r"))
    station.end()
    time.sleep(GONE_S)
    back_s = station.begin()
    eventually(lambda: player.all(Incident, "r")[known + 1 :], 10.0, "it is back")
    heard_s = time.monotonic()
    time.sleep(3.0)
    return heard_s - back_s


def _cost(player: psutil.Process) -> str:
    (worker,) = player.children()
    processes = {"player": player, "worker": worker}
    before = {name: sum(each.cpu_times()[:2]) for name, each in processes.items()}
    time.sleep(WATCH_S)
    return ", ".join(
        f"{name} {(sum(each.cpu_times()[:2]) - before[name]) / WATCH_S * 100:.1f} % of a core, "
        f"{each.memory_info().rss / 1e6:.0f} MB"
        for name, each in processes.items()
    )
