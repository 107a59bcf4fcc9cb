"""Turning the page for residents on and off, and the sheet with its address for the notice board."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from broadcaster.accounts import configuring
from broadcaster.errors import Refused
from broadcaster.records import residents
from broadcaster.store import facts
from web import entrance
from web.context import me, now, reading, writing
from web.errors import tell
from web.forms import Form
from web.security import is_only_here

pages = Blueprint("residents_setup", __name__, url_prefix="/cai-dat/trang-nguoi-dan")

KEYS = {"is_on": facts.RESIDENTS, "days": facts.RESIDENTS_DAYS, "contact_days": facts.CONTACT_DAYS}


class SetupForm(Form):
    is_on = BooleanField("Mở trang cho người dân")
    days = IntegerField(
        "Cho xem lại (ngày)",
        [InputRequired("Hãy nhập số ngày, thường là 30."), NumberRange(1, 365, "Từ 1 đến 365 ngày.")],
    )
    contact_days = IntegerField(
        "Giữ tên và số điện thoại sau khi trả lời (ngày)",
        [InputRequired("Hãy nhập số ngày, thường là 30."), NumberRange(0, 365, "Từ 0 đến 365 ngày.")],
    )


@pages.route("", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    form = SetupForm(data={name: configuring.fact(reading(), key) for name, key in KEYS.items()})
    if form.is_sent():
        try:
            with writing() as rows:
                configuring.configure(
                    rows, me(), now(), **{key: form[name].data for name, key in KEYS.items()}
                )
        except Refused as error:
            tell(error, form)
        else:
            flash(
                "Trang cho người dân đang mở." if form.is_on.data else "Trang cho người dân đã đóng.", "done"
            )
            return redirect(url_for("residents_setup.show"), 303)
    return render_template(
        "residents/setup.html", form=form, is_on=residents.is_on(reading()), address=_address()
    )


@pages.get("/to-dan")
def poster() -> ResponseReturnValue:
    return render_template("residents/poster.html", is_on=residents.is_on(reading()), address=_address())


def _address() -> str:
    """Return the page's address as a phone in the ward opens it; empty when no phone can."""
    path = url_for("residents.show")
    seen = entrance.view()
    if seen.is_open and seen.addresses:
        return seen.addresses[0] + path
    return "" if is_only_here(request.host) else url_for("residents.show", _external=True)
