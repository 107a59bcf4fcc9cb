"""When an airing should have sounded, beginning and end, as its programme stood."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from broadcaster.store.models import Airing, AiringState, History

LEFT_THE_PLAN = (AiringState.CANCELLED, AiringState.SUPERSEDED)


def span(session: Session, row: History) -> tuple[datetime, datetime]:
    """Return the planned beginning and end of `row`; both are the same where no length was known.

    In a programme an airing begins when those before it end, each as long as it was planned.
    """
    start = row.planned_at + timedelta(seconds=_before(session, row.airing_id))
    return start, start + timedelta(seconds=row.seconds_planned)


def _before(session: Session, airing_id: str) -> float:
    """Return the planned seconds of what stood before the airing in the same programme and moment."""
    airing = session.get(Airing, airing_id)
    if airing is None or airing.programme_id is None:
        return 0.0
    order = tuple_(Airing.section, Airing.position, Airing.id)
    query = (
        select(func.sum(History.seconds_planned))
        .join(Airing, Airing.id == History.airing_id)
        .where(
            Airing.programme_id == airing.programme_id,
            Airing.planned_at == airing.planned_at,
            Airing.state.not_in(LEFT_THE_PLAN),
            History.corrects_id.is_(None),
            order < (airing.section, airing.position, airing.id),
        )
    )
    return session.scalar(query) or 0.0
