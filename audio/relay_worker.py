"""The process that listens to another station: `python -m audio.relay_worker ADDRESS`.

It says what audio/relay_frames.py lists, opens the stream again and again, and ends with its standard input.
A process of its own, because decoding what strangers send may hang or crash; a full pipe holds it back.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from audio.relay_address import host_of
from audio.relay_decoder import Floats, Stream
from audio.relay_frames import BEAT, LOST, OPENED, QUIET, SOUND, SOUNDS
from audio.relay_hls import Edge
from audio.relay_level import BLOCK_FRAMES, BLOCK_S, Leveller, Limiter, Quiet
from audio.relay_trouble import RelayError, Trouble
from audio.speech import frames

logger = logging.getLogger("audio.relay")

OPEN_AGAIN_S = 1.0
"""From one opening to the next at the soonest, also after a clean end: a stream that was back for a moment
is not hammered, and one that returns is heard within 3 s."""
LASTING_S = 2.0
TOO_FAST_S = 15.0
_LASTING = {
    Trouble.BAD_ADDRESS,
    Trouble.CERTIFICATE,
    Trouble.DENIED,
    Trouble.NOT_AUDIO,
    Trouble.NOT_LIVE,
    Trouble.REDIRECTS,
    Trouble.UNSUPPORTED,
}
LONGEST_BURST_S = 40.0
"""A live server may begin with what it holds (Icecast: 64 KB, 22 s at 24 kbit/s) and is never further ahead
of time than that, however the line stalls and catches up; whoever is sends no live sound."""
SHORT_S = 10.0
"""What ends so soon after it brought a longer burst was a short file."""


class Worker:
    """One address, for as long as the process lives."""

    def __init__(self, address: str, out: BinaryIO) -> None:
        self._address = address
        self._out = out
        self._edge = Edge()
        self._leveller, self._limiter, self._quiet = Leveller(), Limiter(), Quiet()

    def run(self) -> None:
        while True:
            began_s = time.monotonic()
            trouble = self._listen()
            logger.info("%s: %s", host_of(self._address), trouble.value)
            frames.send_words(self._out, LOST, trouble=trouble.value)
            while time.monotonic() < began_s + rest_s(trouble):
                self._wait(0.1)

    def _listen(self) -> Trouble:
        """Pass on what the stream brings; return why it is over."""
        try:
            stream = Stream(self._address, self._edge, self._wait)
        except RelayError as error:
            return error.trouble
        frames.send_words(
            self._out,
            OPENED,
            codec=stream.codec,
            rate_hz=stream.rate_hz,
            channels=stream.channels,
            is_segmented=stream.is_segmented,
        )
        try:
            return self._pass_on(stream)
        except RelayError as error:
            return error.trouble
        finally:
            stream.close()

    def _pass_on(self, stream: Stream) -> Trouble:
        began_s, brought_s = time.monotonic(), 0.0
        for block in blocks(stream.samples()):
            brought_s += BLOCK_S
            if not stream.is_segmented and ahead_s(began_s, brought_s) > LONGEST_BURST_S:
                return Trouble.TOO_FAST
            self._send(block)
        was_file = time.monotonic() - began_s < SHORT_S < ahead_s(began_s, brought_s)
        return Trouble.NOT_LIVE if was_file else Trouble.ENDED

    def _send(self, block: Floats) -> None:
        if self._quiet.has_changed(block):
            frames.send(self._out, QUIET if self._quiet.is_quiet else SOUNDS)
        for part in self._limiter.limit(self._leveller.level(block)):
            frames.send(self._out, SOUND, part.astype("<i2", copy=False).tobytes())

    def _wait(self, seconds: float) -> None:
        frames.send(self._out, BEAT)
        time.sleep(seconds)


def rest_s(trouble: Trouble) -> float:
    """Return how long after one opening the next may follow."""
    if trouble is Trouble.TOO_FAST:
        return TOO_FAST_S
    return LASTING_S if trouble in _LASTING else OPEN_AGAIN_S


def ahead_s(began_s: float, brought_s: float) -> float:
    """Return by how much what was brought is ahead of time."""
    return brought_s - (time.monotonic() - began_s)


def blocks(parts: Iterator[Floats]) -> Iterator[Floats]:
    """Yield blocks of 0.1 s; what is left at the end is too short to be missed."""
    held: list[Floats] = []
    count = 0
    for part in parts:
        held.append(part)
        count += len(part)
        if count >= BLOCK_FRAMES:
            joined = np.concatenate(held)
            whole = count // BLOCK_FRAMES * BLOCK_FRAMES
            yield from joined[:whole].reshape(-1, BLOCK_FRAMES)
            held, count = [joined[whole:]], count - whole


def main() -> int:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="relay: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the station's to obey: it closes our input.
    _go_behind()
    out = frames.own_pipe()
    threading.Thread(target=end_with_input, name="input", daemon=True).start()
    try:
        Worker(sys.argv[1], out).run()
    except BrokenPipeError:
        os._exit(0)
    return 1


def end_with_input() -> None:
    """Go when whoever started us has gone. For a thread of its own."""
    with contextlib.suppress(OSError):
        while sys.stdin.buffer.read(64):
            pass
    os._exit(0)


def _go_behind() -> None:
    """Give back the high priority of the player that started us."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(-min(0, os.nice(0)))


if __name__ == "__main__":
    sys.exit(main())
