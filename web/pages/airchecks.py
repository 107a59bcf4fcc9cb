"""Bản lưu phát sóng: what each output was heard to play; to listen to, to keep longer, never to delete."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from broadcaster.accounts import configuring
from broadcaster.errors import NotFound, Refused
from broadcaster.playout import aircheck_files, aircheck_holds
from broadcaster.records import airchecks
from broadcaster.store import facts
from broadcaster.store.models import Aircheck
from web import replay
from web.context import me, now, reading, ward, writing
from web.typed import came_from
from web.words import local

pages = Blueprint("airchecks", __name__, url_prefix="/ban-luu")

OTHERS = "khac"


@pages.get("")
def rows() -> ResponseReturnValue:
    only_other = request.args.get("loai") == OTHERS
    found = airchecks.latest(reading(), _position(), airchecks.PAGE + 1, only_other=only_other)
    shown = found[: airchecks.PAGE]
    return render_template(
        "history/airchecks.html",
        parts=[replay.part(row) for row in shown],
        older=_older(shown[-1], only_other) if len(found) > airchecks.PAGE else None,
        is_first="truoc" not in request.args,
        only_other=only_other,
        stock=airchecks.stock(reading()),
        days=configuring.fact(reading(), facts.AIRCHECK_DAYS),
    )


@pages.get("/<int:row_id>.opus")
def sound(row_id: int) -> ResponseReturnValue:
    """Send the sound, or a stretch of it, so that a player can jump in it."""
    row = reading().get(Aircheck, row_id)
    if row is None:
        raise NotFound(f"Không có bản lưu số {row_id}.")
    answer = send_file(
        aircheck_files.path_of(ward().settings.folder, row),
        mimetype="audio/ogg",
        as_attachment="tai-ve" in request.args,
        download_name=f"ban-luu-{local(row.began_at):%Y%m%d-%H%M%S}-{row.id}.opus",
        conditional=True,
        etag=row.sha256,
        max_age=3600,
    )
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@pages.post("/giu/<airing_id>")
def hold(airing_id: str) -> ResponseReturnValue:
    try:
        with writing() as session:
            aircheck_holds.place(session, me(), airing_id, request.form.get("reason", ""), now())
    except Refused as error:
        flash(str(error), "error")
    else:
        flash("Đã đánh dấu giữ lại: bản lưu này không bị xóa khi hết hạn.", "done")
    return redirect(came_from(url_for("airchecks.rows")), 303)


@pages.post("/thoi-giu/<airing_id>")
def release(airing_id: str) -> ResponseReturnValue:
    try:
        with writing() as session:
            aircheck_holds.release(session, me(), airing_id, request.form.get("reason", ""), now())
    except Refused as error:
        flash(str(error), "error")
    else:
        flash("Đã thôi giữ lại: bản lưu này sẽ được xóa khi hết hạn.", "done")
    return redirect(came_from(url_for("airchecks.rows")), 303)


def _position() -> tuple[datetime, int] | None:
    moment, _, number = request.args.get("truoc", "").partition("~")
    try:
        position = datetime.fromisoformat(moment)
        return (position, int(number)) if position.tzinfo is not None else None
    except ValueError:
        return None


def _older(last: Aircheck, only_other: bool) -> str:
    position = f"{last.began_at.isoformat()}~{last.id}"
    return url_for("airchecks.rows", truoc=position, loai=OTHERS if only_other else None)
