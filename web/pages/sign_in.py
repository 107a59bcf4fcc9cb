"""In and out: sign-in, the first account, a password set by a link, and a changed password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import PasswordField
from wtforms.validators import ValidationError

from broadcaster.accounts import configuring, links, signing_in
from broadcaster.errors import Invalid, Refused, SignInFailed
from broadcaster.store import facts
from web import signed_in
from web.context import me, now, reading, ward, writing
from web.errors import tell
from web.forms import Form, longest, required, text_field
from web.typed import REVIEW, came_from, kept_fields, own_path

pages = Blueprint("sign_in", __name__)

_PASSWORD = "Hãy nhập mật khẩu."  # noqa: S105


class SignIn(Form):
    login = text_field("Tên đăng nhập", "Hãy nhập tên đăng nhập.", 80)
    password = PasswordField("Mật khẩu", [required(_PASSWORD), longest(1024)])

    def is_sent(self) -> bool:
        """Signing in again carries the mark of a form to be shown again; it is meant for the next page."""
        passed: bool = self.validate_on_submit()
        return passed


class NewPassword(Form):
    new_password = PasswordField("Mật khẩu mới", [required("Hãy chọn mật khẩu."), longest(1024)])
    again = PasswordField("Gõ lại mật khẩu mới", [required("Hãy gõ lại mật khẩu mới.")])

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.new_password.data:
            raise ValidationError("Hai lần gõ chưa giống nhau; hãy gõ lại.")


class ChangedPassword(NewPassword):
    password = PasswordField("Mật khẩu đang dùng", [required(_PASSWORD), longest(1024)])


class FirstAccount(NewPassword):
    station_name = text_field("Tên đài", "Hãy nhập tên đài.", 120)
    name = text_field("Họ và tên của bạn", "Hãy nhập họ và tên.", 80)
    login = text_field("Tên đăng nhập", "Hãy chọn tên đăng nhập.", 40)


class Confirmation(Form):
    password = PasswordField("Mật khẩu", [required(_PASSWORD), longest(1024)])


@pages.route("/dang-nhap", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    form = SignIn()
    target = own_path(request.values.get("tiep"))
    if form.is_sent():
        try:
            token = signing_in.sign_in(
                ward().store, form.login.data, form.password.data, request.remote_addr or "", now()
            )
        except SignInFailed as error:
            flash(str(error), "error")
            return _sign_in_page(form, target), 401
        signed_in.remember(token)
        # 307 lets the browser post what was typed once more, now signed in.
        return redirect(target, code=307 if REVIEW in request.form else 303)
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(target)
    return _sign_in_page(form, target), 200 if request.method == "GET" else 422


@pages.post("/dang-xuat")
def sign_out() -> ResponseReturnValue:
    with writing() as rows:
        signing_in.sign_out(rows, current_user.token, now())
    signed_in.forget()
    flash("Đã đăng xuất.", "note")
    return redirect(url_for("sign_in.sign_in"), 303)


@pages.route("/bat-dau/<secret>", methods=["GET", "POST"])
def first_account(secret: str) -> ResponseReturnValue:
    links.look_up(reading(), secret, now())
    form = FirstAccount()
    if form.is_sent():
        try:
            return _begin(form, secret)
        except Refused as error:
            tell(_on_new_password(error), form)
    return render_template("signing/first_account.html", form=form)


@pages.route("/dat-mat-khau/<secret>", methods=["GET", "POST"])
def set_password(secret: str) -> ResponseReturnValue:
    invitation = links.look_up(reading(), secret, now())
    form = NewPassword()
    if form.is_sent():
        try:
            token = links.set_password(ward().store, secret, form.new_password.data, now())
        except Refused as error:
            tell(_on_new_password(error), form)
        else:
            signed_in.remember(token)
            flash(f"Chào {invitation.name}! Mật khẩu đã được đặt.", "done")
            return redirect(url_for("today.show"), 303)
    return render_template("signing/set_password.html", form=form, invitation=invitation)


@pages.route("/doi-mat-khau", methods=["GET", "POST"])
def change_password() -> ResponseReturnValue:
    form = ChangedPassword()
    if form.is_sent():
        try:
            token = signing_in.change_password(
                ward().store, current_user.token, form.password.data, form.new_password.data,
                request.remote_addr or "", now(),
            )  # fmt: skip
        except SignInFailed as error:
            form.password.errors = [str(error)]
        except Refused as error:
            tell(_on_new_password(error), form)
        else:
            signed_in.remember(token)
            flash("Đã đổi mật khẩu. Các máy khác đang đăng nhập bằng tên của bạn đã được đăng xuất.", "done")
            return redirect(url_for("today.show"), 303)
    return render_template("signing/change_password.html", form=form)


@pages.post("/xac-nhan")
def confirm() -> ResponseReturnValue:
    """Take the password once more before a signature, then go on with what was pressed."""
    target = own_path(request.form.get("tiep"), came_from())
    form = Confirmation()
    if form.is_sent():
        try:
            signing_in.confirm_password(
                ward().store, current_user.token, form.password.data, request.remote_addr or "", now()
            )
            return redirect(target, 307)
        except SignInFailed as error:
            form.password.errors = [str(error)]
    return confirmation_page(target, form)


def confirmation_page(target: str, form: Confirmation | None = None) -> ResponseReturnValue:
    """Return the page that asks for the password and carries on to `target` with what was typed."""
    form = form or Confirmation(formdata=None)
    kept = [pair for pair in kept_fields() if pair[0] != "tiep"]
    return render_template("signing/confirm.html", form=form, target=target, kept=kept), 401


def sign_in_again(target: str) -> ResponseReturnValue:
    """Return the sign-in page for a form that was sent too late; it carries on to `target`, filled."""
    page = render_template(
        "signing/sign_in.html", form=SignIn(formdata=None), target=target, kept=kept_fields(), again=True
    )
    return page, 401


def _sign_in_page(form: SignIn, target: str) -> str:
    again = REVIEW in request.form
    kept = [pair for pair in kept_fields() if pair[0] != "tiep"] if again else []
    return render_template("signing/sign_in.html", form=form, target=target, kept=kept, again=again)


def _begin(form: FirstAccount, secret: str) -> ResponseReturnValue:
    token = links.create_first_account(
        ward().store, secret, form.login.data, form.name.data, form.new_password.data, now()
    )
    signed_in.remember(token)
    with writing() as rows:
        configuring.configure(rows, me(), now(), **{facts.STATION_NAME: form.station_name.data})
    flash("Đài đã sẵn sàng. Việc tiếp theo: thêm người duyệt và nghe thử tiếng loa.", "done")
    return redirect(url_for("settings.start"), 303)


def _on_new_password(error: Refused) -> Refused:
    """The accounts speak of `password`; these forms call it `new_password`."""
    if isinstance(error, Invalid) and error.field == "password":
        return Invalid(str(error), field="new_password")
    return error
