"""What a real station kept of what a real sound server heard: the same sound, also after a power cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from broadcaster.playout import requesting
from broadcaster.records import airchecks, history
from broadcaster.store import Store
from broadcaster.store.models import Aircheck, Airing
from schedules.clock import SystemClock
from tests.broadcaster.playout.kept import RATE_HZ, decoded, s16, talk
from tests.desk import Desk
from tests.journeys.stations import RunningStation
from tests.sound_server import SoundServer, eventually, own_sound_server  # noqa: F401

pytestmark = pytest.mark.journey


@pytest.fixture
def station(own_sound_server: SoundServer, tmp_path: Path) -> Iterator[RunningStation]:  # noqa: F811
    station = RunningStation(tmp_path / "tram").start()
    yield station
    station.stop()


@pytest.fixture
def desk(station: RunningStation) -> Iterator[Desk]:
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    yield desk
    desk.store.close()


def air(desk: Desk, title: str, sound: np.ndarray) -> str:
    number = desk.approved(title, sound=s16(sound))
    with desk.store.write() as session:
        return requesting.request_next(session, desk.operator, number, [], desk.clock.now()).id


def seconds(desk: Desk, airing_id: str) -> float:
    with desk.store.read() as session:
        return session.get_one(Airing, airing_id).seconds_heard or 0.0


def kept(desk: Desk, airing_id: str) -> Aircheck:
    def look() -> list[Aircheck]:
        with desk.store.read() as session:
            return airchecks.of_airing(session, airing_id)

    (row,) = eventually(look, 40.0, "the archivist has taken it in")
    return row


def test_what_was_heard_is_kept_whole_and_as_far_as_the_power_lasted(station, desk):
    station.pid("player")
    whole, cut = talk(5.0, seed=1), talk(60.0, seed=2)

    first = kept(desk, air(desk, "Tin trọn", whole))
    sound = decoded(station.folder / first.file)
    assert abs(len(sound) - len(whole)) < 0.05 * RATE_HZ
    assert np.corrcoef(sound, whole[: len(sound)])[0, 1] > 0.95
    assert first.likeness > 0.99

    second = air(desk, "Tin dở", cut)
    eventually(lambda: seconds(desk, second) >= 5, 30, "it sounds for some seconds")
    station.pull_the_plug()
    station.start()
    row = kept(desk, second)
    sound = decoded(station.folder / row.file)
    with desk.store.read() as session:
        written = history.of_airing(session, second)
    assert written.result == "cut"
    assert row.seconds >= written.seconds_heard - 0.5
    assert abs(len(sound) / RATE_HZ - row.seconds) < 0.05
    assert np.corrcoef(sound, cut[: len(sound)])[0, 1] > 0.95
