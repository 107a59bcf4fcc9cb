"""Removing what is past its time, kind by kind, in small transactions, each with its line in the log.

What an approval, an airing, an alert, a plan or anything else points at is never touched: a row goes only
when no foreign key of any table but its own parts leads to it, so a room that is added later is safe too.
History, audit trail and approvals stay for ever: `records.removals` says why. Airchecks are removed by the
archivist, files of uploads by the renderer.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid
from broadcaster.newsroom import clips
from broadcaster.playout.disk import size_text
from broadcaster.records import airchecks, audit, removals
from broadcaster.records.removals import KINDS, Removed
from broadcaster.store import Store, facts
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

BATCH = 100
"""So many at a time: the write lock is free again after a few milliseconds."""


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


Find = Callable[[Session, Path, datetime], list[Piece]]
"""Returns everything of a kind that is older than a moment and that nothing needs."""
Remove = Callable[[Session, Sequence[Any]], None]


def save(session: Session, actor: Actor, wanted: dict[str, int], now: datetime) -> None:
    """Keep for how many days each kind is kept. Raises NotPermitted, and Invalid naming the kind."""
    require(actor, Permission.CONFIGURE)
    before = {kind: removals.days(session, kind) for kind in KINDS}
    for kind, days in wanted.items():
        least, most = KINDS[kind].least, KINDS[kind].most
        if not least <= days <= most:
            raise Invalid(f"{KINDS[kind].name}: hãy nhập từ {least} đến {most} ngày.", field=kind)
    after = before | wanted
    facts.put(session, facts.AIRCHECK_DAYS, after["airchecks"])
    rest = {kind: days for kind, days in after.items() if kind != "airchecks"}
    facts.put(session, facts.RETENTION, rest)
    if after != before:
        changed = {kind: days for kind, days in after.items() if days != before[kind]}
        audit.note(session, actor, "retention.configured", "retention", now, **changed)


def preview(session: Session, folder: Path, wanted: dict[str, int], now: datetime) -> dict[str, Removed]:
    """Return what would go now if each kind were kept for so many days."""
    return {
        kind: _sum(FINDERS[kind](session, folder, now - timedelta(days=days)))
        for kind, days in wanted.items()
    }


def remove_old(store: Store, now: datetime) -> str:
    """Remove what is past its time; return in a sentence what went."""
    gone = {kind: _apply(store, kind, FINDERS[kind], remove, now) for kind, remove in REMOVERS.items()}
    _sweep_clips(store, now)
    words = [
        f"{KINDS[kind].name}: {removed.count}"
        + (f" ({size_text(removed.size_bytes)})" if removed.size_bytes else "")
        for kind, removed in gone.items()
        if removed.count
    ]
    return f"Đã xóa {'; '.join(words)}." if words else "Không có gì quá hạn giữ."


def _apply(store: Store, kind: str, find: Find, remove: Remove, now: datetime) -> Removed:
    with store.read() as session:
        days = removals.days(session, kind)
        pieces = iter(find(session, store.folder, now - timedelta(days=days)))
    total = Removed()
    while batch := list(islice(pieces, BATCH)):
        removed = _sum(batch)
        with store.write() as session:
            remove(session, [piece.key for piece in batch])
            removals.note(session, kind, days, removed, now)
        for piece in batch:
            if piece.file is not None:
                piece.file.unlink(missing_ok=True)
        total = Removed(total.count + removed.count, total.size_bytes + removed.size_bytes)
    return total


def _sum(pieces: Iterable[Piece]) -> Removed:
    total = Removed()
    for piece in pieces:
        total = total.with_one(piece.at, piece.size_bytes)
    return total


# --- clips of drafts ---


def _clips(session: Session, folder: Path, before: datetime) -> list[Piece]:
    is_kept = select(Rendering.clip_sha256).where(
        ~_is_forgettable(before), Rendering.clip_sha256.is_not(None)
    )
    query = select(Clip).where(
        Clip.created_at < before,
        Clip.sha256.not_in(is_kept),
        *(~exists().where(column == Clip.sha256) for column in _pointing_at("clip", {"rendering"})),
    )
    return [
        Piece(clip.sha256, clip.created_at, clips.path_of(folder, clip.sha256))
        for clip in session.scalars(query.order_by(Clip.created_at))
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


def _sweep_clips(store: Store, now: datetime) -> None:
    """Remove files without a row: a row goes before its file, and the power may fail in between."""
    with store.read() as session:
        known = set(session.scalars(select(Clip.sha256)))
    for file in (store.folder / "clips").glob("??/*.wav"):
        with suppress(OSError):
            age_s = now.timestamp() - file.stat().st_mtime
            if file.stem not in known and age_s > timedelta(days=1).total_seconds():
                file.unlink()


# --- drafts ---

_OWN = frozenset(("version", "reading", "bulletin_step", "rendering", "recording", "relay", "bulletin"))
"""What a draft consists of."""


def _drafts(session: Session, folder: Path, before: datetime) -> list[Piece]:
    mine = select(Version.id).where(Version.bulletin_id == Bulletin.id).correlate(Bulletin)
    query = select(Bulletin.id, Bulletin.changed_at).where(
        Bulletin.state == BulletinState.DRAFT,
        Bulletin.changed_at < before,
        ~exists().where(BulletinStep.bulletin_id == Bulletin.id, BulletinStep.action == "submit"),
        *(~exists().where(column == Bulletin.id) for column in _pointing_at("bulletin", _OWN)),
        *(~exists().where(column.in_(mine)) for column in _pointing_at("version", _OWN)),
    )
    return [Piece(number, at) for number, at in session.execute(query.order_by(Bulletin.changed_at))]


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


def _notices(session: Session, folder: Path, before: datetime) -> list[Piece]:
    query = select(Notice.id, Notice.at).where(Notice.at < before, Notice.ended_at.is_not(None))
    return [Piece(number, at) for number, at in session.execute(query.order_by(Notice.id))]


def _forget_notices(session: Session, keys: Sequence[Any]) -> None:
    session.execute(delete(Sending).where(Sending.notice_id.in_(keys)))
    session.execute(delete(Notice).where(Notice.id.in_(keys)))


def _sign_ins(session: Session, folder: Path, before: datetime) -> list[Piece]:
    query = select(SignIn.token_hash, SignIn.started_at).where(SignIn.expires_at < before)
    links = select(OneTimeLink.token_hash, OneTimeLink.created_at).where(OneTimeLink.expires_at < before)
    return [Piece(key, at) for each in (query, links) for key, at in session.execute(each)]


def _forget_sign_ins(session: Session, keys: Sequence[Any]) -> None:
    session.execute(delete(SignIn).where(SignIn.token_hash.in_(keys)))
    session.execute(delete(OneTimeLink).where(OneTimeLink.token_hash.in_(keys)))


def _checks(session: Session, folder: Path, before: datetime) -> list[Piece]:
    query = select(ReadinessCheck.id, ReadinessCheck.planned_at).where(ReadinessCheck.planned_at < before)
    return [Piece(number, at) for number, at in session.execute(query.order_by(ReadinessCheck.id))]


def _forget_checks(session: Session, keys: Sequence[Any]) -> None:
    session.execute(delete(ReadinessCheck).where(ReadinessCheck.id.in_(keys)))


def _airchecks(session: Session, folder: Path, before: datetime) -> list[Piece]:
    rows = airchecks.due(session, 0, before)
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
