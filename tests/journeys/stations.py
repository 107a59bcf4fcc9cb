"""A whole station of real processes, for a test to use, kill and stop."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from tests.sound_server import eventually

KINDS = {
    "station": "broadcaster.playout.station",
    "player": "audio.player",
    "renderer": "broadcaster.newsroom.renderer",
    "web": "web",
    "voice": "audio.announcer_worker",
}
"""What can be killed, and the module that its process runs."""


class RunningStation:
    """`broadcaster run` on a folder; `welcome` is the line it prints."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.welcome = ""
        self._environment = os.environ | (environment or {})
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> RunningStation:
        command = [sys.executable, "-m", "broadcaster", "--data", str(self.folder), "run"]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=self._environment,
        )
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=_read, args=(self._process, lines), daemon=True)
        self._reader.start()
        self.welcome = lines.get(timeout=60)
        return self

    def stop(self) -> None:
        if self._process is None:
            return
        family = self._family()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(25)
        finally:
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            if self._reader is not None:
                self._reader.join(5)

    def pid(self, kind: str) -> int:
        """Return the process of one kind, once there is one."""
        return eventually(lambda: self._find(kind), 15.0, f"a {kind} runs")

    def kill(self, kind: str) -> int:
        """kill -9; return the pid that is gone."""
        pid = self.pid(kind)
        os.kill(pid, signal.SIGKILL)
        return pid

    def pull_the_plug(self) -> None:
        """End every process of the station in the same instant, as a power cut does."""
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if self._process is not None:
            self._process.wait(10)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/dang-nhap", timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def _find(self, kind: str) -> int:
        for process in self._family():
            try:
                words = process.cmdline()
                if KINDS[kind] in words and process.status() != psutil.STATUS_ZOMBIE:
                    return int(process.pid)
            except psutil.Error:
                continue
        return 0

    def _family(self) -> list[psutil.Process]:
        assert self._process is not None
        try:
            root = psutil.Process(self._process.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    assert process.stdout is not None
    with process.stdout as words:
        for line in words:
            lines.put(line.strip())
