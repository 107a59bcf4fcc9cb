"""What the administrator sets on the page: each fact with what it takes, who set it and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid
from broadcaster.records import audit, complaints, residents
from broadcaster.store import facts


@dataclass(frozen=True, slots=True)
class _Fact:
    default: Any
    wanted: str
    fits: Callable[[Any], bool]


def _is_text(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= longest


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _are_hours(value: Any) -> bool:
    try:
        start, end = (time.fromisoformat(text) for text in value)
    except (TypeError, ValueError):
        return False
    return start < end


FACTS: dict[str, _Fact] = {
    facts.ALLOWED_HOURS: _Fact(["05:00", "21:30"], "giờ bắt đầu trước giờ kết thúc", _are_hours),
    facts.AIRCHECK_DAYS: _Fact(180, "số ngày từ 30 đến 3650", _is_whole(30, 3650)),
    facts.STATION_NAME: _Fact("", "tên đài, nhiều nhất 120 ký tự", _is_text(120)),
    facts.SELF_APPROVAL: _Fact(False, "có hoặc không", lambda value: isinstance(value, bool)),
    facts.SEAL_NOTICES: _Fact(False, "có hoặc không", lambda value: isinstance(value, bool)),
    facts.LAN: _Fact(False, "có hoặc không", lambda value: isinstance(value, bool)),
    facts.RESIDENTS: _Fact(False, "có hoặc không", lambda value: isinstance(value, bool)),
    facts.RESIDENTS_DAYS: _Fact(
        residents.PAST_DAYS,
        f"số ngày từ 1 đến {residents.MOST_PAST_DAYS}",
        _is_whole(1, residents.MOST_PAST_DAYS),
    ),
    facts.CONTACT_DAYS: _Fact(complaints.CONTACT_DAYS, "số ngày từ 0 đến 365", _is_whole(0, 365)),
    facts.VOICE: _Fact("", "tên một giọng đọc", _is_text(80)),
    facts.RATE: _Fact(1.0, "tốc độ từ 0,5 đến 2", lambda value: _is_number(value) and 0.5 <= value <= 2.0),
    facts.DEFAULT_OUTPUT: _Fact(
        None, "một đường ra", lambda value: value is None or (_is_number(value) and value > 0)
    ),
}


def fact(session: Session, key: str) -> Any:
    """Return what is set under `key`, or its default."""
    return facts.get(session, key, FACTS[key].default)


def configure(session: Session, actor: Actor, now: datetime, **values: Any) -> None:
    """Set facts by key; raises Invalid (`field` is the key) for an unknown key or an unfit value."""
    require(actor, Permission.CONFIGURE)
    for key, value in values.items():
        _set(session, actor, now, key, value)


def _set(session: Session, actor: Actor, now: datetime, key: str, value: Any) -> None:
    known = FACTS.get(key)
    if known is None:
        raise Invalid(f"Không có mục cài đặt “{key}”.", field=key)
    if not known.fits(value):
        raise Invalid(f"Mục cài đặt “{key}” cần {known.wanted}.", field=key)
    before = fact(session, key)
    if before != value or type(before) is not type(value):
        facts.put(session, key, value)
        audit.note(session, actor, "configured", f"fact {key}", now, before=before, after=value)
