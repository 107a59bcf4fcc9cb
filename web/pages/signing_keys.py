"""The keys of the approvers: who has which, and the word of another approver that a new one is theirs."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from broadcaster.accounts import signing_in, signing_keys
from web import key_view
from web.context import me, now, reading, writing
from web.pages.sign_in import confirmation_page

pages = Blueprint("signing_keys", __name__, url_prefix="/khoa-ky")


@pages.get("")
def all_keys() -> ResponseReturnValue:
    lines = key_view.lines()
    open_to_me = {line.key_id for line in lines if key_view.may_confirm(line, lines)}
    return render_template("keys/all.html", lines=lines, open_to_me=open_to_me)


@pages.post("/<int:key_id>/xac-nhan")
def confirm(key_id: int) -> ResponseReturnValue:
    if signing_in.needs_password(reading(), current_user.token, now()):
        return confirmation_page(request.path)
    with writing() as rows:
        pen = signing_in.pen_for(rows, current_user.token, now())
        name = signing_keys.confirm(rows, me(), pen, key_id, now()).person.name
    flash(f"Đã xác nhận khóa ký của {name}. Từ giờ chữ ký duyệt của {name} có hiệu lực.", "done")
    return redirect(url_for("signing_keys.all_keys"), 303)
