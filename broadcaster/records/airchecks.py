"""What each output was heard to play: one chained row for each file kept. Rows stay when their file goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from broadcaster.records import audit, chain
from broadcaster.store.models import Aircheck, AircheckHold, Audit

PAGE = 50
BY_RETENTION = "retention"
RESTORED = "station.restored"
"""The act in the audit trail that says which files did not come with the copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAircheck:
    """What the archivist knows of a file that it has just written. Columns: `store.models.Aircheck`."""

    airing_id: str | None
    item: str
    title: str
    output_id: int
    output: str
    began_at: datetime
    seconds: float
    level_dbfs: float | None
    likeness: float | None
    file: str
    size_bytes: int
    sha256: str
    source_sha256: str


@dataclass(frozen=True, slots=True)
class Stock:
    """What lies on the disk."""

    files: int
    size_bytes: int
    seconds: float
    oldest: datetime | None


def add(session: Session, new: NewAircheck, now: datetime) -> Aircheck:
    """Write the row of one file, inside a write transaction."""
    row = Aircheck(kept_at=now, **asdict(new))
    chain.link(session, row)
    return row


def known(session: Session, output_id: int, item: str, source_sha256: str) -> Aircheck | None:
    """Return the row of a player's WAV that has been taken in before."""
    query = select(Aircheck).where(
        Aircheck.output_id == output_id, Aircheck.item == item, Aircheck.source_sha256 == source_sha256
    )
    return session.scalar(query)


def of_airing(session: Session, airing_id: str) -> list[Aircheck]:
    """Return what was kept of one airing, by output, in the order heard."""
    query = select(Aircheck).where(Aircheck.airing_id == airing_id)
    return list(session.scalars(query.order_by(Aircheck.output_id, Aircheck.began_at, Aircheck.id)))


def with_sound(session: Session, airing_ids: Iterable[str]) -> frozenset[str]:
    """Return those airings of which something can still be heard."""
    query = select(Aircheck.airing_id).where(
        Aircheck.airing_id.in_(list(airing_ids)), Aircheck.removed_at.is_(None)
    )
    return frozenset(each for each in session.scalars(query) if each is not None)


def latest(
    session: Session,
    before: tuple[datetime, int] | None = None,
    limit: int = PAGE,
    *,
    only_other: bool = False,
) -> list[Aircheck]:
    """Return rows, newest sound first; `before` is (began_at, id) of the last one already seen.

    `only_other`: what belongs to no airing, e.g. test chimes.
    """
    query = select(Aircheck)
    if only_other:
        query = query.where(Aircheck.airing_id.is_(None))
    if before is not None:
        moment, number = before
        earlier = Aircheck.began_at < moment
        query = query.where(earlier | ((Aircheck.began_at == moment) & (Aircheck.id < number)))
    return list(session.scalars(query.order_by(Aircheck.began_at.desc(), Aircheck.id.desc()).limit(limit)))


def stock(session: Session) -> Stock:
    query = select(
        func.count(Aircheck.id),
        func.coalesce(func.sum(Aircheck.size_bytes), 0),
        func.coalesce(func.sum(Aircheck.seconds), 0.0),
        func.min(Aircheck.began_at),
    ).where(Aircheck.removed_at.is_(None))
    files, size_bytes, seconds, oldest = session.execute(query).one()
    return Stock(files, int(size_bytes), float(seconds), oldest)


def due(session: Session, days: int, now: datetime) -> list[Aircheck]:
    """Return the rows whose file is older than the retention, but for airings that a person has marked."""
    is_marked = exists().where(
        AircheckHold.airing_id == Aircheck.airing_id, AircheckHold.released_at.is_(None)
    )
    query = select(Aircheck).where(
        Aircheck.removed_at.is_(None), Aircheck.began_at < now - timedelta(days=days), ~is_marked
    )
    return list(session.scalars(query.order_by(Aircheck.id)))


def note_removed(session: Session, rows: Sequence[Aircheck], days: int, now: datetime) -> None:
    """Write down, in the audit trail too, that the files of `rows` go because they are older than `days`."""
    for row in rows:
        row.removed_at, row.removed_why = now, BY_RETENTION
    if rows:
        audit.note(
            session,
            None,
            "aircheck.removed",
            "aircheck",
            now,
            days=days,
            files=len(rows),
            rows=[row.id for row in rows],
        )


def removed_since(session: Session, moment: datetime) -> list[Aircheck]:
    """Return the rows marked as removed since `moment`: their files may still lie there after a kill."""
    return list(session.scalars(select(Aircheck).where(Aircheck.removed_at >= moment)))


def holds_of(session: Session, airing_id: str) -> list[AircheckHold]:
    """Return the marks that stand on an airing."""
    query = select(AircheckHold).where(
        AircheckHold.airing_id == airing_id, AircheckHold.released_at.is_(None)
    )
    return list(session.scalars(query.order_by(AircheckHold.id)))


def left_behind(session: Session) -> frozenset[int]:
    """Return the rows whose file did not come with a copy from which the station was restored.

    It stands in the audit trail, which is chained: a file that is deleted later cannot be added unseen.
    """
    details = session.scalars(select(Audit.detail).where(Audit.act == RESTORED))
    return frozenset(number for detail in details for number in _spread(detail.get("airchecks_left", [])))


def runs(numbers: Sequence[int]) -> list[list[int]]:
    """Return ascending `numbers` as [first, last] of each unbroken run."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def _spread(listed: list[list[int]]) -> Iterator[int]:
    for first, last in listed:
        yield from range(first, last + 1)
