"""What the device accepted while an item sounded, kept as one WAV per item: what was heard, for later proof.

A full or slow disk costs the record, never the sound; nor does the record take the last of a disk, which the
station's own rows need.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import shutil
import sys
import threading
from collections import deque
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote

import numpy as np

from audio.outputs.output import RATE_HZ, Block, Samples
from audio.outputs.wav_file import WavFile
from audio.player_words import Fault, Kept, Word

logger = logging.getLogger(__name__)

PART = ".part"
"""Ends the name of a file that is still being written."""
Mark = Literal["over", "torn"]
LONGEST_FRAMES = 4 * 3600 * RATE_HZ
"""After this a new file is begun: a WAV holds 12 hours at most."""
WAITING_FRAMES = 20 * RATE_HZ
"""A disk may stall this long."""
LEAVE_FREE_BYTES = 500_000_000
ROOM_FRAMES = 30 * RATE_HZ
"""How often a long item asks whether there is still room: it takes 3 MB in this time."""
_POLL_S = 0.25
_LONGEST_NAME = 150


class Aircheck:
    """`take` is the output thread's and never waits; a thread of its own writes."""

    def __init__(
        self,
        folder: Path,
        say: Callable[[Word], None],
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._folder = folder
        self._say = say
        self._free = free
        self._waiting: deque[tuple[str, Samples | Mark]] = deque()
        """In the order heard."""
        self._frames_in = 0
        self._frames_out = 0
        self._torn: set[str] = set()
        """Items of which something could not wait any more; the output thread's."""
        self._files: dict[str, WavFile] = {}
        self._given_up: set[str] = set()
        self._has_complained = False
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="aircheck", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self, block: Block) -> None:
        """Keep a copy of what belongs to items."""
        for item, first, last in block.spans:
            if item not in self._torn:
                self._wait(item, block.samples[first:last])
        for item in block.ended:
            self._torn.discard(item)
            self._waiting.append((item, "over"))

    def leave(self, wait_s: float) -> None:
        """Complete what is open, as far as that takes no longer; the rest is repaired at the next start."""
        self._leaving.set()
        self._thread.join(wait_s)

    def _run(self) -> None:
        try:
            self._repair_all()
            while not self._leaving.wait(_POLL_S):
                self._write_waiting()
            self._write_waiting()
            for item in tuple(self._files):
                self._finish(item)
        except Exception:
            # Not the end of the process: what people hear matters more than what is kept of it.
            logger.exception("the aircheck broke; nothing more is kept")
            self._complain("lỗi chương trình")

    def _wait(self, item: str, samples: Samples) -> None:
        if self._frames_in - self._frames_out > WAITING_FRAMES:
            self._torn.add(item)
            self._waiting.append((item, "torn"))
        else:
            self._waiting.append((item, samples.copy()))
            self._frames_in += len(samples)

    def _write_waiting(self) -> None:
        while self._waiting:
            match self._waiting.popleft():
                case item, np.ndarray() as samples:
                    self._frames_out += len(samples)
                    self._write(item, samples)
                case item, "torn":
                    self._give_up(item, "ổ đĩa ghi quá chậm")
                case item, _:
                    self._finish(item)
                    self._given_up.discard(item)

    def _write(self, item: str, samples: Samples) -> None:
        if item in self._given_up:
            return
        try:
            if item not in self._files:
                self._files[item] = _new_file(self._folder, item)
                self._require_room()
            file = self._files[item]
            if file.frames // ROOM_FRAMES != (file.frames + len(samples)) // ROOM_FRAMES:
                self._require_room()
            file.write(samples)
        except OSError as error:
            self._give_up(item, _in_words(error))
            return
        if self._files[item].frames >= LONGEST_FRAMES:
            self._finish(item)

    def _require_room(self) -> None:
        """Raise OSError when what is left of the disk is not ours to take."""
        if self._free(self._folder) < LEAVE_FREE_BYTES:
            raise OSError(errno.ENOSPC, "too little left")

    def _finish(self, item: str) -> None:
        file = self._files.pop(item, None)
        if file is None:
            return
        try:
            self._complete(file, item)
        except OSError as error:
            self._complain(_in_words(error))
        else:
            self._has_complained = self._has_complained and item in self._given_up

    def _complete(self, file: WavFile, item: str) -> None:
        with contextlib.closing(file):
            file.complete_header()
            file.sync()
        if not file.frames:
            file.path.unlink()
            return
        path = file.path.rename(file.path.with_suffix(""))
        self._say(Kept(item, str(path), file.frames / RATE_HZ))

    def _give_up(self, item: str, why: str) -> None:
        self._given_up.add(item)
        self._complain(why)
        self._finish(item)

    def _complain(self, why: str) -> None:
        logger.warning("the aircheck in %s is not kept: %s", self._folder, why)
        if not self._has_complained:
            text = f"Không lưu được tiếng đã phát vào {self._folder} ({why}); hãy kiểm tra ổ đĩa."
            self._say(Fault("not_kept", text))
        self._has_complained = True

    def _repair_all(self) -> None:
        for path in sorted(self._folder.glob(f"*.wav{PART}")):
            try:
                self._repair(path)
            except OSError as error:
                logger.warning("%s stays as it is: %s", path.name, error)

    def _repair(self, path: Path) -> None:
        """Complete what a killed player left. Raises BlockingIOError when another one still writes it."""
        file = WavFile(path, is_new=False)
        try:
            _lock(file)
        except OSError:
            file.close()
            raise
        self._complete(file, unquote(path.name.partition(".wav")[0].partition("+")[0]))


def _new_file(folder: Path, item: str) -> WavFile:
    """Return `<item>.wav.part`, or `<item>+2.wav.part` … when there is one: nothing is overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    name = quote(item, safe=" ").replace(".", "%2E")[:_LONGEST_NAME]
    for number in count(1):
        path = folder / (f"{name}.wav" if number == 1 else f"{name}+{number}.wav")
        if path.exists():
            continue
        with contextlib.suppress(FileExistsError):
            file = WavFile(path.with_name(path.name + PART))
            _lock(file)
            return file
    raise AssertionError("numbers do not end")


def _lock(file: WavFile) -> None:
    """Hold it, so that another player does not take it for a dead one's; Windows holds open files itself."""
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _in_words(error: OSError) -> str:
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return "ổ đĩa đã đầy" if is_full else "không ghi được tệp"
