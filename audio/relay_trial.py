"""Trying an address before anything is signed: `python -m audio.relay_trial ADDRESS FOLDER`.

Listens for a few seconds as a relay would, writes `sound.wav` (what would be heard) and then `found.json`
into FOLDER, and goes: {trouble, codec, rate_hz, channels, first_sound_s, loudness_lufs, seconds}. Ends with
its standard input. A process of its own, because what strangers send may hang or crash a decoder.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from audio.formats import CLIP_RATE_HZ, Pcm, write_wav
from audio.levels import integrated_loudness, rms_dbfs
from audio.outputs.output import Samples
from audio.relay_decoder import Floats, Stream
from audio.relay_hls import Edge
from audio.relay_level import BLOCK_FRAMES, BLOCK_S, QUIET_DBFS, Leveller, Limiter
from audio.relay_trouble import RelayError, Trouble
from audio.relay_worker import LONGEST_BURST_S, ahead_s, blocks, end_with_input

LISTEN_S = 8.0
WATCH_S = 2.0
"""What sends faster than time has shown it by then."""
DEADLINE_S = 25.0
"""The pieces of a slow playlist are 10 s long; whoever tries does not wait for more than two of them."""
SOUND, FOUND = "sound.wav", "found.json"
_SHORTEST_S = 0.5


class Trial:
    """What is found out about one address."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._began_s = time.monotonic()
        self._heard: list[Floats] = []
        self._levelled: list[Samples] = []
        self.found: dict[str, Any] = {"trouble": None}

    def listen(self) -> None:
        try:
            stream = Stream(self._address, Edge(), self._wait)
            self.found |= {"codec": stream.codec, "rate_hz": stream.rate_hz, "channels": stream.channels}
            try:
                self._take(stream)
            finally:
                stream.close()
            self._measure()
        except RelayError as error:
            self.found["trouble"] = error.trouble.value

    def keep(self, folder: Path) -> None:
        """Write what was heard, then what was found; the second file says that the first is whole."""
        if self._levelled:
            samples = np.concatenate(self._levelled).astype(np.float32) / np.float32(32768)
            write_wav(folder / SOUND, Pcm(samples, CLIP_RATE_HZ))
        aside = folder / f"{FOUND}.new"
        aside.write_text(json.dumps(self.found), "utf-8")
        aside.replace(folder / FOUND)

    def _take(self, stream: Stream) -> None:
        leveller, limiter = Leveller(), Limiter()
        opened_s, brought_s = time.monotonic(), 0.0
        for block in blocks(stream.samples()):
            self.found.setdefault("first_sound_s", round(time.monotonic() - self._began_s, 1))
            brought_s += BLOCK_S
            if brought_s <= LISTEN_S:
                self._heard.append(block)
                self._levelled.extend(limiter.limit(leveller.level(block)))
            if not stream.is_segmented and ahead_s(opened_s, brought_s) > LONGEST_BURST_S:
                raise RelayError(Trouble.TOO_FAST)
            if self._has_enough(opened_s, brought_s):
                return
        raise RelayError(Trouble.ENDED)

    def _has_enough(self, opened_s: float, brought_s: float) -> bool:
        is_watched = time.monotonic() - opened_s >= WATCH_S
        return (brought_s >= LISTEN_S and is_watched) or self._is_late()

    def _measure(self) -> None:
        heard = Pcm(np.concatenate(self._heard or [np.empty(0, np.float32)]), CLIP_RATE_HZ)
        if heard.seconds < _SHORTEST_S:
            raise RelayError(Trouble.STALLED)
        if rms_dbfs(heard) < QUIET_DBFS:
            raise RelayError(Trouble.SILENT)
        loudness = integrated_loudness(heard)
        self.found |= {
            "seconds": len(self._heard) * BLOCK_FRAMES / CLIP_RATE_HZ,
            "loudness_lufs": round(loudness, 1) if math.isfinite(loudness) else None,
        }

    def _wait(self, seconds: float) -> None:
        if self._is_late():
            raise RelayError(Trouble.STALLED)
        time.sleep(seconds)

    def _is_late(self) -> bool:
        return time.monotonic() - self._began_s > DEADLINE_S


def main() -> int:
    threading.Thread(target=end_with_input, name="input", daemon=True).start()
    trial = Trial(sys.argv[1])
    trial.listen()
    trial.keep(Path(sys.argv[2]))
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
