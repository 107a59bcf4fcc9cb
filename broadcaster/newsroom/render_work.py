"""Making clips: `python -m broadcaster.newsroom.render_work --data DIR [--stay]`, started by the renderer.

When there has been nothing to do for a while it ends, and with it go SQLAlchemy and numpy; the renderer that
waits in its place is small. The studio process is started first: it loads its own libraries beside ours.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from audio.speech import engines
from audio.speech.engine import SpeechError
from audio.studio_link import StudioLink
from broadcaster import lifeline, logs
from broadcaster.settings import Settings, load


def main() -> int:
    parser = argparse.ArgumentParser(prog="broadcaster.newsroom.render_work")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--stay", action="store_true", help="do not end when there is nothing to do")
    options = parser.parse_args()
    settings = load(options.data)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    lifeline.hold(stop)
    _work(settings, _studio(settings), stop, stay=options.stay)
    return 0


def _studio(settings: Settings) -> StudioLink | None:
    """Return a studio that is just starting; None when the engines cannot be, which is told with the work."""
    try:
        engines.require_known(settings.engines, settings.folder)
    except SpeechError:
        return None
    return StudioLink(settings.engines, settings.folder / "cache")


def _work(settings: Settings, studio: StudioLink | None, stop: threading.Event, *, stay: bool) -> None:
    from broadcaster.newsroom.render_loop import NAME, Renderer  # noqa: PLC0415  half a second of libraries
    from broadcaster.store.db import Store  # noqa: PLC0415

    logs.set_up(settings.folder, NAME, settings.log_level)
    store = Store(settings.folder, settings.database_url)
    try:
        renderer = Renderer(store, settings, stop=stop, studio=studio)
        renderer.announce()
        renderer.run(stay=stay)
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
