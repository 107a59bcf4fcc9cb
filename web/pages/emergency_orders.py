"""Prepared orders: which bulletin, under which name, where, how often."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcaster.errors import Refused
from broadcaster.playout import alert_orders, zones
from broadcaster.store.models import BulletinState
from web import words
from web.context import me, now, reading, ward, writing
from web.errors import tell
from web.forms import Boxes, Form, pick, text_field
from web.pages.emergency import LASTS, REPEATS, back

pages = Blueprint("emergency_orders", __name__, url_prefix="/khan-cap/lenh")


class OrderForm(Form):
    name = text_field("Tên lệnh trên nút", "Hãy đặt tên cho lệnh.", alert_orders.LONGEST_NAME)
    bulletin_id = pick("Bản tin khẩn cấp", coerce=int)
    zones = Boxes("Cụm loa", coerce=int, choices={})
    repeat = pick("Nhắc lại sau mỗi", REPEATS, coerce=int, default=60)
    lasts = pick("Tự dừng sau", LASTS, coerce=int, default=3600)


@pages.route("/them", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    return _page(OrderForm(data={"bulletin_id": request.args.get("ban-tin", type=int)}), None)


@pages.route("/<int:order_id>", methods=["GET", "POST"])
def edit(order_id: int) -> ResponseReturnValue:
    kept = alert_orders.get(reading(), order_id)
    values = {
        "name": kept.name,
        "bulletin_id": kept.bulletin_id,
        "zones": [zone.id for zone in kept.zones],
        "repeat": kept.repeat_every_s,
        "lasts": kept.lasts_s,
    }
    return _page(OrderForm(data=values), order_id)


@pages.post("/<int:order_id>/bo")
def close(order_id: int) -> ResponseReturnValue:
    with writing() as rows:
        alert_orders.close(rows, me(), order_id, now())
    return back("Đã bỏ lệnh soạn sẵn; bản tin và nhật ký vẫn giữ.")


def _page(form: OrderForm, order_id: int | None) -> ResponseReturnValue:
    _fill(form)
    if form.is_sent():
        try:
            _save(form, order_id)
        except Refused as error:
            tell(error, form)
        else:
            return back(f"Đã lưu lệnh soạn sẵn “{form.name.data}”.")
    return render_template("emergency/order.html", form=form, order_id=order_id)


def _fill(form: OrderForm) -> None:
    known = zones.zones(reading())
    form.zones.choices = {zone.id: zone.name for zone in known}
    if not form.is_submitted() and not form.zones.data:
        form.zones.data = [zone.id for zone in known]
    form.bulletin_id.choices = {
        each.id: f"{each.title} ({words.BULLETIN[BulletinState(each.state)].word})"
        for each in alert_orders.candidates(reading())
    }


def _save(form: OrderForm, order_id: int | None) -> None:
    with writing() as rows:
        alert_orders.save(
            rows,
            me(),
            now(),
            order_id=order_id,
            name=form.name.data,
            bulletin_id=form.bulletin_id.data,
            zone_ids=tuple(form.zones.data or ()),
            repeat_every_s=form.repeat.data,
            lasts_s=form.lasts.data,
        )
    alert_orders.look_after(ward().store, now())
