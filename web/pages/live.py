"""Trực tiếp: a microphone in the browser, from its first check to its last word on the loudspeakers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from broadcaster.accounts import sessions
from broadcaster.playout import live, live_spool, live_view, zones
from broadcaster.playout.live import Wish
from broadcaster.records import history
from web import on_air
from web.context import me, now, reading, ward, writing
from web.security import HEADERS
from web.words import length_text

pages = Blueprint("live", __name__, url_prefix="/truc-tiep")

MINUTES = (2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240)
USUAL_MINUTES = live.USUAL_S // 60
SLOW_S = 3.0
"""The station answers within a tenth of a second; after this long it probably does not work."""


@pages.get("")
def show() -> ResponseReturnValue:
    most = ward().settings.live_longest_min
    page = render_template(
        "live/show.html",
        zones=zones.zones(reading()),
        minutes={each: length_text(60 * each) for each in MINUTES if each <= most}
        or {most: length_text(60 * most)},
        usual=min(USUAL_MINUTES, most),
        standing=live_view.standing(reading()),
        block_s=live.BLOCK_S,
        rate_hz=live_spool.RATE_HZ,
    )
    return _with_microphone(page)


@pages.post("")
def begin() -> ResponseReturnValue:
    """Ask for the air. The page that asks stays where it is: its microphone is open."""
    with writing() as rows:
        asked = live.ask(rows, me(), _sign_in(), _wish(), now(), most_s=60 * ward().settings.live_longest_min)
        number = asked.id
    on_air.forget()
    return {
        "status": url_for("live.status", live_id=number),
        "sound": url_for("live.sound", live_id=number, number=0).removesuffix("0"),
        "stop": url_for("live.stop", live_id=number),
    }


@pages.get("/dang-phat")
def heard() -> ResponseReturnValue:
    """What sounds now, by zone: what a microphone there would cut."""
    return {"heard": [_heard(each) for each in live_view.heard(reading())]}


@pages.get("/<live_id>")
def status(live_id: str) -> ResponseReturnValue:
    return _status(live_view.view(reading(), ward().store.folder, live_id, now()))


@pages.post("/<live_id>/tieng/<int:number>")
def sound(live_id: str, number: int) -> ResponseReturnValue:
    """Take one piece of sound. Nothing is written into the store: five times a second is not for it."""
    if live.speaking(reading(), live_id, _sign_in()).state == live.OVER:
        return {"is_over": True}
    live_spool.put(ward().store.folder, live_id, number, request.get_data(cache=False))
    return "", 204


@pages.post("/<live_id>/dung")
def stop(live_id: str) -> ResponseReturnValue:
    how = live.CLOSED if request.form.get("how") == live.CLOSED else live.PERSON
    with writing() as rows:
        title = live.stop(rows, me(), live_id, now(), how).title
    on_air.forget()
    if request.accept_mimetypes.best == "application/json":
        return {}
    flash(f"Đã kết thúc phát trực tiếp “{title}”.", "done")
    return redirect(url_for("live.show"), 303)


@pages.get("/ban-tin/<int:bulletin_id>")
def said(bulletin_id: int) -> ResponseReturnValue:
    """Lead from a title in the running order to what was said: its row in the history, once it has one."""
    airing_id = live_view.airing_of(reading(), bulletin_id)
    row = history.of_airing(reading(), airing_id) if airing_id else None
    where = url_for("history.row", row_id=row.id) if row is not None else url_for("today.show")
    return redirect(where, 302)


def _wish() -> Wish:
    minutes = request.form.get("minutes", USUAL_MINUTES, type=int)
    return Wish(
        title=request.form.get("title", ""),
        zone_ids=request.form.getlist("zones", type=int),
        longest_s=60 * minutes,
        waits=request.form.get("there") == "wait",
        override=request.form.get("override", ""),
    )


def _sign_in() -> str:
    return sessions.hash_of(current_user.token)


def _heard(each: live_view.Heard) -> dict[str, Any]:
    return {"title": each.title, "zones": list(each.zone_ids), "where": ", ".join(each.zones)}


def _status(seen: live_view.View) -> dict[str, Any]:
    return {
        "state": seen.state,
        "outcome": seen.outcome,
        "history": url_for("history.rows") if seen.airing_id else "",
        "on_air_s": max(0.0, seen.on_air_s),
        "starts_in_s": max(0.0, -seen.on_air_s),
        "left_s": max(0.0, seen.longest_s - max(0.0, seen.on_air_s)),
        "heard_s": seen.heard_s,
        "level": on_air.level(seen.level_dbfs),
        "is_slow": seen.state == live.ASKED and not seen.waits and seen.asked_s > SLOW_S,
        "waits_for": seen.waits_for,
        "faults": list(seen.faults),
        "lost": _lost(seen),
    }


def _lost(seen: live_view.View) -> str:
    """Say what of the microphone was not heard, once it is worth saying."""
    lost_s = seen.dropped_s + seen.missing * live.BLOCK_S
    return f"Mạng chậm: đã mất khoảng {length_text(lost_s)} tiếng nói" if lost_s >= 1 else ""


def _with_microphone(page: str) -> Response:
    """Let this page, and no other site in it, use the microphone."""
    answer = make_response(page)
    policy = HEADERS["Permissions-Policy"].replace("microphone=()", "microphone=(self)")
    answer.headers["Permissions-Policy"] = policy
    return answer
