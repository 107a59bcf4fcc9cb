"""What a player does about relays: opens a stream ahead when told to, and hands it to the mixer in time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from audio.mixer import Mixer
from audio.player_words import SILENCE_DBFS, Ended, Fault, Prepare, Relay
from audio.relay_filler import Filler, filler_of
from audio.relay_receiver import Receiver
from audio.relay_source import RelaySource
from audio.sources import BadSource

if TYPE_CHECKING:
    from audio.loader import Loader

KEPT_S = 120.0
"""A stream that was opened ahead is closed when nobody has asked to hear it after this."""


class RelayLoader:
    """`prepare` and `relay` are called by the thread that reads commands, `tend` by the feeder."""

    def __init__(self, loader: Loader, mixer: Mixer) -> None:
        self._loader = loader
        self._mixer = mixer
        self._prepared: dict[str, tuple[Receiver, float]] = {}

    def prepare(self, order: Prepare) -> None:
        """Open the stream for `item`; nothing of it sounds before `relay`."""
        receiver, _ = self._prepared.get(order.item, (None, 0.0))
        if receiver is None or receiver.address != order.address:
            self._drop(order.item)
            receiver = Receiver(order.address)
            receiver.tend()
        self._prepared[order.item] = (receiver, time.monotonic() + KEPT_S)

    def relay(self, order: Relay) -> None:
        if self._loader.is_taken(order.item):
            return
        if order.until_monotonic_s <= max(order.at_monotonic_s, time.monotonic()):
            self._drop(order.item)
            self._mixer.words.append(
                Ended(order.item, "failed", 0.0, SILENCE_DBFS, "Khung giờ tiếp âm đã qua.")
            )
            return
        source = RelaySource(
            order.item,
            self._receiver(order),
            self._filler(order),
            order.until_monotonic_s,
            self._mixer.words.append,
        )
        source.read_ahead()
        self._loader.load(order.item, order.bus, order.at_monotonic_s, source)

    def tend(self) -> None:
        for item, (receiver, until_s) in tuple(self._prepared.items()):
            if time.monotonic() >= until_s:
                self._drop(item)
            else:
                receiver.tend()

    def _receiver(self, order: Relay) -> Receiver:
        held, _ = self._prepared.pop(order.item, (None, 0.0))
        if held is not None and held.address == order.address:
            return held
        if held is not None:
            held.close()
        return Receiver(order.address)

    def _filler(self, order: Relay) -> Filler:
        """Return the clip asked for, or the tone when it cannot be read: better that than silence."""
        try:
            return filler_of(order.filler)
        except BadSource as error:
            self._mixer.words.append(Fault("bad_file", str(error)))
            return filler_of(None)

    def _drop(self, item: str) -> None:
        receiver, _ = self._prepared.pop(item, (None, 0.0))
        if receiver is not None:
            receiver.close()
