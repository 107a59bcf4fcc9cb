"""A wish to broadcast, as a person would say it."""

from __future__ import annotations

from broadcaster.store.models import Request
from web import words


def wish_text(request: Request) -> str:
    """Return when and where a bulletin was asked for, such as “Trong Bản tin chiều, từ 23/11 đến 30/11”."""
    if request.programme is not None:
        return f"Trong “{request.programme.name}”, {_dates(request)}"
    if request.way == "daily":
        days = "hằng ngày" if request.days is None else words.days_text(request.days)
        return f"Lúc {', '.join(request.times or ())}, {days}, {_dates(request)}"
    if request.way == "series" and request.until is not None:
        until = words.moment_text(request.until)
        return f"Lặp mỗi {request.every_min} phút đến {until}, nhiều nhất {request.most} lần"
    if request.way == "next":
        return "Phát ngay"
    return f"Một lượt lúc {words.moment_text(request.at)}" if request.at is not None else "Một lượt"


def _dates(request: Request) -> str:
    if request.first_date is None:
        return "từ nay về sau"
    if request.last_date in (None, request.first_date):
        return f"ngày {words.day_text(request.first_date)}"
    return f"từ {words.day_text(request.first_date)} đến {words.day_text(request.last_date)}"
