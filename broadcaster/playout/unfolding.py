"""Wishes become dated airings, each occurrence exactly once, however many wishes and however often asked."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.playout import sections
from broadcaster.playout.starts import starts
from broadcaster.store.models import Airing, AiringState, Request
from schedules.recurrence import EVERY_DAY, Series, Weekly, occurrences

REPLANNED = "programme_changed"
"""Cause of what gave way to a changed programme."""
RESTS = "programme_rests"
"""Cause of what a pause or a cancelled date took off."""
GAVE_WAY = (REPLANNED, RESTS)
"""Causes of the only airings that do not stand for their moment: it may be planned again."""


def moments(
    request: Request, start: datetime, until: datetime, except_dates: Iterable[date] = ()
) -> Iterator[datetime]:
    """Yield when a wish wants to sound in [start, until)."""
    if request.programme is not None:
        dates = request.first_date, request.last_date, except_dates
        yield from starts(request.programme, start, until, *dates)
    elif request.way == "series" and request.at and request.every_min and request.until and request.most:
        every = timedelta(minutes=request.every_min)
        yield from occurrences(Series(request.at, every, request.until, request.most), start, until)
    elif request.way == "daily":
        days = EVERY_DAY if request.days is None else frozenset(request.days)
        rules = (
            Weekly(days, time.fromisoformat(at), request.first_date, request.last_date)
            for at in request.times or ()
        )
        yield from sorted(moment for rule in rules for moment in occurrences(rule, start, until))


class Plan:
    """What stands on the plan in [start, until): known from one query, so that many wishes are unfolded fast.

    Use it inside one write transaction, and let nobody else add airings to that stretch meanwhile.
    """

    def __init__(self, session: Session, start: datetime, until: datetime) -> None:
        self._session = session
        self._start, self._until = start, until
        self._there: dict[int, set[datetime]] = defaultdict(set)
        """By request: the moments that have their airing."""
        self._rows: Counter[tuple[int, datetime]] = Counter()
        self._standing: set[tuple[int, int | None, datetime]] = set()
        """(bulletin, programme, moment) of what is planned, by whatever request."""
        self._last_position: dict[datetime, int] = {}
        self._read()

    def unfold(self, request: Request, except_dates: Iterable[date] = ()) -> list[Airing]:
        """Add the airings of one wish that belong to this stretch and are not there yet."""
        there = self._there[request.id]
        return [
            self.add(request, moment)
            for moment in moments(request, self._start, self._until, except_dates)
            if moment not in there and not self._stands(request, moment)
        ]

    def add(self, request: Request, at: datetime) -> Airing:
        """Add one airing of a wish at a moment of this stretch."""
        airing = Airing(
            id=uuid.uuid4().hex,
            request_id=request.id,
            planned_at=at,
            part=self._rows[request.id, at],
            programme_id=request.programme_id,
            bulletin_id=request.bulletin_id,
            section=sections.section_of(request),
            position=self._last_position.get(at, -1) + 1,
            deadline=at + timedelta(seconds=request.late_window_s),
            placed_by=request.created_by,
            zones=list(request.zones),
            state=AiringState.PLANNED,
        )
        self._session.add(airing)
        self._note(request.id, at, airing.position)
        self._standing.add((request.bulletin_id, request.programme_id, at))
        self._there[request.id].add(at)
        return airing

    def _stands(self, request: Request, moment: datetime) -> bool:
        """Whether a programme holds the bulletin already; outside programmes each wish stands for itself."""
        key = request.bulletin_id, request.programme_id, moment
        return request.programme_id is not None and key in self._standing

    def _read(self) -> None:
        query = select(
            Airing.request_id,
            Airing.planned_at,
            Airing.position,
            Airing.cause,
            Airing.state,
            Airing.bulletin_id,
            Airing.programme_id,
        ).where(Airing.planned_at >= self._start, Airing.planned_at < self._until)
        for request_id, at, position, cause, state, bulletin_id, programme_id in self._session.execute(query):
            self._note(request_id, at, position)
            if cause not in GAVE_WAY:
                self._there[request_id].add(at)
            if state == AiringState.PLANNED:
                self._standing.add((bulletin_id, programme_id, at))

    def _note(self, request_id: int, at: datetime, position: int) -> None:
        """Count the airings of a wish at one moment: more than one when a programme came back to it."""
        self._rows[request_id, at] += 1
        self._last_position[at] = max(position, self._last_position.get(at, -1))
