"""What an operator does to the order of the day. Each is one button; each comes back to the page."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.errors import Refused
from broadcaster.playout import airings, running_order
from web import on_air
from web.context import me, now, reading, writing
from web.errors import tell
from web.forms import Day, Form, Hour, moment, text_field
from web.typed import came_from
from web.words import local

pages = Blueprint("running_order", __name__, url_prefix="/phat")


class MoveForm(Form):
    on = Day("Ngày phát", "Hãy nhập ngày phát.")
    at = Hour("Giờ phát", "Hãy nhập giờ phát.")
    reason = text_field("Lý do dời", characters=300)


@pages.post("/<airing_id>/len")
def move_up(airing_id: str) -> ResponseReturnValue:
    with writing() as rows:
        running_order.move_up(rows, me(), airing_id, now())
    return _back()


@pages.post("/<airing_id>/xuong")
def move_down(airing_id: str) -> ResponseReturnValue:
    with writing() as rows:
        running_order.move_down(rows, me(), airing_id, now())
    return _back()


@pages.route("/<airing_id>/doi", methods=["GET", "POST"])
def move(airing_id: str) -> ResponseReturnValue:
    airing = airings.get(reading(), airing_id)
    form = MoveForm(data={"on": local(airing.planned_at).date(), "at": local(airing.planned_at).time()})
    if form.is_sent():
        try:
            with writing() as rows:
                at = moment(form.on.data, form.at.data)
                running_order.move(rows, me(), airing_id, at, form.reason.data or "", now())
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã dời “{airing.bulletin.title}”.", "done")
            return redirect(url_for("today.show", ngay=form.on.data.isoformat()), 303)
    return render_template("schedule/move.html", form=form, airing=airing)


@pages.post("/<airing_id>/bo")
def remove(airing_id: str) -> ResponseReturnValue:
    with writing() as rows:
        running_order.remove(rows, me(), airing_id, _reason(), now())
    flash("Đã bỏ khỏi lịch phát.", "done")
    return _back()


@pages.post("/<airing_id>/phat-ngay")
def play_now(airing_id: str) -> ResponseReturnValue:
    with writing() as rows:
        airing = running_order.play_now(rows, me(), airing_id, now())
        title = airing.bulletin.title
    flash(f"“{title}” sẽ phát trong vài giây, khi loa rảnh.", "done")
    return _back()


@pages.post("/<airing_id>/phat-lai")
def play_again(airing_id: str) -> ResponseReturnValue:
    with writing() as rows:
        airing = running_order.play_again(rows, me(), airing_id, now())
        title = airing.bulletin.title
    flash(f"“{title}” sẽ phát lại trong vài giây, khi loa rảnh.", "done")
    return _back()


@pages.post("/<airing_id>/dung")
def cut(airing_id: str) -> ResponseReturnValue:
    return _order(airing_id, "cut", "Đã dừng. Phần sau, nếu có, phát tiếp ngay.")


@pages.post("/<airing_id>/dung-chuong-trinh")
def stop_programme(airing_id: str) -> ResponseReturnValue:
    return _order(airing_id, "stop_programme", "Đã dừng chương trình; phần còn lại hôm nay không phát.")


@pages.post("/dung-tat-ca")
def stop_all() -> ResponseReturnValue:
    with writing() as rows:
        running_order.stop_all(rows, me(), _reason(), now())
    on_air.forget()
    flash("Đã dừng tất cả. Không cụm loa nào phát cho đến khi có người cho phát lại.", "note")
    return redirect(url_for("today.show"), 303)


@pages.post("/cho-phat-lai")
def lift() -> ResponseReturnValue:
    with writing() as rows:
        running_order.lift(rows, me(), _reason(), now())
    on_air.forget()
    flash("Đài phát lại theo lịch.", "done")
    return redirect(url_for("today.show"), 303)


def _order(airing_id: str, name: str, told: str) -> ResponseReturnValue:
    give: Callable[..., object] = getattr(running_order, name)
    with writing() as rows:
        give(rows, me(), airing_id, _reason(), now())
    flash(told, "done")
    return _back()


def _reason() -> str:
    return request.form.get("reason", "")


def _back() -> ResponseReturnValue:
    on_air.forget()
    return redirect(came_from(url_for("today.show")), 303)
