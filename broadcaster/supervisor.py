"""Keeps the station's processes alive: each is started again when it dies or shows no sign of life.

They share nothing but the store, so any one may die while the others work on. One that has work only now and
then is started when it is called, and ends by itself. This process imports nothing of their rooms but what
tells it so, and stays small.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from broadcaster import lifeline
from broadcaster.playout import aircheck_inbox, nightly_call, notify_call
from broadcaster.store import pulse

logger = logging.getLogger(__name__)

PAUSES_S = (0.1, 0.3, 1.0, 2.0, 5.0)
"""Waits before the first, second … restart of a process that keeps dying."""
STEADY_S = 5.0
"""Alive for this long: the next death counts as a first one."""
HANGS_S = 40.0
"""No new sign of life for this long: the process hangs and is killed."""
LOOK_S = 0.2
BEAT_LOOK_S = 2.0
CALL_LOOK_S = 2.0
CALLED_AGAIN_S = 60.0
"""What is only called now and then need not die every few seconds over the same work."""
STOP_S = 6.0
"""A process gets this long to stop in order."""


@dataclass(frozen=True, slots=True)
class Role:
    """One process of the station: its name, which is also that of its sign of life, and how it starts."""

    name: str
    command: Sequence[str]
    is_called: Callable[[], bool] | None = None
    """Whether it has something to do now; None: it runs always."""


@dataclass(slots=True)
class _Child:
    role: Role
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    restart_at: float = 0.0
    last_beat: float = 0.0
    beat_seen_at: float = 0.0
    beat_look_at: float = 0.0
    call_look_at: float = 0.0


def roles(folder: Path, host: str | None, port: int | None, *, lan: bool = False) -> tuple[Role, ...]:
    """Return the processes of a station in the order in which they start."""
    data = ("--data", str(folder))
    address = (*(("--host", host) if host else ()), *(("--port", str(port)) if port is not None else ()))
    for_others = ("--lan",) if lan else ()
    return (
        Role("station", (sys.executable, "-m", "broadcaster.playout.station", *data)),
        Role("renderer", (sys.executable, "-m", "broadcaster.newsroom.renderer", *data)),
        Role("web", (sys.executable, "-m", "web", *data, *address, *for_others)),
        Role(
            aircheck_inbox.PROCESS,
            (sys.executable, "-m", "broadcaster.playout.archivist", *data),
            functools.partial(aircheck_inbox.is_called, folder),
        ),
        Role(
            notify_call.PROCESS,
            (sys.executable, "-m", "broadcaster.playout.notifier", *data),
            notify_call.Caller(folder),
        ),
        Role(
            nightly_call.PROCESS,
            (sys.executable, "-m", "broadcaster.nightly", *data),
            nightly_call.Caller(folder),
        ),
    )


class Supervisor:
    """Starts the roles in order, watches them, stops them in reverse."""

    def __init__(
        self, folder: Path, its_roles: Sequence[Role], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._now = monotonic
        self._children = [_Child(role) for role in its_roles]
        self.refused = False
        """A child must not be started again: another station has the data folder."""

    def run(self, stopping: threading.Event) -> None:
        """Watch until `stopping` is set or a child is refused its data folder."""
        try:
            while not self.refused:
                for child in self._children:
                    self._tend(child)
                if stopping.wait(LOOK_S):
                    return
        finally:
            for child in reversed(self._children):
                _stop(child)

    def pids(self) -> dict[str, int]:
        return {c.role.name: c.process.pid for c in self._children if c.process is not None}

    def _tend(self, child: _Child) -> None:
        now = self._now()
        if child.process is None:
            if now >= child.restart_at and self._is_wanted(child, now):
                self._start(child, now)
        elif (status := child.process.poll()) is not None:
            self._note_death(child, status, now)
        elif self._hangs(child, now):
            logger.error("%s shows no sign of life; killing it", child.role.name)
            child.process.kill()

    def _is_wanted(self, child: _Child, now: float) -> bool:
        if child.role.is_called is None:
            return True
        if now < child.call_look_at:
            return False
        child.call_look_at = now + CALL_LOOK_S
        return child.role.is_called()

    def _start(self, child: _Child, now: float) -> None:
        environment = os.environ | {lifeline.VARIABLE: "1"}
        child.process = subprocess.Popen(child.role.command, stdin=subprocess.PIPE, env=environment)
        child.started_at = child.beat_seen_at = now
        logger.info("%s started as process %s", child.role.name, child.process.pid)

    def _note_death(self, child: _Child, status: int, now: float) -> None:
        _let_go(child.process)
        child.process = None
        if status == 0 and child.role.is_called is not None:
            logger.info("%s has done its work", child.role.name)
            child.deaths = 0
            return
        logger.error("%s ended with status %s", child.role.name, status)
        if status == lifeline.REFUSED:
            self.refused = True
        child.deaths = 1 if now - child.started_at > STEADY_S else child.deaths + 1
        pause_s = PAUSES_S[min(child.deaths, len(PAUSES_S)) - 1]
        child.restart_at = now + (pause_s if child.role.is_called is None else CALLED_AGAIN_S)

    def _hangs(self, child: _Child, now: float) -> bool:
        """Judge by whether the sign of life changes, not by its time: the wall clock may be set."""
        if now < child.beat_look_at:
            return False
        child.beat_look_at = now + BEAT_LOOK_S
        beat = pulse.read(self._folder, child.role.name)
        if beat is not None and beat.at != child.last_beat:
            child.last_beat, child.beat_seen_at = beat.at, now
        return now - child.beat_seen_at > HANGS_S


def _let_go(process: subprocess.Popen[bytes] | None) -> None:
    """Close our end of the lifeline."""
    if process is not None and process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def _stop(child: _Child) -> None:
    """Let the process go in order, and kill it when it has not gone in time."""
    process = child.process
    if process is None:
        return
    _let_go(process)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
