"""The sheet behind a report's figures: one line for each airing, with marks that formulas add up.

Which airings count, and as what: `report` and `tally`. The first airing that counts of an item is marked,
so that sums of marks count every item once: in the whole period, or in its topic, kind, source, programme.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
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


def columns(report: Report) -> dict[str, Column]:
    """Return the columns of the sheet by key; those of zones are `zone:` and their place among the rows."""
    by_key = {group.key: group for group in report.groups}
    said: dict[str, dict[str, str]] = {key: names(by_key[key]) for key in _WORDS if key in by_key}

    def named(key: str) -> Callable[[Any], str]:
        words = said.get(key, {})
        return lambda row: words.get(getattr(row, key) or "", getattr(row, key) or "–")

    return {
        "id": Column("Dòng nhật ký số", Form.WHOLE, 10, lambda row: row.id),
        "day": Column("Ngày", Form.DAY, 11, lambda row: row.planned_at),
        "planned_at": Column("Giờ theo lịch", Form.MOMENT, 19, lambda row: row.planned_at),
        "started_at": Column("Giờ bắt đầu", Form.MOMENT, 19, lambda row: row.started_at),
        "programme": Column("Chương trình", Form.TEXT, 20, named("programme")),
        "title": Column("Tiêu đề", Form.TEXT, 44, lambda row: row.title),
        "topic": Column("Chủ đề", Form.TEXT, 22, named("topic")),
        "kind": Column("Loại tin", Form.TEXT, 14, named("kind")),
        "source": Column("Nguồn", Form.TEXT, 16, named("source")),
        "outcome": Column("Kết quả", Form.TEXT, 22, lambda row: OUTCOMES[_outcome(row)]),
        "cause": Column("Nguyên nhân", Form.TEXT, 24, _cause_names(report)),
        "planned": Column("Theo lịch", Form.WHOLE, 9, lambda row: +_was_planned(row)),
        "kept": Column("Phát trọn trên loa", Form.WHOLE, 9, lambda row: +_is_kept(row)),
        "lost": Column("Không phát đủ", Form.WHOLE, 9, lambda row: +_is_lost(row)),
        "sounded": Column("Loa có tiếng", Form.WHOLE, 9, lambda row: +_sounded(row)),
        "seconds": Column("Giây trên loa", Form.TENTHS, 11, lambda row: row.seconds_heard * _sounded(row)),
        "item": Column("Tin mới", Form.WHOLE, 8, _first(lambda row: "")),
        **{
            f"item_{key}": Column(f"Tin mới của {word}", Form.WHOLE, 9, _first(named(key)))
            for key, word in _WORDS.items()
        },
        **dict(_zone_columns(by_key.get("zone"))),
    }


_WORDS = {"topic": "chủ đề", "kind": "loại tin", "source": "nguồn", "programme": "chương trình"}


def names(group: Group) -> dict[str, str]:
    """Return by what stands in the history what stands in the sheet.

    Spreadsheets take capitals and small letters for the same: who differs in those only gets a number.
    """
    taken: set[str] = set()
    found = {}
    for row in group.rows:
        name, number = row.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{row.name} ({number})"
        taken.add(name.casefold())
        narrowed = row.heard_rows
        for raw in narrowed.topics if group.key == "topic" else (getattr(narrowed, group.key) or "",):
            found[raw] = name
    return found


def _was_planned(row: Any) -> bool:
    return row.source not in AT_ONCE


def _is_kept(row: Any) -> bool:
    return bool(row.result == PLAYED and row.on_loudspeaker)


def _is_lost(row: Any) -> bool:
    return row.result in OWED and _was_planned(row) and not _is_kept(row)


def _sounded(row: Any) -> bool:
    return bool(row.on_loudspeaker and row.result in SOUNDED)


def _outcome(row: Any) -> str:
    return UNHEARD if row.result == PLAYED and not row.on_loudspeaker else str(row.result)


def _cause_names(report: Report) -> Callable[[Any], str | None]:
    said = {(each.outcome, each.rows.cause): each.name for each in report.causes if each.rows is not None}
    return lambda row: said.get((_outcome(row), row.cause))


def _first(group_of: Callable[[Any], Hashable]) -> Callable[[Any], int]:
    """Return what marks the first counting airing of an item in its group."""
    seen: set[tuple[Hashable, int]] = set()

    def mark(row: Any) -> int:
        if not _is_kept(row):
            return 0
        before = len(seen)
        seen.add((group_of(row), row.bulletin_id))
        return len(seen) - before

    return mark


def _zone_columns(group: Group | None) -> Iterator[tuple[str, Column]]:
    for place, name in enumerate(names(group) if group else ()):
        yield f"zone:{place}", Column(f"Giây ở cụm loa {name}", Form.TENTHS, 11, _heard_in(name))


def _heard_in(zone: str) -> Callable[[Any], float | None]:
    """Return the seconds that a zone heard of an airing; None when it was not meant for it."""

    def seconds(row: Any) -> float | None:
        heard = [each["seconds_heard"] for each in row.zones if each["zone"] == zone]
        return sum(heard) if heard else None

    return seconds
