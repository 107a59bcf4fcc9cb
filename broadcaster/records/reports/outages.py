"""When the station was off: between its last sign of life and its next start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.records.days import midnight, midnight_after
from broadcaster.records.reports.period import Period
from broadcaster.records.reports.report import OutageLine
from broadcaster.store.models import Boot

MOST = 5
SHORTEST = timedelta(minutes=2)
"""A restart takes seconds, and signs of life are 30 s apart."""


def longest(session: Session, period: Period, now: datetime) -> tuple[OutageLine, ...]:
    """Return at most `MOST` outages that reach into `period`, longest first, cut to its days."""
    begin, end = midnight(period.first), min(midnight_after(period.last), now)
    found = [
        OutageLine(max(off, begin), min(on, end))
        for off, on in _gaps(session, begin, end, now)
        if off < end and on > begin and on - off >= SHORTEST
    ]
    return tuple(sorted(found, key=lambda line: -line.seconds)[:MOST])


def _gaps(
    session: Session, begin: datetime, end: datetime, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    before = select(func.max(Boot.started_at)).where(Boot.started_at < begin).scalar_subquery()
    lives = session.execute(
        select(Boot.started_at, func.coalesce(Boot.ended_at, Boot.alive_at))
        .where(Boot.started_at < end, Boot.started_at >= func.coalesce(before, begin))
        .order_by(Boot.started_at)
    ).all()
    for (_, off), (on, _) in pairwise(lives):
        yield off, on
    if lives and end >= now:
        yield lives[-1][1], now
