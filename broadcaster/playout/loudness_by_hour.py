"""The duty that makes outputs quieter in the quieter hours of their zones. An emergency is never lowered."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from audio.player_words import Ready, Word
from broadcaster.playout import zone_levels, zones
from broadcaster.playout.air import Air
from broadcaster.playout.link import Link
from broadcaster.store import Store
from broadcaster.store.models import Command
from schedules.clock import Clock
from schedules.loudness import next_change

LOOK_S = 1.0
"""A change on the page is followed within this."""
AT_LEAST = timedelta(seconds=60)
"""Looked at again after this whatever was planned: somebody may have set the clock."""
RAMP_S = 3.0


class LoudnessByHour:
    """Tells each player its gain when it changes, and again to a player that was started anew."""

    kinds: frozenset[str] = frozenset()

    def __init__(self, store: Store, clock: Clock, air: Air, boot_id: str) -> None:
        self._store = store
        self._clock = clock
        self._air = air
        self._changes = store.changes()
        self._look_at = clock.monotonic()
        self._change_at = clock.now()
        self._gains_db: dict[int, float] = {}
        """By output, as its zones want it now."""
        self._told: dict[int, tuple[Link, float]] = {}

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        raise AssertionError("no order is about this duty")

    def turn(self, now: datetime) -> None:
        if self._clock.monotonic() < self._look_at:
            return
        self._look_at = self._clock.monotonic() + LOOK_S
        if self._changes.has_changed() or not now < self._change_at <= now + AT_LEAST:
            self._read(now)
        for output_id in self._gains_db:
            self._tell(output_id, RAMP_S)

    def hear(self, output_id: int, word: Word) -> None:
        if isinstance(word, Ready):
            self._told.pop(output_id, None)
            self._tell(output_id, 0.0)

    def close(self) -> None:
        self._changes.close()

    def _read(self, now: datetime) -> None:
        with self._store.read() as session:
            reached = {output.id: zones.zones_of(output) for output in zones.outputs(session)}
        self._gains_db = {number: zone_levels.gain_db_of(heard, now) for number, heard in reached.items()}
        profiles = [zone_levels.profile_of(zone) for heard in reached.values() for zone in heard]
        self._change_at = min(next_change(now, profiles) or now + AT_LEAST, now + AT_LEAST)

    def _tell(self, output_id: int, ramp_s: float) -> None:
        player = self._air.players.get(output_id)
        gain_db = self._gains_db.get(output_id, 0.0)
        if player is None or not player.is_ready:
            return
        link, known_db = self._told.get(output_id, (None, 0.0))
        if link is not player.link or known_db != gain_db:
            player.link.gain(gain_db, ramp_s)
            player.gain_db = gain_db
            self._told[output_id] = (player.link, gain_db)
