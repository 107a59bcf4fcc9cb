"""Thông báo: what people were told of without looking at the page, and how it reaches them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from broadcaster.errors import Refused, SettingsError
from broadcaster.playout import notify, notify_outbox, notify_setup
from broadcaster.playout.notify_ways import PRESETS, SECURITY
from broadcaster.store.models import Sending
from web import on_air
from web.context import me, now, reading, ward, writing
from web.errors import tell
from web.forms import Form, longest, pick, text_field
from web.words import Badge

pages = Blueprint("notices", __name__, url_prefix="/thong-bao")

STATES = {
    "waiting": Badge("đang chờ gửi", "clock", "amber"),
    "sent": Badge("đã gửi", "check", "green"),
    "failed": Badge("không gửi được", "warning", "dark-red"),
    "dropped": Badge("không cần gửi", "cross", "grey"),
}
SHORT_NAMES = {"email": "Thư", "webhook": "Dịch vụ"}


class EmailForm(Form):
    is_on = BooleanField("Gửi thông báo bằng thư điện tử")
    recipients = TextAreaField("Gửi tới", [longest(2000)])
    host = text_field("Máy chủ thư", characters=190)
    port = IntegerField(
        "Cổng", [InputRequired("Hãy nhập cổng, thường là 587."), NumberRange(1, 65535, "Từ 1 đến 65535.")]
    )
    security = pick("Bảo mật", SECURITY)
    user = text_field("Tên đăng nhập", characters=200)
    sender = text_field("Địa chỉ thư của đài", characters=190)


class WebhookForm(Form):
    is_on = BooleanField("Gửi thông báo qua dịch vụ này")
    preset = pick("Dịch vụ", {name: preset.words for name, preset in PRESETS.items()})
    target = text_field("Gửi tới (mã nhóm hoặc mã người nhận)", characters=120)
    url = text_field("Địa chỉ", characters=500)
    header = text_field("Dòng tiêu đề", characters=300)
    body = TextAreaField("Nội dung", [longest(4000)])


FORMS: dict[str, type[Form]] = {"email": EmailForm, "webhook": WebhookForm}
NEW: dict[str, dict[str, Any]] = {"email": {"port": 587, "security": "starttls"}, "webhook": {}}


@pages.get("")
def show() -> ResponseReturnValue:
    told = notify.latest(reading())
    return render_template(
        "notices/show.html",
        faults=on_air.faults(on_air.view()),
        notices=told,
        sendings=notify.sendings(reading(), told),
        kinds=notify.KINDS,
        states=STATES,
        names=SHORT_NAMES,
        wanted=notify.wanted_channels(reading()),
    )


@pages.get("/cach-gui")
def ways() -> ResponseReturnValue:
    return render_template("notices/ways.html", ways=[_way(channel) for channel in FORMS], states=STATES)


@pages.route("/cach-gui/<channel>", methods=["GET", "POST"])
def way(channel: str) -> ResponseReturnValue:
    if channel not in FORMS:
        abort(404)
    kept = NEW[channel] | notify_setup.kept(reading(), channel)
    if "recipients" in kept:
        kept["recipients"] = "\n".join(kept["recipients"])
    form = FORMS[channel](data=_without_defaults(kept))
    if form.is_sent():
        fields = {name: value for name, value in form.data.items() if name not in ("csrf_token", "is_on")}
        try:
            with writing() as rows:
                notify_setup.save(rows, me(), channel, fields, bool(form.is_on.data), now())
        except Refused as error:
            tell(error, form)
        else:
            flash("Đã lưu cách gửi thông báo. Hãy gửi thử một tin.", "done")
            return redirect(url_for("notices.ways"), 303)
    template = f"notices/{channel}.html"
    return render_template(template, form=form, key_place=_key_place(channel), channel=channel)


@pages.post("/cach-gui/<channel>/thu")
def test(channel: str) -> ResponseReturnValue:
    if channel not in FORMS:
        abort(404)
    with writing() as rows:
        notify_setup.test(rows, me(), channel, ward().store.folder, now())
    flash("Đang gửi tin thử; kết quả hiện bên dưới sau vài giây.", "done")
    return redirect(url_for("notices.ways"), 303)


def _way(channel: str) -> dict[str, Any]:
    kept = notify_setup.kept(reading(), channel)
    test: Sending | None = notify_outbox.latest_test(reading(), channel)
    return {
        "channel": channel,
        "name": notify_setup.NAMES[channel],
        "is_on": bool(kept.get("is_on")),
        "is_set": bool(kept),
        "to": ", ".join(kept.get("recipients", ())) or PRESETS[kept["preset"]].words if kept else "",
        "key_place": _key_place(channel),
        "test": test,
    }


def _key_place(channel: str) -> str:
    try:
        return notify_setup.key_place(ward().store.folder, channel)
    except SettingsError as error:
        return str(error)


def _without_defaults(kept: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is only the preset's own, so that another preset brings its own."""
    preset = PRESETS.get(str(kept.get("preset")))
    if preset is None:
        return kept
    own = {"url": preset.url, "header": preset.header, "body": preset.body}
    return {name: "" if own.get(name) == value and value else value for name, value in kept.items()}
