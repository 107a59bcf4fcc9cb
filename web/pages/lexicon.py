"""Từ điển đọc: the station's own readings, each heard before it is kept; their history; CSV out and in."""

from __future__ import annotations

import base64
import binascii
import hashlib

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField

from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.newsroom import readings, readings_csv, readings_history
from broadcaster.newsroom.readings import LONGEST_CONTEXT, LONGEST_SPOKEN, LONGEST_WRITTEN
from broadcaster.store.models import Reading
from broadcaster.text import Spoken
from web import listening
from web.context import me, now, reading, today, writing
from web.errors import tell
from web.forms import Form, text_field

pages = Blueprint("lexicon", __name__, url_prefix="/tu-dien")

PAGE = 100


class Search(Form):
    class Meta:
        csrf = False  # it only looks

    words = text_field("Tìm theo chữ viết hoặc cách đọc")


class ReadingForm(Form):
    written = text_field("Chữ viết", "Hãy nhập chữ viết cần đọc.", LONGEST_WRITTEN)
    spoken = text_field("Đọc là", "Hãy nhập cách đọc bằng chữ.", LONGEST_SPOKEN)
    example = text_field("Câu ví dụ để nghe", characters=LONGEST_CONTEXT)
    heard = HiddenField()
    """The mark of the reading that was offered to be heard: only exactly that one is kept."""

    def mark(self) -> str:
        return hashlib.sha256(f"{self.written.data}\0{self.spoken.data}".encode()).hexdigest()[:12]


class FileForm(Form):
    file = FileField("Tệp CSV")
    is_whole = BooleanField("Tệp là toàn bộ từ điển: bỏ những cách đọc không có trong tệp")
    content = HiddenField()
    based_on = HiddenField()


@pages.get("")
def entries() -> ResponseReturnValue:
    form = Search(formdata=request.args)
    found = readings.entries(reading(), form.words.data or "")
    offset = max(0, request.args.get("tu", 0, type=int))
    return render_template(
        "lexicon/entries.html",
        form=form,
        found=found[offset : offset + PAGE],
        total=len(found),
        offset=offset,
        page=PAGE,
        asked={"words": form.words.data} if form.words.data else {},
        add=ReadingForm(formdata=None),
        version=readings.version(reading()),
    )


