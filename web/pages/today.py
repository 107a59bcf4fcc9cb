"""Hôm nay: what each person has to do, and the order of the day with what became of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcaster.playout import alert_view, day, readiness, running_order, wishes, zones
from broadcaster.store.models import AiringState
from web import desk, key_view, on_air
from web.context import now, reading, today
from web.typed import day_of

pages = Blueprint("today", __name__)

WENT_WRONG = (AiringState.MISSED, AiringState.FAILED, AiringState.CUT)


@pages.get("/")
def show() -> ResponseReturnValue:
    chosen = _day()
    view = day.day_view(reading(), chosen, now())
    return render_template(
        "today/show.html",
        view=view,
        day=chosen,
        yesterday=chosen - timedelta(days=1),
        tomorrow=chosen + timedelta(days=1),
        is_today=chosen == today(),
        hold=running_order.standing_hold(reading()),
        held=on_air.view().held,
        held_text=on_air.held_text,
        desk=desk.of_today(),
        fresh_keys=key_view.fresh(),
        key_waits_for=key_view.waits_for(),
        sums=_sums(view),
        alerts=alert_view.of_day(reading(), chosen),
        moment=now(),
        **standing(is_today=chosen == today()),
        has_zones=bool(zones.zones(reading())),
    )


def standing(*, is_today: bool) -> dict[str, Any]:
    """Return what needs somebody's eye today: what is said again and again, what is ready and what not."""
    checks = readiness.newest(reading(), now()) if is_today else []
    return {
        "series": wishes.standing_series(reading(), now()) if is_today else [],
        "unready": [check for check in checks if check.problems],
        "ready": [check for check in checks if not check.problems],
    }


def _day() -> date:
    return day_of(request.args.get("ngay", "")) or today()


def _sums(view: day.DayView) -> dict[str, int]:
    states = [item.state for block in view.blocks for item in block.items]
    return {
        "played": states.count(AiringState.PLAYED),
        "coming": sum(not state.is_final for state in states),
        "wrong": sum(state in WENT_WRONG for state in states),
    }
