"""The newest seconds of a stream, between the thread that receives and the thread that plays."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from audio.outputs.output import Samples


class Ring:
    """`take` and `forget_head` belong to the thread that plays, the others to the one that receives.

    Neither waits for the other: each takes whole chunks from the left of a deque, and counts only its own.
    """

    def __init__(self) -> None:
        self._chunks: deque[Samples] = deque()
        self._head: Samples = np.empty(0, np.int16)
        self._put = 0
        self._taken = 0
        self._dropped = 0

    @property
    def frames(self) -> int:
        return self._put - self._taken - self._dropped

    def put(self, samples: Samples) -> None:
        self._put += len(samples)
        self._chunks.append(samples)

    def drop_oldest(self) -> int:
        """Drop one chunk; return how many frames it had, 0 when there is none."""
        try:
            oldest = len(self._chunks.popleft())
        except IndexError:
            return 0
        self._dropped += oldest
        return oldest

    def drop_to(self, frames: int) -> None:
        """Drop the oldest chunks until no more than `frames` are left."""
        while self.frames > frames and self.drop_oldest():
            pass

    def take(self, out: NDArray[np.float32]) -> int:
        """Fill `out` from its beginning; return how much there was."""
        taken = 0
        while taken < len(out) and self._fill_head():
            part = self._head[: len(out) - taken]
            out[taken : taken + len(part)] = part
            self._head = self._head[len(part) :]
            taken += len(part)
        self._taken += taken
        return taken

    def forget_head(self) -> None:
        """Drop what is left of the chunk last taken from: it has become old."""
        self._taken += len(self._head)
        self._head = self._head[:0]

    def _fill_head(self) -> bool:
        if not len(self._head):
            try:
                self._head = self._chunks.popleft()
            except IndexError:
                return False
        return True
