"""What narrows the page of the history: the form, and what the records are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import request

from broadcaster.newsroom import bulletins
from broadcaster.records import history_names, tracing
from broadcaster.records.history import HistoryFilter
from broadcaster.records.history_csv import SOURCE_WORDS
from broadcaster.store.models import AiringState, Bulletin
from web.context import reading, today
from web.forms import Day, Form, pick, text_field
from web.words import AIRING, KINDS

FINAL = [state for state in AiringState if state.is_final and state != AiringState.SUPERSEDED]
MORE = ("kind", "programme", "source", "zone", "person")
"""The fields that are asked for less often."""
A_YEAR = timedelta(days=366)


class Filters(Form):
    class Meta:
        csrf = False  # it only looks

    words = text_field("Tìm theo lời")
    first_date = Day("Từ ngày")
    last_date = Day("Đến ngày")
    result = pick(
        "Kết quả",
        {"": "Tất cả", **{state.value: AIRING[state].word for state in FINAL}},
        validate_choice=False,
    )
    topic = pick("Chủ đề", validate_choice=False)
    kind = pick("Loại tin", {"": "Mọi loại", **KINDS}, validate_choice=False)
    source = pick("Nguồn", {"": "Mọi nguồn", **SOURCE_WORDS}, validate_choice=False)
    programme = pick("Chương trình", validate_choice=False)
    zone = pick("Cụm loa", validate_choice=False)
    person = pick("Người soạn, duyệt, xếp lịch", validate_choice=False)

    is_of_last_year = False
    """No day was asked for, and a search through all years would take long."""

    @property
    def has_more(self) -> bool:
        return any(self[name].data for name in MORE)


def form() -> Filters:
    """Return the form as the address fills it."""
    made = Filters(formdata=request.args)
    names = history_names.of_station(reading())
    made.topic.choices = _choices("Mọi chủ đề", bulletins.topics(reading()))
    made.programme.choices = _choices("Mọi chương trình", names.programmes)
    made.zone.choices = _choices("Mọi cụm loa", names.zones)
    made.person.choices = _choices("Mọi người", names.people)
    made.validate()
    if _is_long_search(made):
        made.first_date.data, made.first_date.raw_data = today() - A_YEAR, None
        made.is_of_last_year = True
    return made


def wanted(made: Filters) -> HistoryFilter:
    result = made.result.data
    return HistoryFilter(
        first_date=_valid_day(made.first_date),
        last_date=_valid_day(made.last_date),
        results=frozenset({result}) if result in FINAL else frozenset(),
        bulletin_id=request.args.get("bulletin", type=int),
        trace=tracing.of(request.args),
        **{name: made[name].data or "" for name in ("words", "topic", *MORE)},
    )


def bulletin() -> Bulletin | None:
    """Return the one bulletin whose airings are shown; None when it is not only one."""
    number = request.args.get("bulletin", type=int)
    return None if number is None else reading().get(Bulletin, number)


def is_any(made: Filters) -> bool:
    found = any(field.data for field in made), tracing.of(request.args), request.args.get("bulletin")
    return any(found)


def _is_long_search(made: Filters) -> bool:
    """Whether all years would be looked through: these fields have no index of their own."""
    narrower = ("words", "first_date", "last_date", "topic", "programme")
    is_narrow = any(made[name].data for name in narrower) or bulletin() or tracing.of(request.args)
    return not is_narrow and any(made[name].data for name in ("zone", "person", "source"))


def _choices(every: str, names: Sequence[str]) -> dict[str, Any]:
    return {"": every, **dict(zip(names, names, strict=True))}


def _valid_day(field: Day) -> date | None:
    day: date | None = None if field.errors else field.data
    return day
