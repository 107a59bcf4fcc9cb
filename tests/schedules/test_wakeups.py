from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import apscheduler.schedulers.base
import pytest

from schedules.clock import Step, SystemClock
from schedules.wakeups import CRASH_EXIT_CODE, Wakeups
from tests.clocks import FakeClock

FIVE_YEARS_S = 5 * 365 * 86_400.0


def until(holds: Callable[[], bool], within_s: float = 5.0) -> bool:
    """Return whether `holds` became true in time."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.01)
    return holds()


class Calls:
    """Remembers when it was called."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def __call__(self) -> None:
        self.at.append(time.monotonic())

    def since(self, moment: float) -> list[float]:
        return [at for at in self.at if at >= moment]


class WallClock(SystemClock):
    """The wall clock of this process, which may be set; `patch` makes APScheduler see it too."""

    def __init__(self) -> None:
        self.moved = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.moved

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moved = self

        class Moved(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + moved.moved

        monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Moved)


@pytest.fixture
def crashes() -> list[tuple[str, BaseException]]:
    return []


@pytest.fixture
def started(crashes) -> Iterator[Callable[..., Wakeups]]:
    """Start wakeups over a clock with calls by name, and stop them afterwards."""
    made: list[Wakeups] = []

    def start(clock, every_s: float = 0.2, on_step=None, **calls: Callable[[], None]) -> Wakeups:
        wakeups = Wakeups(clock, on_step, on_crash=lambda name, error: crashes.append((name, error)))
        made.append(wakeups)
        for name, call in calls.items():
            wakeups.every(every_s, name, call)
        wakeups.start()
        return wakeups

    yield start
    for wakeups in made:
        wakeups.stop()


def test_calls_come_at_once_and_then_again_and_again(started):
    began, tick = time.monotonic(), Calls()
    started(SystemClock(), tick=tick)
    assert until(lambda: len(tick.at) >= 4)
    assert tick.at[0] - began < 0.5
    assert len(tick.at) <= (time.monotonic() - began) / 0.2 + 2


def test_each_call_has_its_own_period(started):
    often, seldom = Calls(), Calls()
    wakeups = started(SystemClock(), often=often)
    wakeups.every(3600, "seldom", seldom)
    assert until(lambda: len(often.at) >= 5)
    assert len(seldom.at) == 1


@pytest.mark.parametrize("by_s", [FIVE_YEARS_S, -3600.0])
def test_calls_go_on_within_two_seconds_after_the_wall_clock_was_set(started, monkeypatch, by_s):
    clock, tick, steps = WallClock(), Calls(), []
    clock.patch(monkeypatch)
    started(clock, on_step=steps.append, tick=tick)
    assert until(lambda: len(tick.at) >= 2)
    set_at = time.monotonic()
    clock.moved = timedelta(seconds=by_s)
    assert until(lambda: len(tick.since(set_at)) >= 5, within_s=2.0)
    assert until(lambda: bool(steps))
    assert steps[0].by_s == pytest.approx(by_s, abs=0.5)
    assert len(steps) == 1


def test_a_step_wakes_even_what_comes_once_an_hour(started):
    clock, plan, steps = FakeClock(), Calls(), []
    started(clock, every_s=3600, on_step=lambda step: steps.append((step, len(plan.at))), plan=plan)
    assert until(lambda: len(plan.at) == 1)
    clock.step(-3600)
    assert until(lambda: len(plan.at) == 2)
    assert steps == [(Step(by_s=-3600), 1)], "on_step hears of it before the calls are woken"


def test_the_log_does_not_grow_with_every_call(started, caplog):
    tick = Calls()
    with caplog.at_level(logging.INFO):
        started(SystemClock(), every_s=0.05, tick=tick)
        assert until(lambda: len(tick.at) >= 5)
    assert len(caplog.records) < 3


def test_wake_now_calls_everything_now(started):
    one, two = Calls(), Calls()
    wakeups = started(SystemClock(), every_s=3600, one=one, two=two)
    assert until(lambda: len(one.at) == len(two.at) == 1)
    wakeups.wake_now()
    assert until(lambda: len(one.at) == len(two.at) == 2)


