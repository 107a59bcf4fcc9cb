"""Bulletins before air: finding, writing, reading aloud, deciding words, sending to the approver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from broadcaster.errors import EditedMeanwhile, NotFound, Refused
from broadcaster.newsroom import approval, bulletins, plans, readings
from broadcaster.newsroom.bulletins import LONGEST_TITLE, LONGEST_TOPIC, Draft
from broadcaster.newsroom.voice_list import usual_rate
from broadcaster.playout import lengths, planning
from broadcaster.store.models import Bulletin, Kind
from web import choices, editors, sources, voices
from web.bulletin_view import describe
from web.choices import Choice, Decision
from web.context import me, now, reading, today, writing
from web.errors import tell
from web.forms import Day, Form, pick, required, text_field
from web.pages.importing import leftovers
from web.words import BULLETIN, KINDS

pages = Blueprint("bulletins", __name__, url_prefix="/ban-tin")

MOST_SHOWN = 12
"""Words to be decided at once; the others follow."""
KIND_WORDS = {kind.value: words for kind, words in KINDS.items()}
USUAL_RATE = {"": "Theo đài và loại tin"}
STATES = {"": "Mọi trạng thái", **{state.value: badge.word for state, badge in BULLETIN.items()}}


class Filters(Form):
    class Meta:
        csrf = False  # it only looks

    words = text_field("Tìm theo lời")
    state = pick("Trạng thái", STATES, validate_choice=False)
    kind = pick("Loại tin", {"": "Mọi loại", **KIND_WORDS}, validate_choice=False)
    topic = pick("Chủ đề", validate_choice=False)


def _version_number(sent: str | None) -> str:
    """Whatever is no number of a version stands before all versions."""
    return sent if sent and sent.isdecimal() and len(sent) < 10 else "0"


class BulletinForm(Form):
    title = text_field("Tiêu đề", "Hãy nhập tiêu đề bản tin.", LONGEST_TITLE)
    written = TextAreaField("Nội dung", [required("Hãy dán hoặc gõ nội dung bản tin.")])
    kind = pick("Loại tin", KIND_WORDS, default=Kind.ROUTINE.value)
    topic = text_field("Chủ đề", characters=LONGEST_TOPIC)
    valid_from = Day("Có hiệu lực từ ngày")
    valid_until = Day("Đến hết ngày")
    voice = pick("Giọng đọc")
    rate = pick("Tốc độ đọc", USUAL_RATE | voices.SPEEDS, default="")
    repeats = IntegerField(
        "Số lần đọc",
        [InputRequired("Hãy nhập số lần đọc."), NumberRange(1, 5, "Số lần đọc từ 1 đến 5.")],
        default=1,
    )
    based_on = HiddenField(default="0", filters=[_version_number])

    def draft(self) -> Draft:
        return Draft(
            title=self.title.data,
            written=self.written.data or "",
            kind=self.kind.data,
            topic=self.topic.data or "",
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            voice=self.voice.data or "",
            rate=float(self.rate.data) if self.rate.data else usual_rate(reading(), self.kind.data),
            repeats=self.repeats.data,
        )


@pages.get("")
def all_bulletins() -> ResponseReturnValue:
    form = Filters(formdata=request.args)
    form.topic.choices = {"": "Mọi chủ đề", **{topic: topic for topic in bulletins.topics(reading())}}
    asked: dict[str, Any] = {name: (form[name].data or "") for name in ("words", "state", "kind", "topic")}
    offset = max(0, request.args.get("tu", 0, type=int))
    found = bulletins.find(reading(), limit=bulletins.PAGE, offset=offset, **asked)
    coming = planning.coming(reading(), now())
    return render_template(
        "bulletins/all.html",
        form=form,
        found=[_row(bulletin) for bulletin in found],
        next_of={airing.bulletin_id: airing.planned_at for airing in reversed(coming)},
        total=bulletins.count(reading(), **asked),
        offset=offset,
        page=bulletins.PAGE,
        asked={name: value for name, value in asked.items() if value},
    )


@pages.route("/moi", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form = _form(BulletinForm(data=_begun()))
    if form.is_sent():
        try:
            with writing() as rows:
                bulletin = bulletins.write(rows, me(), form.draft(), now())
        except Refused as error:
            tell(error, form)
        else:
            flash("Đã lưu bản nháp. Việc tiếp theo: xem lời đọc bên phải và nghe thử.", "done")
            return redirect(url_for("bulletins.show", bulletin_id=bulletin.id), 303)
    return _edit_page(form)


@pages.get("/<int:bulletin_id>")
def show(bulletin_id: int) -> ResponseReturnValue:
    return sources.elsewhere(bulletins.get(reading(), bulletin_id)) or page_of(bulletin_id)


def page_of(bulletin_id: int, typed: Sequence[Decision] = (), failed: str = "", error: str = "") -> str:
    """Return one bulletin's page; `typed` are decisions that were not taken, because of the word `failed`."""
    bulletin = bulletins.get(reading(), bulletin_id)
    view = describe(reading(), bulletin, now())
    to_decide = choices.with_typed(view.undecided[:MOST_SHOWN], typed, failed, error)
    open_words = choices.with_typed(filter(None, [view.open_word]), typed, failed, error)
    own = own_word(typed, error)
    is_told = any(word.error for word in (*to_decide, *open_words, *filter(None, [own])))
    return render_template(
        "bulletins/show.html",
        view=view,
        bulletin=bulletin,
        versions=bulletins.versions(reading(), bulletin_id),
        steps=bulletins.steps(reading(), bulletin_id),
        decided=readings.in_force(reading(), bulletin_id),
        coming=planning.coming(reading(), now(), bulletin_id=bulletin_id),
        to_decide=to_decide,
        open_words=open_words,
        own_word=own,
        refusal="" if is_told else error,
        leftovers=leftovers(bulletin) if view.may_decide else 0,
        voice_name=voices.chosen_name(reading(), bulletin.voice),
        spoken_by=voices.of_clip(view.rendering),
    )


