"""What each way of the form "Xếp lịch" asks of the running order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import flash, request

from broadcaster.errors import Invalid
from broadcaster.playout import (
    clashes,
    lengths,
    limits,
    moving,
    planning,
    programmes,
    requesting,
    running_order,
    zones,
)
from broadcaster.playout.clashes import Clash
from broadcaster.store import Session
from broadcaster.store.models import Airing, Bulletin, Programme, Zone
from schedules.recurrence import Series
from web.context import me, now, reading, today, writing
from web.forms import moment
from web.placing_forms import WayForm, days_or_none
from web.words import local

WARNED_OF = 6
"""Airings of one wish that are held against the rules that only warn."""


class Met(Exception):
    """Something stands there already: the page asks before anything is done."""

    def __init__(self, clash: Clash) -> None:
        super().__init__()
        self.clash = clash


def elsewhere(
    bulletin: Bulletin, there: Sequence[Zone], at: datetime, without: frozenset[str] = frozenset()
) -> Clash:
    """Return when else it may sound, after a limit forbade `at`."""
    length_s = lengths.predicted_seconds(reading(), bulletin)
    return clashes.instead(reading(), there, at, length_s, now(), without)


def coming(at: time) -> datetime:
    """Return the next moment at which the station's clock shows `at`: tonight, or tomorrow morning."""
    found = moment(today(), at)
    return found if found > now() else found + timedelta(days=1)


def place_by(way: str, bulletin: Bulletin, form: WayForm) -> list[Airing]:
    """Do what the form says; a rule that only warns is told, a clash asked about."""
    with writing() as rows:
        placed = _PLACERS[way](rows, rows.get_one(Bulletin, bulletin.id), form)
        length_s = lengths.predicted_seconds(rows, bulletin)
        told = [
            sentence
            for airing in placed[:WARNED_OF]
            for sentence in limits.warnings(
                rows, airing.zones, airing.planned_at, length_s, frozenset({airing.id})
            )
        ]
    for sentence in dict.fromkeys(told):
        flash(f"Đã xếp, nhưng lưu ý: {sentence}", "note")
    return placed


def _into_queue(rows: Session, bulletin: Bulletin, form: Any) -> list[Airing]:
    return requesting.request_in_queue(rows, me(), bulletin.id, now(), form.times.data)


def _into_programme(rows: Session, bulletin: Bulletin, form: Any) -> list[Airing]:
    if not form.programme_id.data:
        raise Invalid("Hãy chọn một chương trình.", field="programme_id")
    first = form.first_date.data or today()
    if form.last_date.data is None:
        first = _next_date(planning.living_programme(rows, form.programme_id.data), first)
    return requesting.request_in_programme(
        rows, me(), bulletin.id, form.programme_id.data, first, form.last_date.data, now()
    )


def _at_a_time(rows: Session, bulletin: Bulletin, form: Any) -> list[Airing]:
    at, there = moment(form.on.data, form.at.data), zones.chosen(rows, form.zones.data or ())
    if instead := request.form.getlist("instead"):
        moving.remove_for(rows, me(), instead, bulletin.title, now())
    asked = requesting.request_at(
        rows, me(), bulletin.id, at, form.zones.data or (), now(), form.override.data or ""
    )
    if "keep" not in request.form and not instead:
        length_s = lengths.predicted_seconds(rows, bulletin)
        met = clashes.clash(rows, bulletin, there, at, length_s, now(), frozenset({asked.id}))
        if met is not None:
            raise Met(met)  # rolls back what was asked for
    return [asked]


def _daily(rows: Session, bulletin: Bulletin, form: Any) -> list[Airing]:
    dates = form.first_date.data, form.last_date.data
    return requesting.request_daily(
        rows, me(), bulletin.id, dates, form.asked_times(), form.zones.data or (), now(),
        days_or_none(form.days.data, *dates), form.override.data or "",
    )  # fmt: skip


def _series(rows: Session, bulletin: Bulletin, form: Any) -> list[Airing]:
    first = now() + _delay(rows)
    until = coming(form.until.data)
    series = Series(first, timedelta(minutes=form.every_min.data), until, form.most.data)
    return requesting.request_series(
        rows, me(), bulletin.id, series, form.zones.data or (), now(), form.override.data or ""
    )


def _next(rows: Session, bulletin: Bulletin, form: Any) -> list[Airing]:
    delay_s, override = running_order.cancel_delay_s(rows), form.override.data or ""
    chosen = form.zones.data or ()
    return [requesting.request_next(rows, me(), bulletin.id, chosen, now(), delay_s, override)]


_PLACERS: dict[str, Callable[[Session, Bulletin, Any], list[Airing]]] = {
    "queue": _into_queue,
    "programme": _into_programme,
    "at": _at_a_time,
    "daily": _daily,
    "series": _series,
    "next": _next,
}


def _delay(rows: Session) -> timedelta:
    return max(requesting.NEXT_LEAD, timedelta(seconds=running_order.cancel_delay_s(rows)))


def _next_date(programme: Programme, first: date) -> date:
    """Return the programme's next date from `first` on: asked for once, it need not be that very day."""
    if first < today():
        return first
    at = programmes.next_start(programme, max(now(), moment(first, time.min)))
    return local(at).date() if at is not None else first
