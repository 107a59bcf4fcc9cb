"""What was done to a chain that does not hold: the first such row, by name, and where it is whole again.

`chain.verify` says that something is wrong, fast. Here the rows around that place are looked at: a row that
was changed, removed, inserted or put elsewhere each leaves other marks, for every row says its own number and
the hash of the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.records import chain
from broadcaster.records.chain import GENESIS, KeptRow
from broadcaster.records.row_text import Table
from schedules.clock import LOCAL

FAR = 1_000
"""A row that was moved is looked for so many places up and down, when its neighbours do not tell."""
NEAR = 3
"""So many more rows may be missing or new in one place behind the first, for the rest to be known again."""
_BATCH = 2_000


class Kind(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "moved"
    INSERTED = "inserted"
    CUT_OFF = "cut_off"
    REWRITTEN = "rewritten"
    """All hashes fit each other, but not what was sealed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong with one chain."""

    chain: str
    kind: Kind
    row_id: int
    """The first row that it is about, as rows were numbered at first."""
    last_id: int
    """The last one: several rows in a row may have been removed, inserted or cut off."""
    first_day: date | None
    last_day: date | None
    """Of the station's calendar, when these rows were written; where they are gone, of their neighbours."""
    moved_to: int | None = None
    """Where the row of `row_id` stands now."""
    sound_from: date | None = None
    """From the beginning of this day to the end of the chain every row is as it was written."""
    seal: int | None = None
    """The number of the seal that shows it, where the rows themselves do not."""


def first(session: Session, table: Table, row_id: int) -> Finding:
    """Return what was done to the chain of `table`, which does not hold at `row_id` (`chain.verify`)."""
    before = session.scalar(select(func.max(table.id)).where(table.id < row_id)) or 0
    return _Place(session, table, min(row_id, before + 1)).finding()


class _Place:
    """The rows around the first one that does not fit."""

    def __init__(self, session: Session, table: Table, row_id: int) -> None:
        self._session = session
        self._table = table
        self._id = row_id
        rows = {row.id: row for row in chain.kept_rows(session, table, row_id - 1, 3)}
        self._before, self._here, self._after = (rows.get(row_id + step) for step in (-1, 0, 1))

    def finding(self) -> Finding:
        if self._here is None:
            return self._gone()
        if self._is_sound(self._here) and self._id > 0:
            return self._linked_wrongly(self._here)
        stood_at = self._original_id(self._here)
        if stood_at is None:
            return self._unknown()
        return self._displaced(self._here, stood_at)

    def _gone(self) -> Finding:
        """No row stands here: it was removed, moved, or everything from here on was cut off."""
        after = next(iter(chain.kept_rows(self._session, self._table, self._id)), None)
        if after is None:
            return self._of(Kind.CUT_OFF, self._id, chain.head(self._session, self._table).id)
        if self._fits_as(after, self._id):
            return self._of(Kind.MOVED, self._id, moved_to=after.id)
        if after.id == self._id + 1 and (now_at := self._place_of(after.previous_hash)):
            return self._of(Kind.MOVED, self._id, moved_to=now_at)
        return self._of(Kind.REMOVED, self._id, after.id - 1)

    def _linked_wrongly(self, here: KeptRow) -> Finding:
        """The row fits itself, but neither the one before nor what was kept of the chain's end."""
        if here.previous_hash == (self._before.row_hash if self._before else GENESIS):
            head = chain.head(self._session, self._table)
            if head.id < here.id:
                return self._of(Kind.INSERTED, head.id + 1, here.id)
            return self._of(Kind.CHANGED, self._id)
        is_older = self._before is not None and self._is_named_later(here)
        return self._of(Kind.CHANGED, self._id - 1 if is_older else self._id)

    def _is_named_later(self, here: KeptRow) -> bool:
        """Whether the next row, or the kept end of the chain, names `here` as it is."""
        if self._after is not None:
            return self._after.previous_hash == here.row_hash
        return chain.head(self._session, self._table).hash == here.row_hash

    def _unknown(self) -> Finding:
        """The row fits nothing: it was changed, or put before one that made room for it."""
        made_room = self._after is not None and self._fits_as(self._after, self._id)
        return self._of(Kind.INSERTED if made_room or self._id < 1 else Kind.CHANGED, self._id)

    def _displaced(self, here: KeptRow, stood_at: int) -> Finding:
        """Another row of this chain, whose number was `stood_at`, stands here."""
        there = next(iter(chain.kept_rows(self._session, self._table, stood_at)), None)
        if there is not None and (there.id, there.row_hash) == (stood_at, here.row_hash):
            return self._of(Kind.INSERTED, self._id)  # a copy
        if self._id < 1:
            return self._of(Kind.MOVED, stood_at, moved_to=self._id)
        if stood_at < self._id:
            return self._of(Kind.INSERTED, stood_at, self._id - 1, shift=stood_at - self._id)
        missed = here.previous_hash if stood_at == self._id + 1 else self._hash_named_after()
        now_at = self._place_of(missed)
        if now_at is not None:
            return self._of(Kind.MOVED, self._id, moved_to=now_at)
        return self._of(Kind.REMOVED, self._id, stood_at - 1, shift=stood_at - self._id)

    def _hash_named_after(self) -> str:
        """Return the hash of the row that once stood here, as the next one names it."""
        return self._after.previous_hash if self._after is not None and self._is_sound(self._after) else ""

    def _is_sound(self, row: KeptRow) -> bool:
        return self._fits_as(row, row.id)

    def _fits_as(self, row: KeptRow, row_id: int) -> bool:
        return chain.hash_as(self._session, self._table, row, row_id) == row.row_hash

    def _original_id(self, row: KeptRow) -> int | None:
        """Return the number with which `row` was written; None when it fits with none near by."""
        named = self._place_of(row.previous_hash) or 0
        near = (self._id + step * sign for step in range(1, FAR) for sign in (1, -1))
        return next((each for each in (named + 1, *near) if each > 0 and self._fits_as(row, each)), None)

    def _place_of(self, row_hash: str) -> int | None:
        query = select(self._table.id).where(self._table.row_hash == row_hash).limit(1)
        return self._session.scalar(query) if row_hash else None

    def _of(
        self, kind: Kind, row_id: int, last_id: int | None = None, moved_to: int | None = None, shift: int = 0
    ) -> Finding:
        until = row_id if last_id is None else last_id
        days = days_of(self._session, self._table, row_id, until)
        sound = sound_from(self._session, self._table, self._id, shift)
        return Finding(self._table.__tablename__, kind, row_id, until, *days, moved_to, sound)


