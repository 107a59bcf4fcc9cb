"""How long airings will take, as well as it can be known."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from broadcaster.store.models import Airing, Approval, Bulletin, Clip, Live, Relay, Rendering, Version

SYLLABLES_PER_SECOND = 3.0
"""180 a minute, the rate at which bulletins are read."""


def predicted_seconds(session: Session, bulletin: Bulletin) -> float:
    """Return the length of the clip signed, else of the newest clip made, for the present version.

    Without any, an estimate from the words.
    """
    known = _clips(session, [bulletin.id])
    return known.get(bulletin.id) or _estimated(session, bulletin)


def airing_seconds(session: Session, rows: Sequence[Airing]) -> dict[str, float]:
    """Return the length of each airing: of the clip it is bound to, or as predicted; a few queries in all."""
    bound = _bound(session, {row.approval_id for row in rows if row.approval_id is not None})
    free = {row.bulletin_id: row.bulletin for row in rows if row.approval_id not in bound}
    known = _clips(session, list(free))
    predicted = {number: known.get(number) or _estimated(session, each) for number, each in free.items()}
    return {row.id: bound.get(row.approval_id or 0) or predicted[row.bulletin_id] for row in rows}


def _bound(session: Session, approvals: set[int]) -> dict[int, float]:
    if not approvals:
        return {}
    query = select(Approval.id, Clip.seconds).join(Clip, Clip.sha256 == Approval.clip_sha256)
    return dict(session.execute(query.where(Approval.id.in_(approvals))).all())


def _clips(session: Session, numbers: Sequence[int]) -> dict[int, float]:
    """Return, by bulletin, how long its present version sounds; a signed clip counts first."""
    found: dict[int, float] = {}
    for seconds_of in (_signed, _made, _relays, _lives):
        missing = [number for number in numbers if number not in found]
        if not missing:
            break
        found |= seconds_of(session, missing)
    return found


def _newest(table: type[Rendering] | type[Approval]) -> Select[int, float]:
    """Ask for the newest row with a clip, for each bulletin's present version."""
    newest = (
        select(func.max(table.id))
        .join(Bulletin, Bulletin.id == table.bulletin_id)
        .where(
            table.bulletin_id.in_(bindparam("numbers", expanding=True)),
            table.version_id == Bulletin.version_id,
            table.clip_sha256.is_not(None),
        )
        .group_by(table.bulletin_id)
    )
    return (
        select(table.bulletin_id, Clip.seconds)
        .join(Clip, Clip.sha256 == table.clip_sha256)
        .where(table.id.in_(newest))
    )


_SIGNED, _MADE = _newest(Approval), _newest(Rendering)


def _signed(session: Session, numbers: Sequence[int]) -> dict[int, float]:
    return dict(session.execute(_SIGNED, {"numbers": numbers}).all())


def _made(session: Session, numbers: Sequence[int]) -> dict[int, float]:
    return dict(session.execute(_MADE, {"numbers": numbers}).all())


def _relays(session: Session, numbers: Sequence[int]) -> dict[int, float]:
    query = select(Bulletin.id, Relay.minutes).join(Relay, Relay.version_id == Bulletin.version_id)
    found = session.execute(query.where(Bulletin.id.in_(numbers)))
    return {number: minutes * 60.0 for number, minutes in found}


def _lives(session: Session, numbers: Sequence[int]) -> dict[int, float]:
    """Return how long a microphone was heard; while it is on the air, how long it may be."""
    seconds = case((Airing.ended_at.is_not(None), Airing.seconds_heard), else_=Live.longest_s)
    query = select(Airing.bulletin_id, seconds).join(Live, Live.airing_id == Airing.id)
    found = session.execute(query.where(Airing.bulletin_id.in_(numbers)))
    return {number: float(length_s or 0.0) for number, length_s in found}


def _estimated(session: Session, bulletin: Bulletin) -> float:
    written = session.scalar(select(Version.written).where(Version.id == bulletin.version_id))
    return len((written or bulletin.title).split()) / SYLLABLES_PER_SECOND * bulletin.repeats / bulletin.rate
