"""The rows behind a figure: what a report counted, as a condition, as an address and in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, not_, null, select
from sqlalchemy.orm import Session

from broadcaster.records.causes import CAUSES
from broadcaster.records.days import midnight, midnight_after
from broadcaster.records.history_csv import KIND_WORDS, RESULT_WORDS, SOURCE_WORDS
from broadcaster.store.models import History

AT_ONCE = ("alert", "live")
"""Sources that stand in no running order."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Which rows in force a figure was counted from; None does not narrow, "" means: has none."""

    first: date
    last: date
    """Both inclusive, on the station's calendar, by the planned moment."""
    results: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    """Any of these names, as they stand in the rows."""
    kind: str | None = None
    source: str | None = None
    programme: str | None = None
    cause: str | None = None
    zone: str | None = None
    zone_heard: bool | None = None
    """Whether the zone heard any of it."""
    loud: bool | None = None
    """Whether it went to a loudspeaker."""
    planned: bool | None = None
    """Whether it stood in the running order: neither an alert nor live."""
    drill: bool | None = False
    alert: int | None = None
    kept: bool | None = None
    """Whether it was played on a loudspeaker."""
    overridden: bool | None = None
    """Whether a limit was knowingly broken for it."""

    def but(self, **changes: Any) -> Trace:
        return replace(self, **changes)

    def args(self) -> dict[str, str]:
        """Return it as the arguments of an address; `of` reads them again."""
        usual = Trace(self.first, self.last)
        return {
            name: _written(value)
            for each, name in _NAMES.items()
            if (value := getattr(self, each)) != getattr(usual, each) or each in ("first", "last")
        }

    def conditions(self, session: Session) -> list[ColumnElement[bool]]:
        """Return what holds of its rows; whether they are in force is asked by the history."""
        return list(self._conditions(session))

    def words(self) -> str:
        """đã phát, có ra loa, chủ đề Y tế, từ ngày … đến ngày …"""
        return ", ".join(self._words())

    def _conditions(self, session: Session) -> Iterator[ColumnElement[bool]]:
        yield History.planned_at >= midnight(self.first)
        yield History.planned_at < midnight_after(self.last)
        if self.results:
            yield History.result.in_(self.results)
        if self.topics:
            yield History.topic.in_(self.topics)
        for column in ("kind", "programme", "cause"):
            if (wanted := getattr(self, column)) is not None:
                yield getattr(History, column) == wanted
        if self.source is not None:
            yield func.coalesce(History.source, "") == self.source
        if self.loud is not None:
            yield History.on_loudspeaker.is_(self.loud)
        yield from self._of_details()
        yield from self._yes_or_no(self.planned, is_planned())
        yield from self._yes_or_no(self.kept, is_kept())
        if self.zone is not None:
            yield in_zone(session, self.zone, self.zone_heard)

    def _of_details(self) -> Iterator[ColumnElement[bool]]:
        yield from self._yes_or_no(self.drill, is_drill())
        yield from self._yes_or_no(self.overridden, has_detail("overrides"))
        if self.alert is not None:
            yield History.details["alert"].as_integer() == self.alert

    @staticmethod
    def _yes_or_no(wanted: bool | None, condition: ColumnElement[bool]) -> Iterator[ColumnElement[bool]]:
        if wanted is not None:
            yield condition if wanted else not_(condition)

    def _words(self) -> Iterator[str]:
        if self.results:
            yield " hoặc ".join(RESULT_WORDS.get(each, each) for each in self.results)
        for flag, (yes, no) in _FLAGS.items():
            if (value := getattr(self, flag)) is not None and (flag != "drill" or value):
                yield yes if value else no
        if self.topics:
            yield "chủ đề " + " hoặc ".join(f"“{topic}”" if topic else "không ghi" for topic in self.topics)
        for name, label, said in _LABELS:
            if (value := getattr(self, name)) is not None:
                yield f"{label} {said.get(value, f'“{value}”') if value else 'không ghi'}"
        if self.alert is not None:
            yield f"lệnh số {self.alert}"
        yield f"từ ngày {self.first:%d/%m/%Y} đến ngày {self.last:%d/%m/%Y}"