@pages.route("/them", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    return _heard_then_kept(ReadingForm(), None)


@pages.route("/<int:reading_id>", methods=["GET", "POST"])
def edit(reading_id: int) -> ResponseReturnValue:
    """Say it otherwise from now on: the old row is ended, a new one stands in its place."""
    kept = _kept(reading_id)
    form = ReadingForm(data={"written": kept.written, "spoken": kept.spoken})
    form.written.data = kept.written  # the place stays; another writing is another entry
    return _heard_then_kept(form, kept)


@pages.post("/<int:reading_id>/bo")
def retire(reading_id: int) -> ResponseReturnValue:
    kept = _kept(reading_id)
    with writing() as rows:
        readings.retire(rows, me(), kept.id, now())
    flash(f"Đã bỏ “{kept.written}” khỏi từ điển. Bản tin đã duyệt không đổi.", "done")
    return redirect(url_for("lexicon.entries"), 303)


@pages.get("/nghe.wav")
def listen() -> ResponseReturnValue:
    """Send the sound of an example with a reading that is perhaps not kept yet."""
    asked = (request.args.get(name, "") for name in ("written", "spoken", "example"))
    spoken = readings.tried(reading(), None, *asked)
    return listening.send((each.text, each.pause_ms) for each in spoken.sentences)


@pages.get("/thay-doi")
def changes() -> ResponseReturnValue:
    found = readings_history.versions(reading())
    offset = max(0, request.args.get("tu", 0, type=int))
    return render_template(
        "lexicon/changes.html",
        versions=found[offset : offset + PAGE],
        total=len(found),
        offset=offset,
        page=PAGE,
        act_words=readings_history.ACT_WORDS,
    )


@pages.get("/tu-dien.csv")
def csv_file() -> ResponseReturnValue:
    lines = list(readings_csv.csv_lines(reading()))
    answer = Response("".join(lines).encode(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="tu-dien-doc-{today():%Y-%m-%d}.csv"'
    return answer


@pages.route("/nhap", methods=["GET", "POST"])
def take() -> ResponseReturnValue:
    """Show what a file would change; once that was shown, do it."""
    form, preview = FileForm(), None
    if form.is_sent():
        try:
            content = _content(form)
            if form.based_on.data and not form.file.data:
                return _applied(form, content)
            preview = readings_csv.preview(reading(), content, is_whole=form.is_whole.data)
            _carry(form, content, preview)
        except Refused as error:
            tell(error, form)
            form.based_on.raw_data, form.based_on.data = None, ""
    return render_template("lexicon/take.html", form=form, preview=preview)


def _heard_then_kept(form: ReadingForm, kept: Reading | None) -> ResponseReturnValue:
    """Show the form, then the sound, then keep: what was changed after hearing is heard again first."""
    spoken = None
    if form.is_sent():
        try:
            spoken = _tried(form)
            if form.heard.data == form.mark():
                return _save(form, kept)
        except Refused as error:
            tell(error, form)
        form.heard.raw_data, form.heard.data = None, form.mark() if spoken else ""
    sound = _sound(form) if spoken is not None else ""
    return render_template("lexicon/reading.html", form=form, kept=kept, spoken=spoken, sound=sound)


def _tried(form: ReadingForm) -> Spoken:
    spoken = readings.tried(reading(), None, form.written.data, form.spoken.data, form.example.data or "")
    if spoken.undecided:
        words = ", ".join(f"“{token.written}”" for token in spoken.undecided)
        raise Invalid(f"Câu ví dụ còn chữ chưa rõ cách đọc: {words}; hãy đổi câu khác.", field="example")
    return spoken


def _save(form: ReadingForm, kept: Reading | None) -> ResponseReturnValue:
    context = kept.context if kept is not None else None
    with writing() as rows:
        readings.decide(rows, me(), None, form.written.data, form.spoken.data, context, now())
    flash(f"Từ nay “{form.written.data}” đọc là “{form.spoken.data}” trong mọi bản tin chưa duyệt.", "done")
    return redirect(url_for("lexicon.entries"), 303)


def _sound(form: ReadingForm) -> str:
    written, spoken, example = (form[name].data or "" for name in ("written", "spoken", "example"))
    return url_for("lexicon.listen", written=written, spoken=spoken, example=example)


def _kept(reading_id: int) -> Reading:
    found = reading().get(Reading, reading_id)
    if found is None or found.bulletin_id is not None or found.retired_at is not None:
        raise NotFound("Cách đọc này không còn trong từ điển; hãy tải lại trang Từ điển đọc.")
    return found


def _content(form: FileForm) -> bytes:
    """Return the bytes of the chosen file, or of the one whose preview was shown."""
    if form.file.data:
        with form.file.data.stream as file:
            return bytes(file.read())
    if not form.content.data:
        raise Invalid("Hãy chọn tệp CSV cần nhập.", field="file")
    try:
        return base64.b64decode(form.content.data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("Hãy chọn lại tệp CSV cần nhập.", field="file") from error


def _carry(form: FileForm, content: bytes, preview: readings_csv.Preview) -> None:
    """Let the form bring the file along to the next step."""
    form.content.raw_data, form.content.data = None, base64.b64encode(content).decode()
    form.based_on.raw_data, form.based_on.data = None, preview.based_on


def _applied(form: FileForm, content: bytes) -> ResponseReturnValue:
    with writing() as rows:
        done = readings_csv.apply(rows, me(), content, form.based_on.data, now(), is_whole=form.is_whole.data)
    flash(
        f"Đã nhập từ điển: thêm {len(done.added)}, sửa {len(done.changed)}, bỏ {len(done.removed)}.", "done"
    )
    return redirect(url_for("lexicon.entries"), 303)
