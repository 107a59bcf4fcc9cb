"""The station itself: its name, self-approval, voice, where its sound goes, and the first steps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from broadcaster.accounts import configuring, people
from broadcaster.accounts.permissions import Role
from broadcaster.errors import Invalid, Refused
from broadcaster.playout import running_order, sound_cards, zones
from broadcaster.playout.hours import allowed as hours_of_station
from broadcaster.store import facts
from broadcaster.store.models import Output
from web import entrance, voices
from web.context import me, now, reading, writing
from web.errors import tell
from web.forms import Form, Hour, pick, text_field
from web.typed import came_from

ICECAST_FORMATS = {"opus": "Opus (trễ ít nhất)", "mp3": "MP3 (cho thiết bị cũ)"}
RTP_CODECS = {"L16": "L16 (không nén)", "G722": "G.722", "PCMU": "PCMU (G.711 µ)"}

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


class OutputForm(Form):
    name = text_field("Tên đường ra", "Hãy đặt tên.", 80)
    kind = pick("Loại", zones.KINDS)
    target = pick("Thiết bị")
    address = text_field("Địa chỉ", characters=300)
    format = pick("Dạng âm thanh của Icecast", ICECAST_FORMATS, default="opus")
    password_file = text_field("Tệp mật khẩu nguồn của Icecast", characters=300)
    codec = pick("Mã hoá của loa mạng RTP", RTP_CODECS, default="L16")
    interface = text_field("Card mạng gửi RTP", characters=40)
    latency_ms = IntegerField(
        "Bù trễ (phần nghìn giây)",
        [InputRequired("Hãy nhập một số, thường là 0."), NumberRange(0, 30000, "Từ 0 đến 30.000.")],
        default=0,
    )

    @property
    def is_networked(self) -> bool:
        return self.kind.data in zones.NETWORKED

    @property
    def where(self) -> str:
        """Return the address or the device, whichever the kind needs."""
        return (self.address.data if self.is_networked else self.target.data) or ""

    def options(self) -> dict[str, str]:
        fields = (self.format, self.password_file, self.codec, self.interface)
        return {field.name: field.data or "" for field in fields}

    def tell(self, error: Refused) -> None:
        """The store knows one target; the page shows a device or an address."""
        if isinstance(error, Invalid) and error.field == "target" and self.is_networked:
            error = Invalid(str(error), field="address")
        tell(error, self)


class ZoneForm(Form):
    name = text_field("Tên cụm loa", "Hãy đặt tên.", 80)
    output_id = pick("Đi qua đường ra", coerce=int)


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
        outputs=zones.outputs(reading()),
        zones=zones.zones(reading()),
        kinds=zones.KINDS,
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
        entrance=entrance.view(),
    )


@pages.route("/duong-ra/them", methods=["GET", "POST"], defaults={"output_id": None})
@pages.route("/duong-ra/<int:output_id>", methods=["GET", "POST"])
def output(output_id: int | None) -> ResponseReturnValue:
    known = next((each for each in zones.outputs(reading()) if each.id == output_id), None)
    form = OutputForm(obj=known, data=_network_fields(known))
    form.target.choices = _devices(known.target if known and known.kind not in zones.NETWORKED else "")
    if form.is_sent():
        try:
            with writing() as rows:
                zones.save_output(
                    rows,
                    me(),
                    now(),
                    output_id=output_id,
                    name=form.name.data,
                    kind=form.kind.data,
                    target=form.where,
                    latency_ms=form.latency_ms.data,
                    options=form.options(),
                )
        except Refused as error:
            form.tell(error)
        else:
            flash(f"Đã lưu đường ra “{form.name.data}”.", "done")
            return redirect(url_for("settings.station", _anchor="loa"), 303)
    return render_template("settings/output.html", form=form, output=known)


@pages.route("/cum-loa/them", methods=["GET", "POST"], defaults={"zone_id": None})
@pages.route("/cum-loa/<int:zone_id>", methods=["GET", "POST"])
def zone(zone_id: int | None) -> ResponseReturnValue:
    known = next((each for each in zones.zones(reading()) if each.id == zone_id), None)
    form = ZoneForm(obj=known)
    form.output_id.choices = {each.id: each.name for each in zones.outputs(reading())}
    if form.is_sent():
        try:
            with writing() as rows:
                zones.save_zone(
                    rows, me(), now(), zone_id=zone_id, name=form.name.data, output_id=form.output_id.data
                )
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã lưu cụm loa “{form.name.data}”.", "done")
            return redirect(url_for("settings.station", _anchor="loa"), 303)
    return render_template("settings/zone.html", form=form, zone=known)


@pages.post("/cum-loa/<int:zone_id>/ngung")
def close_zone(zone_id: int) -> ResponseReturnValue:
    with writing() as rows:
        zones.close_zone(rows, me(), zone_id, now())
    flash("Đã ngừng dùng cụm loa.", "done")
    return redirect(url_for("settings.station", _anchor="loa"), 303)


@pages.post("/duong-ra/<int:output_id>/chuong")
def chime(output_id: int) -> ResponseReturnValue:
    with writing() as rows:
        running_order.sound_chime(rows, me(), output_id, now())
    flash("Chuông thử đang phát. Nếu không nghe thấy, hãy kiểm tra dây loa và thiết bị đã chọn.", "done")
    return redirect(came_from(url_for("settings.station")), 303)


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


def _network_fields(known: Output | None) -> dict[str, Any]:
    if known is None or known.kind not in zones.NETWORKED:
        return {}
    return {**known.options, "address": known.target}


def _devices(kept: str) -> dict[str, str]:
    """Return the sound cards of this machine, its default first."""
    names = sound_cards.names()
    listed = {"": "Thiết bị mặc định của máy", **{name: name for name in names}}
    return listed if not kept or kept in names else {**listed, kept: f"{kept} (hiện không thấy)"}
