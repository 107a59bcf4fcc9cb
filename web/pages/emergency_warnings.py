"""Warnings from outside (CAP): brought as files, left aside, and whose feeds are asked."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import BooleanField, TextAreaField

from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom.cap import CERTAINTIES, LARGEST_BYTES, SEVERITIES, STATUSES, TYPES, URGENCIES
from broadcaster.playout import cap_decisions, cap_intake, cap_sources, zones
from broadcaster.playout.cap_intake import Arrival
from broadcaster.store.models import CapMessage
from web import on_air
from web.context import me, now, reading, writing
from web.errors import tell
from web.forms import Boxes, Form, longest, text_field
from web.pages.emergency import back

pages = Blueprint("emergency_warnings", __name__, url_prefix="/khan-cap")

WORDS = {**SEVERITIES, **URGENCIES, **CERTAINTIES}


class FileForm(Form):
    file = FileField("Chọn tệp cảnh báo CAP (.xml)")


class SourceForm(Form):
    name = text_field("Tên nguồn", "Hãy đặt tên cho nguồn.", cap_sources.LONGEST_NAME)
    address = text_field("Địa chỉ nguồn (CAP, Atom hoặc RSS)", characters=cap_sources.LONGEST_ADDRESS)
    certificate = TextAreaField("Chứng thư số của nguồn (PEM)", [longest(20_000)])
    is_obeyed = BooleanField("Tự phát lệnh có chữ ký của nguồn này")
    zones = Boxes("Cụm loa khi tự phát", coerce=int, choices={})


@pages.route("/canh-bao", methods=["GET", "POST"])
def messages() -> ResponseReturnValue:
    """What came, what became of it; a file is brought here."""
    form = FileForm()
    if form.is_sent():
        try:
            return _taken(form)
        except Refused as error:
            tell(error, form)
    return render_template(
        "emergency/warnings.html",
        form=form,
        open_ones=cap_decisions.messages(reading(), is_open=True),
        decided=cap_decisions.messages(reading(), is_open=False),
        states=cap_decisions.STATES,
        said=WORDS,
        statuses=STATUSES,
        types=TYPES,
    )


@pages.post("/canh-bao/<int:message_id>/bo-qua")
def dismiss(message_id: int) -> ResponseReturnValue:
    with writing() as rows:
        cap_decisions.dismiss(rows, me(), message_id, request.form.get("reason", ""), now())
    return back("Đã bỏ qua cảnh báo; nội dung vẫn giữ.")


@pages.get("/nguon")
def sources() -> ResponseReturnValue:
    names = {zone.id: zone.name for zone in zones.zones(reading())}
    return render_template("emergency/sources.html", sources=cap_sources.sources(reading()), zone_names=names)


@pages.route("/nguon/them", methods=["GET", "POST"])
def add_source() -> ResponseReturnValue:
    return _source_page(SourceForm(), None)


@pages.route("/nguon/<int:source_id>", methods=["GET", "POST"])
def edit_source(source_id: int) -> ResponseReturnValue:
    kept = cap_sources.get(reading(), source_id)
    names = ("name", "address", "certificate", "is_obeyed")
    values = {name: getattr(kept, name) for name in names} | {"zones": kept.zone_ids}
    return _source_page(SourceForm(data=values), source_id)


@pages.post("/nguon/<int:source_id>/bo")
def close_source(source_id: int) -> ResponseReturnValue:
    with writing() as rows:
        cap_sources.close(rows, me(), source_id, now())
    flash("Đã bỏ nguồn; những cảnh báo đã nhận vẫn giữ.", "done")
    return redirect(url_for("emergency_warnings.sources"), 303)


def _taken(form: FileForm) -> ResponseReturnValue:
    file = form.file.data
    if not file or not file.filename:
        raise Invalid("Hãy chọn một tệp cảnh báo.", field="file")
    content = file.stream.read(LARGEST_BYTES + 1)
    with writing() as rows:
        message: CapMessage = cap_intake.take_in(
            rows, Arrival(content, file.filename, received_by=me()), now()
        )  # fmt: skip
        title, state, note = message.headline, message.state, message.note
    on_air.forget()
    flash(f"“{title}”: {cap_decisions.STATES[state]}{f'. {note}' if note else ''}", "note")
    return redirect(url_for("emergency_warnings.messages"), 303)


def _source_page(form: SourceForm, source_id: int | None) -> ResponseReturnValue:
    form.zones.choices = {zone.id: zone.name for zone in zones.zones(reading())}
    if form.is_sent():
        try:
            _save(form, source_id)
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã lưu nguồn “{form.name.data}”.", "done")
            return redirect(url_for("emergency_warnings.sources"), 303)
    return render_template("emergency/source.html", form=form, source_id=source_id)


def _save(form: SourceForm, source_id: int | None) -> None:
    with writing() as rows:
        cap_sources.save(
            rows,
            me(),
            now(),
            source_id=source_id,
            name=form.name.data,
            address=form.address.data or "",
            certificate=form.certificate.data or "",
            is_obeyed=form.is_obeyed.data,
            zone_ids=tuple(form.zones.data or ()),
        )
