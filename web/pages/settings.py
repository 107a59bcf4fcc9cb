"""The station itself: its name, self-approval, voice, and the first steps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from broadcaster.accounts import configuring, people
from broadcaster.accounts.permissions import Role
from broadcaster.errors import Invalid, Refused
from broadcaster.playout import programmes, zones
from broadcaster.playout.hours import allowed as hours_of_station
from broadcaster.store import facts
from web import entrance, voices
from web.context import me, now, reading, writing
from web.errors import tell
from web.forms import Form, Hour, pick, text_field

pages = Blueprint("settings", __name__, url_prefix="/cai-dat")


class StationForm(Form):
    station_name = text_field("Tên đài", "Hãy nhập tên đài.", 120)
    voice = pick("Giọng đọc của đài")
    rate = pick("Tốc độ đọc của đài", voices.SPEEDS, default="1.0")
    self_approval = BooleanField("Cho phép tự duyệt")
    allowed_from = Hour("Được phát từ", "Hãy nhập giờ sớm nhất được phát.")
    allowed_until = Hour("Phải im từ", "Hãy nhập giờ muộn nhất được phát.")
    aircheck_days = IntegerField(
        "Giữ bản lưu phát sóng (ngày)",
        [InputRequired("Hãy nhập số ngày, thường là 180."), NumberRange(30, 3650, "Từ 30 đến 3650 ngày.")],
    )

    def facts(self) -> dict[str, Any]:
        """Return what is set, by the keys of the store."""
        hours = (self.allowed_from.data, self.allowed_until.data)
        return {
            facts.STATION_NAME: self.station_name.data,
            facts.VOICE: self.voice.data,
            facts.RATE: float(self.rate.data),
            facts.SELF_APPROVAL: self.self_approval.data,
            facts.AIRCHECK_DAYS: self.aircheck_days.data,
            facts.ALLOWED_HOURS: [f"{hour:%H:%M:%S}" for hour in hours],
        }


@pages.route("", methods=["GET", "POST"])
def station() -> ResponseReturnValue:
    form = StationForm(data=_station())
    form.voice.choices = voices.stations(reading())
    form.rate.choices = voices.speeds(configuring.fact(reading(), facts.RATE))
    if form.is_sent():
        try:
            with writing() as rows:
                configuring.configure(rows, me(), now(), **form.facts())
        except Refused as error:
            tell(_renamed(error), form)
        else:
            flash("Đã lưu cài đặt của đài.", "done")
            return redirect(url_for("settings.station"), 303)
    return render_template(
        "settings/station.html",
        form=form,
    )


@pages.get("/bat-dau")
def start() -> ResponseReturnValue:
    """The first steps of a new station, each ticked off once it is done."""
    everyone = people.everyone(reading())
    return render_template(
        "settings/start.html",
        has_approver=any(
            Role.APPROVER in person.roles for person in everyone if person.is_active and person.id != me().id
        ),
        outputs=zones.outputs(reading()),
        programmes=[programme for programme in programmes.all_programmes(reading()) if programme.is_active],
        entrance=entrance.view(),
    )


def _station() -> dict[str, Any]:
    hours = hours_of_station(reading())
    keys = (facts.STATION_NAME, facts.VOICE, facts.SELF_APPROVAL, facts.AIRCHECK_DAYS)
    kept = {key: configuring.fact(reading(), key) for key in keys}
    kept["rate"] = str(configuring.fact(reading(), facts.RATE))
    return kept | {"allowed_from": hours.start, "allowed_until": hours.end}


def _renamed(error: Refused) -> Refused:
    """The store keeps both hours under one name; the form shows two fields."""
    if isinstance(error, Invalid) and error.field == facts.ALLOWED_HOURS:
        return Invalid("Giờ bắt đầu phải trước giờ kết thúc.", field="allowed_until")
    return error
