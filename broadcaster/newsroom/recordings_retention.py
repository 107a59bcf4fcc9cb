"""How long files stay as they were sent: until their bulletin is signed, and some days more.

The clip that was signed stays for good; the file is only needed to cut it anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.newsroom import recordings_files
from broadcaster.store.models import Bulletin, BulletinState, Recording

_SETTLED = (BulletinState.APPROVED, BulletinState.WITHDRAWN, BulletinState.EXPIRED)


def forget_old(session: Session, folder: Path, keep_days: int, now: datetime) -> list[str]:
    """Delete the files that nobody needs any more, and return their hashes."""
    recordings_files.sweep_incoming(folder)
    needed = _needed(session, now - timedelta(days=keep_days))
    old = [
        sha256
        for sha256 in recordings_files.hashes(folder)
        if sha256 not in needed and not recordings_files.is_young(folder, sha256)
    ]
    for sha256 in old:
        recordings_files.forget(folder, sha256)
    return old


def _needed(session: Session, since: datetime) -> set[str]:
    """Return the files of bulletins that are not settled, and what was settled or replaced after `since`."""
    newest = select(func.max(Recording.id)).group_by(Recording.bulletin_id)
    rows = session.execute(
        select(Recording.id, Recording.file_sha256, Recording.asked_at, Bulletin.state, Bulletin.changed_at)
        .join(Bulletin, Bulletin.id == Recording.bulletin_id)
    ).all()  # fmt: skip
    current = set(session.scalars(newest))
    return {
        row.file_sha256
        for row in rows
        if (row.changed_at if row.id in current else row.asked_at) >= since
        or (row.id in current and row.state not in _SETTLED)
    }
