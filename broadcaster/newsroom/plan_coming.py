"""What is already on its way to what a plan still owes: drafts, waiting, approved, placed for air."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from broadcaster.records.days import midnight
from broadcaster.records.plan_counting import spellings
from broadcaster.records.plan_periods import Period
from broadcaster.records.plan_progress import TopicProgress
from broadcaster.store.models import Airing, AiringState, Bulletin, BulletinState, Source

FORGOTTEN = timedelta(days=60)
"""A draft that nobody touched for so long before the period is on its way nowhere."""
_ALIVE = (BulletinState.DRAFT, BulletinState.SUBMITTED, BulletinState.RETURNED, BulletinState.APPROVED)
_AHEAD = (AiringState.PLANNED, AiringState.CLAIMED, AiringState.STARTED)


@dataclass(frozen=True, slots=True)
class Coming:
    """One bulletin that may still be heard before the period ends."""

    bulletin_id: int
    title: str
    state: str
    """A value of `store.models.BulletinState`."""
    airs_at: datetime | None
    """The first airing that is planned for it in the period."""


def of(session: Session, topic: TopicProgress, today: date) -> tuple[Coming, ...]:
    """Return what comes for the running period of `topic`: placed first, then by state; unheard so far."""
    known = sorted(spellings(session, Bulletin.topic, topic.topics))
    if topic.current is None or not known:
        return ()
    period = topic.current.period
    found = _candidates(session, known, period, today)
    planned = _first_airings(session, [bulletin.id for bulletin in found], period)
    heard = _heard(session, [bulletin.id for bulletin in found])
    coming = [
        Coming(each.id, each.title, each.state, planned.get(each.id))
        for each in found
        if each.id in planned or each.id not in heard
    ]
    return tuple(sorted(coming, key=_order))


def assured(coming: Sequence[Coming]) -> int:
    """Return how many are signed and placed: they will be heard unless something fails."""
    return sum(each.airs_at is not None and each.state == BulletinState.APPROVED for each in coming)


def _order(coming: Coming) -> tuple[bool, float, int]:
    at = coming.airs_at.timestamp() if coming.airs_at else 0.0
    return coming.airs_at is None, at, -_ALIVE.index(BulletinState(coming.state))


def _candidates(session: Session, topics: list[str], period: Period, today: date) -> list[Bulletin]:
    return list(
        session.scalars(
            select(Bulletin)
            .where(
                Bulletin.topic.in_(topics),
                Bulletin.state.in_(_ALIVE),
                Bulletin.source != Source.LIVE,
                Bulletin.changed_at >= midnight(period.first) - FORGOTTEN,
                or_(Bulletin.valid_until.is_(None), Bulletin.valid_until >= today),
                or_(Bulletin.valid_from.is_(None), Bulletin.valid_from <= period.last),
            )
            .order_by(Bulletin.id)
        )
    )


def _first_airings(session: Session, bulletins: list[int], period: Period) -> dict[int, datetime]:
    """Return the first planned airing in the period of each bulletin that was not heard in it yet."""
    query = select(Airing.bulletin_id, func.min(Airing.planned_at)).where(
        Airing.bulletin_id.in_(bulletins),
        Airing.state.in_(_AHEAD),
        Airing.planned_at < midnight(period.last + timedelta(days=1)),
    )
    rows = session.execute(query.group_by(Airing.bulletin_id))
    planned: dict[int, datetime] = {row[0]: row[1] for row in rows}
    if period.unit != "items":
        return planned
    counted = _heard(session, bulletins, midnight(period.first))
    return {bulletin: at for bulletin, at in planned.items() if bulletin not in counted}


def _heard(session: Session, bulletins: list[int], since: datetime | None = None) -> set[int]:
    query = select(Airing.bulletin_id).where(
        Airing.bulletin_id.in_(bulletins),
        Airing.state == AiringState.PLAYED,
        Airing.on_loudspeaker,
    )
    return set(session.scalars(query.where(Airing.planned_at >= since) if since else query))
