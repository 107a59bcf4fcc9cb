"""How is the station? What sounds, what is next, what is wrong: for the bar on every page, and `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.playout import slots
from broadcaster.playout.running_order import standing_hold
from broadcaster.store import Store, facts, pulse
from broadcaster.store.models import Person
from schedules.rundown import build

LATE_BEAT_S = 5.0
"""A station whose last sign of life is older than this is not working."""
TOGETHER = timedelta(minutes=1)
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
    """False: at least one output only writes a file ("không ra loa")."""
    is_self_approving: bool


def on_air(store: Store, now: datetime) -> OnAirView:
    """Return what sounds and what is next, from the store and the station's last sign of life."""
    beat = pulse.read(store.folder, "station")
    is_working = beat is not None and abs(beat.age_s) < LATE_BEAT_S
    detail = beat.detail if beat is not None and is_working else {}
    outputs = detail.get("outputs", [])
    sounding = tuple(_sounding(row, now) for row in detail.get("on_air", []) if row["has_sounded"])
    with store.read() as session:
        hold = standing_hold(session)
        held = None
        if hold is not None:
            person = session.get(Person, hold.placed_by) if hold.placed_by else None
            held = Held(hold.cause, hold.reason, person.name if person else "Chương trình", hold.placed_at)
        upcoming = _next(session, now)
        station = facts.get(session, facts.STATION_NAME, DEFAULT_NAME)
        is_self_approving = bool(facts.get(session, facts.SELF_APPROVAL, False))
    faults = [] if is_working else ["Bộ phát không hoạt động"]
    faults += [f"{row['name']}: {row['fault']}" for row in outputs if row["fault"]]
    faults += [f"{row['title']}: {fault}" for row in detail.get("on_air", []) for fault in row["faults"]]
    return OnAirView(
        station=station,
        now=now,
        on_air=sounding,
        next=upcoming,
        held=held,
        faults=tuple(faults),
        is_working=is_working,
        is_on_loudspeaker=all(row["is_loudspeaker"] for row in outputs if row["is_ready"]),
        is_self_approving=is_self_approving,
    )


def _next(session: Session, now: datetime) -> Next | None:
    first = slots.first_planned(session)
    if first is None:
        return None
    ready, _ = slots.planned_slots(session, max(first, now) + TOGETHER)
    timed = min(build(ready, now, {}).timed, key=lambda each: each.starts_at, default=None)
    return Next(timed.slot.key, slots.title_of(session, timed.slot.key), timed.starts_at) if timed else None


def _sounding(row: dict[str, object], now: datetime) -> Sounding:
    length_s = float(str(row["length_s"]))
    since = (now - datetime.fromisoformat(str(row["at"]))).total_seconds()
    level = row["level_dbfs"]
    return Sounding(
        airing_id=str(row["airing_id"]),
        title=str(row["title"]),
        zones=tuple(str(zone) for zone in row["zones"]),  # type: ignore[attr-defined]
        elapsed_s=min(max(0.0, since), length_s),
        length_s=length_s,
        level_dbfs=float(str(level)) if level is not None else None,
    )
