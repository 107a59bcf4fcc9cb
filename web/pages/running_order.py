"""What an operator does to the order of the day. Each is one button; each comes back to the page."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.errors import Refused
from broadcaster.playout import airings, moving, running_order
from web import on_air
from web.context import me, now, writing
from web.told import tell_play_now, tell_undo
from web.typed import came_from

pages = Blueprint("running_order", __name__, url_prefix="/phat")


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


@pages.post("/<airing_id>/bo")
def remove(airing_id: str) -> ResponseReturnValue:
    with writing() as rows:
        running_order.remove(rows, me(), airing_id, _reason(), now())
        title = airings.get(rows, airing_id).bulletin.title
    tell_undo(f"Đã bỏ “{title}” khỏi lịch phát.", airing_id)
    return _back()


@pages.post("/<airing_id>/phat-ngay")
def play_now(airing_id: str) -> ResponseReturnValue:
    with writing() as rows:
        delay_s = running_order.cancel_delay_s(rows)
        airing = running_order.play_now(rows, me(), airing_id, now(), delay_s)
        tell_play_now(airing, airing_id)
    return _back()


@pages.post("/<airing_id>/phat-lai")
def play_again(airing_id: str) -> ResponseReturnValue:
    with writing() as rows:
        airing = running_order.play_again(rows, me(), airing_id, now(), running_order.cancel_delay_s(rows))
        tell_play_now(airing)
    return _back()


@pages.post("/<airing_id>/lay-lai")
def take_back(airing_id: str) -> ResponseReturnValue:
    """Take back "play now"; what had a place before, `cu`, goes back there if its time is still to come."""
    with writing() as rows:
        running_order.take_back(rows, me(), airing_id, now())
    flash("Đã lấy lại, không phát nữa.", "done")
    if was := request.form.get("cu", ""):
        try:
            with writing() as rows:
                moving.undo(rows, me(), was, now())
        except Refused as error:
            flash(str(error), "note")
        else:
            flash("Lượt phát đã trở về giờ cũ.", "done")
    return _back()


@pages.post("/<airing_id>/hoan-tac")
def undo(airing_id: str) -> ResponseReturnValue:
    with writing() as rows:
        moved_to, also = request.form.get("moi", ""), request.form.get("nhuong", "").split()
        moving.undo(rows, me(), airing_id, now(), moved_to, also)
    flash("Đã hoàn tác: lượt phát trở về chỗ cũ.", "done")
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
