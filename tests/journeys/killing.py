"""One airing during which one process is killed: what must be true afterwards, whatever the moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from broadcaster.playout import requesting, running_order
from broadcaster.records import chain, history
from broadcaster.store import Store
from broadcaster.store.models import Airing, AiringState, History
from schedules.clock import Clock
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation
from tests.sound_server import RATE_HZ, SoundServer, eventually, position_of

CLIP_S = 4.0
SPAN_S = 7.5
"""From the request to the end of its airing: 3 s to its start, then the clip."""
WEB_BACK_S = 10.0
REPEAT_S = 1.6
"""A player that was killed takes up the airing from its last report, at most this much earlier."""


@dataclass
class Outcome:
    row: History
    heard_twice: bool


class Killing:
    """A station that is used again for one killing after another."""

    def __init__(self, folder: Path, server: SoundServer, clock: Clock, environment: dict[str, str]) -> None:
        self.station = RunningStation(folder, environment).start()
        self.server = server
        self.desk = Desk(Store(folder), clock)
        self.desk.furnish()
        self.count = 0

    def close(self) -> None:
        self.station.stop()
        self.desk.store.close()

    def kill_during_an_airing(
        self, kind: str, after_s: float, just_before: Callable[[], object] = lambda: None
    ) -> Outcome:
        """Ask for an airing, kill `kind` so many seconds later, and return how the airing ended."""
        self.count += 1
        sound = noise(CLIP_S, seed=self.count)
        number = self.desk.approved(f"Tin số {self.count}", sound=sound)
        self.station.pid("station")
        self.station.pid("player")
        asked_at = time.monotonic()
        with self.desk.store.write() as session:
            airing = requesting.request_next(session, self.desk.operator, number, [], self.desk.clock.now())
        time.sleep(max(0.0, asked_at + after_s - time.monotonic()))  # the moment is the point of the test
        just_before()
        gone = self.station.kill(kind)
        killed_at = time.monotonic()
        if kind == "web":
            eventually(self.station.answers, WEB_BACK_S, "the page answers again")
        row = self._end_of(airing.id)
        assert eventually(lambda: self.station.pid(kind) != gone, 40.0, f"a new {kind} runs")
        assert time.monotonic() - killed_at < 60
        return Outcome(row, self._heard_twice(sound, asked_at))

    def assert_nothing_is_lost(self) -> None:
        """Every airing has one row, none is left open, the chain holds."""
        with self.desk.store.read() as session:
            rows = session.query(Airing).all()
            assert [row.id for row in rows if not AiringState(row.state).is_final] == []
            assert session.query(History).count() == len(rows) == self.count
            assert chain.verify(session) == []

    def _end_of(self, airing_id: str) -> History:
        def look() -> History | None:
            self._confirm_the_clock()
            with self.desk.store.read() as session:
                return history.of_airing(session, airing_id)

        found = eventually(look, 40.0, "the airing ends")
        assert found is not None
        return found

    def _confirm_the_clock(self) -> None:
        """Do what an operator does when the station found its clock set back at its start."""
        with self.desk.store.read() as session:
            is_held = running_order.standing_hold(session) is not None
        if is_held:
            with self.desk.store.write() as session:
                running_order.lift(session, self.desk.operator, "Giờ đúng", self.desk.clock.now())

    def _heard_twice(self, sound: object, asked_at: float) -> bool:
        """Whether the clip's third second, which no resumption repeats by itself, sounds more than once."""
        recording = self.server.ear.since(asked_at).copy()
        part = sound[round(RATE_HZ * 0.1) : round(RATE_HZ * 0.3)]  # type: ignore[index]
        first = position_of(part, recording)
        if first is None:
            return False
        recording[first : first + round(RATE_HZ * REPEAT_S)] = 0
        return position_of(part, recording) is not None