def test_a_call_that_takes_long_is_never_under_way_twice(started):
    under_way, most, done = [], [], Calls()

    def slow() -> None:
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(0.3)
        under_way.pop()
        done()

    started(SystemClock(), every_s=0.05, slow=slow)
    assert until(lambda: len(done.at) >= 3)
    assert max(most) == 1


def test_a_late_call_is_never_dropped(started):
    """APScheduler's own grace time is one second; four busy threads must not cost the fifth its call."""
    gate, waited = threading.Event(), Calls()
    busy = {f"busy {number}": gate.wait for number in range(4)}
    started(SystemClock(), every_s=3600, **busy, waited=waited)
    time.sleep(1.3)
    assert waited.at == []
    gate.set()
    assert until(lambda: len(waited.at) == 1)


def test_an_exception_in_a_call_is_told_with_its_name(started, crashes, caplog):
    def broken() -> None:
        raise ZeroDivisionError("hỏng")

    with caplog.at_level(logging.ERROR):
        started(SystemClock(), every_s=3600, broken=broken)
        assert until(lambda: bool(crashes))
    name, error = crashes[0]
    assert (name, str(error)) == ("broken", "hỏng")
    assert "broken" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_even_an_exit_inside_a_call_is_a_crash(started, crashes):
    started(SystemClock(), every_s=3600, leaves=sys.exit)
    assert until(lambda: bool(crashes))
    assert isinstance(crashes[0][1], SystemExit)


def test_an_exception_on_hearing_of_a_step_is_a_crash(started, crashes):
    clock = FakeClock()

    def broken(step: Step) -> None:
        raise OSError("không ghi được")

    started(clock, on_step=broken)
    clock.step(60)
    assert until(lambda: bool(crashes))
    assert crashes[0][0] == "clock-guard"


def test_the_timers_own_thread_does_not_die_quietly(started, crashes, monkeypatch):
    clock, tick = WallClock(), Calls()
    started(clock, tick=tick)
    assert until(lambda: bool(tick.at))

    class Broken(datetime):
        @classmethod
        def now(cls, tz=None):
            raise OSError("đồng hồ hỏng")

    with monkeypatch.context() as patch:
        patch.setattr(apscheduler.schedulers.base, "datetime", Broken)
        assert until(lambda: bool(crashes))
    assert crashes[0][0] == "timer"


def test_without_another_wish_a_crash_ends_the_process_loudly():
    program = (
        "import time\n"
        "from schedules.clock import SystemClock\n"
        "from schedules.wakeups import Wakeups\n"
        "wakeups = Wakeups(SystemClock())\n"
        "wakeups.every(1, 'hỏng', lambda: 1 / 0)\n"
        "wakeups.start()\n"
        "time.sleep(30)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == CRASH_EXIT_CODE
    assert "ZeroDivisionError" in done.stderr
    assert "hỏng" in done.stderr
    assert "the process ends" in done.stderr


def test_after_stop_nothing_is_called_any_more():
    tick = Calls()
    wakeups = Wakeups(SystemClock())
    wakeups.every(0.05, "tick", tick)
    wakeups.start()
    assert until(lambda: len(tick.at) >= 2)
    wakeups.stop()
    count = len(tick.at)
    time.sleep(0.2)
    assert len(tick.at) == count
    assert not {"clock-guard", "APScheduler"} & {thread.name for thread in threading.enumerate()}


def test_stop_waits_for_a_call_under_way():
    begun, ended = threading.Event(), Calls()

    def slow() -> None:
        begun.set()
        time.sleep(0.2)
        ended()

    wakeups = Wakeups(SystemClock())
    wakeups.every(3600, "slow", slow)
    wakeups.start()
    assert begun.wait(5)
    wakeups.stop()
    assert len(ended.at) == 1


def test_what_never_started_can_be_stopped_and_woken():
    wakeups = Wakeups(SystemClock())
    wakeups.every(1, "tick", Calls())
    wakeups.wake_now()
    wakeups.stop()
    wakeups.stop()


def test_a_step_without_a_listener_is_written_to_the_log(started, caplog):
    clock = FakeClock()
    with caplog.at_level(logging.WARNING):
        started(clock)
        clock.step(-90)
        assert until(lambda: "the wall clock was set by -90.0 s" in caplog.text)
