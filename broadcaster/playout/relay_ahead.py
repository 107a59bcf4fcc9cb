"""Streams are opened well before their moment: a slow server must not cost the beginning of a relay."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.newsroom import approval, relays
from broadcaster.playout.air import Air
from broadcaster.store import Store
from broadcaster.store.models import Airing, Source
from schedules.clock import LOCAL, Clock
from schedules.rundown import Timed

OPEN_AHEAD = timedelta(seconds=20)
"""The engine looks every 5 s at least, so a stream is open 15 s ahead."""
_REMIND_S = 60.0
"""A player lets go of a stream that nobody wants to hear for 2 minutes."""


class RelaysAhead:
    """Asked by the engine each time that it looks at what is coming."""

    def __init__(self, store: Store, clock: Clock, air: Air) -> None:
        self._store = store
        self._clock = clock
        self._air = air
        self._seen: dict[str, float] = {}
        """When each coming airing was last looked at, by key."""

    def look(self, timed: Iterable[Timed], now: datetime) -> None:
        """Have the players open what will be relayed within OPEN_AHEAD."""
        coming = [each.slot.key for each in timed if each.starts_at <= now + OPEN_AHEAD]
        due = [key for key in coming if self._is_due(key)]
        if not due:
            return
        self._seen = {key: at_s for key, at_s in self._seen.items() if key in coming}
        with self._store.read() as session:
            for key in due:
                self._seen[key] = self._clock.monotonic()
                self._prepare(session, key, now)

    def _is_due(self, key: str) -> bool:
        last_s = self._seen.get(key)
        return last_s is None or self._clock.monotonic() - last_s >= _REMIND_S

    def _prepare(self, session: Session, key: str, now: datetime) -> None:
        airing = session.get(Airing, key)
        if airing is None or airing.bulletin.source != Source.RELAY:
            return
        signed = approval.valid_approval(session, airing.bulletin_id, now.astimezone(LOCAL).date())
        relay = relays.signed_relay(session, signed) if signed is not None else None
        if relay is None:
            return
        for output_id in {zone.output_id for zone in airing.zones if zone.is_active}:
            player = self._air.players.get(output_id)
            if player is not None and player.is_ready:
                player.link.prepare(key, relay.address)
