"""When it sounds: the week, the programmes, and putting a bulletin in a programme or at a time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, RadioField
from wtforms.validators import InputRequired, NumberRange

from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import bulletins
from broadcaster.playout import day, lengths, planning, programmes, requesting, zones
from broadcaster.playout.programmes import Frame
from broadcaster.store import Session
from broadcaster.store.models import Airing, Programme
from web import words
from web.context import me, now, reading, today, writing
from web.errors import tell
from web.forms import Boxes, Day, Form, Hour, moment, pick, required, text_field
from web.words import local

pages = Blueprint("schedule", __name__)

WAYS = {"programme": "Trong một chương trình", "at": "Vào một giờ riêng", "next": "Phát ngay khi loa rảnh"}


class ProgrammeForm(Form):
    name = text_field("Tên chương trình", "Hãy đặt tên cho chương trình.", 80)
    days = Boxes(
        "Ngày phát",
        coerce=int,
        choices=dict(enumerate(words.WEEKDAYS)),
        validators=[required("Hãy chọn ít nhất một ngày.")],
        default=list(range(7)),
    )
    starts_at = Hour("Giờ bắt đầu", "Hãy nhập giờ bắt đầu.")
    longest_min = IntegerField(
        "Dài nhất (phút)",
        [InputRequired("Hãy nhập số phút."), NumberRange(1, 240, "Từ 1 đến 240 phút.")],
        default=30,
    )
    late_min = IntegerField(
        "Được bắt đầu trễ nhất (phút)",
        [InputRequired("Hãy nhập số phút."), NumberRange(0, 60, "Từ 0 đến 60 phút.")],
        default=5,
    )
    zones = Boxes("Cụm loa", coerce=int, choices={})
    first_date = Day("Từ ngày")
    last_date = Day("Đến hết ngày")

    def frame(self) -> Frame:
        return Frame(
            name=self.name.data,
            days=self.days.data,
            starts_at=self.starts_at.data,
            zone_ids=self.zones.data or (),
            longest_s=self.longest_min.data * 60,
            late_window_s=self.late_min.data * 60,
            first_date=self.first_date.data,
            last_date=self.last_date.data,
        )


class PlaceForm(Form):
    way = RadioField("Phát khi nào", choices=WAYS, default="programme")
    programme_id = pick("Chương trình", coerce=int, validate_choice=False)
    first_date = Day("Từ ngày")
    last_date = Day("Đến hết ngày")
    on = Day("Ngày phát")
    at = Hour("Giờ phát")
    zones = Boxes("Cụm loa", coerce=int, choices={})


@pages.get("/lich-phat")
def week() -> ResponseReturnValue:
    first = _day("tuan") or today()
    first -= timedelta(days=first.weekday())
    return render_template(
        "schedule/week.html",
        days=[day.day_view(reading(), first + timedelta(days=number), now()) for number in range(7)],
        first=first,
        step=timedelta(days=7),
        programmes=programmes.all_programmes(reading()),
    )


@pages.route("/chuong-trinh/them", methods=["GET", "POST"])
def add_programme() -> ResponseReturnValue:
    form = _with_zones(ProgrammeForm())
    if form.is_sent():
        try:
            with writing() as rows:
                programmes.add(rows, me(), form.frame(), now())
        except Refused as error:
            tell(_renamed(error), form)
        else:
            flash(f"Đã thêm chương trình “{form.name.data}”.", "done")
            return redirect(url_for("schedule.week", _anchor="chuong-trinh"), 303)
    return render_template("schedule/programme.html", form=form, programme=None)


@pages.route("/chuong-trinh/<int:programme_id>", methods=["GET", "POST"])
def edit_programme(programme_id: int) -> ResponseReturnValue:
    programme = planning.living_programme(reading(), programme_id)
    form = _with_zones(ProgrammeForm(data=_values(programme)))
    if form.is_sent():
        try:
            with writing() as rows:
                programmes.edit(rows, me(), programme_id, form.frame(), now())
        except Refused as error:
            tell(_renamed(error), form)
        else:
            flash(f"Đã lưu chương trình “{form.name.data}”. Lịch sắp tới đã xếp lại.", "done")
            return redirect(url_for("schedule.week", _anchor="chuong-trinh"), 303)
    coming = planning.coming(reading(), now(), programme_id=programme_id)
    return render_template("schedule/programme.html", form=form, programme=programme, coming=coming)


@pages.post("/chuong-trinh/<int:programme_id>/ket-thuc")
def end_programme(programme_id: int) -> ResponseReturnValue:
    with writing() as rows:
        programmes.end(rows, me(), programme_id, request.form.get("reason", ""), now())
    flash("Đã kết thúc chương trình; các lượt phát sắp tới của nó đã hủy.", "done")
    return redirect(url_for("schedule.week", _anchor="chuong-trinh"), 303)


@pages.route("/ban-tin/<int:bulletin_id>/xep-lich", methods=["GET", "POST"])
def place(bulletin_id: int) -> ResponseReturnValue:
    bulletin = bulletins.get(reading(), bulletin_id)
    known = _soonest_first(programmes.all_programmes(reading()))
    first = local(known[0][1]).date() if known else today()
    form = _with_zones(PlaceForm(data={"first_date": first, "on": today()}))
    form.programme_id.choices = {each.id: _programme_words(each, at) for each, at in known}
    if not known and not form.is_submitted():
        form.way.data = "at"
    if form.is_sent():
        try:
            placed = _place(form, bulletin_id)
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã xếp lịch phát cho “{bulletin.title}”{_when(placed)}.", "done")
            return redirect(url_for("bulletins.show", bulletin_id=bulletin_id, _anchor="lich"), 303)
    return render_template(
        "schedule/place.html",
        form=form,
        bulletin=bulletin,
        programmes=[each for each, _ in known],
        seconds=lengths.predicted_seconds(reading(), bulletin),
    )


def _place(form: PlaceForm, bulletin_id: int) -> list[datetime]:
    """Put the bulletin where the form says; return when it sounds, as far as that is planned already."""
    with writing() as rows:
        return [airing.planned_at for airing in _placed(rows, form, bulletin_id)]


def _placed(rows: Session, form: PlaceForm, bulletin_id: int) -> list[Airing]:
    chosen = form.zones.data or ()
    if form.way.data == "next":
        return [requesting.request_next(rows, me(), bulletin_id, chosen, now())]
    if form.way.data == "at":
        if not form.at.data or not form.on.data:
            raise Invalid("Hãy nhập ngày và giờ phát.", field="at")
        at = moment(form.on.data, form.at.data)
        return [requesting.request_at(rows, me(), bulletin_id, at, chosen, now())]
    if not form.programme_id.data:
        raise Invalid("Hãy chọn một chương trình.", field="programme_id")
    first = form.first_date.data or today()
    if form.last_date.data is None:
        first = _next_date(planning.living_programme(rows, form.programme_id.data), first)
    return requesting.request_in_programme(
        rows, me(), bulletin_id, form.programme_id.data, first, form.last_date.data, now()
    )


def _soonest_first(known: list[Programme]) -> list[tuple[Programme, datetime]]:
    """Return the programmes that come again, with their next start: the first is what most people mean."""
    starts = [(each, programmes.next_start(each, now())) for each in known]
    return sorted(((each, at) for each, at in starts if at is not None), key=lambda pair: pair[1])


def _next_date(programme: Programme, first: date) -> date:
    """Return the programme's next date from `first` on: asked for once, it need not be that very day."""
    at = programmes.next_start(programme, max(now(), moment(first, time.min)))
    return local(at).date() if at is not None else first


