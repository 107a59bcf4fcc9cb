"""An item whose parts come while it plays: sentences of an alert, blocks of a live microphone."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.outputs.output import Samples
from audio.sources import AHEAD_FRAMES, BadSource, ClipSource, StreamSource


class QueueSource:
    """Parts one after the other, without a gap when the next is there in time; a pause while it is not.

    `take` is the output thread's; the other methods may be called by any. A part that cannot be read is told
    and left out, one that breaks off is told and ends there: the queue itself never fails.
    """

    failure = ""

    def __init__(self, opening: Samples, tell_bad_part: Callable[[str], None]) -> None:
        """`opening` sounds first, from memory; `tell_bad_part` takes one Vietnamese sentence."""
        self.position = 0
        self.is_late = False
        self._tell_bad_part = tell_bad_part
        self._parts: deque[ClipSource | StreamSource] = deque([_held(opening)] if len(opening) else [])
        self._unread: list[ClipSource] = []
        self._reading = threading.Lock()
        self._is_closed = False

    @property
    def is_finished(self) -> bool:
        # The closing first: no part can come between the two questions.
        return self._is_closed and not self._parts

    @property
    def is_waiting(self) -> bool:
        return not self._is_closed and not self._parts

    def append(self, path: Path) -> None:
        """Add the clip at `path`; its beginning is in memory when this returns."""
        with self._reading:
            if self._is_closed:
                return
            try:
                part = ClipSource(path)
            except BadSource as error:
                self._tell_bad_part(str(error))
                return
            self._unread.append(part)
            self._read()
            self._parts.append(part)

    def finish(self) -> None:
        """Take no more parts; end after the last one."""
        with self._reading:
            self._is_closed = True

    def begin(self, heard_at_s: float) -> None:
        """It has no moment to keep but that of its first part."""

    def take(self, out: NDArray[np.float32]) -> int:
        taken, self.is_late = 0, False
        while taken < len(out) and self._parts and not self.is_late:
            part = self._parts[0]
            taken += part.take(out[taken:])
            if part.is_finished:
                self._parts.popleft()
            else:
                self.is_late = taken < len(out)
        self.position += taken
        return taken

    def read_ahead(self) -> None:
        with self._reading:
            self._read()

    def close(self) -> None:
        with self._reading:
            self._is_closed = True
            for part in self._unread:
                part.close()
            self._unread.clear()
            self._parts.clear()

    def _read(self) -> None:
        """Fill up what lies ahead, in order and no further, so that a long queue never fills the memory."""
        while self._unread and self._frames_ahead() < AHEAD_FRAMES:
            part = self._unread[0]
            part.read_ahead()
            if not part.is_complete:
                break
            self._unread.pop(0)
            if part.failure:
                self._tell_bad_part(part.failure)

    def _frames_ahead(self) -> int:
        return sum(part.frames_ahead for part in tuple(self._parts))


def _held(samples: Samples) -> StreamSource:
    held = StreamSource()
    held.put(samples)
    held.finish()
    return held
