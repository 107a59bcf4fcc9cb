"""`broadcaster run`: prepare, start the processes, say where to go first, stay until stopped."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from broadcaster import page_address, settings
from broadcaster.errors import BroadcasterError, StationRunning
from broadcaster.lan import addresses, at_port
from broadcaster.supervisor import Supervisor, roles

ANSWER_S = 60.0
"""The page gets this long to answer before its address is told anyway."""

logger = logging.getLogger(__name__)


def run(
    folder: Path,
    host: str | None,
    port: int | None,
    tell: Callable[[str], None],
    *,
    lan: bool | None = None,
) -> None:
    """Run the whole station until SIGTERM or Ctrl+C; `tell` gets the one line that says where to go.

    Raises StationRunning when another station has the data folder. Where the page cannot listen, a new
    station is refused; one that people already work with must sound all the same, and says so.
    """
    known = settings.load(folder, host=host, port=port, lan=lan)
    (folder / "run").mkdir(parents=True, exist_ok=True)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with _only_one(folder):
        secret = _prepare(folder)
        if trouble := page_address.why_not(known.host, known.port):
            if secret:
                raise BroadcasterError(trouble)
            logger.error("%s", trouble)
            tell(f"{trouble} Lịch phát vẫn chạy.")
        supervisor = Supervisor(folder, roles(folder, known.host, known.port, lan=known.lan))
        welcome = threading.Thread(
            target=_welcome, args=(known, secret, tell, stopping), name="welcome", daemon=True
        )
        if not trouble:
            welcome.start()
        supervisor.run(stopping)
        stopping.set()
    if supervisor.refused:
        raise _running(folder)


def _only_one(folder: Path) -> FileLock:
    lock = FileLock(folder / "run" / "supervisor.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise _running(folder) from error
    return lock


def _running(folder: Path) -> StationRunning:
    return StationRunning(f"Một trạm khác đang chạy trên thư mục dữ liệu {folder}; hãy tắt trạm đó trước.")


def _prepare(folder: Path) -> str:
    command = (sys.executable, "-m", "broadcaster.prepare", "--data", str(folder))
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise BroadcasterError(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "Không chuẩn bị được."
        )
    return done.stdout.strip()


def _welcome(
    known: settings.Settings, secret: str, tell: Callable[[str], None], stopping: threading.Event
) -> None:
    """Say where to go once the page answers; a person who opens it sooner would see nothing."""
    host = "127.0.0.1" if known.host in ("0.0.0.0", "::") else known.host  # noqa: S104
    address = f"http://{host}:{known.port}"
    is_up = _answers_in_time(address, stopping)
    if stopping.is_set():
        return
    log = known.folder / "logs" / "web.log"
    state = "Trạm đã chạy." if is_up else f"Trang chưa trả lời sau {ANSWER_S:.0f} giây; xem {log}."
    if secret:
        first = f"Mở {address}/bat-dau/{secret} để tạo tài khoản đầu tiên (dùng một lần, trong 30 phút)."
        tell(f"{state} {first}{_for_others(known)}")
    else:
        tell(f"{state} Mở {address} để làm việc.{_for_others(known)}")


def _for_others(known: settings.Settings) -> str:
    """Return where phones and other machines find the page, when the settings let them."""
    found = addresses() if known.lan else ()
    return f" Máy khác trong mạng: {at_port(found[0], known.https_port)}" if found else ""


def _answers_in_time(address: str, stopping: threading.Event) -> bool:
    deadline = time.monotonic() + ANSWER_S
    while not stopping.is_set() and time.monotonic() < deadline:
        if _answers(f"{address}/"):
            return True
        stopping.wait(0.1)
    return False


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own page
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
