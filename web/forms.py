"""The base of all forms and the fields with Vietnamese sentences of their own."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import DateField, Field, SelectField, SelectMultipleField, StringField, TimeField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from schedules.clock import LOCAL
from web.typed import is_review


class Form(FlaskForm):  # type: ignore[misc]
    """A form that comes back filled after a sign-in or an error instead of losing what was typed."""

    def is_sent(self) -> bool:
        """Return True when it was posted to be done, and every field is in order."""
        if not self.is_submitted() or is_review():
            return False
        passed: bool = self.validate()
        return passed


def required(words: str) -> InputRequired:
    return InputRequired(words)


def longest(characters: int) -> Length:
    return Length(max=characters, message=f"Dài quá {characters} ký tự; hãy rút ngắn.")


def text_field(label: str, needed: str = "", characters: int = 200, **more: Any) -> StringField:
    """A one-line text; `needed` is the sentence shown when it is empty (none: may stay empty)."""
    first = required(needed) if needed else Optional()
    return StringField(label, validators=[first, longest(characters)], filters=[tidy], **more)


def tidy(value: str | None) -> str:
    """One line in NFC without doubled spaces."""
    return " ".join(unicodedata.normalize("NFC", value or "").split())


class Day(DateField):  # type: ignore[misc]
    """A day as 23/11/2026, whatever language the browser speaks; its own date field follows its language."""

    widget = TextInput()

    def __init__(self, label: str, needed: str = "", **more: Any) -> None:
        first = required(needed) if needed else Optional()
        super().__init__(
            label, validators=[first], format=["%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"], **more
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Ngày chưa đúng; hãy gõ theo mẫu 23/11/2026.") from None


_HOUR = re.compile(
    r"(\d{1,2})\s*(?:(?:h|g|:|\.|giờ)\s*(?:(\d{1,2})|(rưỡi))?)?\s*(?:(?:phút|p)|[:.](\d{2}))?"
    r"\s*(sáng|trưa|chiều|tối|đêm)?",
    re.IGNORECASE,
)
_AFTER_NOON = ("chiều", "tối")


def hour_of(words: str) -> time:
    """Return the time of day that is meant by 17:00, 5h, 5h30, 17 giờ, 5 giờ rưỡi chiều.

    Raises ValueError for anything else.
    """
    found = _HOUR.fullmatch(unicodedata.normalize("NFC", words).strip())
    if found is None:
        raise ValueError("no time of day")
    hour, minute, half, second, part = found.groups()
    shift = 12 if (part or "").lower() in _AFTER_NOON and int(hour) < 12 else 0
    return time(int(hour) + shift, 30 if half else int(minute or 0), int(second or 0))


def hours_of(words: str) -> list[time]:
    """Return the times of day in a list such as “5h30, 11h và 17 giờ”; ValueError as `hour_of`."""
    pieces = (piece.strip() for piece in re.split(r"[,;\n]|\bvà\b", words))
    return sorted({hour_of(piece) for piece in pieces if piece})


class Hour(TimeField):  # type: ignore[misc]
    """A time of day as 17:00; a browser's own field may show it with AM and PM."""

    widget = TextInput()

    def __init__(self, label: str, needed: str = "", **more: Any) -> None:
        first = required(needed) if needed else Optional()
        super().__init__(label, validators=[first], **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            self.data: Any = hour_of(" ".join(valuelist)) if valuelist else None
        except ValueError:
            self.data = None
            raise ValueError("Giờ chưa đúng; hãy gõ theo mẫu 17:00, 17h hoặc 17 giờ.") from None


def pick(label: str, choices: dict[Any, str] | None = None, **more: Any) -> SelectField:
    """One of several, by value and words; the choices may be filled in later."""
    wrong = "Lựa chọn này không còn dùng được; hãy chọn lại."
    return SelectField(
        label, choices=choices or {}, invalid_choice_message=wrong, invalid_value_message=wrong, **more
    )


def row_number(text: str | None) -> str:
    """Return the number in a hidden field, 0 for anything else."""
    return text if text and text.isascii() and text.isdecimal() and len(text) < 16 else "0"


class Boxes(SelectMultipleField):  # type: ignore[misc]
    """Several choices as boxes, so that none needs a held key."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        known = set(self.choices)
        if any(value not in known for value in self.data or ()):
            raise ValidationError("Có lựa chọn không còn dùng được; hãy tải lại trang rồi chọn lại.")


def moment(day: date, at: time) -> datetime:
    """Return the moment that a day and an hour on the station's clock mean."""
    return datetime.combine(day, at, LOCAL)


_KEYS: dict[str, dict[str, str]] = {
    "Day": {"placeholder": "ngày/tháng/năm", "inputmode": "numeric", "autocomplete": "off", "data-day": ""},
    "Hour": {"placeholder": "giờ:phút", "autocomplete": "off", "maxlength": "24"},
    "IntegerField": {"inputmode": "numeric"},
}
"""What each kind of field asks of the keyboard, and shows while it is empty."""


def control(field: Field, about: str, extra: dict[str, Any]) -> Markup:
    """Return the field itself; `about` names the help and error that a screen reader reads with it."""
    shown: dict[str, Any] = {"class": "form-select" if field.type == "SelectField" else "form-control"}
    shown |= _KEYS.get(field.type, {}) | {"required": False}
    if about:
        shown["aria-describedby"] = about
    if field.errors:
        shown["aria-invalid"] = "true"
    return Markup(field(**{**shown, **extra}))  # noqa: S704 - WTForms has escaped it
