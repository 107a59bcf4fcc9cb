"""The quieter hours of zones: as people give them, as rows keep them, as `schedules` decides on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any

from broadcaster.errors import Invalid
from broadcaster.store.models import Zone
from schedules.loudness import LevelSpan, Profile, overlapping, shared_gain_db_at

MOST_SPANS = 8


def profile_of(zone: Zone) -> Profile:
    return _profile(zone.levels)


def gain_db_of(zones: Iterable[Zone], moment: datetime) -> float:
    """Return how loud an output that reaches `zones` may be at `moment`."""
    return shared_gain_db_at(moment, (profile_of(zone) for zone in zones if zone.is_active))


def checked(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows as a zone keeps them; raises Invalid (`field` is `levels`) naming the wrong one."""
    kept = [_row(row) for row in rows]
    if len(kept) > MOST_SPANS:
        raise Invalid(f"Nhiều nhất {MOST_SPANS} khoảng giờ cho một cụm loa.", field="levels")
    if clash := overlapping(_profile(kept)):
        first, second = clash
        raise Invalid(
            f"Khoảng {_words(first)} và khoảng {_words(second)} trùng giờ nhau; hãy sửa cho tách rời.",
            field="levels",
        )
    return kept


def _profile(rows: Iterable[Mapping[str, Any]]) -> Profile:
    return tuple(_span(row) for row in rows)


def _span(row: Mapping[str, Any]) -> LevelSpan:
    starts, ends = (time.fromisoformat(row[edge]) for edge in ("from", "to"))
    return LevelSpan(starts, ends, float(row["gain_db"]))


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        span = _span(row)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "Mỗi khoảng giờ cần giờ bắt đầu khác giờ kết thúc, và mức giảm từ 0 đến 40 dB.", field="levels"
        ) from error
    return {"from": f"{span.starts:%H:%M}", "to": f"{span.ends:%H:%M}", "gain_db": span.gain_db}


def _words(span: LevelSpan) -> str:
    return f"{span.starts:%H:%M}–{span.ends:%H:%M}"
