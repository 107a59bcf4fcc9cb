"""Another station's stream as it comes in: opened ahead, always at its newest second, never more than few.

While nobody hears it the oldest is thrown away, so that it is live when its moment comes; while it is heard
the pipe to the worker holds it back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import numpy as np

from audio.outputs.output import RATE_HZ
from audio.relay_frames import LOST, OPENED, QUIET, SOUND, SOUNDS
from audio.relay_link import RelayLink
from audio.relay_ring import Ring
from audio.relay_trouble import CLAUSES, Trouble

MOST_FRAMES = 4 * RATE_HZ
"""The pipe holds another 0.7 s."""
LIVE_FRAMES = 2 * RATE_HZ
"""So far behind the newest sample an unheard stream is kept: what a stalled line may take to come back."""
_OLD_S = 2.0
_NAP_S = 0.05


class Receiver:
    """`is_heard` is set by who plays; what is in `ring` then stays until it is taken."""

    def __init__(self, address: str, make_link: Callable[..., RelayLink] = RelayLink) -> None:
        self.address = address
        self.ring = Ring()
        self.is_heard = False
        self.is_quiet = False
        """Dead air: the stream goes on, but nothing can be heard in it."""
        self._trouble = ""
        self._is_segmented = False
        self._is_closed = False
        self._put_s = self._looked_s = 0.0
        self._owed = 0.0
        """Frames that would have been heard by now."""
        self._link = make_link(address, self._take)

    @property
    def reason(self) -> str:
        """Why there is no sound, in words for a longer sentence."""
        if self.is_quiet:
            return CLAUSES[Trouble.SILENT]
        return CLAUSES.get(self._trouble, CLAUSES[Trouble.STALLED])

    def tend(self) -> None:
        """Keep the worker running; called about twice a second."""
        self._link.tend()

    def close(self) -> None:
        self._is_closed = True
        self._link.close()

    def _take(self, kind: bytes, body: bytes) -> None:
        match kind:
            case _ if kind == SOUND:
                self._put(np.frombuffer(body, "<i2").astype(np.int16, copy=False))
            case _ if kind == OPENED:
                self._is_segmented, self._trouble = bool(json.loads(body)["is_segmented"]), ""
            case _ if kind == LOST:
                # What broke it off tells more than what was found when it was opened again.
                self._trouble = self._trouble or str(json.loads(body)["trouble"])
                if not self.is_heard:
                    self.ring.drop_to(0)  # nothing of it is live any more
            case _ if kind in (QUIET, SOUNDS):
                self.is_quiet = kind == QUIET
                self.ring.drop_to(0)

    def _put(self, samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
        now_s = time.monotonic()
        if now_s - self._put_s > _OLD_S and not self.is_heard:
            self.ring.drop_to(0)
        self._make_room()
        self.ring.put(samples)
        self._put_s = time.monotonic()

    def _make_room(self) -> None:
        """Wait while the ring is full; what nobody hears is thrown away as it would have been heard."""
        while not self._is_closed:
            if not self.is_heard:
                self._drop_unheard()
            if self.ring.frames < MOST_FRAMES:
                return
            time.sleep(_NAP_S)

    def _drop_unheard(self) -> None:
        """Keep a stream of single frames at its newest; one that comes in pieces of many seconds lives on
        what it has, so it loses as much as time passes."""
        now_s = time.monotonic()
        self._owed += (now_s - self._looked_s) * RATE_HZ
        self._looked_s = now_s
        if not self._is_segmented:
            self.ring.drop_to(LIVE_FRAMES)
        while self._owed > 0 and self.ring.frames > LIVE_FRAMES:
            self._owed -= self.ring.drop_oldest()
        self._owed = min(self._owed, 0.0)
