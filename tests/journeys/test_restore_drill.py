"""The disk is lost in the middle of a write: last night's backup becomes a station in another folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.keeping import places, sets, settling
from broadcaster.playout import nightly_call, requesting, running_order
from broadcaster.records import history, restorations
from broadcaster.store import Store
from broadcaster.store.models import AiringState
from schedules.clock import OFFSET_FILE_VARIABLE, Clock, SystemClock, clock_from_environment
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation
from tests.sound_server import eventually

pytestmark = pytest.mark.journey

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from broadcaster.records import audit
from broadcaster.store import Store
store, count = Store(Path(sys.argv[1])), 0
while True:
    with store.write() as session:
        for _ in range(20):
            audit.note(session, None, "written", f"row {count}", datetime.now(UTC))
            count += 1
    print(count, flush=True)
"""


class Station:
    """A running station and the desk of the people who work with it."""

    def __init__(self, folder: Path, clock: Clock, people: Desk | None = None) -> None:
        self.running = RunningStation(folder).start()
        self.desk = Desk(Store(folder), clock)
        if people is None:
            self.desk.furnish()
        else:
            self.desk.officer, self.desk.approver = people.officer, people.approver
            self.desk.operator = people.operator
        self.running.pid("station")
        self.running.pid("player")

    def ask(self, number: int, in_s: float) -> str:
        now = self.desk.clock.now()
        with self.desk.store.write() as session:
            at = now + timedelta(seconds=in_s)
            return requesting.request_at(session, self.desk.operator, number, at, [], now).id

    def close(self) -> None:
        self.running.stop()
        self.desk.store.close()


@pytest.fixture
def opened() -> Iterator[list[Station]]:
    stations: list[Station] = []
    yield stations
    for station in stations:
        station.close()


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "broadcaster", "--data", str(folder), *words]
    return subprocess.run(call, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60)


def test_a_killed_station_lives_on_from_last_nights_backup_and_names_the_gap(tmp_path, opened, monkeypatch):
    old = Station(tmp_path / "cu", SystemClock())
    opened.append(old)
    number = old.desk.approved("Lịch tiêm chủng", sound=noise(3.0, seed=1))
    in_the_gap = old.ask(number, 60.0)
    backup = _back_up(old)
    _pull_the_plug_while_writing(old)

    later = tmp_path / "two minutes later"
    later.write_text("120")
    monkeypatch.setenv(OFFSET_FILE_VARIABLE, str(later))
    folder = tmp_path / "moi"
    answer = command(folder, "restore", str(backup.folder))
    assert answer.returncode == 0, answer.stderr
    assert "không có trong sổ" in answer.stdout

    new = Station(folder, clock_from_environment(), old.desk)
    opened.append(new)
    verified = command(folder, "verify")
    assert verified.returncode == 0, verified.stderr
    with new.desk.store.read() as session:
        row = history.of_airing(session, in_the_gap)
        assert row is not None
        assert (row.result, row.cause) == (AiringState.MISSED, "restored")
        [gap] = restorations.open_ones(session)
        assert gap.copied_at == backup.made_at
        assert running_order.standing_hold(session) is not None
    with new.desk.store.write() as session:
        settling.acknowledge(session, new.desk.operator, gap.id, "Mất điện.", new.desk.clock.now())
    heard = new.ask(number, 4.0)
    assert eventually(lambda: _result(new, heard), 30.0, "it sounds again") == AiringState.PLAYED
    assert command(tmp_path / "cu", "verify").returncode == 0


def _back_up(station: Station) -> sets.BackupSet:
    """Have the nightly process make a set, as the button does."""
    nightly_call.ask(station.running.folder, "backup")
    place = places.first(station.running.folder)
    found = eventually(lambda: sets.listed(place), 30.0, "a backup is there")
    assert sets.check(found[0]) == ""
    return found[0]


def _pull_the_plug_while_writing(station: Station) -> None:
    words = [sys.executable, "-c", WRITER, str(station.running.folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        while int(writer.stdout.readline()) < 100:
            pass
        writer.kill()
        station.running.pull_the_plug()


def _result(station: Station, airing_id: str) -> str:
    with station.desk.store.read() as session:
        row = history.of_airing(session, airing_id)
        return row.result if row else ""
