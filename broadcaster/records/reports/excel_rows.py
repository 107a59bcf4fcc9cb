"""The sheet behind a report's figures: one line for each airing, with marks that formulas add up.

Which airings count, and as what: `report` and `tally`. The first airing that counts of an item is marked,
so that sums of marks count every item once: in the whole period, or in its topic, kind, source, programme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from broadcaster.records.columns import Column, Form
from broadcaster.records.reports.breakdown import OUTCOMES
from broadcaster.records.reports.report import Group, Report
from broadcaster.records.reports.tally import OWED, PLAYED, SOUNDED, UNHEARD
from broadcaster.records.tracing import AT_ONCE

NAMES: dict[str, str] = {
    "topic": "ChuDe", "kind": "LoaiTin", "source": "Nguon", "programme": "ChuongTrinh", "day": "Ngay",
    "outcome": "KetQua", "cause": "NguyenNhan", "planned": "TheoLich", "kept": "PhatTron", "lost": "KhongDu",
    "seconds": "GiayTrenLoa", "sounded": "CoTieng", "item": "TinMoi", "item_topic": "TinMoiChuDe",
    "item_kind": "TinMoiLoaiTin", "item_source": "TinMoiNguon", "item_programme": "TinMoiChuongTrinh",
}  # fmt: skip
"""What each column is called in formulas."""


READ = (
    "id", "planned_at", "started_at", "programme", "title", "topic", "kind", "source", "result", "cause",
    "on_loudspeaker", "seconds_heard", "bulletin_id", "zones",
)  # fmt: skip
"""What `lines` is given of each row of the history, in this order."""
_GROUPS = {"topic": "chủ đề", "kind": "loại tin", "source": "nguồn", "programme": "chương trình"}
_COLUMNS: tuple[tuple[str, str, Form, float], ...] = (
    ("id", "Dòng nhật ký số", Form.WHOLE, 10),
    ("day", "Ngày", Form.DAY, 11),
    ("planned_at", "Giờ theo lịch", Form.MOMENT, 19),
    ("started_at", "Giờ bắt đầu", Form.MOMENT, 19),
    ("programme", "Chương trình", Form.TEXT, 20),
    ("title", "Tiêu đề", Form.TEXT, 44),
    ("topic", "Chủ đề", Form.TEXT, 22),
    ("kind", "Loại tin", Form.TEXT, 14),
    ("source", "Nguồn", Form.TEXT, 16),
    ("outcome", "Kết quả", Form.TEXT, 22),
    ("cause", "Nguyên nhân", Form.TEXT, 24),
    ("planned", "Theo lịch", Form.WHOLE, 9),
    ("kept", "Phát trọn trên loa", Form.WHOLE, 9),
    ("lost", "Không phát đủ", Form.WHOLE, 9),
    ("sounded", "Loa có tiếng", Form.WHOLE, 9),
    ("seconds", "Giây trên loa", Form.TENTHS, 11),
    ("item", "Tin mới", Form.WHOLE, 8),
    *((f"item_{key}", f"Tin mới của {word}", Form.WHOLE, 9) for key, word in _GROUPS.items()),
)


def columns(report: Report) -> dict[str, Column]:
    """Return the columns of `lines` by key; those of zones are `zone:` and their place among the rows."""
    zones = (
        (f"zone:{place}", f"Giây ở cụm loa {name}", Form.TENTHS, 11.0)
        for place, name in enumerate(_zones(report))
    )
    return {
        key: Column(heading, form, width, itemgetter(place))
        for place, (key, heading, form, width) in enumerate((*_COLUMNS, *zones))
    }


def lines(report: Report, rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of each of `rows`, which hold what `READ` names."""
    programme_of, topic_of, kind_of, source_of = (
        _names_of(report, key) for key in ("programme", "topic", "kind", "source")
    )
    causes = {(each.outcome, each.rows.cause): each.name for each in report.causes if each.rows is not None}
    marks, zones = _Marks(), _zones(report)
    for number, planned_at, started_at, programme, title, topic, kind, source, result, cause, loud, seconds, \
            bulletin, parts in rows:  # fmt: skip
        is_planned, is_kept = source not in AT_ONCE, result == PLAYED and loud
        is_lost = result in OWED and is_planned and not is_kept
        sounded = bool(loud and result in SOUNDED)
        outcome = UNHEARD if result == PLAYED and not loud else result
        groups = topic_of(topic), kind_of(kind), source_of(source), programme_of(programme)
        yield (
            number, planned_at, planned_at, started_at, groups[3], title, *groups[:3],
            OUTCOMES[outcome], causes.get((outcome, cause)),
            +is_planned, +is_kept, +is_lost, +sounded, seconds * sounded,
            *(marks.of(groups, bulletin) if is_kept else NO_MARKS),
            *_heard(parts, zones),
        )  # fmt: skip


def names(group: Group) -> dict[str, str]:
    """Return by what stands in the history what stands in the sheet."""
    found = {}
    for row, name in zip(group.rows, sheet_names(group), strict=True):
        narrowed = row.heard_rows
        for raw in narrowed.topics if group.key == "topic" else (getattr(narrowed, group.key) or "",):
            found[raw] = name
    return found


def sheet_names(group: Group) -> list[str]:
    """Return what the rows of the group are called in the sheet, each by its own name.

    Spreadsheets take capitals and small letters for the same: who differs in those only gets a number.
    """
    taken: set[str] = set()
    found = []
    for row in group.rows:
        name, number = row.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{row.name} ({number})"
        taken.add(name.casefold())
        found.append(name)
    return found


NO_MARKS = (0,) * (1 + len(_GROUPS))


class _Marks:
    """Remembers which items were met, in the whole period and in each group."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, str | None, int]] = set()
        self._again: set[tuple[Sequence[str], int]] = set()
        """Items in exactly these groups: nearly every airing is of one that sounded before."""

    def of(self, groups: Sequence[str], bulletin_id: int) -> Sequence[int]:
        """Return 1 for the whole, and for each group, when the item is met there for the first time."""
        if (groups, bulletin_id) in self._again:
            return NO_MARKS
        self._again.add((groups, bulletin_id))
        return [self._first((place, name, bulletin_id)) for place, name in enumerate((None, *groups))]

    def _first(self, met: tuple[int, str | None, int]) -> int:
        if met in self._seen:
            return 0
        self._seen.add(met)
        return 1


def _names_of(report: Report, key: str) -> Callable[[str | None], str]:
    """Return what gives the name in the sheet for what stands in the history."""
    group = next((each for each in report.groups if each.key == key), None)
    said = names(group) if group else {}
    return lambda raw: said.get(raw or "", raw or "–")


def _zones(report: Report) -> tuple[str, ...]:
    group = next((each for each in report.groups if each.key == "zone"), None)
    return tuple(names(group)) if group else ()


def _heard(parts: Sequence[dict[str, Any]], zones: Sequence[str]) -> list[float | None]:
    """Return the seconds that each of `zones` heard; None where it was not meant for it."""
    heard: dict[str, float] = {}
    for part in parts:
        heard[part["zone"]] = heard.get(part["zone"], 0.0) + part["seconds_heard"]
    return [heard.get(zone) for zone in zones]
