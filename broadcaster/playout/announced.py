"""What residents are told of the days to come: signed things only, and the alerts that stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from broadcaster.playout import alerts, vouched
from broadcaster.playout.day import Block, DayView, Item, days_view
from broadcaster.records import residents
from broadcaster.records.residents import Outcome
from broadcaster.store.models import AiringState, Version

DAYS = 7


class Fate(StrEnum):
    """What an airing is to whoever listens."""

    COMING = "coming"
    NOW = "now"
    HEARD = "heard"
    BROKEN_OFF = "broken_off"
    UNHEARD = "unheard"


_NOW = (AiringState.CLAIMED, AiringState.STARTED)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that sounds, with the title under which it was signed."""

    airing_id: str
    title: str
    kind: str
    at: datetime
    seconds: float
    fate: Fate


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme of a day with what is known of its parts, or one part on its own (`name` is empty)."""

    name: str
    at: datetime
    zones: tuple[str, ...]
    parts: tuple[Part, ...]
    rests: bool
    """It does not sound on this date, although it usually does."""


@dataclass(frozen=True, slots=True)
class PublicDay:
    day: date
    programmes: tuple[Programme, ...]


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """An emergency order that stands; never a drill."""

    title: str
    words: str
    zones: tuple[str, ...]
    raised_at: datetime
    expires_at: datetime


def announced(session: Session, first: date, now: datetime, count: int = DAYS) -> list[PublicDay]:
    """Return `count` days from `first` on, without what nobody signed and without reasons."""
    views = days_view(session, first, count, now)
    ended = [item.airing_id for item in _items(views) if item.state.is_final or item.state in _NOW]
    known = residents.outcomes(session, ended)
    return [PublicDay(view.day, tuple(_programmes(view, known))) for view in views]


def standing_alerts(session: Session) -> list[StandingAlert]:
    return [
        StandingAlert(
            title=alert.title,
            words=_words(session, alert.approval.version_id),
            zones=tuple(zone.name for zone in alert.request.zones),
            raised_at=alert.raised_at,
            expires_at=alert.expires_at,
        )
        for alert in alerts.standing(session)
        if not alert.is_drill and vouched.holds(session, alert)
    ]


def _items(views: list[DayView]) -> Iterator[Item]:
    return (item for view in views for block in view.blocks for item in block.items)


def _words(session: Session, version_id: int) -> str:
    version = session.get(Version, version_id)
    return version.written if version is not None else ""


def _programmes(view: DayView, known: Mapping[str, Outcome]) -> Iterator[Programme]:
    for block in view.blocks:
        parts = tuple(part for item in block.items if (part := _part(item, known)) is not None)
        if parts or (block.programme_id is not None and _is_to_come(block)):
            yield Programme(block.name, block.starts_at, block.zones, parts, bool(block.rests))


def _is_to_come(block: Block) -> bool:
    """Return True for a programme whose content is not known yet, or that rests on this date."""
    return bool(block.rests) or all(not item.state.is_final for item in block.items)


def _part(item: Item, known: Mapping[str, Outcome]) -> Part | None:
    """Return what may be told of an item; None for a draft, and for what was withdrawn."""
    outcome = known.get(item.airing_id)
    if outcome is not None:
        return _as(item, outcome.title, _fate(outcome))
    if not item.state.is_final and item.is_approved:
        return _as(item, item.title, Fate.NOW if item.state in _NOW else Fate.COMING)
    return _as(item, item.title, Fate.NOW) if item.state in _NOW and item.way == "live" else None


def _as(item: Item, title: str, fate: Fate) -> Part:
    seconds = item.length_s if item.seconds_heard is None else item.seconds_heard
    return Part(item.airing_id, title, item.kind, item.starts_at, seconds, fate)


def _fate(outcome: Outcome) -> Fate:
    if outcome.was_heard:
        return Fate.HEARD
    return Fate.BROKEN_OFF if outcome.result == AiringState.CUT else Fate.UNHEARD
