"""What sounds, written down: how far each airing has come, and how it ended."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from broadcaster.playout import airings
from broadcaster.playout.air import Air
from broadcaster.playout.sounding import Sounding
from broadcaster.store import Store
from broadcaster.store.models import Airing, AiringState
from schedules.clock import Clock

PROGRESS_S = 5.0
"""How often the store is told how far an airing has come; a power cut loses no more than this."""


class Reports:
    """Carries what the outputs have said into the store. Used by the engine's thread only."""

    def __init__(self, store: Store, clock: Clock, air: Air) -> None:
        self._store = store
        self._clock = clock
        self._air = air

    def write_ended(self) -> bool:
        """Write what has ended; it is let go of only when it stands in the store."""
        finished = self._air.finished()
        for sounding in finished:
            self.write_end(sounding)
            self._air.forget(sounding)
        return bool(finished)

    def write_end(self, sounding: Sounding) -> None:
        now, started_at = self._clock.now(), None
        if sounding.started_monotonic is not None:
            ago = self._clock.monotonic() - sounding.started_monotonic
            started_at = now - timedelta(seconds=ago)
        with self._store.write() as session:
            airing = airings.get(session, sounding.airing_id)
            if started_at is not None:
                airing.started_at = started_at
            airings.finish(session, airing, AiringState.STARTED, sounding.ending(now, started_at))

    def write_progress(self) -> None:
        moved = [s for s in self._air if s.seconds >= s.progress_s + PROGRESS_S]
        if not moved:
            return
        with self._store.write() as session:
            for sounding in moved:
                session.execute(
                    update(Airing)
                    .where(Airing.id == sounding.airing_id, Airing.state == AiringState.STARTED)
                    .values(seconds_heard=sounding.seconds, on_loudspeaker=sounding.is_on_loudspeaker)
                )
        for sounding in moved:
            sounding.progress_s = sounding.seconds
