"""Xếp lịch: the ways to put a bulletin on the air, what was asked for it, and taking that back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.accounts.permissions import Permission, require
from broadcaster.errors import OverLimit, Refused
from broadcaster.newsroom import bulletins
from broadcaster.playout import fitting, lengths, programmes, running_order, wishes, zones
from broadcaster.playout.clashes import Clash, InTheWay
from broadcaster.store.models import Airing, Bulletin, Programme
from web import on_air, words
from web.context import may, me, now, reading, today, writing
from web.errors import tell
from web.forms import Form, Hour, moment
from web.placers import Met, coming, elsewhere, place_by
from web.placing_forms import WAYS, WayForm, forms
from web.request_words import wish_text
from web.told import tell_play_now
from web.typed import came_from
from web.words import local

pages = Blueprint("placing", __name__)


@pages.route("/ban-tin/<int:bulletin_id>/xep-lich", methods=["GET", "POST"])
def place(bulletin_id: int) -> ResponseReturnValue:
    bulletin = bulletins.get(reading(), bulletin_id)
    known = _soonest_first(programmes.all_programmes(reading()))
    rooms = fitting.next_rooms(reading(), bulletin, now(), 1)
    way = request.form.get("way", "")
    ways = _ways(way, known)
    met, may_override = None, False
    if way in WAYS and way not in ways:
        require(me(), Permission.OPERATE)
    if way in ways and ways[way].is_sent():
        try:
            return _done(bulletin, way, place_by(way, bulletin, ways[way]))
        except Met as error:
            met = error.clash
        except OverLimit as error:
            may_override = error.may_override
            _tell_limit(error, ways[way])
            met = _elsewhere(bulletin, ways[way]) if way == "at" else None
        except Refused as error:
            tell(error, ways[way])
    return render_template(
        "schedule/place.html",
        bulletin=bulletin,
        forms=ways,
        open_way=way if way in ways else "queue" if rooms else "at",
        met=met,
        way_into=_into,
        sent=request.form,
        may_override=may_override,
        programmes=known,
        room=next(iter(rooms), None),
        seconds=lengths.predicted_seconds(reading(), bulletin),
        zone_count=len(zones.zones(reading())),
        standing=wishes.standing(reading(), bulletin_id),
        wish_text=wish_text,
        delay_s=running_order.cancel_delay_s(reading()),
    )


@pages.post("/yeu-cau/<int:request_id>/thoi")
def end(request_id: int) -> ResponseReturnValue:
    with writing() as rows:
        count = wishes.end_request(rows, me(), request_id, request.form.get("reason", ""), now())
    on_air.forget()
    flash(f"Đã thôi phát: {count} lượt sắp tới không phát nữa.", "done")
    return redirect(came_from(url_for("schedule.week")), 303)


class RenewForm(Form):
    until = Hour("Đến giờ", "Hãy nhập giờ thôi phát.")


@pages.post("/yeu-cau/<int:request_id>/gia-han")
def renew(request_id: int) -> ResponseReturnValue:
    form = RenewForm()
    if not form.validate():
        raise Refused("Giờ gia hạn chưa đúng; hãy gõ theo mẫu 20:00.")
    until = coming(form.until.data)
    with writing() as rows:
        most = wishes.most_until(rows, request_id, until)
        wishes.renew_series(rows, me(), request_id, until, most, now())
    on_air.forget()
    flash(f"Đã gia hạn: phát lặp đến {words.near_text(until, today())}.", "done")
    return redirect(came_from(url_for("today.show")), 303)


# --- the page ---


def _ways(sent: str, known: list[tuple[Programme, datetime]]) -> dict[str, WayForm]:
    """Return the forms of the ways that this person may go."""
    first = local(known[0][1]).date() if known else today()
    values = {
        "first_date": first,
        "on": today(),
        "last_date": None,
        "earliest": time(6),
        "latest": time(20),
        "until": time(20) if local(now()).time() < time(19) else time(23),
    }
    found = forms(sent, values, {zone.id: zone.name for zone in zones.zones(reading())})
    daily: Any = found["daily"]
    if sent != "daily":
        daily.first_date.data, daily.last_date.data = today(), today() + timedelta(days=6)
    chosen: Any = found["programme"]
    chosen.programme_id.choices = {each.id: _programme_words(each, at) for each, at in known}
    if not may(Permission.OPERATE):
        del found["series"], found["next"]
    return found


def _done(bulletin: Bulletin, way: str, placed: list[Airing]) -> ResponseReturnValue:
    on_air.forget()
    if way == "next":
        tell_play_now(placed[0])
        return redirect(url_for("today.show"), 303)
    flash(f"Đã xếp lịch phát cho “{bulletin.title}”{_when([each.planned_at for each in placed])}.", "done")
    if way == "series":
        return redirect(url_for("today.show", _anchor="phat-lap"), 303)
    return redirect(url_for("bulletins.show", bulletin_id=bulletin.id, _anchor="lich"), 303)


def _into(there: InTheWay) -> dict[str, object]:
    """Return the fields that put the bulletin into the programme that is in the way."""
    day = words.day_text(there.starts_at)
    return {"way": "programme", "programme_id": there.programme_id, "first_date": day}


def _elsewhere(bulletin: Bulletin, form: Any) -> Clash:
    there = zones.chosen(reading(), form.zones.data or ())
    return elsewhere(bulletin, there, moment(form.on.data, form.at.data))


def _tell_limit(error: OverLimit, form: WayForm) -> None:
    field = next((form[name] for name in ("at", "times") if name in form), None)
    if field is None:
        flash(str(error), "error")
    else:
        field.errors = [*field.errors, str(error)]


def _soonest_first(known: list[Programme]) -> list[tuple[Programme, datetime]]:
    """Return the programmes that come again, with their next start: the first is what most people mean."""
    starts = [(each, programmes.next_start(each, now())) for each in known]
    return sorted(((each, at) for each, at in starts if at is not None), key=lambda pair: pair[1])


def _when(placed: list[datetime]) -> str:
    if not placed:
        return ""
    more = f", và {len(placed) - 1} lượt sau đó" if len(placed) > 1 else ""
    return f": {words.near_text(placed[0], today())}{more}"


def _programme_words(programme: Programme, at: datetime) -> str:
    usual = f"{words.time_text(programme.starts_at)}, {words.days_text(programme.days)}"
    return f"{programme.name} ({usual}); lần tới {words.near_text(at, today())}"
