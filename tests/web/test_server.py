"""The web server as its parent starts it: a real process that answers, beats and stops."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from broadcaster import lifeline
from broadcaster.store import pulse

ANSWER_S = 20.0
SMALL_MB = 110
"""Measured: 67 MB after the first pages."""


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def server(desk, port):
    """`python -m web` with its standard input held, as the supervisor holds it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "web", "--data", str(desk.store.folder), "--port", str(port)],
        stdin=subprocess.PIPE,
        env=os.environ | {lifeline.VARIABLE: "1"},
    )
    until(lambda: status(port) is not None, "the first answer")
    yield process
    process.stdin.close()
    process.wait(timeout=10)


def status(port, path="/dang-nhap"):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


def until(condition, what):
    deadline = time.monotonic() + ANSWER_S
    while not condition():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.05)


def test_it_answers_beats_stays_small_and_ends_with_its_parent(server, desk, port):
    assert status(port) == 200
    assert status(port, "/khong-co") == 404
    until(lambda: pulse.read(desk.store.folder, "web") is not None, "a sign of life")
    assert psutil.Process(server.pid).memory_info().rss < SMALL_MB * 1e6
    server.stdin.close()
    assert server.wait(timeout=10) == 0


def test_it_loads_nothing_that_makes_sound(server):
    mapped = {Path(each.path).name for each in psutil.Process(server.pid).memory_maps()}
    assert not [name for name in mapped if "numpy" in name or "miniaudio" in name or "avcodec" in name]
