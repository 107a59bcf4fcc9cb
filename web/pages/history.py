"""What was heard: the log with filters, one row in full, the files to take away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from broadcaster.errors import NotFound, Refused
from broadcaster.playout import corrections
from broadcaster.records import airchecks, complaints, history, planned, restorations, tracing
from broadcaster.records.history_csv import SOURCE_WORDS
from broadcaster.records.reports import files
from broadcaster.store.models import Approval, History, Version
from web import history_filters, replay, report_files, voices
from web.context import reading, today, ward

pages = Blueprint("history", __name__, url_prefix="/nhat-ky")

FORMS = {"xlsx": "Excel", "docx": "Word", "csv": "CSV"}
CORRECTED = {
    "title": "tiêu đề",
    "topic": "chủ đề",
    "kind": "loại tin",
    "silent": "cụm loa không có tiếng",
    "remark": "ghi chú",
}


@pages.get("")
def rows() -> ResponseReturnValue:
    form = history_filters.form()
    found = history.find(reading(), history_filters.wanted(form), before=_position(), limit=history.PAGE + 1)
    shown = found[: history.PAGE]
    return render_template(
        "history/rows.html",
        form=form,
        rows=shown,
        older=_older(shown[-1]) if len(found) > history.PAGE else None,
        is_first="truoc" not in request.args,
        is_filtered=history_filters.is_any(form),
        bulletin=history_filters.bulletin(),
        corrected=corrections.by_row(reading(), [row.id for row in shown]),
        trace=tracing.of(request.args),
        chosen=_chosen(),
        forms=FORMS,
        with_sound=airchecks.with_sound(reading(), [row.airing_id for row in shown]),
        complained=complaints.answered_of(reading(), [row.airing_id for row in shown]),
        gaps=[] if "truoc" in request.args else _gaps(form),
    )


def _gaps(form: Any) -> list[str]:
    """Say which of the days asked for the books do not hold: the station was made again from a copy."""
    first, last = form.first_date.data or date.min, form.last_date.data or today()
    return [restorations.sentence(gap) for gap in restorations.between(reading(), first, last)]


@pages.get("/<int:row_id>")
def row(row_id: int) -> ResponseReturnValue:
    found = reading().get(History, row_id)
    if found is None:
        raise NotFound(f"Nhật ký không có dòng số {row_id}.")
    approval = None if found.approval_id is None else reading().get(Approval, found.approval_id)
    return render_template(
        "history/row.html",
        row=found,
        planned=planned.span(reading(), found),
        spoken_by=voices.spoken_by(found.voice, found.engine),
        kept=replay.of(found),
        ear=replay.ear_words(found.details),
        complained=complaints.answered_of(reading(), [found.airing_id]),
        corrected_by=_corrected_by(found),
        correction=corrections.told(found),
        overrides=(found.details or {}).get("overrides", []),
        approval=approval,
        version=approval and reading().get(Version, approval.version_id),
        CORRECTED=CORRECTED,
        SOURCE_WORDS=SOURCE_WORDS,
    )


@pages.get("/luot/<airing_id>")
def of_airing(airing_id: str) -> ResponseReturnValue:
    """Go to the row of an airing."""
    found = history.of_airing(reading(), airing_id)
    if found is None:
        raise NotFound("Lượt phát này chưa kết thúc nên chưa có trong nhật ký.")
    return redirect(url_for("history.row", row_id=found.id), 302)


@pages.get("/tai-ve.<form>")
def file(form: str) -> ResponseReturnValue:
    """Send the rows that the filters leave, oldest first, as a file; none is held in memory whole."""
    if form not in FORMS:
        raise NotFound("Nhật ký tải về được dạng Excel, Word và CSV; hãy chọn một dạng trên trang nhật ký.")
    wanted = history_filters.wanted(history_filters.form())
    name = f"nhat-ky-phat-thanh-{today():%Y-%m-%d}.{form}"
    if form == "csv":
        lines = history.csv_lines(history.walk(ward().store.read, wanted))
        answer = Response((line.encode() for line in lines), mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    try:
        written = report_files.write_history(ward().settings.folder, wanted, form)
    except Refused as error:
        flash(str(error), "error")
        return redirect(url_for("history.rows", **_chosen()), 303)
    return send_file(written, files.TYPES[form], as_attachment=True, download_name=name)


def _corrected_by(row: History) -> History | None:
    later = corrections.by_row(reading(), [row.id]).get(row.id)
    return None if later is None else reading().get(History, later)


def _position() -> tuple[datetime, int] | None:
    moment, _, number = request.args.get("truoc", "").partition("~")
    try:
        return datetime.fromisoformat(moment), int(number)
    except ValueError:
        return None


def _older(last: History) -> str:
    moment, number = history.key(last)
    return url_for("history.rows", **_chosen(), truoc=f"{moment.isoformat()}~{number}")


def _chosen() -> dict[str, Any]:
    kept = MultiDict(request.args)
    kept.pop("truoc", None)
    return {name: value for name, value in kept.items() if value}
