"""Lưu giữ, sao lưu: copies of the station, what a restored one does not know, how long things are kept."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import BooleanField, IntegerField, PasswordField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from broadcaster.accounts import signing_in
from broadcaster.errors import Refused, SignInFailed
from broadcaster.keeping import places, retention, settling
from broadcaster.keeping.places import Wishes
from broadcaster.playout import nightly_call
from broadcaster.playout.disk import size_text
from broadcaster.records import audit, removals, restorations
from web import keeping_view
from web.context import me, now, reading, ward, writing
from web.errors import tell
from web.forms import Form, Hour, longest, text_field

pages = Blueprint("keeping", __name__, url_prefix="/cai-dat/luu-giu")

BY_HAND = {
    "backup": "Đang sao lưu; kết quả hiện bên dưới khi xong.",
    "second": "Đang chép sang nơi cất thứ hai; kết quả hiện bên dưới khi xong.",
    "drill": "Đang thử khôi phục vào một thư mục tạm; kết quả hiện bên dưới khi xong.",
    "verify": "Đang kiểm tra nhật ký; kết quả hiện bên dưới khi xong.",
    "retention": "Đang xóa những gì hết hạn giữ; kết quả hiện bên dưới khi xong.",
    "archive": "Đang chuẩn bị tệp tải về; tệp hiện bên dưới khi xong.",
}
"""What a person may have done at once."""


class BackupForm(Form):
    hour = Hour("Giờ sao lưu hằng đêm", "Hãy nhập giờ, ví dụ 1:30.")
    second = text_field("Nơi cất thứ hai", characters=places.LONGEST_PATH)
    with_airchecks = BooleanField("Sao lưu cả bản lưu phát sóng")

    def wishes(self) -> Wishes:
        return Wishes(self.hour.data, self.second.data or "", bool(self.with_airchecks.data))


class RetentionForm(Form):
    """One number of days for each kind; the fields are made from `removals.KINDS`."""

    def days(self) -> dict[str, int]:
        return {kind: int(self[kind].data) for kind in removals.KINDS}


for _kind, _about in removals.KINDS.items():
    _words = f"Từ {_about.least} đến {_about.most} ngày."
    _field = IntegerField(
        f"{_about.name} (số ngày)",
        [InputRequired("Hãy nhập số ngày."), NumberRange(_about.least, _about.most, _words)],
    )
    setattr(RetentionForm, _kind, _field)


class DownloadForm(Form):
    password = PasswordField("Mật khẩu của bạn", [InputRequired("Hãy nhập mật khẩu.")])


class GapForm(Form):
    note = TextAreaField(
        "Những gì bạn biết về khoảng thời gian đó",
        [InputRequired("Hãy ghi những gì biết, hoặc “không rõ”."), longest(settling.LONGEST_NOTE)],
    )


@pages.get("")
def show() -> ResponseReturnValue:
    return _page()


@pages.post("/lam/<task>")
def do(task: str) -> ResponseReturnValue:
    """Have a task done now, in the process of the night: it may take minutes."""
    if task not in BY_HAND:
        abort(404)
    with writing() as rows:
        audit.note(rows, me(), "nightly.asked", f"nightly {task}", now())
    nightly_call.ask(ward().store.folder, task)
    flash(BY_HAND[task], "done")
    return redirect(url_for("keeping.show"), 303)


@pages.post("/sao-luu")
def save_backups() -> ResponseReturnValue:
    form = BackupForm()
    if form.is_sent():
        try:
            with writing() as rows:
                places.save(rows, me(), form.wishes(), now())
        except Refused as error:
            tell(error, form)
        else:
            flash("Đã lưu cách sao lưu.", "done")
            return redirect(url_for("keeping.show"), 303)
    return _page(backup_form=form)


@pages.post("/giu-bao-lau")
def save_retention() -> ResponseReturnValue:
    """Keep the numbers, or only show what would go with them."""
    form = RetentionForm()
    if not form.is_sent():
        return _page(retention_form=form)
    if "xem" in request.form:
        return _page(retention_form=form, tried=form.days())
    try:
        with writing() as rows:
            retention.save(rows, me(), form.days(), now())
    except Refused as error:
        tell(error, form)
        return _page(retention_form=form)
    flash("Đã lưu thời hạn giữ; đêm nay áp dụng.", "done")
    return redirect(url_for("keeping.show"), 303)


@pages.post("/tai-ve/<name>")
def download(name: str) -> ResponseReturnValue:
    """Hand over a whole station, secrets included: only with the password again."""
    if name not in {each.name for each in keeping_view.downloads()}:
        abort(404)
    form = DownloadForm()
    if not form.is_sent():
        return _page(download_form=form)
    try:
        signing_in.confirm_password(
            ward().store, current_user.token, form.password.data, request.remote_addr or "", now()
        )
    except SignInFailed as error:
        form.password.errors = [str(error)]
        return _page(download_form=form)
    with writing() as rows:
        places.note_download(rows, me(), name, now())
    path = (places.downloads(ward().store.folder) / name).absolute()
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=name)


@pages.post("/khoang-trong/<int:restoration_id>")
def acknowledge(restoration_id: int) -> ResponseReturnValue:
    form = GapForm()
    if form.is_sent():
        try:
            with writing() as rows:
                settling.acknowledge(rows, me(), restoration_id, form.note.data, now())
        except Refused as error:
            tell(error, form)
        else:
            flash("Đã ghi nhận. Trạm phát lại theo lịch.", "done")
            return redirect(url_for("keeping.show"), 303)
    return _page(gap_form=form)


def _page(*, tried: dict[str, int] | None = None, **sent: Form) -> ResponseReturnValue:
    """Show all of it; `sent` are the forms that were not taken, by their names in the template."""
    found, copies = keeping_view.copies()
    jobs = keeping_view.jobs()
    shown: dict[str, Any] = {
        "gaps": restorations.open_ones(reading()),
        "gap_words": restorations.sentence,
        "places": found,
        "copies": copies,
        "is_late": keeping_view.is_late(found),
        "jobs": jobs,
        "waiting": {job.key for job in jobs if job.is_waiting},
        "by_hand": BY_HAND,
        "downloads": keeping_view.downloads(),
        "kinds": removals.KINDS,
        "going": retention.preview(reading(), ward().store.folder, tried or _days(), now()),
        "is_tried": tried is not None,
        "removed": removals.latest(reading()),
        "size_text": size_text,
    }
    return render_template("settings/keeping.html", **shown, **_forms() | sent)


def _forms() -> dict[str, Form]:
    """Return the forms as they are before anybody types."""
    wanted = places.wishes(reading())
    backups = {"hour": wanted.hour, "second": wanted.second, "with_airchecks": wanted.airchecks}
    return {
        "backup_form": BackupForm(formdata=None, data=backups),
        "retention_form": RetentionForm(formdata=None, data=_days()),
        "download_form": DownloadForm(formdata=None),
        "gap_form": GapForm(formdata=None),
    }


def _days() -> dict[str, int]:
    return {kind: removals.days(reading(), kind) for kind in removals.KINDS}
