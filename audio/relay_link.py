"""The player's end of the pipe to the process that listens to another station."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, cast

from audio.relay_address import host_of
from audio.relay_frames import LOST
from audio.relay_trouble import Trouble
from audio.speech import frames

logger = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "audio.relay_worker")
HUNG_S = 10.0
"""It says something several times a second; a look-up of a name may take this long."""
START_AGAIN_S = 1.0

Take = Callable[[bytes, bytes], None]
"""Takes the kind and the body of each frame, in the link's own thread, and may hold it back."""


class RelayLink:
    """Keeps one worker process running: one that died or hangs is replaced. Killed at once by `close`."""

    def __init__(self, address: str, take: Take, command: tuple[str, ...] = COMMAND) -> None:
        self._address = address
        self._take = take
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._began_s = 0.0
        self._reading_since_s: float | None = None
        self._is_closed = False

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def tend(self) -> None:
        """Start the worker, or another one; called now and then. Never waits."""
        if self._is_closed:
            return
        if self._process is None or (self._process.poll() is not None and not self._is_reading):
            if time.monotonic() - self._began_s >= START_AGAIN_S:
                self._start()
        elif self._is_hung:
            logger.error("the worker for %s hangs; killing it", host_of(self._address))
            self._process.kill()

    def close(self) -> None:
        self._is_closed = True
        if self._process is not None:
            self._process.kill()
            with suppress(OSError):
                cast(IO[bytes], self._process.stdin).close()
            self._process.wait()

    @property
    def _is_reading(self) -> bool:
        return self._reader is not None and self._reader.is_alive()

    @property
    def _is_hung(self) -> bool:
        since_s = self._reading_since_s
        return since_s is not None and time.monotonic() - since_s > HUNG_S

    def _start(self) -> None:
        self._began_s = time.monotonic()
        self._reap()
        try:
            self._process = subprocess.Popen(
                [*self._command, self._address],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            # No memory or no process left: the filler goes on, and it is tried again.
            logger.exception("no worker for %s", host_of(self._address))
            return
        self._reader = threading.Thread(
            target=self._read, args=(self._process,), name="relay reader", daemon=True
        )
        self._reader.start()

    def _reap(self) -> None:
        if self._process is not None:
            with suppress(OSError):
                cast(IO[bytes], self._process.stdin).close()
            self._process.wait()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        with cast(IO[bytes], process.stdout) as pipe:
            while True:
                self._reading_since_s = time.monotonic()
                try:
                    frame = frames.read_answer(pipe)
                except (OSError, ValueError):
                    frame = None
                self._reading_since_s = None
                if frame is None or self._is_closed:
                    break
                self._take(*frame)
        if not self._is_closed:
            self._take(LOST, json.dumps({"trouble": Trouble.CRASHED}).encode())
