"""Đính chính: putting right what a row of the history says, with a row that points at it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from broadcaster.errors import NotFound, Refused
from broadcaster.playout import corrections
from broadcaster.playout.corrections import Wanted
from broadcaster.store.models import History
from web.context import me, now, reading, writing
from web.errors import tell
from web.forms import Boxes, Form, pick, text_field
from web.words import KINDS

pages = Blueprint("corrections", __name__, url_prefix="/nhat-ky")


class Correction(Form):
    title = text_field("Tiêu đề", "Hãy ghi tiêu đề.", corrections.LONGEST_TITLE)
    topic = text_field("Chủ đề", characters=100)
    kind = pick("Loại tin", KINDS)
    silent = Boxes("Cụm loa không nghe thấy tiếng")
    remark = text_field("Ghi chú", characters=300)
    reason = text_field("Lý do đính chính", "Hãy ghi lý do đính chính.", corrections.LONGEST_REASON)


@pages.route("/<int:row_id>/dinh-chinh", methods=["GET", "POST"])
def correct(row_id: int) -> ResponseReturnValue:
    """Show how the row reads, and write the one that stands in its place."""
    row = reading().get(History, row_id)
    if row is None:
        raise NotFound(f"Nhật ký không có dòng số {row_id}.")
    form = Correction(data=_as_it_reads(row))
    form.silent.choices = {zone: zone for zone in corrections.may_be_silent(row)}
    if form.is_sent():
        try:
            with writing() as rows:
                new = corrections.correct(rows, me(), row_id, _wanted(form), now()).id
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã ghi dòng đính chính số {new}; dòng {row_id} vẫn còn nguyên để đối chiếu.", "done")
            return redirect(url_for("history.row", row_id=new), 303)
    return render_template("history/correct.html", row=row, form=form)


def _as_it_reads(row: History) -> dict[str, Any]:
    reads = asdict(corrections.now_reads(row))
    return {**reads, "silent": sorted(reads["silent"])}


def _wanted(form: Correction) -> Wanted:
    texts = {name: form[name].data or "" for name in ("title", "topic", "kind", "remark", "reason")}
    return Wanted(silent=frozenset(form.silent.data or ()), **texts)
