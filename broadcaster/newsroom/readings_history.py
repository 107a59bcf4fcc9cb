"""What became of the station's lexicon: every change with who and when, and the versions it went through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.newsroom import readings
from broadcaster.store.models import Person, Reading


class Act(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


ACT_WORDS: dict[str, str] = {Act.ADDED: "thêm", Act.CHANGED: "sửa", Act.REMOVED: "bỏ"}


@dataclass(frozen=True, slots=True)
class Change:
    """One reading that became another. `before` or `after` is None where there was or is none."""

    at: datetime
    by: str
    act: Act
    written: str
    context: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class LexiconVersion:
    """The lexicon as it stood after all that was changed at one moment."""

    number: int
    """1, 2, 3 … in the order of time."""
    at: datetime
    by: str
    changes: tuple[Change, ...]


_Place = tuple[datetime, str, str]
"""(Moment, writing, context): what was ended and decided in the same place at once is one change."""


def changes(session: Session, bulletin_id: int | None = None) -> list[Change]:
    """Return every change of the station's lexicon (or of one bulletin's readings), newest first."""
    rows = list(reversed(readings.changes(session, bulletin_id)))
    names = _names(session, rows)
    ended = {_place(row, row.retired_at): row for row in rows if row.retired_at is not None}
    found = [_decided(row, ended.pop(_place(row, row.decided_at), None), names) for row in rows]
    found += [_removed(row, names) for row in ended.values()]
    return sorted(found, key=lambda change: change.at, reverse=True)


def versions(session: Session) -> list[LexiconVersion]:
    """Return the versions of the station's lexicon, newest first.

    The label that an approval keeps is `readings.lexicon_for(session, bulletin_id, as_of).version`: it covers
    the bulletin's own readings too.
    """
    by_moment: dict[datetime, list[Change]] = {}
    for change in reversed(changes(session)):
        by_moment.setdefault(change.at, []).append(change)
    made = [
        LexiconVersion(number, at, group[0].by, tuple(group))
        for number, (at, group) in enumerate(by_moment.items(), 1)
    ]
    return made[::-1]


def _decided(row: Reading, ended: Reading | None, names: dict[int, str]) -> Change:
    act = Act.ADDED if ended is None else Act.CHANGED
    before = None if ended is None else ended.spoken
    return Change(row.decided_at, names[row.decided_by], act, row.written, row.context, before, row.spoken)


def _removed(row: Reading, names: dict[int, str]) -> Change:
    at, by = row.retired_at or row.decided_at, names.get(row.retired_by or 0, "")
    return Change(at, by, Act.REMOVED, row.written, row.context, row.spoken, None)


def _place(row: Reading, at: datetime) -> _Place:
    return at, row.written, row.context or ""


def _names(session: Session, rows: list[Reading]) -> dict[int, str]:
    wanted = set(_people(rows))
    people = session.scalars(select(Person).where(Person.id.in_(wanted)))
    return {person.id: person.name for person in people}


def _people(rows: list[Reading]) -> Iterator[int]:
    for row in rows:
        yield row.decided_by
        if row.retired_by is not None:
            yield row.retired_by
