"""The next occurrences of a programme as they will sound: each part, its length, and what has no room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from broadcaster.playout import fitting, slots
from broadcaster.playout.lengths import airing_seconds
from broadcaster.playout.programmes import LOOK_AHEAD
from broadcaster.playout.starts import starts
from broadcaster.store.models import Airing, AiringState, BulletinState, Programme
from schedules.rundown import GAP_S


@dataclass(frozen=True, slots=True)
class Item:
    """One airing in the order of an occurrence."""

    part: str
    """Title of its part; empty in a programme without parts."""
    title: str
    bulletin_id: int
    seconds: float
    is_approved: bool
    has_room: bool


@dataclass(frozen=True, slots=True)
class Occurrence:
    at: datetime
    items: tuple[Item, ...]
    seconds: float
    """All of it, the gaps between the parts included."""
    longest_s: int

    @property
    def is_too_long(self) -> bool:
        return self.seconds > self.longest_s


def preview(session: Session, programme: Programme, now: datetime, count: int = 3) -> list[Occurrence]:
    """Return the next `count` occurrences of `programme`, as far as they are planned now."""
    coming = islice(starts(programme, now, now + LOOK_AHEAD), count)
    return [_occurrence(session, programme, at) for at in coming]


def _occurrence(session: Session, programme: Programme, at: datetime) -> Occurrence:
    rows = [
        row
        for row in slots.airings_between(session, at, at + fitting.INSTANT)
        if row.programme_id == programme.id and row.state == AiringState.PLANNED
    ]
    lengths = airing_seconds(session, rows)
    left = {each.wish.key for each in fitting.filling(session, programme, at).left}
    seconds = sum(lengths.values()) + GAP_S * max(0, len(rows) - 1)
    return Occurrence(at, tuple(_items(programme, rows, lengths, left)), seconds, programme.longest_s)


def _items(
    programme: Programme, rows: Sequence[Airing], lengths: Mapping[str, float], left: set[str]
) -> Iterator[Item]:
    names = {part.place: part.title for part in programme.parts}
    for row in rows:
        yield Item(
            part=names.get(row.section, ""),
            title=row.bulletin.title,
            bulletin_id=row.bulletin_id,
            seconds=lengths[row.id],
            is_approved=row.bulletin.state == BulletinState.APPROVED,
            has_room=row.id not in left,
        )
