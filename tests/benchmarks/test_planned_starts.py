"""The whole station killed around five planned starts, with the real clock: the rows say what happened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.playout import requesting
from broadcaster.records import chain, history
from broadcaster.store import Store
from broadcaster.store.models import Airing, History
from schedules.clock import SystemClock
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation
from tests.sound_server import eventually

pytestmark = pytest.mark.benchmark

CLIP_S = 3.0
AHEAD_S = 5.0
"""From the planning to the planned start: the station arms its players four seconds early."""


class Power:
    """A station that loses its power and gets it back. It has no sound card: its sound goes to a file."""

    def __init__(self, folder: Path) -> None:
        self.station = RunningStation(folder, {"PULSE_SERVER": "unix:/nowhere"}).start()
        self.desk = Desk(Store(folder), SystemClock())
        self.desk.furnish()
        self._count = 0

    def close(self) -> None:
        self.station.stop()
        self.desk.store.close()

    def lose_it(self, at_s: float, for_s: float = 0.0, late_window_s: int = 60) -> History:
        """Plan one airing, cut the power `at_s` after its start (before: negative), return its row."""
        self._count += 1
        number = self.desk.approved(f"Tin {self._count}", sound=noise(CLIP_S, self._count))
        self.station.pid("player")
        start = self.desk.clock.now() + timedelta(seconds=AHEAD_S)
        with self.desk.store.write() as session:
            airing = requesting.request_at(
                session, self.desk.operator, number, start, [], self.desk.clock.now()
            )
            airing.deadline = start + timedelta(seconds=late_window_s)
        self._wait_until(AHEAD_S + at_s)
        self.station.pull_the_plug()
        self._wait_until(for_s)
        self.station.start()
        return eventually(lambda: self._row(airing.id), 40.0, "the airing has its end")

    def _wait_until(self, seconds: float) -> None:
        time.sleep(seconds)  # the moment is the point of the test

    def _row(self, airing_id: str) -> History | None:
        with self.desk.store.read() as session:
            return history.of_airing(session, airing_id)


@pytest.fixture
def power(tmp_path: Path) -> Iterator[Power]:
    power = Power(tmp_path / "tram")
    yield power
    power.close()


def test_five_planned_starts_and_the_power_gone_around_each(power):
    before = power.lose_it(at_s=-4.6)
    at = power.lose_it(at_s=0.05)
    during = power.lose_it(at_s=1.5)
    after = power.lose_it(at_s=CLIP_S + 1.5)
    past = power.lose_it(at_s=-4.6, for_s=8.0, late_window_s=2)
    assert (before.result, before.seconds_heard) == ("played", pytest.approx(CLIP_S, abs=0.5))
    assert at.result == "cut" and at.cause in ("power_off", "station_stopped") and at.seconds_heard < 1.0
    assert during.result == "cut" and during.cause in ("power_off", "station_stopped")
    assert during.seconds_heard <= 2.5
    assert (after.result, after.cause) == ("played", "")
    assert (past.result, past.cause, past.seconds_heard) == ("missed", "power_off", 0.0)
    with power.desk.store.read() as session:
        assert session.query(History).count() == session.query(Airing).count() == 5
        assert chain.verify(session) == []
