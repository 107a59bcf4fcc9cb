"""Different bulletins in different zones at the same second, on two sound cards of one station."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.playout import requesting, zones
from broadcaster.records import history
from broadcaster.store import Store
from broadcaster.store.models import History
from schedules.clock import SystemClock
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation
from tests.sound_server import Ear, SoundServer, eventually, own_sound_server, position_of  # noqa: F401

pytestmark = pytest.mark.journey

CLIP_S = 3.0
OTHER = "Loa hai"
TOGETHER_S = 0.1
"""Two ears and two cards, each measured to some milliseconds on a busy machine."""


@pytest.fixture
def other_ear(own_sound_server: SoundServer) -> Iterator[Ear]:  # noqa: F811
    with closing(own_sound_server.add_sink("loa2", OTHER)) as ear:
        yield ear


@pytest.fixture
def desk(own_sound_server: SoundServer, other_ear: Ear, tmp_path: Path) -> Iterator[Desk]:  # noqa: F811
    """A station with a second zone on the second card."""
    station = RunningStation(tmp_path / "tram").start()
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    with desk.store.write() as rows:
        now = desk.clock.now()
        card = zones.save_output(rows, desk.operator, now, name=OTHER, kind="soundcard", target=OTHER)
        zones.save_zone(rows, desk.operator, now, name="Chợ", output_id=card.id, sound_kind="plain")
    yield desk
    desk.store.close()
    station.stop()


def test_each_zone_hears_its_own_at_the_same_second(desk, own_sound_server, other_ear):  # noqa: F811
    here, there = noise(CLIP_S, seed=11), noise(CLIP_S, seed=12)
    for ear in (own_sound_server.ear, other_ear):
        ear.wait_until_steady()
    at = desk.clock.now() + timedelta(seconds=8)
    numbers = [desk.approved(title, sound=sound) for title, sound in (("Một", here), ("Hai", there))]
    with desk.store.write() as rows:
        for zone_id, number in enumerate(numbers, start=1):
            requesting.request_at(rows, desk.operator, number, at, [zone_id], desk.clock.now())
    rows = eventually(lambda: _both(desk), 40, "both have ended")
    assert {(row.title, row.result, row.zones[0]["zone"]) for row in rows} == {
        ("Một", "played", "Toàn phường"),
        ("Hai", "played", "Chợ"),
    }
    first = own_sound_server.ear.moment_of(own_sound_server.ear.find(here))
    second = other_ear.moment_of(other_ear.find(there))
    print(f"the two began {1000 * abs(first - second):.1f} ms apart")
    assert abs(first - second) < TOGETHER_S
    assert position_of(there, own_sound_server.ear.heard()) is None
    assert position_of(here, other_ear.heard()) is None


def _both(desk: Desk) -> list[History]:
    with desk.store.read() as session:
        found = history.find(session)
    return found if len(found) == 2 else []
