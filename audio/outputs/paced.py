"""What the network outputs share: blocks at the pace of real time, only as long as the other side takes them.

A block is computed only when the other side can take it, so what the mixer counts as accepted was handed
over. A side that takes nothing is not asked for: the age of the last block grows, and the player sees a
lost device, says so and opens it again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from audio.outputs.output import RATE_HZ, Render, Samples

logger = logging.getLogger(__name__)

BLOCK_FRAMES = RATE_HZ // 50
_TOO_LATE_S = 1.0
"""After a pause the pace starts anew instead of catching up in a rush."""
_JOIN_S = 3.0


class Sink(Protocol):
    """An open connection."""

    def takes(self, wait_s: float) -> bool:
        """Return whether the next block is taken without delay; wait for that no longer than `wait_s`."""

    def send(self, samples: Samples) -> None:
        """Raises OSError when the connection is gone."""

    def close(self) -> None: ...


class PacedOutput:
    """Calls `connect` at each `open`, which raises OutputError when the other side is not there."""

    is_loudspeaker = True

    def __init__(
        self, device: str, latency_s: float, connect: Callable[[], Sink], block_frames: int = BLOCK_FRAMES
    ) -> None:
        self.device = device
        self.latency_s = latency_s
        self._connect = connect
        self._block_frames = block_frames
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, render: Render) -> None:
        sink = self._connect()
        self._closing.clear()
        self._thread = threading.Thread(target=self._run, args=(sink, render), name=self.device, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _run(self, sink: Sink, render: Render) -> None:
        try:
            self._send_in_real_time(sink, render)
        except OSError as error:
            logger.warning("%s is gone: %s", self.device, error)
        finally:
            sink.close()

    def _send_in_real_time(self, sink: Sink, render: Render) -> None:
        block_s = self._block_frames / RATE_HZ
        next_s = time.monotonic()
        while not self._closing.wait(max(0.0, next_s - time.monotonic())):
            if not sink.takes(block_s):
                continue
            sink.send(render(self._block_frames).samples)
            next_s += block_s
            if time.monotonic() - next_s > _TOO_LATE_S:
                next_s = time.monotonic()
