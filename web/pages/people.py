"""The people of the station: adding, roles, links to set a password, closing an account."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.accounts import links, people
from broadcaster.accounts.permissions import Role
from broadcaster.errors import Refused
from web import entrance, words
from web.context import me, now, reading, writing
from web.errors import tell
from web.forms import Boxes, Form, required, text_field
from web.security import is_only_here

pages = Blueprint("people", __name__, url_prefix="/cai-dat/nguoi-dung")

_ROLES = {role.value: name for role, (name, _) in words.ROLES.items()}
ROLE_HELP = {role.value: told for role, (_, told) in words.ROLES.items()}


class NewPerson(Form):
    name = text_field("Họ và tên", "Hãy nhập họ và tên.", 80)
    login = text_field("Tên đăng nhập", "Hãy nhập tên đăng nhập.", 40)
    roles = Boxes("Vai trò", choices=_ROLES, validators=[required("Hãy chọn ít nhất một vai trò.")])


class ChangedPerson(Form):
    name = text_field("Họ và tên", "Hãy nhập họ và tên.", 80)
    roles = Boxes("Vai trò", choices=_ROLES, validators=[required("Hãy chọn ít nhất một vai trò.")])


@pages.get("")
def all_people() -> ResponseReturnValue:
    return render_template("settings/people.html", people=people.everyone(reading()))


@pages.route("/them", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    form = NewPerson(data={"roles": request.args.getlist("vai_tro")})
    if form.is_sent():
        try:
            with writing() as rows:
                roles = [Role(role) for role in form.roles.data]
                person = people.add(rows, me(), form.login.data, form.name.data, roles, now())
                secret = links.invite(rows, me(), person.id, now())
        except Refused as error:
            tell(error, form)
        else:
            return _invitation(person.name, secret)
    return render_template("settings/person.html", form=form, person=None, helps=ROLE_HELP)


@pages.route("/<int:person_id>", methods=["GET", "POST"])
def edit(person_id: int) -> ResponseReturnValue:
    person = people.get(reading(), person_id)
    form = ChangedPerson(data={"name": person.name, "roles": person.roles})
    if form.is_sent():
        try:
            with writing() as rows:
                people.rename(rows, me(), person_id, form.name.data, now())
                people.set_roles(rows, me(), person_id, [Role(role) for role in form.roles.data], now())
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã lưu {form.name.data}.", "done")
            return redirect(url_for("people.all_people"), 303)
    return render_template("settings/person.html", form=form, person=person, helps=ROLE_HELP)


@pages.post("/<int:person_id>/lien-ket")
def invite(person_id: int) -> ResponseReturnValue:
    with writing() as rows:
        secret = links.invite(rows, me(), person_id, now())
        name = people.get(rows, person_id).name
    return _invitation(name, secret)


@pages.post("/<int:person_id>/khoa")
def close(person_id: int) -> ResponseReturnValue:
    with writing() as rows:
        person = people.deactivate(rows, me(), person_id, now())
    flash(f"Đã khóa tài khoản của {person.name}. Những gì đã soạn và đã ký vẫn giữ nguyên.", "done")
    return redirect(url_for("people.all_people"), 303)


@pages.post("/<int:person_id>/mo")
def reopen(person_id: int) -> ResponseReturnValue:
    with writing() as rows:
        person = people.reactivate(rows, me(), person_id, now())
    flash(f"Đã mở lại tài khoản của {person.name}.", "done")
    return redirect(url_for("people.all_people"), 303)


def _invitation(name: str, secret: str) -> ResponseReturnValue:
    """Show the link once; it is in no log and cannot be shown again."""
    address = url_for("sign_in.set_password", secret=secret, _external=True)
    only_here, doors = is_only_here(request.host), entrance.view().addresses
    if only_here and doors:
        address, only_here = doors[0] + url_for("sign_in.set_password", secret=secret), False
    return render_template(
        "settings/invitation.html", name=name, address=address, is_only_here=only_here, doors=doors
    )
