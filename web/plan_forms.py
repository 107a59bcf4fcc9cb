"""The forms of a plan: its head, its topics with their quotas, a quota that changes from a day on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, FieldList, FormField, HiddenField, IntegerField, StringField
from wtforms import Form as Rows
from wtforms.validators import InputRequired, NumberRange, Optional

from broadcaster.errors import Invalid
from broadcaster.newsroom.plan_frames import MOST_DUE, MOST_TOPICS, PlanFrame, TopicFrame
from broadcaster.records.plan_periods import PERS, UNITS, Quota
from web.forms import Boxes, Day, Form, pick, row_number, text_field, tidy

MORE_ROWS = 3
"""Empty rows offered at a time."""
_SEPARATOR = ";"


class TopicRow(Rows):  # type: ignore[misc]
    """One topic; a row without a name is none."""

    number = HiddenField()
    name = StringField("Nội dung tuyên truyền", filters=[tidy])
    amount = IntegerField(
        "Ít nhất", [Optional(), NumberRange(1, MOST_DUE, f"Một số từ 1 đến {MOST_DUE}.")], default=1
    )
    unit = pick("Tính bằng", UNITS, default="items")
    per = pick("Trong", PERS, default="month")
    topics = StringField("Chủ đề bản tin được tính", filters=[tidy])

    def frame(self, standing: Mapping[int, TopicFrame]) -> TopicFrame | None:
        """Return the topic; what is due of one in force is not on this form, `standing` tells it."""
        if not self.name.data:
            return None
        number = int(self.number.data) if (self.number.data or "").isdecimal() else None
        counted = tuple(name.strip() for name in self.topics.data.split(_SEPARATOR) if name.strip())
        known = standing.get(number) if number is not None else None
        if known is not None:
            return TopicFrame(self.name.data, counted, known.amount, known.unit, known.per, number)
        if self.amount.data is None:
            raise Invalid(f"Hãy ghi chỉ tiêu của “{self.name.data}”, ví dụ 1.", field="topics")
        return TopicFrame(self.name.data, counted, self.amount.data, self.unit.data, self.per.data, number)


class PlanForm(Form):
    about = text_field("Kế hoạch về việc", "Hãy ghi kế hoạch về việc gì.", 300)
    number = text_field("Số kế hoạch", characters=64)
    issued_on = Day("Ngày ban hành")
    issuer = text_field("Cơ quan ban hành")
    first_date = Day("Thực hiện từ ngày", "Hãy ghi ngày bắt đầu.")
    last_date = Day("Đến hết ngày", "Hãy ghi ngày kết thúc.")
    topics = FieldList(FormField(TopicRow), min_entries=MORE_ROWS, max_entries=MOST_TOPICS)
    people = Boxes("Người phụ trách", coerce=int, choices={})
    file = FileField("Tệp kế hoạch đính kèm")
    drops_file = BooleanField("Bỏ tệp đang đính kèm")
    based_on = HiddenField(filters=[row_number])

    def add_rows(self) -> None:
        for _ in range(min(MORE_ROWS, MOST_TOPICS - len(self.topics))):
            self.topics.append_entry()

    def add_missing(self, topics: Sequence[TopicFrame]) -> None:
        """Add those of `topics` that this form never showed: somebody else added them meanwhile."""
        shown = {row.form.number.data for row in self.topics}
        for values in map(_row_values, topics):
            if values["number"] not in shown and len(self.topics) < MOST_TOPICS:
                self.topics.append_entry(values)

    def frame(self, standing: Mapping[int, TopicFrame] | None = None) -> PlanFrame:
        """Return what was filled in; raises Invalid for a topic that asks for nothing."""
        rows = [row.form.frame(standing or {}) for row in self.topics]
        return PlanFrame(
            about=self.about.data,
            first_date=self.first_date.data,
            last_date=self.last_date.data,
            number=self.number.data or "",
            issued_on=self.issued_on.data,
            issuer=self.issuer.data or "",
            topics=tuple(row for row in rows if row is not None),
            person_ids=tuple(self.people.data or ()),
        )


class QuotaForm(Form):
    from_date = Day("Tính từ ngày", "Hãy ghi từ ngày nào.")
    amount = IntegerField(
        "Ít nhất", [InputRequired("Hãy ghi một số; 0 là thôi."), NumberRange(0, MOST_DUE, "Từ 0 trở lên.")]
    )
    unit = pick("Tính bằng", UNITS)
    per = pick("Trong", PERS)

    def quota(self) -> Quota:
        return Quota(self.from_date.data, self.amount.data, self.unit.data, self.per.data)


def values_of(frame: PlanFrame) -> dict[str, Any]:
    """Return what the form shows of a plan."""
    plain = ("about", "number", "issued_on", "issuer", "first_date", "last_date")
    return {
        **{name: getattr(frame, name) for name in plain},
        "topics": [_row_values(topic) for topic in frame.topics],
        "people": list(frame.person_ids),
    }


def _row_values(topic: TopicFrame) -> dict[str, Any]:
    return {
        "number": str(topic.number or ""),
        "name": topic.name,
        "amount": topic.amount,
        "unit": topic.unit,
        "per": topic.per,
        "topics": "" if topic.topics == (topic.name,) else f"{_SEPARATOR} ".join(topic.topics),
    }
