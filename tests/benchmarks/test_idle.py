"""What the whole station costs while nothing happens, and while it plays. Processor time, not the clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from broadcaster.playout import requesting
from broadcaster.store import Store
from schedules.clock import SystemClock
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation
from tests.sound_server import SoundServer, eventually, own_sound_server  # noqa: F401

pytestmark = pytest.mark.benchmark
SETTLE_S = 20.0
WATCH_S = 40.0


@pytest.fixture
def station(own_sound_server: SoundServer, tmp_path: Path) -> Iterator[RunningStation]:  # noqa: F811
    station = RunningStation(tmp_path / "tram").start()
    yield station
    station.stop()


def test_memory_and_processor_time_idle_and_playing(station):
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    number = desk.approved("Dài", sound=noise(WATCH_S + 20, seed=1))
    for kind in ("station", "player", "renderer", "web", "voice"):
        station.pid(kind)
    time.sleep(SETTLE_S)
    idle = _percent_of_a_core(station)
    resident = _resident_mb(station)
    with desk.store.write() as session:
        requesting.request_next(session, desk.operator, number, [], desk.clock.now())
    eventually(lambda: _state(desk) == "started", 20)
    playing = _percent_of_a_core(station)
    desk.store.close()
    print(f"\nidle: {sum(idle.values()):.2f} % of a core {_shown(idle)}")
    print(f"playing: {sum(playing.values()):.2f} % of a core {_shown(playing)}")
    print(f"resident: {sum(resident.values()):.0f} MB {_shown(resident)}")
    assert sum(resident.values()) <= 250
    assert sum(idle.values()) <= 2.0
    assert sum(playing.values()) <= 5.0


def _percent_of_a_core(station: RunningStation) -> dict[str, float]:
    before = _processor_s(station)
    time.sleep(WATCH_S)
    after = _processor_s(station)
    return {name: (after[name] - before.get(name, 0.0)) / WATCH_S * 100 for name in after}


def _processor_s(station: RunningStation) -> dict[str, float]:
    return {_name(each): sum(each.cpu_times()[:2]) for each in station._family()}


def _resident_mb(station: RunningStation) -> dict[str, float]:
    return {_name(each): each.memory_info().rss / 1e6 for each in station._family()}


def _name(process: psutil.Process) -> str:
    return next((word for word in process.cmdline()[1:] if not word.startswith("-")), "?").rsplit(".", 1)[-1]


def _shown(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in values.items())


def _state(desk: Desk) -> str:
    with desk.store.read() as session:
        from broadcaster.store.models import Airing

        rows = session.query(Airing).all()
        return str(rows[0].state) if rows else ""
