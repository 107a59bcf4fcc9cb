"""What an airing is made of, and how a player is told to play it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from broadcaster.playout.link import Link


class Material(Protocol):
    """Sound in a form that a player takes. Used by the engine's thread only."""

    @property
    def bus(self) -> str:
        """One of `audio.player_words.BUSES`."""

    def arm(self, link: Link, item: str, at_monotonic_s: float, from_s: float = 0.0) -> None:
        """Have `item` heard from `at_monotonic_s` on; `from_s` seconds of it have been heard there before."""


@dataclass(frozen=True, slots=True)
class ClipMaterial:
    """Finished sound on disk."""

    path: Path
    bus: str = "programme"

    def arm(self, link: Link, item: str, at_monotonic_s: float, from_s: float = 0.0) -> None:
        link.arm(item, self.path, at_monotonic_s, from_s, self.bus)


@dataclass(frozen=True, slots=True)
class RelayMaterial:
    """Another station's stream inside a window of `length_s`; what was missed of it is gone."""

    address: str
    length_s: float
    filler: Path | None = None
    bus: str = "relay"

    def arm(self, link: Link, item: str, at_monotonic_s: float, from_s: float = 0.0) -> None:
        until = at_monotonic_s + self.length_s - from_s
        link.relay(item, self.address, at_monotonic_s, until, self.filler, self.bus)


@dataclass(slots=True)
class QueueMaterial:
    """Sound that comes part by part while it plays: an alert's sentences, a live microphone."""

    bus: str
    opening: str = ""
    parts: list[Path] = field(default_factory=list)
    is_finished: bool = False

    def arm(self, link: Link, item: str, at_monotonic_s: float, from_s: float = 0.0) -> None:
        """A player that comes back in the middle goes on with the parts that are still to come."""
        link.begin_queue(item, at_monotonic_s, self.bus, "" if from_s > 0 else self.opening)
        for part in () if from_s > 0 else self.parts:
            link.append(item, part)
        if self.is_finished:
            link.finish(item)
