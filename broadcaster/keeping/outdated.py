"""What is past its time, by kind, and how it is let go of.

What an approval, an airing, an alert, a plan or anything else points at is never found: a row goes only when
no foreign key of any table but its own parts leads to it, so a room that is added later is safe too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from broadcaster.newsroom import clips
from broadcaster.records import airchecks
from broadcaster.store.models import (
    Base,
    Bulletin,
    BulletinState,
    BulletinStep,
    Clip,
    Notice,
    OneTimeLink,
    ReadinessCheck,
    Reading,
    Recording,
    Relay,
    Rendering,
    RenderingState,
    Sending,
    SignIn,
    Version,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing whose time is over."""

    key: Any
    at: datetime
    file: Path | None = None

    @property
    def size_bytes(self) -> int:
        with suppress(OSError):
            return self.file.stat().st_size if self.file else 0
        return 0


Find = Callable[[Session, Path, datetime, int | None], list[Piece]]
"""Returns what of a kind is older than a moment and that nothing needs: all of it, or at most so many."""
Remove = Callable[[Session, Sequence[Any]], None]


# --- clips of drafts ---


def _clips(session: Session, folder: Path, before: datetime, most: int | None = None) -> list[Piece]:
    is_kept = select(Rendering.clip_sha256).where(
        ~_is_forgettable(before), Rendering.clip_sha256.is_not(None)
    )
    query = select(Clip).where(
        Clip.created_at < before,
        Clip.sha256.not_in(is_kept),
        *(Clip.sha256.not_in(_values(column)) for column in _pointing_at("clip", {"rendering"})),
    )
    return [
        Piece(clip.sha256, clip.created_at, clips.path_of(folder, clip.sha256))
        for clip in session.scalars(query.order_by(Clip.created_at).limit(most))
    ]


def _is_forgettable(before: datetime) -> ColumnElement[bool]:
    """A rendering that was made long ago, that nobody sent for approval, and that no approval can need."""
    at_rest = select(Bulletin.id).where(
        or_(
            Bulletin.state.in_([BulletinState.DRAFT, BulletinState.RETURNED, BulletinState.WITHDRAWN]),
            Bulletin.state == BulletinState.EXPIRED,
            Bulletin.version_id != Rendering.version_id,
        )
    )
    return (
        (Rendering.asked_at < before)
        & Rendering.state.in_([RenderingState.DONE, RenderingState.FAILED])
        & Rendering.bulletin_id.in_(at_rest.where(Bulletin.id == Rendering.bulletin_id).correlate(Rendering))
        & ~exists().where(BulletinStep.rendering_id == Rendering.id)
    )


def _forget_clips(session: Session, keys: Sequence[Any]) -> None:
    session.execute(delete(Rendering).where(Rendering.clip_sha256.in_(keys)))
    session.execute(delete(Clip).where(Clip.sha256.in_(keys)))


# --- drafts ---

_OWN = frozenset(("version", "reading", "bulletin_step", "rendering", "recording", "relay", "bulletin"))
"""What a draft consists of."""


def _drafts(session: Session, folder: Path, before: datetime, most: int | None = None) -> list[Piece]:
    query = select(Bulletin.id, Bulletin.changed_at).where(
        Bulletin.state == BulletinState.DRAFT,
        Bulletin.changed_at < before,
        ~exists().where(BulletinStep.bulletin_id == Bulletin.id, BulletinStep.action == "submit"),
        *(Bulletin.id.not_in(_values(column)) for column in _pointing_at("bulletin", _OWN)),
        *(
            Bulletin.id.not_in(select(Version.bulletin_id).where(Version.id.in_(_values(column))))
            for column in _pointing_at("version", _OWN)
        ),
    )
    oldest_first = query.order_by(Bulletin.changed_at).limit(most)
    return [Piece(number, at) for number, at in session.execute(oldest_first)]


def _forget_drafts(session: Session, keys: Sequence[Any]) -> None:
    versions = select(Version.id).where(Version.bulletin_id.in_(keys))
    session.execute(update(Bulletin).where(Bulletin.id.in_(keys)).values(version_id=None))
    session.execute(delete(Relay).where(Relay.version_id.in_(versions)))
    tables = (BulletinStep, Rendering, Recording, Reading, Version)
    owners: list[InstrumentedAttribute[Any]] = [table.bulletin_id for table in tables]
    for owner in owners:
        session.execute(delete(owner.class_).where(owner.in_(keys)))
    session.execute(delete(Bulletin).where(Bulletin.id.in_(keys)))


# --- what is only of the moment ---


def _notices(session: Session, folder: Path, before: datetime, most: int | None = None) -> list[Piece]:
    query = select(Notice.id, Notice.at).where(Notice.at < before, Notice.ended_at.is_not(None))
    return [Piece(number, at) for number, at in session.execute(query.order_by(Notice.id).limit(most))]


def _forget_notices(session: Session, keys: Sequence[Any]) -> None:
    session.execute(delete(Sending).where(Sending.notice_id.in_(keys)))
    session.execute(delete(Notice).where(Notice.id.in_(keys)))


def _sign_ins(session: Session, folder: Path, before: datetime, most: int | None = None) -> list[Piece]:
    query = select(SignIn.token_hash, SignIn.started_at).where(SignIn.expires_at < before)
    links = select(OneTimeLink.token_hash, OneTimeLink.created_at).where(OneTimeLink.expires_at < before)
    found = (row for each in (query, links) for row in session.execute(each.limit(most)))
    return [Piece(key, at) for key, at in islice(found, most)]


def _forget_sign_ins(session: Session, keys: Sequence[Any]) -> None:
    session.execute(delete(SignIn).where(SignIn.token_hash.in_(keys)))
    session.execute(delete(OneTimeLink).where(OneTimeLink.token_hash.in_(keys)))


def _checks(session: Session, folder: Path, before: datetime, most: int | None = None) -> list[Piece]:
    query = select(ReadinessCheck.id, ReadinessCheck.planned_at).where(ReadinessCheck.planned_at < before)
    oldest_first = query.order_by(ReadinessCheck.id).limit(most)
    return [Piece(number, at) for number, at in session.execute(oldest_first)]


def _forget_checks(session: Session, keys: Sequence[Any]) -> None:
    session.execute(delete(ReadinessCheck).where(ReadinessCheck.id.in_(keys)))


def _airchecks(session: Session, folder: Path, before: datetime, most: int | None = None) -> list[Piece]:
    rows = airchecks.due(session, 0, before)[:most]
    return [Piece(row.id, row.began_at, folder / row.file) for row in rows]


# --- what points at what ---


def _pointing_at(table: str, except_for: Container[str]) -> Iterator[Column[Any]]:
    """Yield every column of another table that refers to `table`."""
    for other in Base.metadata.sorted_tables:
        if other.name in except_for:
            continue
        for key in other.foreign_keys:
            if key.column.table.name == table:
                yield key.parent


def _values(column: Column[Any]) -> Select[Any]:
    """Return what stands in `column`: gathered once, where few of these columns have an index."""
    return select(column).where(column.is_not(None))


FINDERS: dict[str, Find] = {
    "airchecks": _airchecks,
    "clips": _clips,
    "drafts": _drafts,
    "notices": _notices,
    "sign_ins": _sign_ins,
    "checks": _checks,
}
"""By kind, a key of `records.removals.KINDS`."""
REMOVERS: dict[str, Remove] = {
    "drafts": _forget_drafts,
    "clips": _forget_clips,
    "notices": _forget_notices,
    "sign_ins": _forget_sign_ins,
    "checks": _forget_checks,
}
"""In the order in which they work; airchecks are the archivist's."""
