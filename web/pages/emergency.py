"""Khẩn cấp: prepared orders as big buttons; what stands is stood down here."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.newsroom.cap import CERTAINTIES, SEVERITIES, URGENCIES
from broadcaster.playout import alert_view, alerts, cap_decisions, zones
from broadcaster.playout.alert_wishes import Wish
from web import on_air, words
from web.context import me, now, reading, writing

pages = Blueprint("emergency", __name__, url_prefix="/khan-cap")

REPEATS = {seconds: words.length_text(seconds) for seconds in (30, 60, 120, 300, 900, 1800, 3600)}
LASTS = {minutes * 60: words.length_text(minutes * 60) for minutes in (5, 15, 30, 60, 180, 360, 720, 1440)}


@pages.get("")
def show() -> ResponseReturnValue:
    return render_template(
        "emergency/show.html",
        standing=alert_view.standing(reading()),
        orders=alert_view.orders(reading(), now()),
        ended=alert_view.ended(reading()),
        pre_empted=alert_view.pre_empted(reading(), now()),
        said={**SEVERITIES, **URGENCIES, **CERTAINTIES},
        messages=cap_decisions.messages(reading(), is_open=True),
        zones=zones.zones(reading()),
        held=on_air.view().held if alerts.stop_all_hold(reading()) else None,
        held_text=on_air.held_text,
        lasts=LASTS,
    )


@pages.post("/lenh/<int:order_id>/phat")
def send_order(order_id: int) -> ResponseReturnValue:
    """The second tap: the order sounds in its own zones."""
    return send(Wish(order_id=order_id, reason=request.form.get("reason", "")))


@pages.post("/<int:alert_id>/dung")
def stand_down(alert_id: int) -> ResponseReturnValue:
    reason, is_told = request.form.get("reason", ""), "all_clear" in request.form
    with writing() as rows:
        alert = alerts.stand_down(rows, me(), alert_id, reason, now(), says_all_clear=is_told)
        cap_decisions.follow_end(rows, alert_id, now())
        told = f"Đã dừng {alerts.kind_words(alert)} “{alert.title}”."
    return back(told)


@pages.post("/<int:alert_id>/gia-han")
def prolong(alert_id: int) -> ResponseReturnValue:
    with writing() as rows:
        alert = alerts.prolong(rows, me(), alert_id, request.form.get("lasts", 3600, type=int), now())
        told = f"“{alert.title}” có hiệu lực đến {words.moment_text(alert.expires_at)}."
    return back(told)


def send(wish: Wish, message_id: int | None = None) -> ResponseReturnValue:
    """Raise the alert, be it for a warning from outside, and go to where it is seen. Raises Refused."""
    with writing() as rows:
        if message_id is not None:
            alert = cap_decisions.raise_alert(rows, me(), message_id, wish, now())
        else:
            alert = alerts.raise_alert(rows, me(), wish, now())
        told = f"Đang phát {alerts.kind_words(alert)} “{alert.title}”."
    return back(told)


def back(told: str) -> ResponseReturnValue:
    on_air.forget()
    flash(told, "done")
    return redirect(url_for("emergency.show"), 303)
