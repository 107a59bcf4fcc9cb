"""Several processes on one folder: one writes at a time, nobody waits to read, the dead block nobody."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import broadcaster.store.db
from broadcaster.errors import StoreError
from broadcaster.store import Store, facts

ROOT = Path(__file__).parents[3]
Spawn = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def spawn(store: Store) -> Iterator[Spawn]:
    """Start `writer.py` on the same folder; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.broadcaster.store.writer", str(store.folder), *words]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()


def holding(spawn: Spawn) -> subprocess.Popen[str]:
    """Return a process that has written and not yet committed."""
    process = spawn("n", "1", "hold")
    go(process)
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


def test_two_processes_that_add_at_once_lose_no_addition(store, spawn):
    others = [spawn("n", "40"), spawn("n", "40")]
    for other in others:
        go(other)
    for _ in range(40):
        with store.write() as session:
            facts.put(session, "n", facts.get(session, "n", 0) + 1)
    assert [other.wait(timeout=30) for other in others] == [0, 0]
    with store.read() as session:
        assert facts.get(session, "n") == 120


def test_a_reader_is_not_kept_waiting_and_sees_no_half_done_work(store, spawn):
    holding(spawn)
    started = time.monotonic()
    with store.read() as session:
        assert facts.get(session, "n") is None
    assert time.monotonic() - started < 1.0


def test_a_second_writer_is_told_that_the_store_is_busy(store, spawn, monkeypatch):
    holding(spawn)
    monkeypatch.setattr(store._lock, "timeout", 0.2)
    with pytest.raises(StoreError, match="bận"), store.write():
        pass


def test_killing_a_writer_frees_the_store_and_undoes_its_work(store, spawn):
    process = holding(spawn)
    process.kill()
    process.wait()
    with store.write() as session:
        assert facts.get(session, "n") is None
        facts.put(session, "n", 7)
    with store.read() as session:
        assert facts.get(session, "n") == 7


def test_a_watch_notices_the_commit_of_another_process(store, spawn):
    watch = store.changes()
    watch.has_changed()
    assert not watch.has_changed()
    other = spawn("n", "1")
    go(other)
    assert other.wait(timeout=30) == 0
    assert watch.has_changed()
    assert not watch.has_changed()
    watch.close()


def test_threads_of_one_process_write_one_after_another(store, monkeypatch):
    monkeypatch.setattr(broadcaster.store.db, "LOCK_WAIT_S", 0.1)
    from threading import Thread

    refused: list[StoreError] = []

    def try_to_write() -> None:
        try:
            with store.write():
                pass
        except StoreError as error:
            refused.append(error)

    with store.write():
        other = Thread(target=try_to_write)
        other.start()
        other.join()
    assert len(refused) == 1
