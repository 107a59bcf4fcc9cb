"""How long an airing will take, as well as it can be known."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.store.models import Approval, Bulletin, Clip, Rendering

SYLLABLES_PER_SECOND = 3.0
"""180 a minute, the rate at which bulletins are read."""


def predicted_seconds(session: Session, bulletin: Bulletin) -> float:
    """Return the length of the newest clip of the present version; else an estimate from its words."""
    made = (
        select(Clip.seconds)
        .join(Rendering, Rendering.clip_sha256 == Clip.sha256)
        .where(Rendering.bulletin_id == bulletin.id, Rendering.version_id == bulletin.version_id)
        .order_by(Rendering.id.desc())
        .limit(1)
    )
    approved = (
        select(Clip.seconds)
        .join(Approval, Approval.clip_sha256 == Clip.sha256)
        .where(Approval.bulletin_id == bulletin.id, Approval.version_id == bulletin.version_id)
        .order_by(Approval.id.desc())
        .limit(1)
    )
    known = session.scalar(approved) or session.scalar(made)
    return float(known) if known else estimated_seconds(bulletin)


def estimated_seconds(bulletin: Bulletin) -> float:
    written = bulletin.version.written if bulletin.version else bulletin.title
    return len(written.split()) / SYLLABLES_PER_SECOND * bulletin.repeats / bulletin.rate
