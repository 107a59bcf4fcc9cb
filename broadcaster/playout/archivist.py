"""The archivist process: `python -m broadcaster.playout.archivist --data DIR`.

Started by the supervisor when a player has kept something, or once a day for the retention; ends when nothing
is left to do, so that it costs nothing in between. Gives way to everything that sounds.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from broadcaster import lifeline, logs
from broadcaster.playout.aircheck_inbox import PROCESS
from broadcaster.settings import load


def main() -> int:
    parser = argparse.ArgumentParser(prog=f"broadcaster.playout.{PROCESS}")
    parser.add_argument("--data", type=Path, required=True)
    settings = load(parser.parse_args().data)
    logs.set_up(settings.folder, PROCESS, settings.log_level)
    _step_back()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    lifeline.hold(stop)
    from broadcaster.playout.aircheck_work import Archivist  # noqa: PLC0415 - numpy reads what _step_back sets
    from broadcaster.store import Store  # noqa: PLC0415
    from schedules.clock import clock_from_environment  # noqa: PLC0415

    store = Store(settings.folder, settings.database_url)
    try:
        Archivist(store, clock_from_environment(), stop).run()
    finally:
        store.close()
    return 0


def _step_back() -> None:
    """One thread, the lowest priority for processor and disk: sound is being played meanwhile."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    process = psutil.Process()
    process.nice(psutil.IDLE_PRIORITY_CLASS if os.name == "nt" else 15)
    with suppress(AttributeError, OSError, psutil.Error):
        process.ionice(psutil.IOPRIO_CLASS_IDLE)


if __name__ == "__main__":
    sys.exit(main())
