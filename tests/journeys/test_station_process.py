"""The station process itself: one per folder, an orderly stop, a folder that is not its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster import lifeline
from broadcaster.playout import requesting
from broadcaster.records import chain, history
from broadcaster.store import Store
from schedules.clock import SystemClock
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation, free_port
from tests.sound_server import SoundServer, eventually, own_sound_server  # noqa: F401

pytestmark = pytest.mark.journey


@pytest.fixture
def station(own_sound_server: SoundServer, tmp_path: Path) -> Iterator[RunningStation]:  # noqa: F811
    station = RunningStation(tmp_path / "tram").start()
    yield station
    station.stop()


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def test_two_stations_on_one_folder_are_refused(station):
    data = ("--data", str(station.folder))
    station.pid("player")
    second = run("broadcaster", *data, "run", "--port", str(free_port()))
    assert second.returncode == 1
    assert "Một trạm khác đang chạy" in second.stderr
    assert run("broadcaster.playout.station", *data).returncode == lifeline.REFUSED
    assert station.answers()


def test_stopping_in_the_middle_of_an_airing_writes_what_was_heard(station):
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    number = desk.approved("Dài", sound=noise(30, seed=7))
    station.pid("player")
    with desk.store.write() as session:
        airing = requesting.request_next(session, desk.operator, number, [], desk.clock.now())
    eventually(lambda: _seconds(desk, airing.id) > 4, 30, "it sounds for some seconds")
    station.stop()
    with desk.store.read() as session:
        row = history.of_airing(session, airing.id)
        assert row is not None
        assert (row.result, row.cause) == ("cut", "station_stopped")
        assert 4 <= row.seconds_heard <= 28
        assert chain.verify(session) == []
    desk.store.close()


def test_the_demonstration_ends_well_on_a_sound_card(own_sound_server):  # noqa: F811
    done = run("broadcaster", "demo")
    assert done.returncode == 0, done.stderr
    assert "played" in done.stdout
    assert "| ra loa |" in done.stdout


def test_the_demonstration_ends_well_without_a_sound_card(monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", "unix:/nirgends")
    monkeypatch.setenv("ALSA_CONFIG_PATH", "/nirgends")
    done = run("broadcaster", "demo")
    assert done.returncode == 0, done.stderr
    assert "không ra loa" in done.stdout


def _seconds(desk: Desk, airing_id: str) -> float:
    from broadcaster.store.models import Airing

    with desk.store.read() as session:
        return session.get_one(Airing, airing_id).seconds_heard or 0.0
