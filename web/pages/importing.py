"""Getting text in: a file or a pasted page is taken apart, a person keeps what is read, a draft is made."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import HiddenField, TextAreaField
from wtforms.widgets import TextArea

from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import bulletins
from broadcaster.newsroom.bulletins import LONGEST_TITLE, Draft
from broadcaster.newsroom.importing import Imported, read_document, text_of
from broadcaster.newsroom.importing.title import proposed_title
from broadcaster.newsroom.voice_list import usual_rate
from broadcaster.store.models import Bulletin, BulletinState, Kind
from web import blocks
from web.bulletin_view import written_of
from web.context import me, now, reading, writing
from web.errors import tell
from web.forms import Form, text_field

pages = Blueprint("importing", __name__, url_prefix="/ban-tin")

TAKEN = ".docx,.pdf,.html,.htm,.txt"
_REVIEWED = "phan-thua"
"""In the cookie: bulletins and versions whose leftovers a person has looked at."""
_MOST_REVIEWED = 20


class ChooseForm(Form):
    file = FileField("Chọn tệp Word hoặc PDF, hoặc kéo tệp thả vào đây")
    pasted = TextAreaField("Hoặc dán văn bản, trang web vào đây")
    page = HiddenField()
    """The same as it was copied, with headings and tables; filled by the script."""


class KeepForm(Form):
    title = text_field("Tiêu đề", "Hãy nhập tiêu đề bản tin.", LONGEST_TITLE, widget=TextArea())
    blocks = HiddenField()


class TrimForm(Form):
    based_on = HiddenField(default="0")


@pages.route("/nhap", methods=["GET", "POST"])
def choose() -> ResponseReturnValue:
    form = ChooseForm()
    if form.is_sent():
        try:
            found = _taken(form)
        except Refused as error:
            tell(error, form)
        else:
            keep = KeepForm(
                formdata=None, data={"title": proposed_title(found), "blocks": blocks.packed(found)}
            )
            return _blocks_page(keep, found, found.proposed)
    return render_template("importing/choose.html", form=form, taken=TAKEN)


@pages.post("/nhap/dua-vao")
def make() -> ResponseReturnValue:
    """Make a draft of the blocks that were kept, and go to its page."""
    form = KeepForm()
    found = blocks.unpacked(form.blocks.data or "")
    kept = blocks.kept_numbers(request.form.getlist("keep"))
    if form.is_sent():
        try:
            with writing() as rows:
                made = bulletins.write(rows, me(), _draft(form, found, kept), now())
        except Refused as error:
            tell(error, form)
        else:
            flash("Đã đưa vào bản nháp. Việc tiếp theo: xem lời đọc bên phải và nghe thử.", "done")
            return redirect(url_for("bulletins.show", bulletin_id=made.id), 303)
    return _blocks_page(form, found, kept)


@pages.route("/<int:bulletin_id>/phan-thua", methods=["GET", "POST"])
def trim(bulletin_id: int) -> ResponseReturnValue:
    """Show what in a bulletin looks like leftovers of a web page, and take out what is not kept."""
    bulletin = bulletins.get(reading(), bulletin_id)
    written, number = written_of(bulletin), bulletin.version.number if bulletin.version else 0
    form, found = TrimForm(data={"based_on": str(number)}), blocks.lines_of(written)
    if form.is_sent():
        if form.based_on.data == str(number):
            return _trimmed(
                bulletin, blocks.without(written, blocks.kept_numbers(request.form.getlist("keep")))
            )
        flash("Bản tin vừa được sửa ở nơi khác; hãy xem lại những phần đề nghị bỏ.", "error")
        form.based_on.raw_data, form.based_on.data = None, str(number)
    return render_template(
        "importing/trim.html", form=form, bulletin=bulletin, blocks=blocks.shown(found, found.proposed)
    )


def leftovers(bulletin: Bulletin) -> int:
    """Return how many lines look like leftovers of a web page and were not looked at by this person yet."""
    is_open = bulletin.state in (BulletinState.DRAFT, BulletinState.RETURNED)
    if not is_open or bulletin.version is None:
        return 0
    if session.get(_REVIEWED, {}).get(str(bulletin.id)) == bulletin.version.number:
        return 0
    found = blocks.lines_of(bulletin.version.written)
    return len(found.blocks) - len(found.proposed)


def _trimmed(bulletin: Bulletin, left: str) -> ResponseReturnValue:
    draft = replace(bulletins.draft_of(bulletin), written=left)
    based_on = bulletin.version.number if bulletin.version else 0
    with writing() as rows:
        edited = bulletins.edit(rows, me(), bulletin.id, draft, based_on, now())
        is_same = edited.version is not None and edited.version.number == based_on
        _remember_reviewed(edited)
    flash("Không bỏ phần nào." if is_same else "Đã bỏ các phần thừa và lưu phiên bản mới.", "done")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin.id), 303)


def _remember_reviewed(bulletin: Bulletin) -> None:
    known = dict(session.get(_REVIEWED, {}))
    known[str(bulletin.id)] = bulletin.version.number if bulletin.version else 0
    session[_REVIEWED] = dict(list(known.items())[-_MOST_REVIEWED:])


def _taken(form: ChooseForm) -> Imported:
    """Return what the file or the pasted text says; raises Invalid, field `file` or `pasted`."""
    if form.file.data:
        with form.file.data.stream as file:
            return read_document(form.file.data.filename or "tệp", file.read())
    pasted = form.pasted.data or ""
    if not pasted.strip():
        raise Invalid("Hãy chọn một tệp, hoặc dán văn bản vào ô bên dưới.", field="file")
    try:
        name, text = ("trang.html", form.page.data) if form.page.data else ("văn bản đã dán", pasted)
        return read_document(name, text.encode())
    except Invalid as error:
        raise Invalid(str(error), field="pasted") from error


def _draft(form: KeepForm, found: Imported, kept: frozenset[int]) -> Draft:
    text = text_of(found, kept)
    if not text.strip():
        raise Refused("Chưa giữ lại đoạn nào; hãy đánh dấu những đoạn cần đọc.")
    return Draft(title=form.title.data, written=text, rate=usual_rate(reading(), Kind.ROUTINE))


def _blocks_page(form: KeepForm, found: Imported, kept: frozenset[int]) -> str:
    return render_template(
        "importing/keep.html",
        form=form,
        blocks=blocks.shown(found, kept),
        notices=found.notices,
        left_out=len(found.blocks) - len(found.proposed),
    )
