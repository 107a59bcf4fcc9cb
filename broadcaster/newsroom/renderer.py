"""The renderer process: `python -m broadcaster.newsroom.renderer --data DIR`.

Most of the day nobody asks for a clip. So this process only waits, with nothing but the standard library's
sqlite3 in its hands, and starts `render_work` when a rendering is asked for, `recordings_worker` when a sound
was sent; they make clips and end when there has been nothing to do for a while. They do not wait for each
other. One that dies is started again, one that hangs is killed.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from broadcaster import lifeline, logs
from broadcaster.settings import Settings, load
from broadcaster.store import pulse

NAME = "renderer"
WORKERS = {"render_work": "rendering", "recordings_worker": "recording"}
"""Which table holds the work of which process."""
LOOK_EVERY_S = 0.2
LOOK_ANYWAY_EVERY_S = 5.0
BEAT_EVERY_S = 1.0
HANGS_S = 30.0
"""No new sign of life of the worker for this long: it is killed."""
STOP_S = 4.0
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 15.0)
"""Waits before a worker that keeps dying is started again."""
STEADY_S = 20.0
CLEAN_EVERY_S = 86_400.0
"""Each worker is started so often even when nothing is asked for: it throws away what nobody needs."""
_ASKED_FOR = "SELECT 1 FROM {} WHERE state IN ('waiting', 'running') LIMIT 1"

logger = logging.getLogger(__name__)


class Doorbell:
    """Tells whether a clip is asked for, by two cheap looks at the SQLite file.

    The query runs only after somebody has committed, and every few seconds anyway.
    """

    def __init__(self, file: Path, table: str) -> None:
        self._file = file
        self._query = _ASKED_FOR.format(table)
        self._connection: sqlite3.Connection | None = None
        self._seen = -1
        self._looked_at = -LOOK_ANYWAY_EVERY_S
        self._trouble = ""

    def rings(self) -> bool:
        """Return whether there is something to do; False too while the store cannot be read."""
        try:
            return self._has_changed() and self._is_asked_for()
        except sqlite3.Error as error:
            if str(error) != self._trouble:
                logger.warning("cannot look into %s: %s", self._file, error)
            self._trouble = str(error)
            self.close()
            return False

    def _has_changed(self) -> bool:
        connection = self._connected()
        version = int(connection.execute("PRAGMA data_version").fetchone()[0])
        is_due = time.monotonic() - self._looked_at > LOOK_ANYWAY_EVERY_S
        changed, self._seen = version != self._seen, version
        return changed or is_due

    def _is_asked_for(self) -> bool:
        self._looked_at = time.monotonic()
        return self._connected().execute(self._query).fetchone() is not None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            address = f"{self._file.absolute().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(address, uri=True, isolation_level=None)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Keeper:
    """Keeps one worker while there is work for it."""

    def __init__(self, settings: Settings, worker: str) -> None:
        self._folder = settings.folder
        self._name = worker
        file = database_file(settings)
        self._bell = Doorbell(file, WORKERS[worker]) if file else None
        self._worker: subprocess.Popen[bytes] | None = None
        self._started_at = time.monotonic()
        self._deaths = 0
        self._not_before = 0.0
        self._last_beat: float | None = None
        self._beat_seen_at = 0.0

    @property
    def is_working(self) -> bool:
        return self._worker is not None

    def close(self) -> None:
        self._stop_worker()
        if self._bell:
            self._bell.close()

    def tend(self) -> None:
        """Start the worker when there is something to do, note its end, kill it when it hangs."""
        if self._worker is None:
            if time.monotonic() >= self._not_before and self._is_needed():
                self._start()
        elif (status := self._worker.poll()) is not None:
            self._note_end(status)
        elif self._hangs():
            logger.error("%s shows no sign of life; killing it", self._name)
            self._worker.kill()

    def _is_needed(self) -> bool:
        is_due = time.monotonic() - self._started_at > CLEAN_EVERY_S
        return self._bell is None or is_due or self._bell.rings()

    def _start(self) -> None:
        stay = () if self._bell else ("--stay",)
        self._worker = subprocess.Popen(
            (sys.executable, "-m", f"broadcaster.newsroom.{self._name}", "--data", str(self._folder), *stay),
            stdin=subprocess.PIPE,
            env=os.environ | {lifeline.VARIABLE: "1"},
        )
        self._started_at = self._beat_seen_at = time.monotonic()

    def _note_end(self, status: int) -> None:
        self._close_pipe()
        self._worker = None
        if status == 0:
            self._deaths = 0
            return
        logger.error("%s ended with status %s", self._name, status)
        lived_s = time.monotonic() - self._started_at
        self._deaths = 1 if lived_s > STEADY_S else self._deaths + 1
        self._not_before = time.monotonic() + PAUSES_S[min(self._deaths, len(PAUSES_S)) - 1]

    def _hangs(self) -> bool:
        beat = pulse.read(self._folder, self._name)
        if beat is not None and beat.at != self._last_beat:
            self._last_beat, self._beat_seen_at = beat.at, time.monotonic()
        return time.monotonic() - self._beat_seen_at > HANGS_S

    def _stop_worker(self) -> None:
        if self._worker is None:
            return
        self._close_pipe()
        try:
            self._worker.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()

    def _close_pipe(self) -> None:
        if self._worker is not None and self._worker.stdin is not None:
            with contextlib.suppress(OSError):
                self._worker.stdin.close()


def run(settings: Settings, stop: threading.Event) -> None:
    """Wait, start and watch until `stop` is set."""
    keepers = [Keeper(settings, worker) for worker in WORKERS]
    beaten_at = -BEAT_EVERY_S
    try:
        while not stop.is_set():
            for keeper in keepers:
                keeper.tend()
            if time.monotonic() - beaten_at >= BEAT_EVERY_S:
                pulse.beat(settings.folder, NAME, is_working=any(keeper.is_working for keeper in keepers))
                beaten_at = time.monotonic()
            stop.wait(LOOK_EVERY_S)
    finally:
        for keeper in keepers:
            keeper.close()


def database_file(settings: Settings) -> Path | None:
    """Return the SQLite file of the store, or None when it is another database."""
    if not settings.database_url:
        return settings.folder / "station.db"
    kind, _, path = settings.database_url.partition(":///")
    return Path(path) if kind == "sqlite" else None


def _step_back() -> None:
    """Give way to whatever sounds, we and all that we start: speech is prepared ahead, playing is not."""
    process = psutil.Process()
    process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else 10)


def main() -> int:
    parser = argparse.ArgumentParser(prog=f"broadcaster.newsroom.{NAME}")
    parser.add_argument("--data", type=Path, required=True)
    settings = load(parser.parse_args().data)
    logs.set_up(settings.folder, NAME, settings.log_level)
    _step_back()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    lifeline.hold(stop)
    run(settings, stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
