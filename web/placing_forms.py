"""The ways to put a bulletin on the air, each a form of its own on one page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from wtforms import HiddenField, IntegerField, Label, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from broadcaster.errors import Invalid
from broadcaster.playout.requesting import MOST_IN_A_SERIES, MOST_TIMES_A_DAY
from schedules.recurrence import spread
from web import words
from web.forms import Boxes, Day, Form, Hour, hours_of, longest, pick, text_field


class WayForm(Form):
    """One way; `override` is the reason of who may break a limit and does."""

    way = HiddenField()
    override = text_field("Lý do vượt giới hạn", characters=300)


class QueueForm(WayForm):
    times = IntegerField(
        "Số buổi", [InputRequired("Hãy nhập số buổi."), NumberRange(1, 14, "Từ 1 đến 14 buổi.")], default=1
    )


class ProgrammeForm(WayForm):
    programme_id = pick("Chương trình", coerce=int, validate_choice=False)
    first_date = Day("Từ ngày")
    last_date = Day("Đến hết ngày")


class AtForm(WayForm):
    on = Day("Ngày phát", "Hãy nhập ngày phát.")
    at = Hour("Giờ phát", "Hãy nhập giờ phát.")
    zones = Boxes("Cụm loa", coerce=int, choices={})


class DailyForm(WayForm):
    times = StringField("Các giờ phát trong ngày", [Optional(), longest(300)])
    count = IntegerField(
        "Chia đều: số lần",
        [Optional(), NumberRange(1, MOST_TIMES_A_DAY, f"Từ 1 đến {MOST_TIMES_A_DAY} lần.")],
    )
    earliest = Hour("từ giờ")
    latest = Hour("đến giờ")
    days = Boxes("Ngày trong tuần", coerce=int, choices=dict(enumerate(words.WEEKDAYS)))
    first_date = Day("Từ ngày", "Hãy nhập ngày đầu.")
    last_date = Day("Đến hết ngày", "Hãy nhập ngày cuối.")
    zones = Boxes("Cụm loa", coerce=int, choices={})

    def asked_times(self) -> list[time]:
        """Return the times as typed, or spread evenly; Invalid when neither can be read."""
        if self.times.data and self.times.data.strip():
            return _typed(self.times.data)
        if not self.count.data:
            raise Invalid("Hãy ghi các giờ phát, hoặc số lần để chia đều trong ngày.", field="times")
        try:
            return list(spread(self.earliest.data, self.latest.data, self.count.data))
        except (ValueError, AttributeError) as error:
            raise Invalid(
                "Chưa chia đều được: hãy ghi giờ đầu, giờ cuối muộn hơn và số lần vừa phải.", field="count"
            ) from error


class SeriesForm(WayForm):
    every_min = IntegerField(
        "Lặp lại mỗi (phút)",
        [InputRequired("Hãy nhập số phút."), NumberRange(1, 720, "Từ 1 đến 720 phút.")],
        default=30,
    )
    until = Hour("Đến giờ", "Hãy nhập giờ thôi phát.")
    most = IntegerField(
        "Nhiều nhất (lần)",
        [
            InputRequired("Hãy nhập số lần."),
            NumberRange(1, MOST_IN_A_SERIES, f"Từ 1 đến {MOST_IN_A_SERIES} lần."),
        ],
        default=12,
    )
    zones = Boxes("Cụm loa", coerce=int, choices={})


class NextForm(WayForm):
    zones = Boxes("Cụm loa", coerce=int, choices={})


WAYS: dict[str, type[WayForm]] = {
    "queue": QueueForm,
    "programme": ProgrammeForm,
    "at": AtForm,
    "daily": DailyForm,
    "series": SeriesForm,
    "next": NextForm,
}


def forms(sent: str, values: dict[str, Any], zones: dict[int, str]) -> dict[str, WayForm]:
    """Return the form of each way; the one that was `sent` holds what was typed."""
    return {way: _form(way, kind, way == sent, values, zones) for way, kind in WAYS.items()}


def _form(
    way: str, kind: type[WayForm], is_sent: bool, values: dict[str, Any], zones: dict[int, str]
) -> WayForm:
    form = kind(data=values) if is_sent else kind(formdata=None, data=values)
    form.way.data = way
    if "zones" in form:
        form.zones.choices = zones
        if not is_sent:
            form.zones.data = list(zones)
    for field in form:
        field.id = f"{way}-{field.short_name}"
        field.label = Label(field.id, field.label.text)
    return form


def _typed(text: str) -> list[time]:
    try:
        return hours_of(text)
    except ValueError as error:
        raise Invalid("Có giờ chưa đọc được; hãy gõ như 5h30, 11h, 17h.", field="times") from error


def days_or_none(days: Iterable[int] | None, first: date, last: date) -> list[int] | None:
    """Return the days of the week that were chosen; None, all of them, when none was."""
    chosen = sorted(days or ())
    return chosen if chosen and first <= last else None