def days_of(session: Session, table: Table, first_id: int, last_id: int) -> tuple[date | None, date | None]:
    """Return between which days the rows `first_id` to `last_id` were written, as their neighbours tell.

    What a row says of itself counts only where it lies between its neighbours: it may be what was changed.
    """
    before, after = _moment(session, table, first_id - 1), _moment(session, table, last_id + 1)
    own, last = _moment(session, table, first_id), _moment(session, table, last_id)
    if own and last and (before or own) <= own <= last <= (after or last):
        return _day(own), _day(last)
    return _day(before or after), _day(after or before)


def sound_from(session: Session, table: Table, first_id: int, shift: int = 0) -> date | None:
    """Return the first day from which on every row is as it was written; None when there is no such day.

    `first_id` is the first row that does not fit. Rows that only moved up or down together by `shift`, for
    some were taken out or put in before them, are as they were written but for their number.
    """
    walk = _Walk(session, table, _at(session, table, first_id - 1), shift)
    place = max(first_id, 1)
    while rows := chain.kept_rows(session, table, place, _BATCH):
        walk.take(rows)
        place = rows[-1].id + 1
    return walk.sound_from()


class _Walk:
    """Goes along a broken chain and remembers the days after the last row that does not fit."""

    def __init__(self, session: Session, table: Table, before: KeptRow | None, shift: int) -> None:
        self._session = session
        self._table = table
        self._hash = before.row_hash if before else GENESIS
        self._moment = before.written_at if before else None
        self._shift = shift
        self._doubted: list[KeptRow] | None = None
        """Rows that do not fit, until the next one that does; None: none since the last one."""
        self._bad_day: date | None = None
        self._sound_from: date | None = None

    def take(self, rows: Sequence[KeptRow]) -> None:
        shift = self._shift
        for row, quick in zip(rows, chain.hashes_as(self._table, rows, shift), strict=True):
            is_own = (quick == row.row_hash and shift == self._shift) or self._is_own(row)
            if not is_own:
                self._doubted = [*(self._doubted or []), row]
            else:
                self._take_sound(row)
            self._hash = row.row_hash

    def sound_from(self) -> date | None:
        is_whole = self._hash == chain.head(self._session, self._table).hash
        return self._sound_from if is_whole and self._doubted is None else None

    def _take_sound(self, row: KeptRow) -> None:
        day = _day(row.written_at)
        if self._doubted is not None or row.previous_hash != self._hash:
            self._bad_day, self._sound_from, self._doubted = self._day_of_doubted(row), None, None
        if self._sound_from is None and day is not None and (self._bad_day is None or day > self._bad_day):
            self._sound_from = day
        self._moment = row.written_at or self._moment

    def _day_of_doubted(self, after: KeptRow) -> date | None:
        """Return the last day of which something may be wrong before `after`."""
        last = self._doubted[-1].written_at if self._doubted else None
        if last and after.written_at and (self._moment or last) <= last <= after.written_at:
            return _day(last)
        return _day(after.written_at)

    def _is_own(self, row: KeptRow) -> bool:
        """Whether `row` is as it was written, but for a number that it shares with those after it."""
        for shift in {self._shift, 0, *range(self._shift - NEAR, self._shift + NEAR + 1)}:
            if chain.hash_as(self._session, self._table, row, row.id + shift) == row.row_hash:
                self._shift = shift
                return True
        return False


# --- looking things up ---


def _at(session: Session, table: Table, row_id: int) -> KeptRow | None:
    rows = chain.kept_rows(session, table, row_id)
    return rows[0] if rows and rows[0].id == row_id else None


def _moment(session: Session, table: Table, row_id: int) -> datetime | None:
    row = _at(session, table, row_id)
    return row.written_at if row else None


def _day(moment: datetime | None) -> date | None:
    """Return the day of `moment` at the station; None for what nobody wrote: its day is in no calendar."""
    try:
        return None if moment is None else moment.astimezone(LOCAL).date()
    except OverflowError:
        return None
