"""How is the station? What sounds, what is next, what is wrong: for the bar on every page, and `doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.playout import slots
from broadcaster.playout.running_order import standing_hold
from broadcaster.records.audit import PROGRAM
from broadcaster.store import Store, facts, pulse
from broadcaster.store.models import Person, Zone
from schedules.rundown import build

LATE_BEAT_S = 5.0
"""A station whose last sign of life is older than this is not working."""
TOGETHER = timedelta(minutes=1)
"""What is planned within this of the first is looked at to know which one comes next."""
DEFAULT_NAME = "Đài truyền thanh"


@dataclass(frozen=True, slots=True)
class Sounding:
    """One thing that is on the air now."""

    airing_id: str
    title: str
    zones: tuple[str, ...]
    elapsed_s: float
    length_s: float
    level_dbfs: float | None


@dataclass(frozen=True, slots=True)
class Next:
    airing_id: str
    title: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Under stop-all, or until somebody confirms the clock."""

    cause: str
    reason: str
    placed_by: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class OnAirView:
    """What the bar shows."""

    station: str
    now: datetime
    on_air: tuple[Sounding, ...]
    next: Next | None
    held: Held | None
    faults: tuple[str, ...]
    is_working: bool
    is_on_loudspeaker: bool
    """False: at least one zone sounds into a file only ("không ra loa")."""
    is_self_approving: bool


def on_air(store: Store, now: datetime) -> OnAirView:
    """Return what sounds and what is next, from the store and the station's last sign of life."""
    detail = _last_sign(store)
    signs: Mapping[str, Any] = detail or {}
    with store.read() as session:
        outputs = _used(session, signs.get("outputs", []))
        return OnAirView(
            station=facts.get(session, facts.STATION_NAME, DEFAULT_NAME),
            now=now,
            on_air=tuple(_sounding(row, now) for row in signs.get("on_air", []) if row["has_sounded"]),
            next=_next(session, now),
            held=_held(session),
            faults=tuple(_faults(detail, outputs)),
            is_working=detail is not None,
            is_on_loudspeaker=all(row["is_loudspeaker"] for row in outputs if row["is_ready"]),
            is_self_approving=bool(facts.get(session, facts.SELF_APPROVAL, False)),
        )


def _last_sign(store: Store) -> Mapping[str, Any] | None:
    """Return what the station last told of itself (`playout.signs`); None when it is not working."""
    beat = pulse.read(store.folder, "station")
    return beat.detail if beat is not None and abs(beat.age_s) < LATE_BEAT_S else None


def _used(session: Session, outputs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the outputs through which people hear: one without a zone may be silent without harm."""
    heard = set(session.scalars(select(Zone.output_id).where(Zone.is_active)))
    return [row for row in outputs if row["output_id"] in heard]


def _faults(detail: Mapping[str, Any] | None, outputs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if detail is None:
        yield "Bộ phát không hoạt động"
        return
    yield from (f"{row['name']}: {row['fault']}" for row in outputs if row["fault"])
    yield from (f"{row['title']}: {fault}" for row in detail.get("on_air", []) for fault in row["faults"])
    yield from (fault["text"] for fault in detail.get("faults", []))


def _held(session: Session) -> Held | None:
    hold = standing_hold(session)
    if hold is None:
        return None
    person = session.get(Person, hold.placed_by) if hold.placed_by else None
    return Held(hold.cause, hold.reason, person.name if person else PROGRAM, hold.placed_at)


def _next(session: Session, now: datetime) -> Next | None:
    first = slots.first_planned(session)
    if first is None:
        return None
    ready = slots.planned_slots(session, max(first, now) + TOGETHER).ready
    timed = min(build(ready, now, {}).timed, key=lambda each: each.starts_at, default=None)
    return Next(timed.slot.key, slots.title_of(session, timed.slot.key), timed.starts_at) if timed else None


def _sounding(row: Mapping[str, Any], now: datetime) -> Sounding:
    since_s = (now - datetime.fromisoformat(row["at"])).total_seconds()
    return Sounding(
        airing_id=row["airing_id"],
        title=row["title"],
        zones=tuple(row["zones"]),
        elapsed_s=min(max(0.0, since_s), row["length_s"]),
        length_s=row["length_s"],
        level_dbfs=row["level_dbfs"],
    )
