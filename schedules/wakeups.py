"""Wakes the station up. Only a timer: what is due, late or missed, our tables say, never APScheduler's jobs.

Measured habits of APScheduler 3.11 that are met here: it drops a job that is a second late (so: no grace
time); after a step of the wall clock of +5 years an interval trigger enumerates every missed second (so: a
trigger that counts from now); after a step back it sleeps until the wall clock has caught up (so: a guard).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from schedules.clock import Clock, ClockGuard, Step

log = logging.getLogger(__name__)

LOOK_S = 0.5
"""How often the guard compares the clocks."""
CRASH_EXIT_CODE = 70
_THREADS = 4
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Due whatever the wall clock was set to."""

Crash = Callable[[str, BaseException], None]


def end_the_process(name: str, error: BaseException) -> None:
    """End this process at once: a station whose timer is half dead must be started again from outside."""
    log.critical("wakeup %s crashed: %r; the process ends", name, error)
    logging.shutdown()
    os._exit(CRASH_EXIT_CODE)


class Wakeups:
    """Calls things again and again, and at once after the wall clock was set; never one name twice at a time.

    Calls come from worker threads and should be short. `on_step` hears of a step of the clock before the
    calls are woken by it. An exception in any of them goes to `on_crash`, which by default ends the process.
    """

    def __init__(
        self,
        clock: Clock,
        on_step: Callable[[Step], None] | None = None,
        on_crash: Crash = end_the_process,
    ) -> None:
        self._clock = clock
        self._on_step = on_step or _tell_the_log
        self._on_crash = on_crash
        self._scheduler = _Scheduler(
            self._crash,
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(_THREADS)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._stopping = threading.Event()
        self._guard = ClockGuard()
        self._watch = threading.Thread(target=self._watch_the_clocks, name="clock-guard", daemon=True)

    def every(self, seconds: float, name: str, call: Callable[[], None]) -> None:
        """Call `call` at once after the start and then `seconds` after each beginning; names are unique."""
        self._scheduler.add_job(
            self._guarded(name, call), _EveryFromNow(seconds), id=name, name=name, next_run_time=_AT_ONCE
        )

    def start(self) -> None:
        # It logs every single call, each second of the year.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._look_at_the_clocks()
        self._scheduler.start()
        self._watch.start()

    def stop(self) -> None:
        """Stop and wait for calls under way. Not to be called from inside a call."""
        self._stopping.set()
        if self._watch.ident is not None:
            self._watch.join()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def wake_now(self) -> None:
        """Make every call due now."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=_AT_ONCE)

    def _guarded(self, name: str, call: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                call()
            except BaseException as error:
                self._crash(name, error)

        return run

    def _watch_the_clocks(self) -> None:
        try:
            while not self._stopping.wait(LOOK_S):
                self._look_at_the_clocks()
        except BaseException as error:
            self._crash("clock-guard", error)

    def _look_at_the_clocks(self) -> None:
        step = self._guard.check(self._clock.now(), self._clock.monotonic())
        if step:
            self._on_step(step)
            self.wake_now()

    def _crash(self, name: str, error: BaseException) -> None:
        log.error("wakeup %s crashed", name, exc_info=error)
        self._on_crash(name, error)


def _tell_the_log(step: Step) -> None:
    log.warning("the wall clock was set by %+.1f s", step.by_s)


class _EveryFromNow(BaseTrigger):  # type: ignore[misc]  # APScheduler carries no types
    """Fires `seconds` after now, so that no step of the clock makes it catch up."""

    def __init__(self, seconds: float) -> None:
        self._period = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self._period


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]
    """A BackgroundScheduler whose own thread does not die quietly."""

    def __init__(self, on_crash: Crash, **options: Any) -> None:
        self._crash = on_crash
        super().__init__(**options)

    def _main_loop(self) -> None:
        try:
            super()._main_loop()
        except BaseException as error:
            self._crash("timer", error)
