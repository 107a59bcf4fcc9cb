"""The side of a player process that the station holds: it can be killed at any moment and never blocks."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from audio.outputs.spec import OutputSpec
from audio.player_lines import BadLine, command_line, read_word
from audio.player_words import (
    NO_DEVICE_EXIT,
    Append,
    Arm,
    Armed,
    Command,
    Cut,
    Ended,
    Fault,
    Finish,
    Gain,
    Gone,
    Open,
    Prepare,
    Queue,
    Ready,
    Relay,
    Report,
    Started,
    Word,
)

__all__ = [
    "NO_DEVICE_EXIT",
    "Armed",
    "Ended",
    "Fault",
    "Gone",
    "OutputSpec",
    "PlayerLink",
    "Ready",
    "Report",
    "Started",
    "Word",
]

logger = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "audio.player")


class PlayerLink:
    """Starts one player process and carries commands to it and words from it.

    `hear(name, word)` is called from the link's reader thread, for each process in order, Gone last.
    After Gone (or `kill`) the same link may be started again: that is a new process.
    """

    def __init__(self, name: str, spec: OutputSpec, hear: Callable[[str, Word], None]) -> None:
        self.name = name
        self.spec = spec
        self._hear = hear
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._commands: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._last_word = time.monotonic()
        self._was_killed = False

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def last_word_age_s(self) -> float:
        """Seconds since anything was heard from the process, or since it was started."""
        return time.monotonic() - self._last_word

    def start(self) -> None:
        """Raises RuntimeError while the last process is still alive."""
        if self._was_killed:
            self._wait_for_reader(2.0)
        if self.is_alive:
            raise RuntimeError(f"player {self.name} is running already")
        process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment())
        self._was_killed = False
        self._process, self._commands, self._last_word = process, queue.SimpleQueue(), time.monotonic()
        self._tell(Open(self.spec))
        self._reader = _thread(f"player {self.name} reader", self._read, process, self._commands)
        _thread(f"player {self.name} writer", _write, process, self._commands)

    def arm(
        self, item: str, path: Path, at_monotonic_s: float, from_s: float = 0.0, bus: str = "programme"
    ) -> None:
        """Play the WAV at `path` from `from_s` on, so that its first sample is heard at `at_monotonic_s`.

        A moment in the past starts at once; best said 2 s ahead. It waits while its bus or
        a higher one plays.
        """
        self._tell(Arm(item, path.absolute(), at_monotonic_s, from_s, bus))

    def begin_queue(self, item: str, at_monotonic_s: float, bus: str, opening: str = "") -> None:
        """Begin an item whose parts are appended while it plays; it ends after `finish`."""
        self._tell(Queue(item, at_monotonic_s, bus, opening))

    def append(self, item: str, path: Path) -> None:
        """Play the WAV at `path` after the parts that `item` has."""
        self._tell(Append(item, path.absolute()))

    def finish(self, item: str) -> None:
        self._tell(Finish(item))

    def prepare(self, item: str, address: str) -> None:
        """Open the stream at `address` for a `relay` of that item that will follow; nothing of it sounds."""
        self._tell(Prepare(item, address))

    def relay(
        self,
        item: str,
        address: str,
        at_monotonic_s: float,
        until_monotonic_s: float,
        filler: Path | None = None,
        bus: str = "relay",
    ) -> None:
        """Let the stream at `address` be heard strictly between the two moments; opens it if need be."""
        self._tell(Relay(item, address, at_monotonic_s, until_monotonic_s, filler, bus))

    def gain(self, gain_db: float, ramp_s: float = 1.0) -> None:
        """Set how loud everything but an emergency is."""
        self._tell(Gain(gain_db, ramp_s))

    def cut(self, item: str | None = None, fade_s: float = 0.1) -> None:
        """Fade out and drop `item`, or everything that is armed or playing."""
        self._tell(Cut(item, fade_s))

    def kill(self) -> None:
        """End the process at once, whatever it hangs in. Returns immediately; Gone follows."""
        self._was_killed = True
        if self._process is not None:
            self._process.kill()
        self._commands.put(None)

    def close(self, wait_s: float = 2.0) -> None:
        """Let the player fade out and go; kill it when it has not gone after `wait_s`."""
        if self._process is None:
            return
        self._commands.put(None)
        try:
            self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            logger.warning("player %s did not go by itself; killing it", self.name)
            self.kill()
        self._wait_for_reader(wait_s)

    def _tell(self, command: Command) -> None:
        self._commands.put(command_line(command))

    def _read(self, process: subprocess.Popen[bytes], commands: queue.SimpleQueue[bytes | None]) -> None:
        with cast(IO[bytes], process.stdout) as words:
            for line in words:
                self._last_word = time.monotonic()
                self._pass_on(line)
        exit_code = process.wait()
        commands.put(None)
        self._hear(self.name, Gone(exit_code))

    def _pass_on(self, line: bytes) -> None:
        try:
            word = read_word(line)
        except BadLine:
            logger.warning("player %s said something we do not know: %.200r", self.name, line)
            return
        self._hear(self.name, word)

    def _wait_for_reader(self, wait_s: float) -> None:
        if self._reader is not None and self._reader is not threading.current_thread():
            self._reader.join(wait_s)


def _write(process: subprocess.Popen[bytes], commands: queue.SimpleQueue[bytes | None]) -> None:
    """Carry commands until None comes. A thread of its own: the pipe of a frozen process can fill up."""
    try:
        with cast(IO[bytes], process.stdin) as pipe:
            for line in iter(commands.get, None):
                pipe.write(line)
                pipe.flush()
    except OSError:
        logger.info("player process %d is gone; its last command was not taken", process.pid)


def _thread(name: str, target: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
    thread.start()
    return thread


def _environment() -> dict[str, str]:
    # One BLAS thread: the pool of OpenBLAS costs memory and a player multiplies nothing big.
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
