"""An announcement as its page shows it: what the rows say, and what the station last told of the players."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.playout import live, signs
from broadcaster.store import pulse
from broadcaster.store.models import Airing, AiringState, Bulletin, Live, Source, Zone


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that sounds now, or is about to."""

    title: str
    zone_ids: tuple[int, ...]
    """All zones that share an output with one of its own: they hear it too."""
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody at a microphone, for the others to see."""

    live_id: str
    who: str
    title: str
    zones: tuple[str, ...]
    is_on_air: bool


@dataclass(frozen=True, slots=True)
class View:
    state: str
    outcome: str
    longest_s: int
    waits: bool
    asked_s: float
    airing_id: str | None = None
    on_air_s: float = 0.0
    """Below 0 while an amplifier warms up: what is said then is not heard."""
    heard_s: float = 0.0
    """The most that any of its outputs has accepted."""
    level_dbfs: float | None = None
    """As the players report it: what the loudspeakers get, not what the browser sends."""
    faults: tuple[str, ...] = ()
    dropped_s: float = 0.0
    missing: int = 0
    waits_for: str = ""
    """Titles of what still sounds in its zones."""


def view(session: Session, data: Path, live_id: str, now: datetime) -> View:
    """Raises NotFound."""
    row = live.get(session, live_id)
    told = _told(data)
    mine = told.get("live", {}).get(live_id, {})
    sounding: Mapping[str, Any] = next(
        (each for each in told.get("on_air", []) if each["airing_id"] == row.airing_id), {}
    )
    waits_for = [each.title for each in heard(session) if set(each.zone_ids) & set(row.zone_ids)]
    return View(
        state=row.state,
        outcome=row.outcome,
        longest_s=row.longest_s,
        waits=row.waits,
        asked_s=(now - row.asked_at).total_seconds(),
        airing_id=row.airing_id,
        on_air_s=float(mine.get("on_air_s", 0.0)),
        heard_s=float(sounding.get("seconds", 0.0)),
        level_dbfs=sounding.get("level_dbfs"),
        faults=tuple(sounding.get("faults", ())),
        dropped_s=float(mine.get("dropped_s", 0.0)),
        missing=int(mine.get("missing", 0)),
        waits_for=", ".join(waits_for) if row.state == live.ASKED and row.waits else "",
    )


def heard(session: Session) -> list[Heard]:
    """Return what a microphone may cut: what sounds now, with every zone in which it can be heard."""
    query = select(Airing).where(
        Airing.state.in_([AiringState.CLAIMED, AiringState.STARTED]), Airing.alert_id.is_(None)
    )
    query = query.join(Bulletin).where(Bulletin.source != Source.LIVE)
    rows = session.scalars(query.order_by(Airing.planned_at, Airing.id)).all()
    beside: dict[int, list[Zone]] = {}
    for zone in session.scalars(select(Zone).where(Zone.is_active)) if rows else ():
        beside.setdefault(zone.output_id, []).append(zone)
    return [_heard(row, beside) for row in rows]


def standing(session: Session) -> list[Standing]:
    """Return who is at a microphone now, or waits at one."""
    return [_standing(session, row) for row in live.standing(session)]


def airing_of(session: Session, bulletin_id: int) -> str | None:
    """Return the one airing of what was said into a microphone."""
    query = select(Live.airing_id).join(Airing, Airing.id == Live.airing_id)
    return session.scalar(query.where(Airing.bulletin_id == bulletin_id))


def _heard(row: Airing, beside: Mapping[int, list[Zone]]) -> Heard:
    outputs = {zone.output_id for zone in row.zones}
    reached = tuple(zone.id for output in outputs for zone in beside.get(output, []))
    return Heard(row.bulletin.title, reached, tuple(zone.name for zone in row.zones))


def _standing(session: Session, row: Live) -> Standing:
    names = session.scalars(select(Zone.name).where(Zone.id.in_(row.zone_ids)).order_by(Zone.id))
    return Standing(row.id, row.person.name, row.title, tuple(names), row.state == live.ON_AIR)


def _told(data: Path) -> Mapping[str, Any]:
    beat = pulse.read(data, signs.NAME)
    return beat.detail if beat is not None else {}