def _when(placed: list[datetime]) -> str:
    if not placed:
        return ""
    more = f", và {len(placed) - 1} lượt sau đó" if len(placed) > 1 else ""
    return f": {words.near_text(placed[0], today())}{more}"


def _with_zones(form: Form) -> Form:
    known = zones.zones(reading())
    form.zones.choices = {zone.id: zone.name for zone in known}
    if not form.is_submitted() and not form.zones.data:
        form.zones.data = [zone.id for zone in known]
    return form


def _values(programme: Programme) -> dict[str, object]:
    names = ("name", "days", "starts_at", "first_date", "last_date")
    values = {name: getattr(programme, name) for name in names}
    minutes = {"longest_min": programme.longest_s // 60, "late_min": programme.late_window_s // 60}
    return {**values, **minutes, "zones": [zone.id for zone in programme.zones]}


def _renamed(error: Refused) -> Refused:
    """The programme speaks of seconds; its form asks for minutes."""
    fields = {"longest_s": "longest_min", "late_window_s": "late_min"}
    if isinstance(error, Invalid) and error.field in fields:
        return Invalid(str(error), field=fields[error.field])
    return error


def _programme_words(programme: Programme, at: datetime) -> str:
    usual = f"{words.time_text(programme.starts_at)}, {words.days_text(programme.days)}"
    return f"{programme.name} ({usual}); lần tới {words.near_text(at, today())}"


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
