"""Where it can be heard: zones, the outputs that reach them, the switches of their amplifiers."""

from __future__ import annotations

import time

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from broadcaster.errors import NotFound, Refused
from broadcaster.playout import keys, output_tests, running_order, sound_cards, switches, zones
from broadcaster.store import pulse
from broadcaster.store.models import Command
from web import on_air, zone_view
from web.context import me, now, reading, ward, writing
from web.errors import tell
from web.forms import Form, pick
from web.typed import came_from
from web.zone_forms import OutputForm, SwitchForm, ZoneForm, output_data, switch_data, zone_data

pages = Blueprint("zones", __name__, url_prefix="/cai-dat")

ANSWER_S = 1.5
"""The station takes an order within 50 ms; a page that waits longer would only keep its reader."""


class CloseForm(Form):
    move_to = pick("Chuyển các cụm loa sang", coerce=int)


@pages.get("/loa")
def all_zones() -> ResponseReturnValue:
    beat = pulse.read(ward().store.folder, "station")
    return render_template(
        "zones/all.html",
        zones=zones.zones(reading()),
        outputs=zone_view.outputs(),
        switches=switches.switches(reading()),
        powers=beat.detail.get("switches", {}) if beat is not None else {},
        sound_kinds=zones.SOUND_KINDS,
        surroundings=zones.SURROUNDINGS,
    )


@pages.route("/duong-ra/them", methods=["GET", "POST"], defaults={"output_id": None})
@pages.route("/duong-ra/<int:output_id>", methods=["GET", "POST"])
def output(output_id: int | None) -> ResponseReturnValue:
    known = next((each for each in zones.outputs(reading()) if each.id == output_id), None)
    if output_id and known is None:
        raise _gone()
    form = OutputForm(data=output_data(known))
    form.target.choices = _devices(known.target if known and known.kind not in zones.NETWORKED else "")
    form.switch_id.choices = {
        0: "Luôn bật, không cần",
        **{s.id: s.name for s in switches.switches(reading())},
    }
    if form.is_sent():
        try:
            with writing() as rows:
                zones.save_output(rows, me(), now(), output_id=output_id, **form.values())
        except Refused as error:
            form.tell(error)
        else:
            flash(f"Đã lưu đường ra “{form.name.data}”.", "done")
            return _back()
    return render_template("zones/output.html", form=form, output=known)


@pages.route("/duong-ra/<int:output_id>/ngung", methods=["GET", "POST"])
def close_output(output_id: int) -> ResponseReturnValue:
    known = {each.id: each for each in zones.outputs(reading())}
    if output_id not in known:
        raise _gone()
    form, closing = CloseForm(), known.pop(output_id)
    users = [zone.name for zone in zones.zones_of(closing)]
    form.move_to.choices = {each.id: each.name for each in known.values()} if users else {0: ""}
    if form.is_sent():
        try:
            with writing() as rows:
                zones.close_output(rows, me(), output_id, now(), move_to=form.move_to.data or None)
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã ngừng dùng đường ra “{closing.name}”.", "done")
            return _back()
    return render_template("zones/close_output.html", form=form, output=closing, users=users, others=known)


@pages.post("/duong-ra/<int:output_id>/chuong")
def chime(output_id: int) -> ResponseReturnValue:
    with writing() as rows:
        number = running_order.sound_chime(rows, me(), output_id, now()).id
    outcome = _outcome(number)
    flash(outcome, "done" if output_tests.is_good(outcome) else "error")
    return redirect(came_from(url_for("zones.all_zones")), 303)


@pages.route("/cum-loa/them", methods=["GET", "POST"], defaults={"zone_id": None})
@pages.route("/cum-loa/<int:zone_id>", methods=["GET", "POST"])
def zone(zone_id: int | None) -> ResponseReturnValue:
    known = next((each for each in zones.zones(reading()) if each.id == zone_id), None)
    if zone_id and known is None:
        raise _gone()
    form = ZoneForm(data=zone_data(known))
    form.output_id.choices = {each.id: each.name for each in zones.outputs(reading())}
    if form.is_sent():
        try:
            with writing() as rows:
                zones.save_zone(rows, me(), now(), zone_id=zone_id, **form.values())
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã lưu cụm loa “{form.name.data}”.", "done")
            return _back()
    return render_template("zones/zone.html", form=form, zone=known)


@pages.post("/cum-loa/<int:zone_id>/ngung")
def close_zone(zone_id: int) -> ResponseReturnValue:
    with writing() as rows:
        zones.close_zone(rows, me(), zone_id, now())
    flash("Đã ngừng dùng cụm loa.", "done")
    return _back()


@pages.route("/am-ly/them", methods=["GET", "POST"], defaults={"switch_id": None})
@pages.route("/am-ly/<int:switch_id>", methods=["GET", "POST"])
def switch(switch_id: int | None) -> ResponseReturnValue:
    known = next((each for each in switches.switches(reading()) if each.id == switch_id), None)
    if switch_id and known is None:
        raise _gone()
    form = SwitchForm(data=switch_data(known))
    if form.is_sent():
        try:
            with writing() as rows:
                switches.save_switch(rows, me(), now(), switch_id=switch_id, **form.values())
        except Refused as error:
            form.tell(error)
        else:
            flash(f"Đã lưu bộ bật tắt “{form.name.data}”.", "done")
            return _back()
    key_name = switches.key_name(switch_id) if switch_id else ""
    return render_template(
        "zones/switch.html", form=form, switch=known, key_name=key_name, key_place=_key_place(key_name)
    )


@pages.post("/am-ly/<int:switch_id>/ngung")
def close_switch(switch_id: int) -> ResponseReturnValue:
    with writing() as rows:
        switches.close_switch(rows, me(), switch_id, now())
    flash("Đã ngừng dùng bộ bật tắt.", "done")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("zones.all_zones"), 303)


def _gone() -> NotFound:
    return NotFound("Mục này không còn; hãy mở lại trang Cụm loa và đường ra.")


def _outcome(number: int) -> str:
    """Return what the station answers to a test, as soon as it does."""
    if not on_air.view().is_working:
        return "Bộ phát không hoạt động nên chưa phát được chuông thử."
    deadline = time.monotonic() + ANSWER_S
    while time.monotonic() < deadline:
        with ward().store.read() as rows:
            outcome = rows.get_one(Command, number).outcome
        if outcome:
            return outcome
        time.sleep(0.05)
    return "Bộ phát chưa trả lời; hãy xem kết quả ở đường ra này sau ít giây."


def _key_place(key_name: str) -> str:
    """Return where the key belongs when there is none yet; empty when it is there."""
    if not key_name or keys.key(ward().store.folder, key_name):
        return ""
    return keys.where_to_put(key_name)


def _devices(kept: str) -> dict[str, str]:
    """Return the sound cards of this machine, its default first."""
    names = sound_cards.names()
    listed = {"": "Thiết bị mặc định của máy", **{name: name for name in names}}
    return listed if not kept or kept in names else {**listed, kept: f"{kept} (hiện không thấy)"}
