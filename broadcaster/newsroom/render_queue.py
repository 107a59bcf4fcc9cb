"""The queue of renderings: taken under a lease, reported on, published once.

A renderer may die at any point. Its lease then runs out and the work is taken again; each taking counts up
`attempts`, and only the latest may report or publish, so two renderers never both finish one work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Update, and_, case, or_, select, update
from sqlalchemy.orm import Session

from broadcaster.newsroom.rendering import MOST_ATTEMPTS
from broadcaster.store.models import (
    Airing,
    AiringState,
    Bulletin,
    Clip,
    Kind,
    Rendering,
    RenderingState,
)

LEASE = timedelta(seconds=10)
RETRY_AFTER = (timedelta(seconds=2), timedelta(seconds=20))
NETWORK_ENDS_BEFORE_AIR = timedelta(minutes=5)
"""Somebody still has to hear the clip and sign it."""
NETWORK_AT_MOST = timedelta(minutes=10)
"""A service that takes longer over one bulletin is ill."""
STOPPED_TOO_OFTEN = (
    "Máy thu đã dừng giữa chừng nhiều lần ở bản tin này; hãy bấm “Thu lại” hoặc báo người quản trị."
)
OUTDATED = "Bản tin đã được sửa sau đó; bản thu của lời cũ không còn cần nữa."


@dataclass(frozen=True, slots=True)
class Work:
    """One rendering in the hands of one renderer."""

    rendering_id: int
    attempt: int
    lines: tuple[tuple[str, int], ...]
    """(text, pause after it in milliseconds)."""
    voice: str
    rate: float
    repeats: int
    kind: str = Kind.ROUTINE
    next_airing_at: datetime | None = None
    """When the bulletin is first wanted on the air; None when nobody has planned it."""


@dataclass(frozen=True, slots=True)
class NewClip:
    """A finished clip whose file already lies in the store of sound."""

    sha256: str
    seconds: float
    loudness_lufs: float
    true_peak_dbtp: float
    engine: str
    voice: str
    notice: str | None
    target_lufs: float | None = None


def is_work_waiting(session: Session, now: datetime) -> bool:
    return session.scalar(select(Rendering.id).where(_free(now)).limit(1)) is not None


def take(session: Session, now: datetime) -> Work | None:
    """Take the most urgent free work under a lease, or return None. Ends work that nobody needs any more."""
    urgent_first = case((Bulletin.kind == Kind.EMERGENCY, 0), (Bulletin.kind == Kind.PRIORITY, 1), else_=2)
    free = select(Rendering, Bulletin.version_id).join(Bulletin).where(_free(now))
    for rendering, version_id in session.execute(free.order_by(urgent_first, Rendering.asked_at)).all():
        if rendering.version_id != version_id:
            _end(session, rendering, OUTDATED, now)
        elif rendering.state == RenderingState.RUNNING and rendering.attempts % MOST_ATTEMPTS == 0:
            _end(session, rendering, rendering.error or STOPPED_TOO_OFTEN, now)
        elif (work := _claim(session, rendering, now)) is not None:
            return work
    return None


def _free(now: datetime) -> ColumnElement[bool]:
    """Waiting and not put off, or held by a renderer that has not been heard of for too long."""
    passed = or_(Rendering.lease_until.is_(None), Rendering.lease_until < now)
    return and_(Rendering.state.in_([RenderingState.WAITING, RenderingState.RUNNING]), passed)


def _claim(session: Session, rendering: Rendering, now: datetime) -> Work | None:
    attempt = rendering.attempts + 1
    claimed = _changed(
        session,
        update(Rendering)
        .where(Rendering.id == rendering.id, Rendering.attempts == rendering.attempts, _free(now))
        .values(state=RenderingState.RUNNING, attempts=attempt, lease_until=now + LEASE, sentences_done=0),
    )
    if not claimed:
        return None
    return Work(
        rendering.id,
        attempt,
        tuple((str(line["text"]), int(line["pause_ms"])) for line in rendering.script),
        rendering.voice,
        rendering.rate,
        rendering.repeats,
        _kind_of(session, rendering),
        _next_airing_at(session, rendering, now),
    )


def _kind_of(session: Session, rendering: Rendering) -> str:
    bulletin = session.get_one(Bulletin, rendering.bulletin_id)
    return bulletin.kind


def _next_airing_at(session: Session, rendering: Rendering, now: datetime) -> datetime | None:
    coming = select(Airing.planned_at).where(
        Airing.bulletin_id == rendering.bulletin_id,
        Airing.state == AiringState.PLANNED,
        Airing.deadline > now,
    )
    return session.scalar(coming.order_by(Airing.planned_at).limit(1))


def network_for(work: Work, now: datetime) -> timedelta:
    """Return for how long engines of the network may be tried; nothing when it is wanted on the air soon."""
    if work.next_airing_at is None:
        return NETWORK_AT_MOST
    left = work.next_airing_at - now - NETWORK_ENDS_BEFORE_AIR
    return max(timedelta(0), min(left, NETWORK_AT_MOST))


def _end(session: Session, rendering: Rendering, error: str, now: datetime) -> None:
    _changed(
        session,
        update(Rendering)
        .where(Rendering.id == rendering.id, Rendering.attempts == rendering.attempts)
        .values(state=RenderingState.FAILED, error=error, ended_at=now, lease_until=None),
    )


def report(session: Session, work: Work, sentences_done: int, now: datetime) -> bool:
    """Note progress and prolong the lease; False when the work is no longer ours."""
    progress = {"sentences_done": sentences_done, "lease_until": now + LEASE}
    return _changed(session, _mine(work).values(**progress))


def publish(session: Session, work: Work, clip: NewClip, now: datetime) -> bool:
    """Bind the finished clip to the work; False, changing nothing, when the work is no longer ours."""
    if not session.scalar(select(Rendering.id).where(_is_mine(work)).with_for_update()):
        return False
    if session.get(Clip, clip.sha256) is None:
        session.add(
            Clip(
                sha256=clip.sha256,
                seconds=clip.seconds,
                loudness_lufs=clip.loudness_lufs,
                true_peak_dbtp=clip.true_peak_dbtp,
                origin="speech",
                engine=clip.engine,
                voice=clip.voice,
                target_lufs=clip.target_lufs,
                created_at=now,
            )
        )
        session.flush()
    done = {
        "state": RenderingState.DONE,
        "sentences_done": len(work.lines),
        "clip_sha256": clip.sha256,
        "notice": clip.notice,
        "error": None,
        "lease_until": None,
        "ended_at": now,
    }
    return _changed(session, _mine(work).values(**done))


def give_up(
    session: Session,
    work: Work,
    error: str,
    now: datetime,
    *,
    is_lasting: bool,
    retry_after: timedelta | None = None,
) -> bool:
    """Say why it did not work: tried again a little later, unless `is_lasting` or tried often enough.

    With `retry_after` it is tried again then, however often it failed: a full disk is nobody's fault.
    """
    if retry_after is None and (is_lasting or work.attempt % MOST_ATTEMPTS == 0):
        failed = {"state": RenderingState.FAILED, "ended_at": now, "lease_until": None}
        return _changed(session, _mine(work).values(error=error, **failed))
    later = now + (retry_after or RETRY_AFTER[work.attempt % MOST_ATTEMPTS - 1])
    return _changed(session, _mine(work).values(error=error, state=RenderingState.WAITING, lease_until=later))


def hand_back(session: Session, work: Work) -> bool:
    """Free unfinished work at once, for whoever comes next: the renderer is being stopped."""
    return _changed(session, _mine(work).values(state=RenderingState.WAITING, lease_until=None))


def _is_mine(work: Work) -> ColumnElement[bool]:
    return and_(
        Rendering.id == work.rendering_id,
        Rendering.state == RenderingState.RUNNING,
        Rendering.attempts == work.attempt,
    )


def _mine(work: Work) -> Update:
    return update(Rendering).where(_is_mine(work))


def _changed(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
