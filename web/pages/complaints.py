"""Phản ánh: what residents reported, what was heard then, and the answer of the station."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, TextAreaField

from broadcaster.errors import Refused
from broadcaster.playout import complaint_desk
from broadcaster.records import complaints, history, residents
from broadcaster.records.complaints import ANSWERED, NEW, STATES, TAKEN
from broadcaster.store.models import Complaint
from web import replay
from web.context import me, now, reading, writing
from web.errors import tell
from web.forms import Form, longest, required
from web.words import Badge

pages = Blueprint("complaints", __name__, url_prefix="/phan-anh")

BADGES = {
    NEW: Badge(STATES[NEW], "bell", "amber"),
    TAKEN: Badge(STATES[TAKEN], "clock", "blue"),
    ANSWERED: Badge(STATES[ANSWERED], "check", "green"),
}
FOR_ALL, FOR_SENDER = "all", "sender"
WHO_READS = {
    FOR_SENDER: "Chỉ người gửi, bằng mã đã nhận",
    FOR_ALL: "Mọi người, ở Trang cho người dân",
}


class AnswerForm(Form):
    answer = TextAreaField(
        "Câu trả lời", [required("Hãy ghi câu trả lời."), longest(complaints.LONGEST_ANSWER)]
    )
    who = RadioField("Ai được xem câu trả lời?", choices=WHO_READS, default=FOR_SENDER, validate_choice=True)


@pages.get("")
def rows() -> ResponseReturnValue:
    state, airing_id = request.args.get("loc", ""), request.args.get("luot", "")
    state = state if state in STATES else ""
    found = complaints.find(
        reading(), state, airing_id, request.args.get("truoc", type=int), complaints.PAGE + 1
    )
    shown = found[: complaints.PAGE]
    return render_template(
        "complaints/rows.html",
        rows=shown,
        older=shown[-1].id if len(found) > complaints.PAGE else None,
        counts=complaints.count_by_state(reading()),
        state=state,
        airing_id=airing_id,
        is_on=residents.is_on(reading()),
        **_words(),
    )


@pages.get("/<int:complaint_id>")
def one(complaint_id: int) -> ResponseReturnValue:
    return _one(complaints.get(reading(), complaint_id))


@pages.post("/<int:complaint_id>")
def answer(complaint_id: int) -> ResponseReturnValue:
    form = AnswerForm()
    if form.is_sent():
        try:
            is_public = form.who.data == FOR_ALL
            with writing() as session:
                complaint_desk.answer(session, me(), complaint_id, form.answer.data, is_public, now())
        except Refused as error:
            tell(error, form)
        else:
            readers = (
                "mọi người xem được ở Trang cho người dân"
                if is_public
                else "người gửi xem được bằng mã của mình"
            )
            flash(f"Đã trả lời; {readers}.", "done")
            return redirect(url_for("complaints.one", complaint_id=complaint_id), 303)
    return _one(complaints.get(reading(), complaint_id), form)


@pages.post("/<int:complaint_id>/nhan-xem")
def take(complaint_id: int) -> ResponseReturnValue:
    with writing() as session:
        complaint_desk.take(session, me(), complaint_id, now())
    flash("Đã ghi: bạn đang xem phản ánh này.", "done")
    return redirect(url_for("complaints.one", complaint_id=complaint_id), 303)


@pages.post("/<int:complaint_id>/giu-ban-luu")
def hold(complaint_id: int) -> ResponseReturnValue:
    with writing() as session:
        complaint_desk.hold(session, me(), complaint_id, now())
    flash("Đã giữ lại: bản lưu của lượt phát này không bị xóa khi hết hạn.", "done")
    return redirect(url_for("complaints.one", complaint_id=complaint_id), 303)


@pages.post("/<int:complaint_id>/soan-ban-tin")
def compose(complaint_id: int) -> ResponseReturnValue:
    with writing() as session:
        bulletin = complaint_desk.compose(session, me(), complaint_id, now())
    flash("Đã đưa câu trả lời vào bản nháp. Hãy sửa lời cho hợp với loa rồi gửi duyệt.", "done")
    return redirect(url_for("bulletins.edit", bulletin_id=bulletin.id), 303)


def _one(row: Complaint, form: AnswerForm | None = None) -> str:
    heard = history.of_airing(reading(), row.airing_id) if row.airing_id else None
    kept = {"answer": row.answer, "who": FOR_ALL if row.is_public else FOR_SENDER}
    return render_template(
        "complaints/one.html",
        row=row,
        heard=heard,
        kept=replay.of(heard) if heard is not None else None,
        form=form or AnswerForm(formdata=None, data=kept),
        who_reads=WHO_READS,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"kinds": complaints.KINDS, "badges": BADGES, "states": STATES}
