"""Reports and the history as files, each written by a process of its own; only who asked waits for it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

import psutil

from broadcaster import history_file
from broadcaster.errors import Refused
from broadcaster.records.history import HistoryFilter
from broadcaster.records.reports.period import Period

log = logging.getLogger(__name__)
MOST_AT_ONCE = 2
"""The page has few threads, and each writer takes a processor for itself."""
LONGEST_S = 90.0
_free = threading.BoundedSemaphore(MOST_AT_ONCE)


def write(folder: Path, period: Period, form: str) -> bytes:
    """Return the report of `period` as a file; Refused when it cannot be written now, and why."""
    with _turn(), tempfile.TemporaryDirectory(prefix="bao-cao-") as scratch:
        target = Path(scratch) / f"bao-cao.{form}"
        about = ["--from", f"{period.first}", "--to", f"{period.last}", "--format", form]
        _run(["broadcaster", "--data", str(folder), "report", *about, "--out", str(target)])
        return target.read_bytes()


def write_history(folder: Path, filters: HistoryFilter, form: str) -> IO[bytes]:
    """Return the rows that `filters` leave as a file, open at its beginning; it is gone once it is closed.

    Refused when it cannot be written now, and why: a Word file holds no more than some thousand rows.
    """
    file = tempfile.TemporaryFile(prefix="nhat-ky-")  # noqa: SIM115 - who sends it closes it
    try:
        with _turn():
            command = ["broadcaster.history_file", "--data", str(folder), "--format", form]
            _run(command, asked=history_file.asked(filters), into=file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


@contextmanager
def _turn() -> Iterator[None]:
    if not _free.acquire(blocking=False):
        raise Refused("Đang lập hai tệp khác; hãy bấm lại sau vài giây.")
    try:
        yield
    finally:
        _free.release()


def _run(command: list[str], asked: str = "", into: IO[bytes] | int = subprocess.DEVNULL) -> None:
    """Run a module of ours with `asked` on its standard input and what it prints `into` a file."""
    pipe = subprocess.PIPE
    program = [sys.executable, "-m", *command]
    with subprocess.Popen(program, stdin=pipe, stdout=into, stderr=pipe) as writer:
        _step_back(writer.pid)
        try:
            _, said = writer.communicate(asked.encode(), timeout=LONGEST_S)
        except subprocess.TimeoutExpired as error:
            writer.kill()
            raise Refused("Lập tệp quá lâu; hãy chọn ít ngày hơn.") from error
    if writer.returncode:
        _tell(said.decode(errors="replace").strip())


def _tell(said: str) -> NoReturn:
    """Pass on why there is no file; what only programmers can read goes to the log."""
    if said and not said.startswith("Traceback"):
        raise Refused(said.splitlines()[-1])
    log.error("a file was not written: %s", said)
    raise Refused("Không lập được tệp này; hãy chọn dạng tệp khác và báo người quản trị.")


def _step_back(process_id: int) -> None:
    """Let sound and pages go first."""
    try:
        process = psutil.Process(process_id)
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else 10)
    except psutil.Error:
        pass  # it has ended already
