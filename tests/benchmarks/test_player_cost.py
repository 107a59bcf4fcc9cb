"""What a player of each kind costs while it plays and keeps what it plays."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from audio.player_link import OutputSpec, Ready, Report
from tests.contracts.listeners import icecast, snapserver  # noqa: F401
from tests.contracts.test_outputs import spec_of
from tests.player_rig import Told, noise, write_clip
from tests.sound_server import _session_server, sound_server  # noqa: F401

SECONDS = 12.0
KINDS = (
    ("soundcard", {}),
    ("file", {}),
    ("icecast", {}),
    ("icecast", {"format": "mp3"}),
    ("rtp", {"codec": "L16"}),
    ("rtp", {"codec": "G722"}),
    ("rtp", {"codec": "PCMU"}),
    ("snapcast", {}),
)
_ids = [" ".join((kind, *options.values())) for kind, options in KINDS]


@pytest.mark.benchmark
@pytest.mark.usefixtures("sound_server")
@pytest.mark.parametrize(("kind", "options"), KINDS, ids=_ids)
def test_cost_of_a_player_that_plays_and_keeps(
    kind: str, options: dict[str, str], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    plain = spec_of(kind, request, tmp_path)
    spec = OutputSpec(
        kind, plain.target, 0.0, plain.folder, {**plain.options, **options}, aircheck=tmp_path / "kept"
    )
    with Told(spec) as player:
        player.wait_for(Ready)
        player.link.arm("a", write_clip(tmp_path / "a.wav", noise(60.0)), 0.0)
        player.wait_for(Report, "a", such_that=lambda report: report.seconds_accepted > 1.0)
        process = psutil.Process(player.link.pid)
        before, began_s = process.cpu_times(), time.monotonic()
        time.sleep(SECONDS)
        after, took_s = process.cpu_times(), time.monotonic() - began_s
        memory_mb = process.memory_info().rss / 1e6
    used_s = after.user + after.system - before.user - before.system
    print(f"\n{kind} {options}: {used_s / took_s:.2%} of a core, {memory_mb:.0f} MB resident")
    assert memory_mb <= 80.0
