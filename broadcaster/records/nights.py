"""How the tasks of the night went."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from broadcaster.store import facts
from broadcaster.store.models import NightlyOutcome

KEPT = timedelta(days=90)


def note(
    session: Session, task: str, began_at: datetime, ended_at: datetime, is_well: bool, words: str
) -> NightlyOutcome:
    """Keep how `task` went, and forget how it went long ago."""
    outcome = NightlyOutcome(task=task, began_at=began_at, ended_at=ended_at, is_well=is_well, words=words)
    session.add(outcome)
    session.execute(
        delete(NightlyOutcome).where(NightlyOutcome.task == task, NightlyOutcome.ended_at < ended_at - KEPT)
    )
    return outcome


def last(session: Session, task: str, *, well_only: bool = False) -> NightlyOutcome | None:
    """Return how `task` went the last time, or the last time that it went well."""
    query = select(NightlyOutcome).where(NightlyOutcome.task == task).order_by(NightlyOutcome.id.desc())
    if well_only:
        query = query.where(NightlyOutcome.is_well)
    return session.scalar(query.limit(1))


def latest(session: Session, task: str, limit: int = 20) -> list[NightlyOutcome]:
    """Return the newest outcomes of `task` first."""
    query = select(NightlyOutcome).where(NightlyOutcome.task == task).order_by(NightlyOutcome.id.desc())
    return list(session.scalars(query.limit(limit)))


def since(session: Session) -> datetime | None:
    """Return from when on nights count: a new station has none behind it."""
    text = facts.get(session, facts.NIGHTS_SINCE)
    return datetime.fromisoformat(text) if text else None


def begin(session: Session, now: datetime) -> None:
    facts.put(session, facts.NIGHTS_SINCE, now.isoformat())
