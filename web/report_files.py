"""A report as a file, written by a process of its own: no page waits for it but the one that asked."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import NoReturn

import psutil

from broadcaster.errors import Refused
from broadcaster.records.reports.period import Period

log = logging.getLogger(__name__)
MOST_AT_ONCE = 2
"""The page has few threads, and each writer takes a processor for itself."""
LONGEST_S = 90.0
_free = threading.BoundedSemaphore(MOST_AT_ONCE)


def write(folder: Path, period: Period, form: str) -> bytes:
    """Return the report of `period` as a file; Refused when it cannot be written now, and why."""
    if not _free.acquire(blocking=False):
        raise Refused("Đang lập hai báo cáo khác; hãy bấm lại sau vài giây.")
    try:
        with tempfile.TemporaryDirectory(prefix="bao-cao-") as scratch:
            target = Path(scratch) / f"bao-cao.{form}"
            _run(folder, period, form, target)
            return target.read_bytes()
    finally:
        _free.release()


def _run(folder: Path, period: Period, form: str, target: Path) -> None:
    about = ["--from", f"{period.first}", "--to", f"{period.last}", "--format", form, "--out", str(target)]
    command = [sys.executable, "-m", "broadcaster", "--data", str(folder), "report", *about]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as writer:
        _step_back(writer.pid)
        try:
            _, said = writer.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired as error:
            writer.kill()
            raise Refused("Lập báo cáo quá lâu; hãy chọn ít ngày hơn.") from error
    if writer.returncode:
        _tell(said.decode(errors="replace").strip())


def _tell(said: str) -> NoReturn:
    """Pass on why there is no file; what only programmers can read goes to the log."""
    if said and not said.startswith("Traceback"):
        raise Refused(said.splitlines()[-1])
    log.error("a report was not written: %s", said)
    raise Refused("Không lập được tệp này; hãy chọn dạng tệp khác và báo người quản trị.")


def _step_back(process_id: int) -> None:
    """Let sound and pages go first."""
    try:
        process = psutil.Process(process_id)
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else 10)
    except psutil.Error:
        pass  # it has ended already
