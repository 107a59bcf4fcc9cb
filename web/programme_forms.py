"""The forms of the programme editor: the programme, its seasons and parts, and the dates that differ."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from typing import Any

from wtforms import FieldList, FormField, IntegerField, RadioField, StringField
from wtforms import Form as Rows
from wtforms.validators import InputRequired, NumberRange, Optional

from broadcaster.errors import Invalid
from broadcaster.playout.programmes import Frame, PartFrame, SeasonFrame
from broadcaster.playout.sections import PART_KINDS, QUEUE
from web import words
from web.forms import Boxes, Day, Form, Hour, hour_of, pick, required, text_field, tidy

PART_ROWS, SEASON_ROWS = 8, 3
_DAY_OF_YEAR = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})")
_MINUTES = "Từ 1 đến 240 phút."


class SeasonRow(Rows):  # type: ignore[misc]
    """One season, typed as dd/mm, dd/mm and a time; an empty row is none."""

    first = StringField("Từ ngày", filters=[tidy])
    last = StringField("Đến hết ngày", filters=[tidy])
    at = StringField("Bắt đầu lúc", filters=[tidy])

    def frame(self) -> SeasonFrame | None:
        if not (self.first.data or self.last.data or self.at.data):
            return None
        return SeasonFrame(_day_of_year(self.first.data), _day_of_year(self.last.data), _time(self.at.data))


class PartRow(Rows):  # type: ignore[misc]
    """One part in the order of the programme; a row without a kind is none."""

    kind = pick("Loại phần", {"": "(không dùng)", **PART_KINDS}, default="")
    title = StringField("Tên phần", filters=[tidy])
    bulletin_id = pick("Bản tin sẽ phát", coerce=int, validate_choice=False, default=0)
    longest_min = IntegerField("Nhiều nhất (phút)", [Optional(), NumberRange(1, 240, _MINUTES)])
    topics = StringField("Chỉ nhận chủ đề", filters=[tidy])
    is_priority = pick("Nhận loại tin", {"": "mọi loại", "priority": "chỉ tin ưu tiên"}, default="")

    def frame(self) -> PartFrame | None:
        if not self.kind.data:
            return None
        return PartFrame(
            kind=self.kind.data,
            title=self.title.data or PART_KINDS[self.kind.data],
            bulletin_id=self.bulletin_id.data or None,
            longest_s=self.longest_min.data * 60 if self.longest_min.data else None,
            topics=tuple(topic.strip() for topic in self.topics.data.split(",") if topic.strip()),
            kinds=(self.is_priority.data,) if self.is_priority.data else (),
        )


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
        "Dài nhất (phút)", [InputRequired("Hãy nhập số phút."), NumberRange(1, 240, _MINUTES)], default=30
    )
    late_min = IntegerField(
        "Được bắt đầu trễ nhất (phút)",
        [InputRequired("Hãy nhập số phút."), NumberRange(0, 60, "Từ 0 đến 60 phút.")],
        default=5,
    )
    zones = Boxes("Cụm loa", coerce=int, choices={})
    first_date = Day("Từ ngày")
    last_date = Day("Đến hết ngày")
    seasons = FieldList(FormField(SeasonRow), min_entries=SEASON_ROWS, max_entries=SEASON_ROWS)
    parts = FieldList(FormField(PartRow), min_entries=PART_ROWS, max_entries=PART_ROWS)

    def choose_from(self, zones: dict[int, str], bulletins: dict[int, str]) -> None:
        self.zones.choices = zones
        for row in self.parts:
            row.form.bulletin_id.choices = {0: "(chọn bản tin đã duyệt)", **bulletins}

    def frame(self) -> Frame:
        """Return what was filled in; raises Invalid for a season that is no season."""
        return Frame(
            name=self.name.data,
            days=self.days.data,
            starts_at=self.starts_at.data,
            zone_ids=self.zones.data or (),
            longest_s=self.longest_min.data * 60,
            late_window_s=self.late_min.data * 60,
            first_date=self.first_date.data,
            last_date=self.last_date.data,
            seasons=tuple(_filled(row.form.frame() for row in self.seasons)),
            parts=tuple(_filled(row.form.frame() for row in self.parts)),
        )


class DateForm(Form):
    """One date that differs from the rule."""

    on = Day("Ngày", "Hãy nhập ngày, ví dụ 23/11/2026.")
    what = RadioField(
        "Ngày đó", choices={"cancel": "Không phát", "move": "Phát vào giờ khác"}, default="cancel"
    )
    at = Hour("Giờ khác")
    reason = text_field("Lý do", "Hãy ghi lý do; lý do được giữ trong nhật ký.", id="ly-do-ngay")


class PauseForm(Form):
    first_date = Day("Nghỉ từ ngày", "Hãy nhập ngày đầu.", id="nghi-tu")
    last_date = Day("Đến hết ngày", "Hãy nhập ngày cuối.", id="nghi-den")
    reason = text_field("Lý do", "Hãy ghi lý do; lý do được giữ trong nhật ký.", id="ly-do-nghi")


def values_of(frame: Frame) -> dict[str, Any]:
    """Return what a form shows of a programme."""
    names = ("name", "days", "starts_at", "first_date", "last_date")
    return {
        **{name: getattr(frame, name) for name in names},
        "longest_min": frame.longest_s // 60,
        "late_min": frame.late_window_s // 60,
        "zones": list(frame.zone_ids),
        "seasons": [_season_values(season) for season in frame.seasons],
        "parts": [_part_values(part) for part in frame.parts],
    }


def _season_values(season: SeasonFrame) -> dict[str, str]:
    (first_month, first_day), (last_month, last_day) = season.first, season.last
    return {
        "first": f"{first_day:02}/{first_month:02}",
        "last": f"{last_day:02}/{last_month:02}",
        "at": f"{season.starts_at:%H:%M}",
    }


def _part_values(part: PartFrame) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "title": part.title,
        "bulletin_id": part.bulletin_id or 0,
        "longest_min": part.longest_s // 60 if part.longest_s and part.kind == QUEUE else None,
        "topics": ", ".join(part.topics),
        "is_priority": "priority" if part.kinds == ("priority",) else "",
    }


def _filled(frames: Iterable[Any]) -> list[Any]:
    return [frame for frame in frames if frame is not None]


def _day_of_year(typed: str | None) -> tuple[int, int]:
    found = _DAY_OF_YEAR.fullmatch(typed or "")
    if found is None:
        raise Invalid("Ngày của mùa chưa đúng; hãy gõ ngày/tháng, ví dụ 16/04.", field="seasons")
    return int(found[2]), int(found[1])


def _time(typed: str | None) -> time:
    try:
        return hour_of(typed or "")
    except ValueError:
        raise Invalid("Giờ của mùa chưa đúng; hãy gõ ví dụ 5:00.", field="seasons") from None
