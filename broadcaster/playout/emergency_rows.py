"""The row of each time that an order is said: committed before its first sample, as every airing's is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.playout import alerts, claims
from broadcaster.playout.sounding import Lane
from broadcaster.store.models import Airing, AiringState


def begin(
    session: Session, alert_id: int, boot_id: str, now: datetime, *, is_farewell: bool
) -> tuple[str, dict[int, Lane]] | None:
    """Add an airing that starts now; return its key and its lanes by output.

    None when the alert was ended meanwhile (unless that is what is to be announced), or all was stopped.
    """
    alert = alerts.get(session, alert_id)
    is_over = alert.ended_at is not None and not is_farewell
    if is_over or alerts.stop_all_hold(session) is not None:
        return None
    said = select(func.count()).where(Airing.alert_id == alert.id)
    airing = Airing(
        request_id=alert.request_id,
        planned_at=now,
        part=(session.scalar(said) or 0) + 1,
        bulletin_id=alert.bulletin_id,
        deadline=now,
        state=AiringState.STARTED,
        placed_by=alert.raised_by,
        approval_id=alert.approval_id,
        alert_id=alert.id,
        boot_id=boot_id,
        claimed_at=now,
        started_at=now,
        seconds_heard=0.0,
        zones=list(alert.request.zones),
    )
    session.add(airing)
    session.flush()
    return airing.id, claims.lanes_of(airing.zones)
