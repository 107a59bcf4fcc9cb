from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from broadcaster import lifeline
from broadcaster.supervisor import CALLED_AGAIN_S, Role, Supervisor
from tests.clocks import FakeClock
from tests.sound_server import eventually

SLEEPER = "import sys; sys.stdin.read()"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(9)"
REFUSED = f"raise SystemExit({lifeline.REFUSED})"


class Watched:
    def __init__(self, folder: Path, *programs: str, is_called: Callable[[], bool] | None = None) -> None:
        commands = ((sys.executable, "-c", text) for text in programs)
        roles = [Role(f"p{i}", command, is_called) for i, command in enumerate(commands)]
        self.supervisor = Supervisor(folder, roles)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.supervisor.run, args=(self.stopping,))
        self.thread.start()

    def pid(self, name: str = "p0") -> int:
        return eventually(lambda: self.supervisor.pids().get(name, 0), 10)

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[object]:
    made: list[Watched] = []

    def start(*programs: str, **more: object) -> Watched:
        made.append(Watched(tmp_path, *programs, **more))
        return made[-1]

    yield start
    for each in made:
        each.stop()


def test_a_child_that_dies_is_started_again_and_the_others_stay(watch):
    watched = watch(SLEEPER, SLEEPER)
    first, other = watched.pid("p0"), watched.pid("p1")
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: watched.supervisor.pids().get("p0", first) != first, 10)
    assert watched.pid("p1") == other


def test_a_child_that_shows_no_sign_of_life_is_killed(watch, monkeypatch):
    monkeypatch.setattr("broadcaster.supervisor.HANGS_S", 1.0)
    watched = watch(STUBBORN)
    first = watched.pid()
    assert eventually(lambda: watched.supervisor.pids().get("p0", first) != first, 15)


def test_stopping_closes_the_lifeline_and_then_kills(watch, monkeypatch):
    monkeypatch.setattr("broadcaster.supervisor.STOP_S", 0.5)
    watched = watch(SLEEPER, STUBBORN)
    pids = [watched.pid("p0"), watched.pid("p1")]
    watched.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_refused_child_ends_the_supervisor(watch):
    watched = watch(SLEEPER, REFUSED)
    watched.thread.join(20)
    assert watched.supervisor.refused
    assert not watched.thread.is_alive()


def test_children_go_when_their_supervisor_is_killed(tmp_path):
    program = (
        "import sys, threading; from pathlib import Path\n"
        "from broadcaster.supervisor import Role, Supervisor\n"
        f"s = Supervisor(Path({str(tmp_path)!r}), [Role('p0', (sys.executable, '-c', {SLEEPER!r}))])\n"
        "threading.Thread(target=s.run, args=(threading.Event(),), daemon=True).start()\n"
        "while not s.pids(): pass\n"
        "print(s.pids()['p0'], flush=True); threading.Event().wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        process.kill()
    assert eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)


def test_what_is_only_called_is_started_when_there_is_work_and_ends_by_itself(watch, tmp_path, monkeypatch):
    monkeypatch.setattr("broadcaster.supervisor.CALL_LOOK_S", 0.1)
    work, done = tmp_path / "work", tmp_path / "done"
    program = f"from pathlib import Path; Path({str(work)!r}).rename({str(done)!r})"
    watched = watch(program, is_called=work.exists)
    assert watched.supervisor.pids() == {}
    for _ in range(2):
        work.touch()
        eventually(done.exists, 10)
        eventually(lambda: not watched.supervisor.pids(), 10)
        done.unlink()


def test_what_dies_when_it_is_called_is_called_again_after_a_while(tmp_path):
    clock = FakeClock()
    role = Role("p0", (sys.executable, "-c", "raise SystemExit(1)"), lambda: True)
    supervisor = Supervisor(tmp_path, [role], clock.monotonic)
    (child,) = supervisor._children
    supervisor._tend(child)
    assert supervisor.pids()
    eventually(lambda: supervisor._tend(child) or not supervisor.pids(), 10)
    for seconds, is_called in ((CALLED_AGAIN_S / 2, False), (CALLED_AGAIN_S, True)):
        clock.advance(seconds)
        supervisor._tend(child)
        assert bool(supervisor.pids()) is is_called
    child.process.wait()
    supervisor._tend(child)
