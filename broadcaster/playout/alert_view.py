"""Alerts as people see them: what stands, what it cut, what became of those before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from broadcaster.newsroom import approval
from broadcaster.playout import alert_orders, alerts
from broadcaster.store.models import (
    Airing,
    AiringState,
    Alert,
    BulletinState,
    CapMessage,
    PreparedOrder,
    Source,
)
from schedules.clock import LOCAL

OFFERED_FOR = timedelta(hours=12)
"""What was cut longer ago than this is not offered to be played again."""
SHOWN = 10
TRUSTED = "Nguồn cảnh báo tin cậy"
"""Who raised an alert when it was no person."""


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert or drill, standing or over."""

    id: int
    title: str
    reason: str
    is_drill: bool
    zones: tuple[str, ...]
    raised_by: str
    raised_at: datetime
    expires_at: datetime
    repeat_every_s: int
    ended_at: datetime | None
    end: str
    """How it ended, in words; empty while it stands."""
    turns: int
    """How often it was begun."""
    last_at: datetime | None
    is_sounding: bool
    trouble: str
    bulletin_id: int
    order_id: int | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """One prepared order as a button."""

    order: PreparedOrder
    zones: tuple[str, ...]
    clip_sha256: str | None
    trouble: str
    """Why it cannot be sent as it was signed; empty: it can."""
    is_checked: bool


def standing(session: Session) -> list[AlertView]:
    return [_view(session, alert) for alert in alerts.standing(session)]


def ended(session: Session, limit: int = SHOWN) -> list[AlertView]:
    """Return those that ended last, newest first."""
    query = select(Alert).where(Alert.ended_at.is_not(None)).order_by(Alert.ended_at.desc(), Alert.id.desc())
    return [_view(session, alert) for alert in session.scalars(query.limit(limit))]


def of_day(session: Session, day: date) -> list[AlertView]:
    """Return those that were raised on `day` of the station's calendar, in order."""
    start = datetime.combine(day, datetime.min.time(), LOCAL)
    query = select(Alert).where(Alert.raised_at >= start, Alert.raised_at < start + timedelta(days=1))
    return [_view(session, alert) for alert in session.scalars(query.order_by(Alert.id))]


def pre_empted(session: Session, now: datetime) -> list[Airing]:
    """Return what orders cut and nobody has put on the air again, the last one first."""
    later = aliased(Airing)
    living = (AiringState.PLANNED, AiringState.CLAIMED, AiringState.STARTED, AiringState.PLAYED)
    again = select(later.id).where(
        later.bulletin_id == Airing.bulletin_id,
        later.planned_at >= Airing.ended_at,
        later.state.in_(living),
    )
    query = select(Airing).where(
        Airing.state == AiringState.CUT,
        Airing.cause == "emergency",
        Airing.alert_id.is_(None),
        Airing.ended_at > now - OFFERED_FOR,
        ~again.exists(),
    )
    cut = session.scalars(query.order_by(Airing.ended_at.desc()))
    return [airing for airing in cut if _can_be_repeated(airing)]


def orders(session: Session, now: datetime) -> list[OrderView]:
    return [_order(session, order, now) for order in alert_orders.orders(session)]


def open_messages(session: Session) -> int:
    """Return how many warnings wait for somebody to decide."""
    return session.scalar(select(func.count()).where(CapMessage.state == "open")) or 0


def _can_be_repeated(airing: Airing) -> bool:
    bulletin = airing.bulletin
    return bulletin.source != Source.LIVE and bulletin.state == BulletinState.APPROVED


def _order(session: Session, order: PreparedOrder, now: datetime) -> OrderView:
    signed = approval.valid_approval(session, order.bulletin_id, now.astimezone(LOCAL).date())
    return OrderView(
        order=order,
        zones=tuple(zone.name for zone in order.zones if zone.is_active),
        clip_sha256=signed.clip_sha256 if signed is not None else None,
        trouble=alert_orders.trouble(session, order, now),
        is_checked=alert_orders.is_checked(order, now),
    )


def _view(session: Session, alert: Alert) -> AlertView:
    said = select(func.count(), func.max(Airing.started_at)).where(Airing.alert_id == alert.id)
    turns, last_at = session.execute(said).one()
    sounding = select(Airing.id).where(Airing.alert_id == alert.id, Airing.state == AiringState.STARTED)
    return AlertView(
        id=alert.id,
        title=alert.title,
        reason=alert.reason if alert.reason != alert.title else "",
        is_drill=alert.is_drill,
        zones=tuple(zone.name for zone in alert.request.zones),
        raised_by=alert.raiser.name if alert.raiser is not None else TRUSTED,
        raised_at=alert.raised_at,
        expires_at=alert.expires_at,
        repeat_every_s=alert.repeat_every_s,
        ended_at=alert.ended_at,
        end=_end_words(alert),
        turns=turns,
        last_at=last_at,
        is_sounding=session.scalar(sounding.limit(1)) is not None,
        trouble=alert.trouble,
        bulletin_id=alert.bulletin_id,
        order_id=alert.order_id,
    )


def _end_words(alert: Alert) -> str:
    if alert.ended_at is None:
        return ""
    who = f" ({alert.ender.name})" if alert.ender is not None else ""
    return f"{alerts.ENDS.get(alert.end_cause, 'đã kết thúc')}: {alert.end_reason}{who}"
