"""Trang cho người dân: what sounds, what was aired, a form to report a fault; off by default."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import clips
from broadcaster.playout import aircheck_files, announced, complaint_desk, zones
from broadcaster.playout.announced import Fate
from broadcaster.records import complaints, residents
from broadcaster.records.complaints import NewComplaint
from broadcaster.records.residents import Aired
from broadcaster.store import facts
from web import residents_answers, residents_door
from web.context import now, reading, today, ward, writing
from web.errors import tell
from web.forms import Form, longest, pick, required, text_field
from web.residents_answers import cacheable, never_kept, page, sound_file
from web.typed import day_of
from web.words import Badge

pages = Blueprint("residents", __name__, url_prefix=residents_door.PREFIX)
residents_answers.install(pages)

FRESH_S = 60
FRESH_IN_ALARM_S = 10
DAYS_LINKED = 7
FATES = {
    Fate.COMING: Badge("sẽ phát", "clock", "blue"),
    Fate.NOW: Badge("đang phát", "on-air", "red"),
    Fate.HEARD: Badge("đã phát", "check", "green"),
    Fate.BROKEN_OFF: Badge("bị ngắt giữa chừng", "cut", "orange"),
    Fate.UNHEARD: Badge("không phát được", "missed", "dark-red"),
}


class ReportForm(Form):
    class Meta:
        csrf = False  # nobody is signed in: see residents_door

    kind = pick("Phản ánh việc gì?")
    place = pick("Ở đâu?")
    text = TextAreaField(
        "Nội dung", [required("Hãy ghi điều bạn muốn phản ánh."), longest(complaints.LONGEST_TEXT)]
    )
    name = text_field("Tên của bạn", characters=complaints.LONGEST_NAME)
    phone = text_field("Số điện thoại", characters=complaints.LONGEST_PHONE)
    subject = text_field("Chủ đề thư")
    """A trap: people do not see it, programs fill it in."""


class CodeForm(Form):
    class Meta:
        csrf = False  # it only looks

    code = text_field("Mã tra cứu", "Hãy nhập mã đã nhận khi gửi phản ánh.", 60)


@pages.get("")
def show() -> ResponseReturnValue:
    days = announced.announced(reading(), today(), now())
    alerts = announced.standing_alerts(reading())
    first = residents.first_day(reading(), today())
    since = now() - timedelta(days=residents.past_days(reading()))
    shown = page(
        "today.html",
        answers=complaints.latest_public(reading(), since),
        kinds=complaints.KINDS,
        alerts=alerts,
        today=days[0],
        coming=[day for day in days[1:] if day.programmes],
        past=[day for day in _before(today()) if day >= first],
        fates=FATES,
    )
    return cacheable(shown, FRESH_IN_ALARM_S if alerts else FRESH_S)


@pages.get("/ngay/<day>")
def day(day: str) -> ResponseReturnValue:
    on = day_of(day)
    first = residents.first_day(reading(), today())
    if on is None or not first <= on <= today():
        abort(404)
    shown = page(
        "day.html",
        day=on,
        aired=residents.of_day(reading(), on, today()),
        before=on - timedelta(days=1) if on > first else None,
        after=on + timedelta(days=1) if on < today() else None,
    )
    return cacheable(shown, FRESH_S)


@pages.get("/tim")
def search() -> ResponseReturnValue:
    words = " ".join(request.args.get("loi", "").split())[: residents.LONGEST_SEARCH]
    found = residents.found(reading(), words, today()) if words else []
    shown = page("search.html", words=words, found=found, days=residents.past_days(reading()))
    return cacheable(shown, FRESH_S)


@pages.get("/luot/<airing_id>")
def one(airing_id: str) -> ResponseReturnValue:
    aired = _aired(airing_id)
    shown = page(
        "one.html",
        aired=aired,
        sounds=_addresses(aired),
        answers=complaints.public_answers(reading(), airing_id),
        kinds=complaints.KINDS,
    )
    return cacheable(shown, FRESH_S)


@pages.get("/luot/<airing_id>/nghe/<int:number>.opus")
def sound(airing_id: str, number: int) -> ResponseReturnValue:
    """Send what was heard, or a stretch of it, so that a player can jump in it."""
    kept = residents.sounds(reading(), _aired(airing_id))
    if not 1 <= number <= len(kept):
        abort(404)
    row = kept[number - 1]
    return sound_file(aircheck_files.path_of(ward().settings.folder, row), "audio/ogg", row.sha256)


@pages.get("/luot/<airing_id>/nghe.wav")
def clip(airing_id: str) -> ResponseReturnValue:
    """Send the signed sound, where what was heard is no longer kept."""
    sha256 = _aired(airing_id).clip_sha256
    if sha256 is None:
        abort(404)
    return sound_file(clips.path_of(ward().settings.folder, sha256), "audio/wav", sha256)


@pages.route("/phan-anh", methods=["GET", "POST"])
def report() -> ResponseReturnValue:
    airing_id = request.args.get("luot") or None
    about = _about(airing_id)
    form = ReportForm()
    form.kind.choices = {"": "Hãy chọn", **complaints.KINDS}
    form.place.choices = {"": "Không rõ, hoặc nhiều nơi"} | {name: name for name in _places()}
    if request.method == "GET":
        return never_kept(_report_page(form, airing_id, about))
    problem = ""
    try:
        stamp = residents_door.read_stamp(request.form.get("stamp", ""))
        if form.subject.data:
            raise Refused("Chưa gửi được; hãy bấm “Gửi phản ánh” lần nữa.")
        if form.is_sent():
            return _received(form, stamp)
    except Invalid as error:
        tell(error, form)
    except Refused as error:
        problem = str(error)
    form.subject.raw_data = form.subject.data = None
    return never_kept(_report_page(form, airing_id, about, problem), 400)


@pages.route("/tra-loi", methods=["GET", "POST"])
def answer() -> ResponseReturnValue:
    form = CodeForm()
    if not form.is_sent():
        return never_kept(page("answer.html", form=form), 400 if form.errors else 200)
    if not residents_door.may_try_a_code():
        form.code.errors = ["Đã thử quá nhiều lần; hãy đợi 10 phút rồi thử lại."]
        return never_kept(page("answer.html", form=form), 429)
    found = complaints.by_code(reading(), form.code.data)
    if found is None:
        form.code.errors = ["Không có phản ánh nào ứng với mã này; hãy xem lại từng chữ."]
        return never_kept(page("answer.html", form=form), 404)
    ended = residents.outcomes(reading(), [found.airing_id or ""]).get(found.airing_id or "")
    about = ended.title if ended is not None else ""
    return never_kept(
        page(
            "answer.html",
            form=form,
            found=found,
            about=about,
            kinds=complaints.KINDS,
            states=complaints.STATES,
        )
    )


def _received(form: ReportForm, stamp: residents_door.Stamp) -> ResponseReturnValue:
    code = residents_door.code_of(stamp)
    new = NewComplaint(
        airing_id=stamp.airing_id,
        kind=form.kind.data,
        place=form.place.data or "",
        text=form.text.data or "",
        name=form.name.data or "",
        phone=form.phone.data or "",
    )
    mark = residents_door.sender_mark()
    with writing() as rows:
        complaint_desk.receive(rows, new, code=code, stamp=stamp.text, sender_mark=mark, now=now())
    return never_kept(page("received.html", code=code))


def _report_page(form: ReportForm, airing_id: str | None, about: str, problem: str = "") -> str:
    return page(
        "report.html",
        form=form,
        about=about,
        airing_id=airing_id,
        stamp=residents_door.stamp_again(request.form.get("stamp", ""), airing_id),
        problem=problem,
        longest=complaints.LONGEST_TEXT,
        days=int(facts.get(reading(), facts.CONTACT_DAYS, complaints.CONTACT_DAYS)),
    )


def _about(airing_id: str | None) -> str:
    """Return the title of the airing that is reported of; what nobody may speak of is not there."""
    if airing_id is None:
        return ""
    if not residents.is_reportable(reading(), airing_id, now()):
        abort(404)
    ended = residents.outcomes(reading(), [airing_id]).get(airing_id)
    return ended.title if ended is not None else "bản tin đang phát"


def _aired(airing_id: str) -> Aired:
    aired = residents.get(reading(), airing_id, today())
    if aired is None:
        abort(404)
    return aired


def _addresses(aired: Aired) -> list[str]:
    """Return where the sound can be had: what was heard, else what was signed."""
    kept = residents.sounds(reading(), aired)
    if kept:
        numbers = range(1, len(kept) + 1)
        return [url_for("residents.sound", airing_id=aired.airing_id, number=number) for number in numbers]
    return [url_for("residents.clip", airing_id=aired.airing_id)] if aired.clip_sha256 else []


def _places() -> list[str]:
    return [zone.name for zone in zones.zones(reading()) if zone.is_active]


def _before(day: date) -> list[date]:
    return [day - timedelta(days=number) for number in range(1, DAYS_LINKED + 1)]
