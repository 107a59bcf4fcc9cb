"""What was heard: the log with filters, one row in full, the file for a spreadsheet, the check."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from broadcaster.errors import NotFound
from broadcaster.newsroom import bulletins
from broadcaster.records import airchecks, chain, complaints, history, tracing
from broadcaster.records.history import HistoryFilter
from broadcaster.store.models import AiringState, History
from web import replay, voices
from web.context import now, reading, today, ward
from web.forms import Day, Form, pick, text_field
from web.words import AIRING, moment_text

pages = Blueprint("history", __name__, url_prefix="/nhat-ky")

FINAL = [state for state in AiringState if state.is_final and state != AiringState.SUPERSEDED]


class Filters(Form):
    class Meta:
        csrf = False  # it only looks

    words = text_field("Tìm theo lời")
    first_date = Day("Từ ngày")
    last_date = Day("Đến ngày")
    result = pick(
        "Kết quả",
        {"": "Tất cả", **{state.value: AIRING[state].word for state in FINAL}},
        validate_choice=False,
    )
    topic = pick("Chủ đề", validate_choice=False)


@pages.get("")
def rows() -> ResponseReturnValue:
    form = _filters()
    found = history.find(reading(), _filter(form), before=_position(), limit=history.PAGE + 1)
    shown = found[: history.PAGE]
    return render_template(
        "history/rows.html",
        form=form,
        rows=shown,
        older=_older(shown[-1]) if len(found) > history.PAGE else None,
        is_first="truoc" not in request.args,
        is_filtered=any(field.data for field in form) or tracing.of(request.args) is not None,
        trace=tracing.of(request.args),
        chosen=_chosen(),
        with_sound=airchecks.with_sound(reading(), [row.airing_id for row in shown]),
        complained=complaints.answered_of(reading(), [row.airing_id for row in shown]),
    )


@pages.get("/<int:row_id>")
def row(row_id: int) -> ResponseReturnValue:
    found = reading().get(History, row_id)
    if found is None:
        raise NotFound(f"Nhật ký không có dòng số {row_id}.")
    return render_template(
        "history/row.html",
        row=found,
        spoken_by=voices.spoken_by(found.voice, found.engine),
        kept=replay.of(found),
        ear=replay.ear_words(found.details),
        complained=complaints.answered_of(reading(), [found.airing_id]),
    )


@pages.get("/luot/<airing_id>")
def of_airing(airing_id: str) -> ResponseReturnValue:
    """Go to the row of an airing."""
    found = history.of_airing(reading(), airing_id)
    if found is None:
        raise NotFound("Lượt phát này chưa kết thúc nên chưa có trong nhật ký.")
    return redirect(url_for("history.row", row_id=found.id), 302)


@pages.get("/tai-ve.csv")
def csv_file() -> ResponseReturnValue:
    """Stream the rows that the filters leave, oldest first; nothing is held in memory."""
    lines = history.csv_lines(history.walk(ward().store.read, _filter(_filters())))
    answer = Response((line.encode() for line in lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="nhat-ky-phat-thanh-{today():%Y-%m-%d}.csv"'
    )
    return answer


@pages.post("/kiem-tra")
def verify() -> ResponseReturnValue:
    breaks = chain.verify(reading())
    for each in breaks:
        flash(each.sentence, "error")
    if not breaks:
        at = moment_text(now())
        flash(
            f"Đã kiểm tra lúc {at}: nhật ký phát thanh, nhật ký thao tác và sổ bản lưu còn nguyên vẹn.",
            "done",
        )
    return redirect(url_for("history.rows"), 303)


def _filters() -> Filters:
    form = Filters(formdata=request.args)
    form.topic.choices = {"": "Mọi chủ đề", **{topic: topic for topic in bulletins.topics(reading())}}
    form.validate()
    return form


def _filter(form: Filters) -> HistoryFilter:
    result = form.result.data
    return HistoryFilter(
        first_date=_valid_day(form.first_date),
        last_date=_valid_day(form.last_date),
        results=frozenset({result}) if result in FINAL else frozenset(),
        topic=form.topic.data or "",
        words=form.words.data or "",
        trace=tracing.of(request.args),
    )


def _valid_day(field: Day) -> date | None:
    day: date | None = None if field.errors else field.data
    return day


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
