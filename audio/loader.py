"""What a player was told to play: opened and checked before the mixer gets it, read ahead while it plays."""

from __future__ import annotations

import time

import numpy as np

from audio.chimes import attention_tone
from audio.formats import to_s16
from audio.mixer import Mixer
from audio.outputs.output import Samples
from audio.player_words import (
    BUSES,
    SILENCE_DBFS,
    Append,
    Arm,
    Armed,
    Ended,
    Fault,
    Finish,
    Incident,
    Queue,
)
from audio.queue_source import QueueSource
from audio.relay_loader import RelayLoader
from audio.sources import BadSource, ClipSource, Source
from audio.voice import Voice

_FEED_S = 0.5


class Loader:
    """Obeys in the thread that reads commands; `feed` is a thread of its own."""

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer
        self._voices: list[Voice] = []
        self._queues: dict[str, QueueSource] = {}
        self.relays = RelayLoader(self, mixer)
        self._openings: dict[str, Samples] = {"": np.empty(0, np.int16), "attention": _attention()}

    def arm(self, order: Arm) -> None:
        if self.is_taken(order.item):
            return
        try:
            source = ClipSource(order.path, order.from_s)
        except BadSource as error:
            self._say_bad_file(order.item, str(error))
            return
        frames = source.frames - source.position
        source.read_ahead()
        self.load(order.item, order.bus, order.at_monotonic_s, source, frames)

    def begin_queue(self, order: Queue) -> None:
        if self.is_taken(order.item):
            return
        item, opening = order.item, self._openings[order.opening]
        source = QueueSource(opening, lambda text: self._mixer.words.append(Incident(item, "bad_part", text)))
        self._queues[item] = source
        self.load(item, order.bus, order.at_monotonic_s, source, len(opening))

    def append(self, order: Append) -> None:
        """To a queue that is over already this does nothing: its end has been told."""
        queue = self._queues.get(order.item)
        if queue is None:
            self._say_unknown(order.item)
        else:
            queue.append(order.path)

    def finish(self, order: Finish) -> None:
        queue = self._queues.get(order.item)
        if queue is None:
            self._say_unknown(order.item)
        else:
            queue.finish()

    def is_taken(self, item: str) -> bool:
        """Return whether there is such an item already, and say so."""
        is_taken = any(voice.item == item and voice.state != "over" for voice in self._voices)
        if is_taken:
            self._mixer.words.append(Fault("bad_command", f"“{item}” đã được nạp rồi."))
        return is_taken

    def load(self, item: str, bus: str, at_monotonic_s: float, source: Source, frames: int = 0) -> None:
        """Hand any source to the mixer; `frames` are known to come."""
        voice = Voice(item, BUSES.index(bus), at_monotonic_s, source)
        self._voices.append(voice)
        self._mixer.words.append(Armed(item, frames))
        self._mixer.arm(voice)

    def feed(self) -> None:
        while True:
            for voice in tuple(self._voices):
                if voice.state == "over":
                    self._voices.remove(voice)
                    voice.source.close()
                else:
                    voice.source.read_ahead()
            self.relays.tend()
            time.sleep(_FEED_S)

    def _say_bad_file(self, item: str, text: str) -> None:
        self._mixer.words.append(Fault("bad_file", text))
        self._mixer.words.append(Ended(item, "failed", 0.0, SILENCE_DBFS, text))

    def _say_unknown(self, item: str) -> None:
        self._mixer.words.append(Fault("bad_command", f"Không có hàng đợi “{item}” để thêm tiếng."))


def _attention() -> Samples:
    samples: Samples = np.frombuffer(to_s16(attention_tone()), "<i2").astype(np.int16)
    return samples