@pages.route("/<int:bulletin_id>/sua", methods=["GET", "POST"])
def edit(bulletin_id: int) -> ResponseReturnValue:
    bulletin = bulletins.get(reading(), bulletin_id)
    if other := sources.elsewhere(bulletin, to_edit=True):
        return other
    form = _form(BulletinForm(data=_values(bulletin)), bulletin)
    if form.is_sent():
        try:
            with writing() as rows:
                based_on = int(form.based_on.data)
                bulletins.edit(rows, me(), bulletin_id, form.draft(), based_on, now())
        except EditedMeanwhile as error:
            flash(str(error), "error")
            form.based_on.raw_data, form.based_on.data = None, str(error.newest_number)
        except Refused as error:
            tell(error, form)
        else:
            editors.here().leave(bulletin_id, me().id)
            flash("Đã lưu phiên bản mới.", "done")
            return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)
    others = editors.here().enter(bulletin_id, me(), now())
    return _edit_page(form, bulletins.get(reading(), bulletin_id), others)


@pages.get("/<int:bulletin_id>/phien-ban/<int:number>")
def version(bulletin_id: int, number: int) -> ResponseReturnValue:
    bulletin = bulletins.get(reading(), bulletin_id)
    found = next((each for each in bulletins.versions(reading(), bulletin_id) if each.number == number), None)
    if found is None:
        raise NotFound(f"Bản tin “{bulletin.title}” không có phiên bản {number}.")
    return render_template("bulletins/version.html", bulletin=bulletin, version=found)


@pages.post("/<int:bulletin_id>/gui-duyet")
def submit(bulletin_id: int) -> ResponseReturnValue:
    with writing() as rows:
        approval.submit(rows, me(), bulletin_id, now())
    flash("Đã gửi duyệt. Người duyệt sẽ thấy bản tin này ngay.", "done")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)


@pages.post("/<int:bulletin_id>/thu-hoi")
def recall(bulletin_id: int) -> ResponseReturnValue:
    with writing() as rows:
        approval.recall(rows, me(), bulletin_id, now())
    flash("Đã thu hồi về bản nháp.", "done")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)


@pages.post("/<int:bulletin_id>/rut")
def withdraw(bulletin_id: int) -> ResponseReturnValue:
    with writing() as rows:
        approval.withdraw(rows, me(), bulletin_id, request.form.get("reason", ""), now())
        planning.withdraw_airings(rows, now())
    flash("Đã rút bản tin; các lượt phát sắp tới của nó đã hủy.", "done")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)


def own_word(typed: Sequence[Decision], error: str) -> Choice | None:
    """Return the form for a word that nobody marked, as the person left it; None when it was another form."""
    if "tu-khac" not in request.form or not typed:
        return None
    mine = typed[0]
    return Choice(mine.written, "", (), "", "", "", -1, "", own=mine.own, scope=mine.scope, error=error)


def _form(form: BulletinForm, bulletin: Bulletin | None = None) -> BulletinForm:
    kept = bulletin.voice if bulletin else ""
    form.voice.choices = voices.choices(reading(), kept)
    form.rate.choices = USUAL_RATE | voices.speeds(bulletin.rate if bulletin else None)
    return form


def _edit_page(
    form: BulletinForm, bulletin: Bulletin | None = None, others: Sequence[tuple[str, datetime]] = ()
) -> str:
    return render_template(
        "bulletins/edit.html",
        form=form,
        bulletin=bulletin,
        others=others,
        topics=offered_topics(),
        has_network_voices=any(engine.needs_network for engine in voices.engines()),
    )


def offered_topics() -> list[str]:
    """Return the topics to complete from: those that plans in force count, then all others in use."""
    planned = plans.topic_names(reading(), today())
    return [*planned, *(topic for topic in bulletins.topics(reading()) if topic not in planned)]


def _begun() -> dict[str, str]:
    """Return what the page from which a new bulletin is begun already knows of it."""
    known = {"title": request.args.get("tieu-de", ""), "topic": request.args.get("chu-de", "")}
    longest = {"title": LONGEST_TITLE, "topic": LONGEST_TOPIC}
    begun = {name: value[: longest[name]] for name, value in known.items() if value}
    kind = request.args.get("loai", "")
    return begun | ({"kind": kind} if kind in KIND_WORDS else {})


def _values(bulletin: Bulletin) -> dict[str, object]:
    draft = bulletins.draft_of(bulletin)
    values = {name: getattr(draft, name) for name in Draft.__slots__}
    is_usual = draft.rate == usual_rate(reading(), draft.kind)
    return {**values, "rate": "" if is_usual else str(draft.rate), "based_on": str(bulletin.version.number)}  # type: ignore[union-attr]


def _row(bulletin: Bulletin) -> tuple[Bulletin, float]:
    return bulletin, lengths.predicted_seconds(reading(), bulletin)
