"""Removing what is past its time, kind by kind, in small transactions, each with its line in the log.

`outdated` says what that is. It is found in the transaction that removes it: a draft of long ago may be sent
for approval at any moment, this one too.
History, audit trail and approvals stay for ever: `records.removals` says why. Airchecks are removed by the
archivist, files of uploads by the renderer.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid
from broadcaster.keeping.outdated import FINDERS, REMOVERS, Piece
from broadcaster.playout.disk import size_text
from broadcaster.records import audit, removals
from broadcaster.records.removals import KINDS, Removed
from broadcaster.store import Store, facts
from broadcaster.store.models import Clip

BATCH = 100
"""So many at a time: the write lock is free again after a few milliseconds."""


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
        kind: _sum(FINDERS[kind](session, folder, now - timedelta(days=days), None))
        for kind, days in wanted.items()
    }


def remove_old(store: Store, now: datetime) -> str:
    """Remove what is past its time; return in a sentence what went."""
    gone = {kind: _apply(store, kind, now) for kind in REMOVERS}
    _sweep_clips(store, now)
    words = [
        f"{KINDS[kind].name}: {removed.count}"
        + (f" ({size_text(removed.size_bytes)})" if removed.size_bytes else "")
        for kind, removed in gone.items()
        if removed.count
    ]
    return f"Đã xóa {'; '.join(words)}." if words else "Không có gì quá hạn giữ."


def _apply(store: Store, kind: str, now: datetime) -> Removed:
    total = Removed()
    while batch := _remove_some(store, kind, now):
        for piece in batch:
            total = total.with_one(piece.at, piece.size_bytes)
            if piece.file is not None:
                piece.file.unlink(missing_ok=True)
    return total


def _remove_some(store: Store, kind: str, now: datetime) -> list[Piece]:
    """Remove the rows of at most `BATCH` pieces; return these, their files still to be removed."""
    with store.write() as session:
        days = removals.days(session, kind)
        batch = FINDERS[kind](session, store.folder, now - timedelta(days=days), BATCH)
        REMOVERS[kind](session, [piece.key for piece in batch])
        removals.note(session, kind, days, _sum(batch), now)
    return batch


def _sum(pieces: Iterable[Piece]) -> Removed:
    total = Removed()
    for piece in pieces:
        total = total.with_one(piece.at, piece.size_bytes)
    return total


def _sweep_clips(store: Store, now: datetime) -> None:
    """Remove files without a row: a row goes before its file, and the power may fail in between."""
    with store.read() as session:
        known = set(session.scalars(select(Clip.sha256)))
    for file in (store.folder / "clips").glob("??/*.wav"):
        with suppress(OSError):
            age_s = now.timestamp() - file.stat().st_mtime
            if file.stem not in known and age_s > timedelta(days=1).total_seconds():
                file.unlink()
