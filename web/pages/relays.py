"""Relays before air: where another station is heard, for how long, and whether it can be heard now."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from broadcaster.errors import EditedMeanwhile, NotFound, Refused
from broadcaster.newsroom import bulletins, relays
from broadcaster.newsroom.bulletins import LONGEST_TITLE, LONGEST_TOPIC
from broadcaster.newsroom.relay_trials import Trials
from broadcaster.newsroom.relays import LONGEST_ADDRESS, LONGEST_MINUTES, RelayDraft
from broadcaster.playout import planning
from broadcaster.store.models import Bulletin, Kind
from web import editors
from web.context import me, now, reading, ward, writing
from web.errors import tell
from web.forms import Day, Form, pick, text_field
from web.pages.bulletins import offered_topics
from web.relay_view import describe
from web.words import KINDS, length_text

pages = Blueprint("relays", __name__, url_prefix="/tiep-am")

TRY = "thu"
"""Name of the button that listens instead of saving."""
KIND_WORDS = {kind.value: KINDS[kind] for kind in (Kind.ROUTINE, Kind.PRIORITY)}
TONE = "Tiếng chờ êm của trạm"
_TRIALS = "relay_trials"
_MINUTES = f"Thời lượng từ 1 đến {LONGEST_MINUTES} phút."


def _version_number(sent: str | None) -> str:
    return sent if sent and sent.isdecimal() and len(sent) < 10 else "0"


class RelayForm(Form):
    title = text_field("Tên chương trình", "Hãy đặt tên, ví dụ: Thời sự 18 giờ của tỉnh.", LONGEST_TITLE)
    address = text_field("Địa chỉ nguồn", "Hãy dán địa chỉ của luồng âm thanh.", LONGEST_ADDRESS)
    minutes = IntegerField(
        "Thời lượng, phút",
        [InputRequired("Hãy nhập số phút tiếp âm."), NumberRange(1, LONGEST_MINUTES, _MINUTES)],
        default=30,
    )
    filler_sha256 = pick("Khi mất nguồn thì phát")
    kind = pick("Loại tin", KIND_WORDS, default=Kind.ROUTINE.value)
    topic = text_field("Chủ đề", characters=LONGEST_TOPIC)
    valid_from = Day("Có hiệu lực từ ngày")
    valid_until = Day("Đến hết ngày")
    based_on = HiddenField(default="0", filters=[_version_number])

    def draft(self) -> RelayDraft:
        return RelayDraft(
            title=self.title.data,
            address=self.address.data,
            minutes=self.minutes.data,
            filler_sha256=self.filler_sha256.data or "",
            kind=self.kind.data,
            topic=self.topic.data or "",
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
        )


@pages.get("")
def all_relays() -> ResponseReturnValue:
    coming = planning.coming(reading(), now())
    return render_template(
        "relays/all.html",
        found=[(each, describe(reading(), each, now())) for each in relays.all_relays(reading())],
        next_of={airing.bulletin_id: airing.planned_at for airing in reversed(coming)},
    )


@pages.route("/moi", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form = _form(RelayForm())
    if TRY in request.form:
        return _edit_page(form, None, _try(form))
    if form.is_sent():
        try:
            with writing() as rows:
                made = relays.write(rows, me(), form.draft(), now())
        except Refused as error:
            tell(error, form)
        else:
            flash("Đã lưu bản nháp. Việc tiếp theo: nghe thử nguồn rồi gửi duyệt.", "done")
            return redirect(url_for("relays.show", bulletin_id=made.id), 303)
    return _edit_page(form, None)


@pages.get("/<int:bulletin_id>")
def show(bulletin_id: int) -> ResponseReturnValue:
    bulletin = relays.get(reading(), bulletin_id)
    return render_template(
        "relays/show.html",
        bulletin=bulletin,
        view=describe(reading(), bulletin, now()),
        versions=bulletins.versions(reading(), bulletin_id),
        steps=bulletins.steps(reading(), bulletin_id),
        coming=planning.coming(reading(), now(), bulletin_id=bulletin_id),
        trial=request.args.get(TRY, ""),
    )


@pages.route("/<int:bulletin_id>/sua", methods=["GET", "POST"])
def edit(bulletin_id: int) -> ResponseReturnValue:
    bulletin = relays.get(reading(), bulletin_id)
    form = _form(RelayForm(data=_values(bulletin)), bulletin)
    if TRY in request.form:
        return _edit_page(form, bulletin, _try(form))
    if form.is_sent():
        try:
            with writing() as rows:
                relays.edit(rows, me(), bulletin_id, form.draft(), int(form.based_on.data), now())
        except EditedMeanwhile as error:
            flash(str(error), "error")
            form.based_on.raw_data, form.based_on.data = None, str(error.newest_number)
        except Refused as error:
            tell(error, form)
        else:
            editors.here().leave(bulletin_id, me().id)
            flash("Đã lưu phiên bản mới.", "done")
            return redirect(url_for("relays.show", bulletin_id=bulletin_id), 303)
    return _edit_page(form, relays.get(reading(), bulletin_id))


@pages.post("/<int:bulletin_id>/nghe-thu")
def listen(bulletin_id: int) -> ResponseReturnValue:
    """Listen to the saved address, and go back to the page that asked: the relay's own or the approver's."""
    bulletin = relays.get(reading(), bulletin_id)
    number = trials().begin(relays.draft_of(reading(), bulletin).address)
    page = "approvals.one" if request.form.get("ve") == "duyet" else "relays.show"
    back: dict[str, Any] = {"bulletin_id": bulletin_id, TRY: number, "_anchor": "nghe-thu"}
    return redirect(url_for(page, **back), 303)


@pages.get("/thu/<trial>")
def trial(trial: str) -> ResponseReturnValue:
    """A part of a page that shows itself anew until the listening is over."""
    try:
        found = trials().look(trial)
    except NotFound as error:
        return render_template("relays/trial.html", found=None, sentence=str(error), number=trial), 404
    return render_template("relays/trial.html", found=found, number=trial)


@pages.get("/thu/<trial>.wav")
def trial_sound(trial: str) -> ResponseReturnValue:
    sound = trials().look(trial).sound
    if sound is None:
        raise NotFound("Lần nghe thử này không thu được tiếng nào.")
    answer = send_file(sound, mimetype="audio/wav", conditional=True, etag=trial, max_age=0)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def trials() -> Trials:
    """Return the trials of this page server."""
    made: Trials = current_app.extensions.setdefault(_TRIALS, Trials(ward().settings.folder))
    return made


def close(app: Flask) -> None:
    if _TRIALS in app.extensions:
        app.extensions[_TRIALS].close()


def _try(form: RelayForm) -> str:
    """Begin to listen to the address that stands in the form; return the trial, or say why there is none."""
    try:
        return trials().begin(form.address.data or "")
    except Refused as error:
        form.address.errors = []
        tell(error, form)
        return ""


def _edit_page(form: RelayForm, bulletin: Bulletin | None, trial: str = "") -> str:
    others = editors.here().enter(bulletin.id, me(), now()) if bulletin is not None else []
    return render_template(
        "relays/edit.html",
        form=form,
        bulletin=bulletin,
        others=others,
        topics=offered_topics(),
        trial=trial,
    )


def _form(form: RelayForm, bulletin: Bulletin | None = None) -> RelayForm:
    """Offer the fillers that are signed now, and the one that this relay has already."""
    row = relays.of_version(reading(), bulletin.version_id) if bulletin is not None else None
    kept = {row.filler_sha256: row.filler_title} if row is not None and row.filler_sha256 else {}
    signed = {
        each.sha256: f"{each.title}, {length_text(each.seconds)}, phát lặp lại"
        for each in relays.fillers(reading())
    }
    form.filler_sha256.choices = {"": TONE, **kept, **signed}
    return form


def _values(bulletin: Bulletin) -> dict[str, object]:
    draft = relays.draft_of(reading(), bulletin)
    number = bulletin.version.number if bulletin.version is not None else 0
    return {**{name: getattr(draft, name) for name in RelayDraft.__slots__}, "based_on": str(number)}
