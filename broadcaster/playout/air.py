"""What is on the air: airings handed to the players, followed word by word until each has ended.

A player that dies in the middle of an airing is started again by `Players`; the airing then goes on from
where that output broke off, if it is back soon enough. No rows here: the engine writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from audio.player_words import Ended, Gone, Incident, Ready, Relayed, Report, Started, Word
from broadcaster.playout.faults import Faults
from broadcaster.playout.players import Players, Wanted
from broadcaster.playout.sounding import Lane, Sounding
from schedules.clock import Clock
from schedules.rundown import GAP_S

RESUME_WITHIN_S = 15.0
"""An output that comes back later than this does not take up the airing again."""
OPEN_END_S = 10.0
"""What waits behind an open-ended airing is not armed before its end is known."""
REARM_S = 0.3
"""From the word that a player is ready to the first sample of a resumed airing."""


class Air:
    """The airings that sound, or are armed to. Used by the engine's thread only."""

    def __init__(self, players: Players, clock: Clock) -> None:
        self.players = players
        self.faults = Faults()
        self.warm_at: Callable[[int, float], float] = lambda _output_id, now: now
        """When a person could hear what an output plays from now on (monotonic): its amplifier may be off."""
        self.tests: dict[int, tuple[float, float]] = {}
        """From when to when an output sounds for a test (monotonic): it needs its amplifier too."""
        self.more_signs: dict[str, Any] = {}
        """What duties add to the sign of life, by name."""
        self.kept_free: dict[int, datetime] = {}
        """Until when nothing of the running order begins in a zone: an order is repeated there."""
        self._clock = clock
        self._soundings: dict[str, Sounding] = {}

    def __iter__(self) -> Iterator[Sounding]:
        return iter(tuple(self._soundings.values()))

    def get(self, airing_id: str | None) -> Sounding | None:
        return self._soundings.get(airing_id or "")

    def moment_of(self, monotonic_s: float) -> datetime:
        """Return a past monotonic moment as it would be told now: on a clock that may have been set since."""
        return self._clock.now() - timedelta(seconds=self._clock.monotonic() - monotonic_s)

    def busy_outputs(self) -> frozenset[int]:
        return frozenset(number for s in self._soundings.values() for number in s.lanes)

    def ends_at(self, sounding: Sounding) -> datetime:
        """Return when it should fall silent; never in the past while it still sounds."""
        if sounding.is_open_ended:
            return self._clock.now() + timedelta(seconds=OPEN_END_S)
        planned = sounding.at + timedelta(seconds=sounding.length_s)
        return max(planned, self._clock.now() + timedelta(seconds=0.2))

    def want(self, outputs: Iterable[Wanted]) -> None:
        """Follow the outputs that the store names; what a changed one played goes on with its new player."""
        for output_id in self.players.want(outputs):
            self._lose(output_id)

    def start(self, sounding: Sounding, lanes: Mapping[int, Lane]) -> None:
        """Arm `sounding` on each of its outputs; one that is not there is waited for a while."""
        sounding.lanes = dict(lanes)
        self._wait_until_warm(sounding)
        self._soundings[sounding.airing_id] = sounding
        for output_id, lane in sounding.lanes.items():
            player = self.players.get(output_id)
            if player is None:
                lane.is_over, lane.fault = True, "đường ra không còn"
            elif not player.is_ready or not player.link.is_alive:
                lane.lost_at = self._clock.monotonic()
            else:
                lane.is_loudspeaker = player.is_loudspeaker
                sounding.material.arm(player.link, sounding.airing_id, sounding.starts_at(lane))

    def cut(self, sounding: Sounding, cause: str, reason: str) -> None:
        """Fade an airing out everywhere; its end is noted when the outputs have said so."""
        if sounding.cut is None:
            sounding.cut = (cause, reason)
        for output_id, lane in sounding.lanes.items():
            player = self.players.get(output_id)
            if lane.lost_at is not None or player is None:
                lane.is_over = True
            elif not lane.is_over:
                player.link.cut(sounding.airing_id)

    def hear(self, name: str, word: Word) -> int | None:
        """Take in one word of a player; return the output it is about, None when it no longer matters."""
        output_id = self.players.note(name, word)
        if output_id is not None:
            self._take_in(output_id, word)
        return output_id

    def give_up(self) -> None:
        """Let go of outputs that have stayed away for too long."""
        now = self._clock.monotonic()
        for sounding in self._soundings.values():
            for lane in sounding.lanes.values():
                if lane.is_over or lane.lost_at is None or sounding.may_still_resume(now):
                    continue
                if now - lane.lost_at > RESUME_WITHIN_S:
                    lane.is_over = True
                    lane.fault = f"mất tiếng từ giây thứ {lane.seconds:.0f}"

    def finished(self) -> list[Sounding]:
        """Return the airings that have ended on all their outputs."""
        return [sounding for sounding in self._soundings.values() if sounding.is_over]

    def forget(self, sounding: Sounding) -> None:
        del self._soundings[sounding.airing_id]

    def _wait_until_warm(self, sounding: Sounding) -> None:
        """Begin later, everywhere alike, what would be lost in an amplifier that is still off.

        Planned sound finds it on. An emergency does not wait, nor does a relay: its window ends when it ends.
        """
        if sounding.is_emergency or sounding.material.bus == "relay":
            return
        now = self._clock.monotonic()
        warm = max((self.warm_at(output_id, now) for output_id in sounding.lanes), default=now)
        later_s = max(0.0, warm - sounding.at_monotonic)
        sounding.at_monotonic += later_s
        sounding.at += timedelta(seconds=later_s)

    def _take_in(self, output_id: int, word: Word) -> None:
        match word:
            case Ready():
                self._resume(output_id)
            case Gone():
                self._lose(output_id)
            case Started() | Report() | Ended() | Incident() | Relayed():
                sounding = self.get(word.item)
                if sounding is not None and output_id in sounding.lanes:
                    _note(sounding, output_id, word)

    def _lose(self, output_id: int) -> None:
        for sounding in self._soundings.values():
            lane = sounding.lanes.get(output_id)
            if lane is None or lane.is_over:
                continue
            lane.note_end(lane.now_s, lane.recent_dbfs)
            lane.lost_at = self._clock.monotonic()
            lane.is_over = sounding.cut is not None

    def _resume(self, output_id: int) -> None:
        """Arm again, in order, what this output lost."""
        player = self.players.get(output_id)
        lost = [s for s in self._soundings.values() if _is_lost(s.lanes.get(output_id))]
        if player is None:
            return
        free_at = self._clock.monotonic() + REARM_S
        for sounding in sorted(lost, key=lambda each: each.at_monotonic):
            lane = sounding.lanes[output_id]
            if player.stands_in and lane.seconds > 0:
                lane.is_over, lane.fault = True, f"mất card âm thanh từ giây thứ {lane.seconds:.0f}"
                continue
            start = max(sounding.starts_at(lane), free_at)
            from_s = sounding.place_s(lane, start)
            sounding.material.arm(player.link, sounding.airing_id, start, from_s)
            lane.is_loudspeaker, lane.lost_at = player.is_loudspeaker, None
            free_at = start + sounding.length_s - from_s + GAP_S


def _is_lost(lane: Lane | None) -> bool:
    return lane is not None and not lane.is_over and lane.lost_at is not None


def _note(sounding: Sounding, output_id: int, word: Started | Report | Ended | Incident | Relayed) -> None:
    match word:
        case Incident(text=text):
            lane = sounding.lanes[output_id]
            sounding.incidents.append(text if len(sounding.lanes) == 1 else f"{lane.output}: {text}")
        case Relayed() if sounding.relay is not None:
            sounding.relay.note(output_id, word)
        case Started():
            if sounding.started_monotonic is None or word.at_monotonic_s < sounding.started_monotonic:
                sounding.started_monotonic = word.at_monotonic_s
        case Report():
            sounding.lanes[output_id].note_report(word)
        case Ended():
            sounding.note_ended(output_id, word)
