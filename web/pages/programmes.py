"""Chương trình: what comes back, its parts and seasons, the dates that differ, and its signature."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import bulletins
from broadcaster.playout import (
    planning,
    programme_dates,
    programme_preview,
    programmes,
    schedule_signing,
    zones,
)
from broadcaster.playout.starts import changed_dates
from broadcaster.store.models import BulletinState, Programme
from web import words
from web.context import me, now, reading, today, writing
from web.errors import tell
from web.programme_forms import DateForm, PauseForm, ProgrammeForm, values_of
from web.typed import day_of

pages = Blueprint("programmes", __name__, url_prefix="/chuong-trinh")
MOST_CHOICES = 200
"""Approved bulletins offered for a fixed part, newest first."""


@pages.get("")
def all_programmes() -> ResponseReturnValue:
    known = programmes.all_programmes(reading())
    unsigned = {each.id for each in schedule_signing.unsigned(reading())}
    return render_template(
        "programmes/all.html",
        programmes=[(each, programmes.next_start(each, now())) for each in known],
        unsigned=unsigned,
    )


@pages.route("/them", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    form = _form(_copied_from(request.args.get("mau", 0, type=int)))
    if form.is_sent():
        try:
            with writing() as rows:
                made = programmes.add(rows, me(), form.frame(), now())
        except Refused as error:
            tell(_renamed(error), form)
        else:
            flash(f"Đã thêm chương trình “{form.name.data}”.", "done")
            return redirect(url_for("programmes.edit", programme_id=made.id), 303)
    return render_template("programmes/one.html", form=form, programme=None)


@pages.route("/<int:programme_id>", methods=["GET", "POST"])
def edit(programme_id: int) -> ResponseReturnValue:
    programme = planning.living_programme(reading(), programme_id)
    form = _form(values_of(programmes.frame_of(programme)))
    if form.is_sent():
        try:
            with writing() as rows:
                programmes.edit(rows, me(), programme_id, form.frame(), now())
        except Refused as error:
            tell(_renamed(error), form)
        else:
            flash(f"Đã lưu chương trình “{form.name.data}”. Lịch sắp tới đã xếp lại.", "done")
            return redirect(url_for("programmes.edit", programme_id=programme_id), 303)
    return _shown(programme, form)


@pages.post("/<int:programme_id>/ket-thuc")
def end(programme_id: int) -> ResponseReturnValue:
    with writing() as rows:
        programmes.end(rows, me(), programme_id, request.form.get("reason", ""), now())
    flash("Đã kết thúc chương trình; các lượt phát sắp tới của nó đã hủy.", "done")
    return redirect(url_for("programmes.all_programmes"), 303)


@pages.post("/<int:programme_id>/ngay")
def change_date(programme_id: int) -> ResponseReturnValue:
    """Cancel or move one date, with the reason."""
    programme, dates = planning.living_programme(reading(), programme_id), DateForm()
    if dates.is_sent():
        try:
            flash(_changed(programme_id, dates), "done")
        except Refused as error:
            tell(error, dates)
        else:
            return redirect(url_for("programmes.edit", programme_id=programme_id, _anchor="ngay"), 303)
    return _shown(programme, _form(values_of(programmes.frame_of(programme))), dates=dates)


@pages.post("/<int:programme_id>/ngay/khoi-phuc")
def restore_date(programme_id: int) -> ResponseReturnValue:
    form = DateForm()
    form.on.validate(form)
    if form.on.data:
        with writing() as rows:
            programme_dates.restore_date(rows, me(), programme_id, form.on.data, now())
        flash(f"Ngày {form.on.data:%d/%m/%Y} lại phát như thường lệ.", "done")
    return redirect(url_for("programmes.edit", programme_id=programme_id, _anchor="ngay"), 303)


@pages.post("/<int:programme_id>/nghi")
def pause(programme_id: int) -> ResponseReturnValue:
    programme, rest = planning.living_programme(reading(), programme_id), PauseForm()
    if rest.is_sent():
        try:
            with writing() as rows:
                taken = programme_dates.pause(
                    rows,
                    me(),
                    programme_id,
                    rest.first_date.data,
                    rest.last_date.data,
                    rest.reason.data,
                    now(),
                )
        except Refused as error:
            tell(error, rest)
        else:
            flash(f"Chương trình nghỉ những ngày đó; {taken} lượt phát đã bỏ khỏi lịch.", "done")
            return redirect(url_for("programmes.edit", programme_id=programme_id, _anchor="ngay"), 303)
    return _shown(programme, _form(values_of(programmes.frame_of(programme))), rest=rest)


@pages.post("/<int:programme_id>/nghi/<int:pause_id>/thoi")
def resume(programme_id: int, pause_id: int) -> ResponseReturnValue:
    with writing() as rows:
        programme_dates.resume(rows, me(), pause_id, now())
    flash("Đã bỏ lần tạm nghỉ; chương trình lại phát như thường lệ.", "done")
    return redirect(url_for("programmes.edit", programme_id=programme_id, _anchor="ngay"), 303)


@pages.get("/<int:programme_id>/xem")
def show(programme_id: int) -> ResponseReturnValue:
    """What an approver reads before signing: the programme in words, and its next three times."""
    programme = planning.living_programme(reading(), programme_id)
    definition = schedule_signing.definition(programme)
    return render_template(
        "programmes/show.html",
        programme=programme,
        occurrences=programme_preview.preview(reading(), programme, now()),
        seen=schedule_signing.digest(definition),
        is_signed=schedule_signing.is_signed(reading(), programme),
        is_required=schedule_signing.is_required(reading()),
    )


@pages.post("/<int:programme_id>/ky")
def sign(programme_id: int) -> ResponseReturnValue:
    with writing() as rows:
        schedule_signing.sign(rows, me(), programme_id, request.form.get("seen", ""), now())
    flash("Đã ký duyệt chương trình; từ giờ chương trình phát đúng như đã ký.", "done")
    return redirect(url_for("programmes.show", programme_id=programme_id), 303)


def _shown(
    programme: Programme,
    form: ProgrammeForm,
    dates: DateForm | None = None,
    rest: PauseForm | None = None,
) -> ResponseReturnValue:
    changes = changed_dates(programme)
    return render_template(
        "programmes/one.html",
        form=form,
        programme=programme,
        occurrences=programme_preview.preview(reading(), programme, now()),
        changes=[changes[on] for on in sorted(changes) if on >= today()],
        pauses=[each for each in programme.pauses if each.ended_at is None and each.last_date >= today()],
        dates=dates or DateForm(formdata=None, data={"on": _asked_day()}),
        rest=rest or PauseForm(formdata=None),
        is_unsigned=programme.id in {each.id for each in schedule_signing.unsigned(reading())},
    )


def _asked_day() -> date | None:
    """Return the date that was pressed in the week."""
    return day_of(request.args.get("ngay", ""))


def _changed(programme_id: int, form: DateForm) -> str:
    on, reason = form.on.data, form.reason.data
    with writing() as rows:
        if form.what.data == "cancel":
            taken = programme_dates.cancel_date(rows, me(), programme_id, on, reason, now())
            return f"Ngày {on:%d/%m/%Y} không phát; {taken} lượt phát đã bỏ khỏi lịch."
        if form.at.data is None:
            raise Invalid("Hãy nhập giờ khác của ngày đó.", field="at")
        programme_dates.move_date(rows, me(), programme_id, on, form.at.data, reason, now())
    return f"Ngày {on:%d/%m/%Y} phát lúc {words.time_text(form.at.data)}."


def _form(values: dict[str, object] | None) -> ProgrammeForm:
    known = zones.zones(reading())
    form = ProgrammeForm(data=values or {"zones": [zone.id for zone in known]})
    approved = bulletins.find(reading(), state=BulletinState.APPROVED, limit=MOST_CHOICES)
    form.choose_from({zone.id: zone.name for zone in known}, {each.id: each.title for each in approved})
    return form


def _copied_from(programme_id: int) -> dict[str, object] | None:
    if not programme_id:
        return None
    frame = programmes.frame_of(planning.living_programme(reading(), programme_id))
    return {**values_of(frame), "name": f"{frame.name} (bản sao)"}


def _renamed(error: Refused) -> Refused:
    """The programme speaks of seconds, its form asks for minutes; rows of a form have no place for a word."""
    fields = {"longest_s": "longest_min", "late_window_s": "late_min"}
    if isinstance(error, Invalid) and error.field in ("seasons", "parts"):
        return Refused(str(error))
    if isinstance(error, Invalid) and error.field in fields:
        return Invalid(str(error), field=fields[error.field])
    return error
