"""How a child process knows that its parent is gone: the pipe to its standard input ends.

Portable, and it works however the parent died.
"""

from __future__ import annotations

import os
import sys
import threading

VARIABLE = "BROADCASTER_LIFELINE"
"""Set by a parent that holds the other end of our standard input."""
REFUSED = 4
"""Exit status of a child that must not be started again: another station has the data folder."""


def hold(stopping: threading.Event) -> None:
    """Set `stopping` when the parent closes our standard input or dies; no-op without such a parent."""
    if os.environ.get(VARIABLE):
        threading.Thread(target=_watch, args=(stopping,), name="lifeline", daemon=True).start()


def _watch(stopping: threading.Event) -> None:
    # Not through sys.stdin: the lock of its buffer, held by a waiting thread, aborts a process that ends.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stopping.set()
