"""kill -9 of each kind of process while an airing sounds. `make bench` does it at 20 moments each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schedules.clock import SystemClock
from tests.journeys.killing import CLIP_S, Killing
from tests.sound_server import SoundServer, own_sound_server  # noqa: F401

pytestmark = pytest.mark.journey


@pytest.fixture
def killing(own_sound_server: SoundServer, tmp_path: Path) -> Iterator[Killing]:  # noqa: F811
    killing = Killing(tmp_path / "tram", own_sound_server, SystemClock(), {})
    yield killing
    killing.close()


def test_killing_any_process_loses_no_airing_and_repeats_none(killing):
    results = {}
    for kind in ("web", "renderer", "voice", "player", "station"):
        outcome = killing.kill_during_an_airing(kind, after_s=5.0)
        results[kind] = (outcome.row.result, outcome.row.cause)
        assert not outcome.heard_twice, kind
        if kind != "station":
            assert outcome.row.seconds_heard == pytest.approx(CLIP_S, abs=0.5), kind
    assert results == {
        "web": ("played", ""),
        "renderer": ("played", ""),
        "voice": ("played", ""),
        "player": ("played", ""),
        "station": ("cut", "station_stopped"),
    }
    killing.assert_nothing_is_lost()
