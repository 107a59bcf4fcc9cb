"""One repetition of an order on the players: tone first, then its parts as they are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from audio.player_words import ATTENTION_S
from broadcaster.playout.air import Air
from broadcaster.playout.emergency_voice import Announcer, Speech
from broadcaster.playout.link import Link
from broadcaster.playout.material import QueueMaterial
from broadcaster.playout.sounding import Lane, Sounding
from broadcaster.store.models import AiringState
from schedules.clock import Clock
from schedules.priority import Priority

BUS = "emergency"
LEAD_S = 0.05
"""From the order to the tone: outputs that are as quick as this begin together, slower ones at once."""
PATIENCE_S = 2.0
"""A repetition whose voice fails waits this long for more words; the next one has the tone again."""


@dataclass(slots=True)
class AlertMaterial(QueueMaterial):
    """A queue that an output which was away hears from the beginning: half an order says nothing."""

    def arm(self, link: Link, item: str, at_monotonic_s: float, from_s: float = 0.0) -> None:
        QueueMaterial.arm(self, link, item, at_monotonic_s)


class Saying:
    """One repetition, from its first tone to its last word. Used by the engine's thread only."""

    def __init__(self, air: Air, clock: Clock, speech: Speech, opening: str = "attention") -> None:
        self._air = air
        self._clock = clock
        self._speech = speech
        self._material = AlertMaterial(BUS, opening)
        self._opening_s = ATTENTION_S if opening else 0.0
        self._speaks_from = 0.0
        self.sounding: Sounding | None = None

    @property
    def trouble(self) -> str:
        """Why it cannot be said, in words; empty: it can."""
        return self._speech.trouble

    @property
    def text(self) -> str:
        return " ".join(str(line["text"]) for line in self._speech.words.script)

    @property
    def has_words(self) -> bool:
        return bool(self._speech.parts)

    @property
    def has_outputs(self) -> bool:
        return self.sounding is not None and bool(self.sounding.lanes)

    def again(self) -> Saying:
        """Return the next repetition of the same words."""
        return Saying(self._air, self._clock, self._speech, self._material.opening)

    def drop(self, announcer: Announcer) -> None:
        """Nobody will need the words any more."""
        announcer.drop(self._speech)

    @property
    def is_over(self) -> bool:
        return self.sounding is None or self._air.get(self.sounding.airing_id) is None

    @property
    def was_heard(self) -> bool:
        """Whether any zone heard all of it."""
        if self.sounding is None:
            return False
        return self.sounding.ending(self._clock.now(), None).state == AiringState.PLAYED

    def begin(
        self,
        airing_id: str,
        title: str,
        zone_ids: frozenset[int],
        lanes: Mapping[int, Lane],
        details: dict[str, Any],
    ) -> None:
        """Take the outputs of `lanes` from whatever sounds there, and start the tone.

        `details` are for the history.
        """
        self.sounding = sounding = Sounding(
            airing_id=airing_id,
            title=title,
            material=self._material,
            length_s=self._opening_s + self._speech.expected_s,
            zone_ids=zone_ids,
            group=airing_id,
            priority=Priority.EMERGENCY,
            at=self._clock.now() + timedelta(seconds=LEAD_S),
            at_monotonic=self._clock.monotonic() + LEAD_S,
            is_open_ended=True,
            source="alert",
            details=details,
        )
        clear_the_way(self._air, lanes, title)
        self._air.start(sounding, lanes)
        now = self._clock.monotonic()
        self._speaks_from = max((self._air.warm_at(output_id, now) for output_id in lanes), default=now)
        self.feed()

    def feed(self) -> None:
        """Hand on the parts that have been made since the last call, and end the queue after the last."""
        now = self._clock.monotonic()
        if self.sounding is None or self.is_over or self._material.is_finished or now < self._speaks_from:
            return
        is_whole = self._speech.is_whole  # before the parts: none can come between the two questions
        for part in self._speech.parts[len(self._material.parts) :]:
            self._material.parts.append(part.path)
            for link in self._links(self.sounding):
                link.append(self.sounding.airing_id, part.path)
        if is_whole and self.has_words:
            self.sounding.length_s = self._given_s
            self._finish(self.sounding)
        elif is_whole or (self.trouble and now > self.sounding.at_monotonic + self._given_s + PATIENCE_S):
            self.sounding.cut = ("no_voice", f"Không đọc được hết lời: {self.trouble or self._speech.note}")
            self.sounding.length_s = max(self.sounding.length_s, self._given_s + PATIENCE_S)
            self._finish(self.sounding)

    def cut(self, cause: str, reason: str) -> None:
        if self.sounding is not None and not self.is_over:
            self._air.cut(self.sounding, cause, reason)

    @property
    def _given_s(self) -> float:
        """How long what was handed on will sound."""
        return self._opening_s + sum(part.seconds for part in self._speech.parts[: len(self._material.parts)])

    def _finish(self, sounding: Sounding) -> None:
        self._material.is_finished = True
        sounding.is_open_ended = False
        if self._speech.note:
            sounding.incidents.append(self._speech.note)
        if self._speech.is_live:
            sounding.details["live_voice"] = {"engine": "espeak-ng", "voice": self._speech.words.voice.id}
        for link in self._links(sounding):
            link.finish(sounding.airing_id)

    def _links(self, sounding: Sounding) -> list[Link]:
        """Return the players that have the queue now; one that is away gets all of it when it is back."""
        there = (
            self._air.players.get(output_id)
            for output_id, lane in sounding.lanes.items()
            if not lane.is_over and lane.lost_at is None
        )
        return [player.link for player in there if player is not None]


def in_the_way(air: Air, outputs: Iterable[int]) -> list[Sounding]:
    """Return what sounds, or is armed, on one of `outputs`."""
    wanted = set(outputs)
    return [
        sounding
        for sounding in air
        if any(number in wanted and not lane.is_over for number, lane in sounding.lanes.items())
    ]


def clear_the_way(air: Air, outputs: Iterable[int], title: str) -> None:
    """Cut what sounds on `outputs`; what also sounds elsewhere goes on there, and its row says where not."""
    wanted = set(outputs)
    for sounding in in_the_way(air, wanted):
        living = {number for number, lane in sounding.lanes.items() if not lane.is_over}
        if living <= wanted:
            air.cut(sounding, "emergency", f"Nhường cho lệnh khẩn cấp “{title}”.")
            continue
        for number in living & wanted:
            sounding.lanes[number].fault = "nhường cho lệnh khẩn cấp"
            player = air.players.get(number)
            if player is not None:
                player.link.cut(sounding.airing_id)
