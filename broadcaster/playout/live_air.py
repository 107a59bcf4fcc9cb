"""One announcement on the players: pieces of sound handed on as they come, until it is ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from broadcaster.playout.air import Air
from broadcaster.playout.emergency_air import in_the_way
from broadcaster.playout.link import Link
from broadcaster.playout.live_feed import Feed
from broadcaster.playout.live_spool import Piece, Spool
from broadcaster.playout.material import QueueMaterial
from broadcaster.playout.sounding import Lane, Sounding
from broadcaster.store.models import Live
from schedules.clock import Clock
from schedules.priority import Priority

BUS = "live"
CAUSE = "live"
LEAD_S = 0.15
"""From the decision to the fade of what sounds there: enough for all outputs to begin together."""
GONE_S = 5.0
"""A browser from which nothing came for this long is gone."""
HELD_PARTS = 2
"""A player that comes back goes on with the newest pieces; older ones are past."""


@dataclass(slots=True)
class MicrophoneMaterial(QueueMaterial):
    """A queue of which only the newest parts matter."""

    def add(self, part: Path) -> None:
        self.parts.append(part)
        del self.parts[:-HELD_PARTS]


class Speaker:
    """One announcement, from its first piece of sound to its end. Used by the engine's thread only."""

    def __init__(self, live: Live, outputs: frozenset[int], data: Path, air: Air, clock: Clock) -> None:
        """`outputs` are those that reach its zones."""
        self.live = live
        self.outputs = outputs
        self.sounding: Sounding | None = None
        self.cut: list[str] = []
        """Titles of what it interrupted."""
        self._air = air
        self._clock = clock
        self._spool = Spool(data, live.id)
        self._feed: Feed | None = None
        self._material = MicrophoneMaterial(BUS)
        self._heard_of_at = clock.monotonic()
        self._fresh: list[Piece] = []

    @property
    def has_sound(self) -> bool:
        """Whether its microphone has been heard of since the last look."""
        return bool(self._fresh)

    @property
    def silent_for_s(self) -> float:
        return self._clock.monotonic() - self._heard_of_at

    @property
    def is_over(self) -> bool:
        """Whether it was on the air and has ended there."""
        return self.sounding is not None and self._air.get(self.sounding.airing_id) is None

    @property
    def is_ending(self) -> bool:
        return self._material.is_finished or (self.sounding is not None and self.sounding.cut is not None)

    @property
    def on_air_s(self) -> float:
        return 0.0 if self.sounding is None else self._clock.monotonic() - self.sounding.at_monotonic

    def listen(self) -> None:
        """Take in what has arrived; before it is on the air only the newest piece is kept."""
        now = self._clock.monotonic()
        self._fresh = self._spool.take(now)
        if self._fresh:
            self._heard_of_at = now
        if self._feed is not None:
            self._feed.arrive(self._fresh, now)

    def in_the_way(self) -> list[Sounding]:
        return in_the_way(self._air, self.outputs)

    def begin(self, airing_id: str, lanes: dict[int, Lane], zone_ids: frozenset[int], who: str) -> None:
        """Take the outputs of `lanes` from whatever sounds there; `who` speaks."""
        live, now = self.live, self._clock.monotonic()
        self.sounding = Sounding(
            airing_id=airing_id,
            title=f"Trực tiếp: {live.title}",
            material=self._material,
            length_s=float(live.longest_s),
            zone_ids=zone_ids,
            group=airing_id,
            priority=Priority.PRIORITY,
            at=self._clock.now() + timedelta(seconds=LEAD_S),
            at_monotonic=now + LEAD_S,
            is_open_ended=True,
            details={"live": {"by": who, "longest_s": live.longest_s}},
        )
        self._clear_the_way(who)
        self._air.start(self.sounding, lanes)
        self._feed = Feed(self.sounding.at_monotonic)
        self._feed.arrive(self._fresh, now)

    def feed(self) -> None:
        """Hand on what is due."""
        if self._feed is not None and self.sounding is not None and not self.is_ending:
            self._append(self.sounding, self._feed.due(self._clock.monotonic()))

    def finish(self, why: str, note: str = "") -> None:
        """Let what has come be heard, then end; `why` (`person`, `limit`) and `note` go into the history."""
        if self._feed is None or self.sounding is None or self.is_ending:
            return
        self._append(self.sounding, self._feed.rest(self._clock.monotonic()))
        self._material.is_finished = True
        self.sounding.is_open_ended, self.sounding.length_s = False, self._feed.given_s
        self.sounding.details["live"]["ended"] = why
        if note:
            self.sounding.incidents.append(note)
        for lane in self.sounding.lanes.values():
            if lane.lost_at is not None and not lane.is_over:
                lane.is_over, lane.fault = True, f"mất tiếng từ giây thứ {lane.seconds:.0f}"
        for link in self._links(self.sounding):
            link.finish(self.sounding.airing_id)

    def break_off(self, cause: str, reason: str) -> None:
        """End at once what can no longer be an announcement."""
        if self.sounding is not None and self.sounding.cut is None:
            self.sounding.details["live"]["ended"] = cause
            self._air.cut(self.sounding, cause, reason)

    def close(self) -> None:
        self._spool.close()

    def signs(self) -> dict[str, object]:
        """Return what the page of its speaker is told besides what it is told of every airing."""
        feed = self._feed
        return {
            "airing_id": self.sounding.airing_id if self.sounding else None,
            "on_air_s": round(self.on_air_s, 1),
            "dropped_s": round(feed.dropped_s, 1) if feed else 0.0,
            "missing": feed.missing if feed else 0,
        }

    def _append(self, sounding: Sounding, pieces: list[Piece]) -> None:
        links = list(self._links(sounding))
        for piece in pieces:
            self._material.add(piece.path)
            for link in links:
                link.append(sounding.airing_id, piece.path)
        if self._feed is not None:
            said = sounding.details["live"]
            said["dropped_s"], said["missing"] = round(self._feed.dropped_s, 1), self._feed.missing

    def _links(self, sounding: Sounding) -> Iterator[Link]:
        """Yield the players that have the queue now."""
        for output_id, lane in sounding.lanes.items():
            player = self._air.players.get(output_id)
            if player is not None and lane.lost_at is None and not lane.is_over:
                yield player.link

    def _clear_the_way(self, who: str) -> None:
        """Cut what sounds on its outputs; what also sounds elsewhere goes on there."""
        words = f"Nhường cho {who} phát trực tiếp “{self.live.title}”."
        for sounding in self.in_the_way():
            self.cut.append(sounding.title)
            living = {number for number, lane in sounding.lanes.items() if not lane.is_over}
            if living <= self.outputs:
                self._air.cut(sounding, CAUSE, words)
                continue
            for number in living & self.outputs:
                sounding.lanes[number].fault = "nhường cho phát trực tiếp"
                player = self._air.players.get(number)
                if player is not None:
                    player.link.cut(sounding.airing_id)


def length_words(seconds: float) -> str:
    minutes, rest_s = divmod(max(0, round(seconds)), 60)
    parts = ((minutes, "phút"), (rest_s, "giây"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 giây"
