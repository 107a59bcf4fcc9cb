"""When it sounds: the week and the programmes."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcaster.playout import programmes, readiness, station_days, wishes, zones
from broadcaster.playout import week as week_of
from web import week_grid
from web.context import now, reading, today
from web.typed import day_of

pages = Blueprint("schedule", __name__)


@pages.get("/lich-phat")
def week() -> ResponseReturnValue:
    first = _day("tuan") or today()
    days = week_of.week_view(reading(), first, now())
    return render_template(
        "schedule/week.html",
        days=days,
        grid=week_grid.grid(days),
        first=first,
        step=timedelta(days=7),
        programmes=programmes.all_programmes(reading()),
        unready=[each for each in readiness.newest(reading(), now()) if each.problems],
        series=wishes.standing_series(reading(), now()),
        lunar_text=week_grid.lunar_text,
        zone_count=len(zones.zones(reading())),
        day_kinds=station_days.KIND_NAMES,
    )


def _day(name: str) -> date | None:
    return day_of(request.args.get(name, ""))