_FLAGS = {
    "planned": ("theo lịch", "ngoài lịch"),
    "kept": ("đã phát ra loa", "không phát trọn trên loa"),
    "loud": ("có ra loa", "không ra loa"),
    "drill": ("diễn tập", ""),
    "zone_heard": ("cụm loa có tiếng", "cụm loa không có tiếng"),
    "overridden": ("vượt giới hạn có lý do", "không vượt giới hạn"),
}
_LABELS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("kind", "loại tin", KIND_WORDS),
    ("source", "nguồn", SOURCE_WORDS),
    ("programme", "chương trình", {}),
    ("cause", "nguyên nhân", CAUSES),
    ("zone", "cụm loa", {}),
)
_NAMES = {
    "first": "tu",
    "last": "den",
    "results": "ket_qua",
    "topics": "chu_de",
    "kind": "loai",
    "source": "nguon",
    "programme": "chuong_trinh",
    "cause": "nguyen_nhan",
    "zone": "cum_loa",
    "zone_heard": "cum_loa_nghe",
    "loud": "ra_loa",
    "planned": "theo_lich",
    "drill": "dien_tap",
    "alert": "lenh",
    "kept": "dat",
    "overridden": "vuot",
}
"""Each field's name in an address."""
_ANY = "moi"
_YES_NO = {True: "co", False: "khong", None: _ANY}


def of(args: Mapping[str, str]) -> Trace | None:
    """Return the trace that the arguments of an address name; None when they name none, or none that is."""
    try:
        first, last = date.fromisoformat(args["tu"]), date.fromisoformat(args["den"])
        named = [each for each in fields(Trace) if _NAMES[each.name] in args and each.name not in _ENDS]
        return Trace(first, last, **{each.name: _read(each.name, args[_NAMES[each.name]]) for each in named})
    except (KeyError, ValueError):
        return None


_ENDS = ("first", "last")
_LISTS = ("results", "topics")


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False) if len(value) > 1 else value[0]
    return _YES_NO[value] if value is None or isinstance(value, bool) else str(value)


def _read(name: str, text: str) -> Any:
    if name in _LISTS:
        return tuple(str(each) for each in json.loads(text)) if text.startswith("[") else (text,)
    if name == "alert":
        return int(text)
    if name in _FLAGS:
        return {word: value for value, word in _YES_NO.items()}[text]
    return text


def is_planned() -> ColumnElement[bool]:
    return func.coalesce(History.source, "").not_in(AT_ONCE)


def is_kept() -> ColumnElement[bool]:
    return and_(History.result == "played", History.on_loudspeaker)


def is_drill() -> ColumnElement[bool]:
    """Written into the row of a drill; other rows mostly have no details at all."""
    return has_detail("drill")


def has_detail(detail: str) -> ColumnElement[bool]:
    """The key stands in the details, wherever a text says the same it stands behind a backslash."""
    return and_(History.details.is_not(null()), cast(History.details, Text).like(f'%"{detail}": %'))


def in_zone(session: Session, zone: str, is_heard: bool | None = None) -> ColumnElement[bool]:
    """Return the condition that a zone of that name stands in a row, and heard any of it or not."""
    name, seconds = zone_columns(session)
    heard = () if is_heard is None else ((seconds > 0) if is_heard else (seconds <= 0),)
    return exists(select(1).where(name == zone, *heard))


def zone_columns(session: Session) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return name and seconds of the zones that stand in a row, one SQL row for each."""
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(History.zones).table_valued("value", joins_implicitly=True).c.value
        return func.json_extract(each, "$.zone"), func.json_extract(each, "$.seconds_heard")
    one = func.json_array_elements(History.zones).column_valued(joins_implicitly=True)
    return one.op("->>")("zone"), cast(one.op("->>")("seconds_heard"), History.seconds_heard.type)
