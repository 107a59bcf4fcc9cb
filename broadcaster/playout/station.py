"""The station process: builds the playout in order, runs it, and stops it in reverse.

    python -m broadcaster.playout.station --data DIR

One per data folder. An uncaught exception in any of its threads ends the process loudly; the supervisor
starts it again, and playout goes on by the rules in `boot`.
"""

from __future__ import annotations

import argparse
import functools
import logging
import os
import signal
import sys
import threading
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio import profiles
from audio.outputs.spec import OutputSpec
from audio.player_words import Word
from broadcaster import lifeline, logs, settings
from broadcaster.accounts import sessions
from broadcaster.errors import BroadcasterError, StationRunning
from broadcaster.newsroom import approval
from broadcaster.playout import (
    aircheck_inbox,
    alert_orders,
    boot,
    cap_decisions,
    cap_watch,
    fitting,
    heard_files,
    planning,
    station_days,
    zones,
)
from broadcaster.playout.air import Air
from broadcaster.playout.aircheck import AircheckWatch
from broadcaster.playout.dead_air import DeadAir
from broadcaster.playout.duty import DutyMaker
from broadcaster.playout.ear import EarDuty
from broadcaster.playout.emergency import AlertDuty
from broadcaster.playout.engine import Engine
from broadcaster.playout.live_duty import LiveDuty
from broadcaster.playout.loudness_by_hour import LoudnessByHour
from broadcaster.playout.noticing import Noticing
from broadcaster.playout.outages import Outage
from broadcaster.playout.output_tests import OutputTests
from broadcaster.playout.players import Players, Wanted
from broadcaster.playout.readiness import LOOK_S, Readiness
from broadcaster.playout.switching import Switching
from broadcaster.store import Store
from broadcaster.store.migrate import migrate
from broadcaster.store.models import Boot, Output
from schedules.clock import Clock, clock_from_environment
from schedules.wakeups import Wakeups

logger = logging.getLogger(__name__)

LOCK_NAME = "station.lock"
PLAN_S = 600.0
SWEEP_S = 60.0
DUTIES: tuple[DutyMaker, ...] = (
    AlertDuty,
    LiveDuty,
    Switching,
    LoudnessByHour,
    DeadAir,
    AircheckWatch,
    EarDuty,
    OutputTests,
    Noticing,
)
"""What the engine does besides the running order."""


def claim_folder(folder: Path) -> FileLock:
    """Take the data folder for one station; raises StationRunning when another has it."""
    lock = FileLock(folder / "run" / LOCK_NAME)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StationRunning(
            f"Một trạm khác đang chạy trên thư mục dữ liệu {folder}; hãy tắt trạm đó trước."
        ) from error
    return lock


class Station:
    """One running playout over one store."""

    def __init__(self, store: Store, clock: Clock, sound_device: str = "") -> None:
        self._store = store
        self._clock = clock
        self._sound_device = sound_device
        self._boot, outage = self._begin()
        self._players = Players(store.folder / "heard", self._hear, clock.monotonic)
        air = Air(self._players, clock)
        self._engine = Engine(store, clock, air, self._boot.id, outage, self._wanted, DUTIES)
        self._wakeups = Wakeups(clock)
        self._feeds = cap_watch.Feeds(store)

    def run(self, stopping: threading.Event) -> None:
        """Play out until `stopping` is set; what still sounds then is cut and written down."""
        with ExitStack() as stops:
            stops.callback(self._end)
            stops.callback(self._players.close)
            with self._store.read() as session:
                self._players.want(self._wanted(session))
            stops.callback(self._engine.close)
            self._set_wakeups()
            self._wakeups.start()
            stops.callback(self._wakeups.stop)
            stops.callback(self._feeds.close)
            while not stopping.is_set():
                self._engine.turn()

    def _begin(self) -> tuple[Boot, Outage | None]:
        with self._store.write() as session:
            zones.ensure_first_zone(session)
            return boot.begin(session, self._clock.now())

    def _end(self) -> None:
        with self._store.write() as session:
            boot.end(session, self._boot.id, self._clock.now())

    def _hear(self, name: str, word: Word) -> None:
        self._engine.hear(name, word)

    def _set_wakeups(self) -> None:
        """Rows are written by the engine's thread alone; the timer only reminds it."""
        reminders = ((PLAN_S, _plan), (SWEEP_S, _sweep), (boot.ALIVE_S, self._tell_alive))
        for seconds, chore in reminders:
            self._wakeups.every(seconds, chore.__name__, functools.partial(self._engine.ask, chore))
        heard = self._store.folder / heard_files.FOLDER
        self._wakeups.every(PLAN_S, "prune", lambda: _prune(heard))
        self._wakeups.every(alert_orders.CHECK_S, "orders", self._look_at_orders)
        self._wakeups.every(cap_watch.EVERY_S, "feeds", self._feeds.ask)
        readiness = Readiness(self._store, self._clock, self._engine.ask)
        self._wakeups.every(LOOK_S, "readiness", readiness.look)

    def _look_at_orders(self) -> None:
        alert_orders.look_after(self._store, self._clock.now())

    def _tell_alive(self, session: Session, now: datetime) -> None:
        boot.still_alive(session, self._boot.id, now)

    def _wanted(self, session: Session) -> list[Wanted]:
        rows = session.scalars(select(Output).where(Output.is_active))
        return [Wanted(row.id, row.name, self._spec(row)) for row in rows]

    def _spec(self, row: Output) -> OutputSpec:
        target = row.target or (self._sound_device if row.kind == "soundcard" else "")
        folder = self._store.folder / "heard" if row.kind == "file" else None
        options = {**row.options, profiles.OPTION: _sound_kinds(row)}
        aircheck = aircheck_inbox.incoming(self._store.folder, row.id)
        return OutputSpec(row.kind, target, row.latency_ms / 1000, folder, options, aircheck)


def _sound_kinds(row: Output) -> list[str]:
    """Return what makes the sound where this output is heard, so that its player may suit it."""
    return sorted({zone.sound_kind for zone in row.zones if zone.is_active})


def _prune(heard: Path) -> None:
    heard_files.prune(heard)


def _plan(session: Session, now: datetime) -> None:
    planning.plan_ahead(session, now)
    station_days.withhold(session, now)
    fitting.settle(session, now)


def _sweep(session: Session, now: datetime) -> None:
    sessions.forget_pens(session, now)
    approval.expire_due(session, now)
    cap_decisions.sweep(session, now)
    planning.withdraw_airings(session, now)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    folder: Path = parser.parse_args().data
    threading.excepthook = _end_loudly
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        known = settings.load(folder)
        logs.set_up(folder, "station", known.log_level)
        store = Store(folder, known.database_url)
        with claim_folder(folder):
            lifeline.hold(stopping)
            migrate(store)
            Station(store, clock_from_environment(), known.sound_device).run(stopping)
    except StationRunning as error:
        sys.stderr.write(f"{error}\n")
        return lifeline.REFUSED
    except BroadcasterError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _end_loudly(args: threading.ExceptHookArgs) -> None:
    """A thread never dies quietly: the process goes with it, and the supervisor starts a new one."""
    thread = args.thread.name if args.thread else "?"
    logger.critical("thread %s died", thread, exc_info=args.exc_value)
    logging.shutdown()
    os._exit(70)


if __name__ == "__main__":
    sys.exit(main())
