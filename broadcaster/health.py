"""How is the station? What sounds, what is next, what is wrong: for the bar on every page, and `doctor`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.playout import disk, nightly_call, notify, readiness, slots, troubles, wishes
from broadcaster.playout.alert_view import AlertView, open_messages
from broadcaster.playout.alert_view import standing as standing_alerts
from broadcaster.playout.noticing import PREFIX
from broadcaster.playout.running_order import standing_hold
from broadcaster.records.audit import PROGRAM
from broadcaster.store import Store, facts, pulse
from broadcaster.store.models import Notice, Person, ReadinessCheck, Zone
from schedules.rundown import build

LATE_BEAT_S = 5.0
"""A station whose last sign of life is older than this is not working."""
TOGETHER = timedelta(minutes=1)
"""What is planned within this of the first is looked at to know which one comes next."""
DAMAGE = frozenset(map(nightly_call.fault_key, ("verify", "seal")))
"""Keys of the notices that somebody has changed the books."""
LONGEST_DAMAGE = 240
"""Characters: a hundred changed rows must not cover the page."""
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
class Series:
    """A bulletin said again and again, until when unless somebody renews it."""

    request_id: int
    title: str
    every_min: int
    until: datetime


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
    alerts: tuple[AlertView, ...]
    """Emergency orders and drills that stand, newest first."""
    messages: int
    """Warnings from outside that wait for somebody to decide."""
    unready: tuple[ReadinessCheck, ...] = ()
    """The last look at what comes within a quarter of an hour, where it found something missing."""
    series: tuple[Series, ...] = ()
    """What is said again and again until an hour, such as a storm's bulletin."""


def on_air(store: Store, now: datetime) -> OnAirView:
    """Return what sounds and what is next, from the store and the station's last sign of life."""
    detail = _last_sign(store)
    signs: Mapping[str, Any] = detail or {}
    with store.read() as session:
        heard_by = zones_by_output(session)
        outputs = [row for row in signs.get("outputs", []) if row["output_id"] in heard_by]
        return OnAirView(
            station=facts.get(session, facts.STATION_NAME, DEFAULT_NAME),
            now=now,
            on_air=tuple(_sounding(row, now) for row in signs.get("on_air", []) if row["has_sounded"]),
            next=_next(session, now),
            held=_held(session),
            faults=tuple(_faults(store.folder, detail, heard_by, notify.standing(session), now)),
            is_working=detail is not None,
            is_on_loudspeaker=all(row["is_loudspeaker"] for row in outputs if row["is_ready"]),
            is_self_approving=bool(facts.get(session, facts.SELF_APPROVAL, False)),
            alerts=tuple(standing_alerts(session)),
            messages=open_messages(session),
            unready=tuple(check for check in readiness.newest(session, now) if check.problems),
            series=tuple(_series(session, now)),
        )


def _series(session: Session, now: datetime) -> Iterator[Series]:
    for request in wishes.standing_series(session, now):
        if request.until is not None:
            yield Series(request.id, request.bulletin.title, request.every_min or 0, request.until)


def _last_sign(store: Store) -> Mapping[str, Any] | None:
    """Return what the station last told of itself (`playout.signs`); None when it is not working."""
    beat = pulse.read(store.folder, "station")
    return beat.detail if beat is not None and abs(beat.age_s) < LATE_BEAT_S else None


def zones_by_output(session: Session) -> dict[int, list[str]]:
    """Return the zones behind each output: one that reaches none may be silent without harm."""
    heard_by: dict[int, list[str]] = {}
    for name, output_id in session.execute(
        select(Zone.name, Zone.output_id).where(Zone.is_active).order_by(Zone.id)
    ):
        heard_by.setdefault(output_id, []).append(name)
    return heard_by


def _faults(
    folder: Path,
    detail: Mapping[str, Any] | None,
    heard_by: Mapping[int, Sequence[str]],
    standing: Sequence[Notice],
    now: datetime,
) -> Iterator[str]:
    if full := disk.trouble(folder):
        yield full
    for notice in standing:
        if notice.key in DAMAGE:
            yield textwrap.shorten(notice.text, LONGEST_DAMAGE, placeholder="… Xem trang Thông báo.")
    if detail is None:
        yield troubles.NOT_WORKING
        return
    noticed = {notice.key.removeprefix(PREFIX): notice.at for notice in standing}
    for trouble in troubles.of_signs(detail, heard_by):
        since = trouble.since and min(trouble.since, noticed.get(trouble.key, trouble.since))
        yield replace(trouble, since=since).sentence(now)


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
