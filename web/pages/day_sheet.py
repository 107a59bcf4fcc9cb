"""Bảng phát trong ngày: one day on paper, with who signed each thing and what became of it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcaster.playout import alert_view, day, day_sheet
from web.context import now, reading, today
from web.typed import day_of

pages = Blueprint("day_sheet", __name__)


@pages.get("/lich-phat/bang")
def show() -> ResponseReturnValue:
    chosen = _day()
    view = day.day_view(reading(), chosen, now())
    return render_template(
        "schedule/day_sheet.html",
        view=view,
        day=chosen,
        yesterday=chosen - timedelta(days=1),
        tomorrow=chosen + timedelta(days=1),
        approvers=day_sheet.approvers(reading(), view),
        alerts=alert_view.of_day(reading(), chosen),
        moment=now(),
    )


def _day() -> date:
    return day_of(request.args.get("ngay", "")) or today()
