from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime, time, timedelta

import pytest

from broadcaster.errors import StoreError
from broadcaster.nightly import LONGEST_WAIT, QUIET_FOR, Nightly, Task, last_night
from broadcaster.playout import clock_watch, nightly_call, notify, requesting
from broadcaster.records import nights
from broadcaster.store import pulse
from schedules.clock import LOCAL
from tests.broadcaster.playout.conftest import desk, empty_store  # noqa: F401

EVENING = datetime(2026, 11, 23, 20, 0, tzinfo=LOCAL)
NIGHT = datetime(2026, 11, 24, 1, 30, tzinfo=LOCAL)
HOUR = timedelta(hours=1)


class Tasks:
    """Two tasks that count; `broken` holds what the first one fails with."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.broken: Exception | None = None
        self.all = (
            Task("one", "Việc một", lambda *_: self._do("one", self.broken)),
            Task("two", "Việc hai", lambda *_: self._do("two")),
            Task("week", "Việc tuần", lambda *_: self._do("week"), every_days=7),
        )

    def _do(self, key: str, error: Exception | None = None) -> str:
        if error is not None:
            raise error
        self.done.append(key)
        return "Xong."

    def taken(self) -> list[str]:
        done, self.done = self.done, []
        return done


@pytest.fixture
def tasks():
    return Tasks()


@pytest.fixture
def night(desk, tasks):  # noqa: F811
    """Run the process once at a moment."""
    process = Nightly(desk.store, desk.clock, tasks.all)

    def at(moment: datetime) -> list[str]:
        desk.clock.advance_to(moment)
        process.run(threading.Event())
        return tasks.taken()

    assert at(EVENING) == []
    return at


def test_the_tasks_are_done_once_a_night_in_their_order(night):
    assert night(NIGHT - HOUR) == []
    assert night(NIGHT) == ["one", "two", "week"]
    assert night(NIGHT + HOUR) == []
    assert night(NIGHT + 24 * HOUR) == ["one", "two"]


def test_a_weekly_task_comes_again_after_a_week(night):
    night(NIGHT)
    done = [night(NIGHT + timedelta(days=day)) for day in range(1, 9)]
    assert ["week" in each for each in done] == [False] * 6 + [True, False]


def test_a_night_without_power_is_made_up_for(night):
    assert night(NIGHT + 6 * HOUR) == ["one", "two", "week"]


def test_nights_that_a_wrong_clock_dated_years_ahead_keep_none_from_being_done(desk, night):  # noqa: F811
    night(EVENING)
    ahead = NIGHT.replace(year=2031)
    with desk.store.write() as session:
        for key in ("one", "two", "week"):
            nights.note(session, key, ahead, ahead, True, "Xong.")
    assert night(NIGHT + HOUR) == ["one", "two", "week"]
    assert night(NIGHT + 2 * HOUR) == []


def test_a_new_station_has_no_night_behind_it(desk, tasks):  # noqa: F811
    Nightly(desk.store, desk.clock, tasks.all).run(threading.Event())
    assert tasks.taken() == []


def test_it_waits_for_what_sounds_soon(desk, night):  # noqa: F811
    number = desk.approved("Tin đêm", 60)
    with desk.store.write() as session:
        requesting.request_at(session, desk.operator, number, NIGHT + QUIET_FOR, [], desk.clock.now())
    assert night(NIGHT + timedelta(minutes=1)) == []
    assert night(NIGHT + LONGEST_WAIT - HOUR) == []
    assert night(NIGHT + LONGEST_WAIT + HOUR) == ["one", "two", "week"]


def test_it_waits_for_what_sounds_now(desk, night):  # noqa: F811
    pulse.beat(desk.store.folder, "station", on_air=[{"title": "Tiếp âm"}])
    assert night(NIGHT) == []
    pulse.beat(desk.store.folder, "station", on_air=[])
    assert night(NIGHT + HOUR) == ["one", "two", "week"]


def test_it_waits_while_the_clock_is_in_doubt(desk, night):  # noqa: F811
    with desk.store.write() as session:
        clock_watch.place_clock_hold(session, "Năm 2031?", desk.clock.now())
    assert night(NIGHT) == []


@pytest.mark.parametrize("error", [StoreError("Ổ đĩa đầy."), OSError("no"), ZeroDivisionError()])
def test_one_that_fails_stops_no_other_and_people_are_told_until_it_is_well(desk, night, tasks, error):  # noqa: F811
    tasks.broken = error
    assert night(NIGHT) == ["two", "week"]
    with desk.store.read() as session:
        [told] = [notice for notice in notify.standing(session) if notice.kind == "keeping"]
        assert told.text.startswith("Việc một: ")
        assert not nights.last(session, "one").is_well
    tasks.broken = None
    assert night(NIGHT + 24 * HOUR) == ["one", "two"]
    with desk.store.read() as session:
        assert [notice for notice in notify.standing(session) if notice.kind == "keeping"] == []


def test_a_task_may_be_asked_for_at_any_hour(desk, night):  # noqa: F811
    nightly_call.ask(desk.store.folder, "two")
    assert nightly_call.Caller(desk.store.folder)()
    assert night(EVENING + HOUR) == ["two"]
    assert nightly_call.asked(desk.store.folder) == ()
    assert night(NIGHT) == ["one", "two", "week"]


def test_the_supervisor_calls_it_a_minute_after_the_start_and_then_now_and_then(tmp_path):
    passed = [0.0]
    caller = nightly_call.Caller(tmp_path, lambda: passed[0])
    assert not caller()
    passed[0] = nightly_call.FIRST_LOOK_S
    assert caller()
    (tmp_path / "run").mkdir()
    nightly_call.look_again(tmp_path, 30)
    assert not caller()
    nightly_call.look_again(tmp_path, -1)
    assert caller()


def test_the_last_night_is_that_of_the_stations_clock():
    assert last_night(NIGHT, time(1, 30)) == NIGHT
    assert last_night(NIGHT - timedelta(seconds=1), time(1, 30)) == NIGHT - timedelta(days=1)


def test_the_process_does_what_was_asked_and_ends(desk):  # noqa: F811
    nightly_call.ask(desk.store.folder, "backup")
    command = [sys.executable, "-m", "broadcaster.nightly", "--data", str(desk.store.folder)]
    assert subprocess.run(command, check=False, stdin=subprocess.DEVNULL, timeout=60).returncode == 0
    with desk.store.read() as session:
        assert nights.last(session, "backup").is_well
    assert len(list((desk.store.folder / "backups" / "sets").glob("[0-9]*"))) == 1
