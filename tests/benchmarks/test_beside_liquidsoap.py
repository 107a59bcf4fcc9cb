"""The same order beside Debian's Liquidsoap, in one run on one null sink: from the order to its first sample.

Ours keeps its stream open and begins the attention tone over a fading bulletin; Liquidsoap is told over its
telnet server to play the same tone from a queue in front of silence. `apt-get install liquidsoap` first.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.player_link import OutputSpec, Ready
from tests.benchmarks.test_emergency_player import TONE, one_alert
from tests.benchmarks.test_start_error import load
from tests.player_rig import Told, noise, write_clip
from tests.sound_server import Ear, SoundServer, _session_server, eventually, sound_server  # noqa: F401

ORDERS = 15
SCRIPT = """
settings.init.allow_root.set(true)
settings.frame.duration.set(0.02)
settings.log.stdout.set(false)
settings.log.file.set(false)
settings.server.telnet.set(true)
settings.server.telnet.bind_addr.set("127.0.0.1")
settings.server.telnet.port.set({port})
orders = request.queue(id="orders")
output.pulseaudio(fallback(track_sensitive=false, [orders, blank()]))
"""


@pytest.mark.benchmark
@pytest.mark.skipif(shutil.which("liquidsoap") is None, reason="Debian's liquidsoap is not installed")
@pytest.mark.parametrize("is_loaded", [False, True], ids=["idle", "loaded"])
def test_an_order_beside_liquidsoap(
    sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
    is_loaded: bool,
) -> None:
    clip = write_clip(tmp_path / "bulletin.wav", noise(60.0, level=300.0))
    tone = write_clip(tmp_path / "tone.wav", TONE)
    with load(is_loaded):
        with Told(OutputSpec("soundcard")) as player:
            player.wait_for(Ready)
            ours = [one_alert(player, sound_server.ear, clip, number) for number in range(ORDERS)]
        with liquidsoap(tmp_path) as port:
            theirs = [one_push(port, sound_server.ear, tone) for _ in range(ORDERS)]
    print(
        f"\n{ORDERS} orders each, {'two busy processes' if is_loaded else 'idle'}: order to first sample, ms"
        f"\n  ours       median {np.median(ours):.0f}, worst {max(ours):.0f}"
        f"\n  liquidsoap median {np.median(theirs):.0f}, worst {max(theirs):.0f}"
        f"\n  ours / theirs: {np.median(ours) / np.median(theirs):.2f}"
    )


@contextlib.contextmanager
def liquidsoap(folder: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = folder / "orders.liq"
    script.write_text(SCRIPT.format(port=port))
    process = subprocess.Popen(["liquidsoap", str(script)], env=os.environ, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _answers(port), 30.0, "liquidsoap answers")
        time.sleep(2.0)  # its stream is new, and a null sink renders the first two seconds at once
        yield port
    finally:
        process.terminate()
        process.wait(10)


def one_push(port: int, ear: Ear, tone: Path) -> float:
    """Return the milliseconds from the push to the first sample of the tone."""
    with socket.create_connection(("127.0.0.1", port)) as server:
        ordered_s = time.monotonic()
        server.sendall(f"orders.push {tone}\n".encode())
        first = ear.find(TONE, ordered_s - 0.05, within_s=10.0)
        took_ms = (ear.moment_of(first) - ordered_s) * 1000.0
    ear.wait_for(ordered_s + len(TONE) / 48_000 + 1.0, patience_s=10.0)
    return took_ms


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False
