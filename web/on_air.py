"""The bar on every page, as words and numbers: what is on the air, how far, what is next, what is wrong."""

from __future__ import annotations

import threading
from typing import Any

from flask import current_app

from broadcaster import health
from broadcaster.health import Held, OnAirView, Sounding
from broadcaster.playout.troubles import NOT_WORKING
from web.context import today, ward
from web.words import length_text, near_text, second_text, time_text, weekday_text

FRESH_S = 0.5
"""Many browsers ask every 2 s; within this time they get the same answer."""
FLOOR_DBFS = -50.0
NOT_ON_LOUDSPEAKER = "Không ra loa: âm thanh chỉ được ghi vào tệp"
MOST_FAULTS = 3
"""Lines of faults in the bar; with more it would cover the page that should mend them."""


class _Latest:
    """The last view, kept for a moment and made by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._view: OnAirView | None = None
        self._made_at_s = 0.0

    def view(self) -> OnAirView:
        with self._lock:
            clock = ward().clock
            if self._view is None or clock.monotonic() - self._made_at_s > FRESH_S:
                self._view = health.on_air(ward().store, clock.now())
                self._made_at_s = clock.monotonic()
            return self._view

    def forget(self) -> None:
        with self._lock:
            self._view = None


def view() -> OnAirView:
    return _latest().view()


def forget() -> None:
    """Something was changed by this request: look again."""
    _latest().forget()


def _latest() -> _Latest:
    latest: _Latest = current_app.extensions.setdefault("on_air", _Latest())
    return latest


def bar() -> dict[str, Any]:
    """Return the bar's words by name; also the answer of /trang-thai."""
    seen = view()
    now_line = _now_line(seen)
    return {
        **now_line,
        "next": _next(seen),
        "faults": _in_short([each for each in faults(seen) if each != now_line["title"]]),
        "alert": _alert_line(seen),
        "series": _series_line(seen),
        "is_held": seen.held is not None,
        "clock": second_text(ward().clock.now()),
        "day": weekday_text(today()),
    }


def _alert_line(seen: OnAirView) -> str:
    """Return what stands besides the running order: emergency orders, drills, warnings to decide on."""
    told = [
        f"{'Đang diễn tập' if each.is_drill else 'Lệnh khẩn cấp'} “{each.title}” tại {', '.join(each.zones)}"
        for each in seen.alerts
    ]
    if seen.messages:
        told.append(f"{seen.messages} cảnh báo từ nguồn ngoài chờ quyết định")
    return " · ".join(told)


def _series_line(seen: OnAirView) -> str:
    """Return what is said again and again, and until when, so that somebody thinks of renewing it."""
    return " · ".join(
        f"Đang phát lặp “{each.title}” mỗi {each.every_min} phút, đến {near_text(each.until, today())}"
        for each in seen.series
    )


def _now_line(seen: OnAirView) -> dict[str, Any]:
    if seen.on_air:
        return _sounding(seen.on_air)
    silent = {"where": "", "length_s": 0, "share": 0, "progress": "", "level": 0}
    if seen.held is not None:
        return {**silent, "state": "held", "look": "hold", "word": "Đang dừng", "title": held_text(seen.held)}
    if not seen.is_working:
        return {
            **silent,
            "state": "down",
            "look": "lost",
            "word": "Ngừng",
            "title": NOT_WORKING,
        }
    return {**silent, "state": "idle", "look": "idle", "word": "Không phát", "title": "Các cụm loa đang im"}


def _sounding(sounding: tuple[Sounding, ...]) -> dict[str, Any]:
    first, more = sounding[0], len(sounding) - 1
    left_s = max(0.0, first.length_s - first.elapsed_s)
    return {
        "state": "+".join(one.airing_id for one in sounding),
        "look": "on-air",
        "word": "Đang phát",
        "title": first.title + (f" (và {more} bản tin khác)" if more else ""),
        "where": ", ".join(first.zones),
        "length_s": round(first.length_s),
        "share": round(100 * first.elapsed_s / first.length_s) if first.length_s else 0,
        "progress": f"đã {length_text(first.elapsed_s)}, còn {length_text(left_s)}",
        "level": level(first.level_dbfs),
    }


def held_text(held: Held) -> str:
    if held.cause == "clock":
        return "Đồng hồ của máy có thể sai: chờ người xác nhận rồi mới phát"
    if held.cause == "restored":
        return "Trạm vừa được khôi phục từ bản sao lưu: chờ người xác nhận rồi mới phát"
    since = near_text(held.placed_at, today())
    return f"{held.placed_by} đã dừng tất cả lúc {since}" + (f": {held.reason}" if held.reason else "")


def _next(seen: OnAirView) -> str:
    if seen.next is None:
        return "chưa có bản tin nào sẵn sàng phát"
    return f"{near_text(seen.next.starts_at, today())} · {seen.next.title}"


def faults(seen: OnAirView) -> list[str]:
    """Return everything that is wrong, a sentence each."""
    unready = (
        f"Chưa sẵn sàng cho {time_text(each.planned_at)}, “{each.title}”: {each.problems[0]}"
        for each in seen.unready
    )
    silent = () if seen.is_on_loudspeaker else (NOT_ON_LOUDSPEAKER,)
    return [*silent, *seen.faults, *unready]


def _in_short(sentences: list[str]) -> list[str]:
    if len(sentences) <= MOST_FAULTS:
        return sentences
    rest = len(sentences) - MOST_FAULTS + 1
    return [*sentences[: MOST_FAULTS - 1], f"và {rest} điều khác: xem trang Thông báo"]


def level(level_dbfs: float | None) -> int:
    """Return the loudness as 0 to 100 for the moving bar."""
    if level_dbfs is None:
        return 0
    return round(100 * min(1.0, max(0.0, 1 - level_dbfs / FLOOR_DBFS)))
