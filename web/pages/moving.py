"""Chuyển đến…: another programme or another time for what is planned; a clash is asked about first."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.errors import Invalid, OverLimit, Refused
from broadcaster.playout import airings, clashes, fitting, lengths, moving, running_order
from broadcaster.store import Session
from broadcaster.store.models import Airing
from web import on_air, words
from web.context import me, now, reading, today, writing
from web.errors import tell
from web.forms import Day, Form, Hour, moment, text_field
from web.placers import Met, elsewhere
from web.told import tell_undo
from web.typed import came_from, day_of, own_path
from web.words import local

pages = Blueprint("moving", __name__, url_prefix="/phat")

ROOMS = 12
"""Occurrences of programmes offered to choose from."""


class MoveForm(Form):
    on = Day("Ngày phát", "Hãy nhập ngày phát.")
    at = Hour("Giờ phát", "Hãy nhập giờ phát.")
    reason = text_field("Lý do dời", characters=300)
    override = text_field("Lý do vượt giới hạn", characters=300)


@pages.route("/<airing_id>/doi", methods=["GET", "POST"])
def move(airing_id: str) -> ResponseReturnValue:
    """Move to the programme `into` (number@moment) or to a time; `keep` and `instead` answer a clash."""
    airing = airings.get(reading(), airing_id)
    form = MoveForm(data={"on": _asked_day(airing), "at": local(airing.planned_at).time()})
    met, may_override = None, False
    into = request.form.get("into", "")
    if (into and request.method == "POST") or form.is_sent():
        try:
            return _move(airing_id, form, into)
        except Met as error:
            met = error.clash
        except OverLimit as error:
            may_override = error.may_override
            form.at.errors = [*form.at.errors, str(error)]
            at = moment(form.on.data, form.at.data)
            met = elsewhere(airing.bulletin, airing.zones, at, frozenset({airing.id}))
        except Refused as error:
            tell(error, form)
    return render_template(
        "schedule/move.html",
        form=form,
        airing=airing,
        occurrences=[] if airing.state != "planned" else _rooms(airing),
        met=met,
        move_into=lambda there: {"into": f"{there.programme_id}@{there.starts_at.isoformat()}"},
        sent=request.form,
        may_override=may_override,
        back=own_path(request.form.get("back") or came_from(url_for("today.show")), url_for("today.show")),
    )


def _move(airing_id: str, form: MoveForm, into: str) -> ResponseReturnValue:
    reason, instead = form.reason.data or "", request.form.getlist("instead")
    with writing() as rows:
        old = airings.get(rows, airing_id)
        title = old.bulletin.title
        if into:
            new = _into_programme(rows, airing_id, into, reason)
        else:
            moving.remove_for(rows, me(), instead, title, now())
            new = _to_a_time(rows, airing_id, form, reason, may_ask=not instead)
        new_id, at = new.id, new.planned_at
    on_air.forget()
    words_ = f"Đã chuyển “{title}” sang {words.near_text(at, today())}."
    tell_undo(words_, airing_id, new_id, " ".join(instead))
    day = local(at).date().isoformat()
    return redirect(own_path(request.form.get("back"), url_for("today.show", ngay=day)), 303)


def _into_programme(rows: Session, airing_id: str, into: str, reason: str) -> Airing:
    number, _, moment_ = into.partition("@")
    try:
        programme_id, at = int(number), datetime.fromisoformat(moment_)
    except ValueError as error:
        raise Invalid("Buổi phát này không còn; hãy tải lại trang rồi chọn lại.") from error
    return moving.move_to_programme(rows, me(), airing_id, programme_id, at, reason, now())


def _to_a_time(rows: Session, airing_id: str, form: Any, reason: str, *, may_ask: bool) -> Airing:
    at, override = moment(form.on.data, form.at.data), form.override.data or ""
    new = running_order.move(rows, me(), airing_id, at, reason, now(), override)
    if may_ask and "keep" not in request.form:
        length_s, without = lengths.predicted_seconds(rows, new.bulletin), frozenset({new.id, airing_id})
        met = clashes.clash(rows, new.bulletin, new.zones, at, length_s, now(), without)
        if met is not None:
            raise Met(met)  # rolls back the move
    return new


def _rooms(airing: Airing) -> list[tuple[str, str]]:
    """Return what to choose from: the next occurrences with room, by the value of `into` and words."""
    found = fitting.next_rooms(reading(), airing.bulletin, now(), ROOMS)
    return [
        (
            f"{room.programme.id}@{room.at.isoformat()}",
            f"{words.near_text(room.at, today())} – {room.programme.name}",
        )
        for room in found
    ]


def _asked_day(airing: Airing) -> date:
    """Return the day onto which it was dropped, or its own."""
    return day_of(request.args.get("ngay", "")) or local(airing.planned_at).date()
