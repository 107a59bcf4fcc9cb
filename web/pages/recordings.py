"""Recordings before air: sending a file or recording one, words and language, choosing what is kept of it."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import Optional, ValidationError

from broadcaster.errors import EditedMeanwhile, Invalid, Refused
from broadcaster.newsroom import bulletins, recordings, recordings_files
from broadcaster.newsroom.bulletins import LONGEST_TITLE, LONGEST_TOPIC, Draft
from broadcaster.newsroom.languages import LANGUAGES, VIETNAMESE
from broadcaster.newsroom.recordings import NO_WORDS, Cut
from broadcaster.newsroom.recordings_files import Sent
from broadcaster.playout import planning
from broadcaster.store.models import Bulletin, Kind
from web import editors
from web.context import me, now, reading, ward, writing
from web.errors import tell
from web.forms import Day, Form, pick, text_field
from web.pages.bulletins import offered_topics
from web.recording_view import describe, has_no_words
from web.security import may_record
from web.timecodes import Timecode
from web.words import KINDS

pages = Blueprint("recordings", __name__, url_prefix="/ban-thu")

TAKEN = "audio/*,video/*,.amr,.3gp,.opus,.ogg,.m4a,.mkv,.caf,.wma"
IN_ONE_PIECE_MB = 40
"""What a browser without script can send."""
KIND_WORDS = {kind.value: words for kind, words in KINDS.items()}


class SoundForm(Form):
    """A file, or the name under which its parts were sent already."""

    file = FileField("Chọn tệp âm thanh hoặc video, hoặc kéo tệp thả vào đây")
    upload = HiddenField()
    file_name = HiddenField()
    origin = HiddenField(default="upload")


class WordsForm(Form):
    title = text_field("Tên bản thu", "Hãy đặt tên cho bản thu.", LONGEST_TITLE)
    written = TextAreaField("Lời trong bản thu", [Optional()])
    no_words = BooleanField("Không có lời (nhạc không lời, tín hiệu)")
    is_music = BooleanField("Ca nhạc")
    language = pick("Ngôn ngữ", LANGUAGES, default=VIETNAMESE)
    kind = pick("Loại tin", KIND_WORDS, default=Kind.ROUTINE.value)
    topic = text_field("Chủ đề", characters=LONGEST_TOPIC)
    valid_from = Day("Có hiệu lực từ ngày")
    valid_until = Day("Đến hết ngày")

    def validate_no_words(self, field: BooleanField) -> None:
        if field.data and (self.written.data or "").strip() not in ("", NO_WORDS):
            raise ValidationError("Đã ghi lời thì bỏ dấu “Không có lời”, hoặc xóa phần lời.")

    def draft(self) -> Draft:
        return Draft(
            title=self.title.data,
            written=NO_WORDS if self.no_words.data else self.written.data or "",
            kind=self.kind.data,
            topic=self.topic.data or "",
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            language=self.language.data,
            is_music=self.is_music.data,
        )


class NewForm(SoundForm, WordsForm):
    pass


class EditForm(WordsForm):
    based_on = HiddenField(default="0")


class CutForm(Form):
    from_s = Timecode("Giữ từ")
    to_s = Timecode("Đến")


@pages.route("/moi", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form = NewForm()
    if form.is_submitted():
        _keep_file(form)
    if form.is_sent() and not form.file.errors:
        try:
            sent = _sent(form)
            with writing() as rows:
                made = recordings.begin(rows, me(), form.draft(), sent, _speech_lufs(), now())
                _adopt(form, sent)
        except Refused as error:
            tell(error, form)
        else:
            flash("Đã nhận âm thanh, máy đang xử lý. Có thể rời trang này.", "done")
            return redirect(url_for("recordings.show", bulletin_id=made.id), 303)
    return may_record(_sound_page("recordings/new.html", form, topics=offered_topics()))


@pages.get("/<int:bulletin_id>")
def show(bulletin_id: int) -> ResponseReturnValue:
    return _page_of(bulletin_id, None)


@pages.route("/<int:bulletin_id>/sua", methods=["GET", "POST"])
def edit(bulletin_id: int) -> ResponseReturnValue:
    bulletin = recordings.get(reading(), bulletin_id)
    form = EditForm(data=_values(bulletin))
    if form.is_sent():
        try:
            based_on = int(form.based_on.data) if str(form.based_on.data).isdecimal() else 0
            with writing() as rows:
                recordings.edit(rows, me(), bulletin_id, form.draft(), based_on, _speech_lufs(), now())
        except EditedMeanwhile as error:
            flash(str(error), "error")
            form.based_on.raw_data, form.based_on.data = None, str(error.newest_number)
        except Refused as error:
            tell(error, form)
        else:
            editors.here().leave(bulletin_id, me().id)
            flash("Đã lưu phiên bản mới.", "done")
            return redirect(url_for("recordings.show", bulletin_id=bulletin_id), 303)
    return render_template(
        "recordings/edit.html",
        form=form,
        bulletin=recordings.get(reading(), bulletin_id),
        others=editors.here().enter(bulletin_id, me(), now()),
        topics=offered_topics(),
    )


@pages.route("/<int:bulletin_id>/thay", methods=["GET", "POST"])
def replace(bulletin_id: int) -> ResponseReturnValue:
    """Take another file, or a new recording, in place of the sound."""
    bulletin, form = recordings.get(reading(), bulletin_id), SoundForm()
    if form.is_submitted():
        _keep_file(form)
    if form.is_sent() and not form.file.errors:
        try:
            sent = _sent(form)
            with writing() as rows:
                recordings.replace_sound(rows, me(), bulletin_id, sent, _speech_lufs(), now())
                _adopt(form, sent)
        except Refused as error:
            tell(error, form)
        else:
            flash("Đã nhận âm thanh mới, máy đang xử lý. Có thể rời trang này.", "done")
            return redirect(url_for("recordings.show", bulletin_id=bulletin_id), 303)
    return may_record(_sound_page("recordings/replace.html", form, bulletin=bulletin))


@pages.post("/<int:bulletin_id>/cat")
def cut(bulletin_id: int) -> ResponseReturnValue:
    form = CutForm()
    if form.is_sent():
        try:
            with writing() as rows:
                wanted = Cut(form.from_s.data or None, form.to_s.data)
                recordings.cut(rows, me(), bulletin_id, wanted, _speech_lufs(), now())
        except Refused as error:
            tell(error, form)
        else:
            return redirect(url_for("recordings.show", bulletin_id=bulletin_id, _anchor="nghe"), 303)
    return _page_of(bulletin_id, form)


@pages.post("/<int:bulletin_id>/lam-lai")
def retry(bulletin_id: int) -> ResponseReturnValue:
    with writing() as rows:
        recordings.retry(rows, me(), bulletin_id, now())
    return redirect(url_for("recordings.show", bulletin_id=bulletin_id, _anchor="nghe"), 303)


def _page_of(bulletin_id: int, typed: CutForm | None) -> str:
    bulletin = recordings.get(reading(), bulletin_id)
    view = describe(reading(), bulletin, now())
    work = view.recording
    kept = {"from_s": work.cut_from_s, "to_s": work.cut_to_s} if work is not None else {}
    return render_template(
        "recordings/show.html",
        bulletin=bulletin,
        view=view,
        cut=typed or CutForm(formdata=None, data=kept),
        coming=planning.coming(reading(), now(), bulletin_id=bulletin_id),
        versions=bulletins.versions(reading(), bulletin_id),
        steps=bulletins.steps(reading(), bulletin_id),
    )


def _sound_page(template: str, form: SoundForm, **more: Any) -> str:
    """Return a page on which a sound is chosen or recorded; each gets an upload of its own."""
    settings = ward().settings
    return render_template(
        template,
        form=form,
        taken=TAKEN,
        code=secrets.token_hex(16),
        part_bytes=recordings_files.PART_BYTES,
        largest_mb=settings.largest_upload_mb,
        in_one_piece_mb=min(IN_ONE_PIECE_MB, settings.largest_upload_mb),
        longest_min=settings.longest_recording_min,
        **more,
    )


def _keep_file(form: SoundForm) -> None:
    """Put a file that came with the form aside at once: another field's error must not lose it."""
    if not form.file.data:
        return
    code, name = secrets.token_hex(16), form.file.data.filename or ""
    most_bytes = ward().settings.largest_upload_mb * 1_000_000
    try:
        with form.file.data.stream as content:
            recordings_files.add_part(ward().settings.folder, me().id, code, 0, content, most_bytes)
    except Invalid as error:
        tell(error, form)
    else:
        form.upload.data, form.file_name.data, form.origin.data = code, name, "upload"
    form.file.data = None


def _sent(form: SoundForm) -> Sent:
    """Return the file of the form; raises Invalid, field `file`."""
    if not form.upload.data:
        raise Invalid("Hãy chọn một tệp, hoặc thu bằng micrô.", field="file")
    origin = "recording" if form.origin.data == "recording" else "upload"
    folder = ward().settings.folder
    return recordings_files.looked_at(folder, me().id, form.upload.data, form.file_name.data or "", origin)


def _adopt(form: SoundForm, sent: Sent) -> None:
    """Put the file in its place as the last step: what is refused before leaves it to be sent again."""
    recordings_files.adopt(ward().settings.folder, me().id, str(form.upload.data), sent)


def _values(bulletin: Bulletin) -> dict[str, object]:
    draft = bulletins.draft_of(bulletin)
    values = {name: getattr(draft, name) for name in Draft.__slots__}
    number = bulletin.version.number if bulletin.version else 0
    no_words = has_no_words(draft.written)
    return {
        **values,
        "written": "" if no_words else draft.written,
        "no_words": no_words,
        "based_on": str(number),
    }


def _speech_lufs() -> float:
    return ward().settings.target_lufs
