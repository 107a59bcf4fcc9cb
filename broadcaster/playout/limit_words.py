"""Limits in words: what would be broken, where, by how much, and who may break it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from broadcaster.accounts.permissions import ROLE_NAMES, Role
from schedules.limits import (
    AllowedHours,
    BrokenRule,
    DaysOfWeek,
    LeastMinutesADay,
    Limit,
    LongestSession,
    MinutesADay,
    QuietHours,
    RuleCode,
    SessionsADay,
)

WEEKDAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
_WHEN = {
    RuleCode.TOO_EARLY: "sớm hơn giờ được phép",
    RuleCode.TOO_LATE: "muộn hơn giờ được phép",
    RuleCode.ENDS_TOO_LATE: "sẽ kết thúc sau giờ được phép",
}


def sentence(how: BrokenRule, zone: str, source: str = "") -> str:
    """Return one sentence that names the rule, the zone and its source, and says what to do."""
    basis = f" (theo {source})" if source else ""
    return f"{_broken(how, zone)}{basis}; {_cure(how)}."


def name(limit: Limit) -> str:
    """Return what a limit says, e.g. “tối đa 2 buổi mỗi ngày”."""
    return next((say(limit) for kind, say in _NAMES.items() if isinstance(limit, kind)), "giới hạn khác")


def who_may(role: str) -> str:
    """Return who may break a rule, as the end of a sentence; empty when nobody may."""
    if role not in ROLE_NAMES:
        return ""
    return f" Người có vai trò {ROLE_NAMES[Role(role)]} được vượt giới hạn này khi ghi lý do."


def _broken(how: BrokenRule, zone: str) -> str:
    at, on, limit = f"{how.starts_at:%H:%M}", f"{how.starts_at:%d/%m}", name(how.limit)
    found = f"{how.found:.0f}"
    said = {
        RuleCode.QUIET_HOURS: f"Phát lúc {at} không được: {zone} {limit}",
        RuleCode.DAY_OFF: f"Phát vào {WEEKDAYS[how.starts_at.weekday()]} không được: {zone} {limit}",
        RuleCode.SESSION_TOO_LONG: f"Buổi phát lúc {at} ở {zone} sẽ dài {found} phút; quy định {limit}",
        RuleCode.TOO_MANY_SESSIONS: f"Ngày {on} {zone} sẽ có {found} buổi phát; quy định {limit}",
        RuleCode.TOO_MANY_MINUTES: f"Ngày {on} {zone} sẽ phát {found} phút; quy định {limit}",
        RuleCode.TOO_FEW_MINUTES: f"Ngày {on} {zone} mới có {found} phút; quy định {limit}",
    }
    return said.get(how.code) or f"Phát lúc {at} {_WHEN[how.code]}{_hours(how.limit)}"


def _hours(limit: Limit) -> str:
    return f" ({limit.start:%H:%M}–{limit.end:%H:%M})" if isinstance(limit, AllowedHours) else ""


def _cure(how: BrokenRule) -> str:
    match how.code:
        case RuleCode.SESSION_TOO_LONG:
            return "hãy rút ngắn hoặc chuyển sang buổi khác"
        case RuleCode.TOO_MANY_SESSIONS:
            return "hãy đưa vào một buổi đã có hoặc chọn ngày khác"
        case RuleCode.TOO_MANY_MINUTES | RuleCode.DAY_OFF:
            return "hãy chọn ngày khác"
        case RuleCode.TOO_FEW_MINUTES:
            return "hãy xếp thêm bản tin"
        case _:
            return "hãy chọn giờ khác"


def _days(days: frozenset[int]) -> str:
    return ", ".join(WEEKDAYS[day] for day in sorted(days))


def _quiet(limit: QuietHours) -> str:
    when = "" if len(limit.days) == len(WEEKDAYS) else f" ({_days(limit.days)})"
    return f"giữ yên tĩnh từ {limit.start:%H:%M} đến {limit.end:%H:%M}{when}"


_NAMES: dict[type, Callable[[Any], str]] = {
    AllowedHours: lambda limit: f"chỉ phát từ {limit.start:%H:%M} đến {limit.end:%H:%M}",
    QuietHours: _quiet,
    DaysOfWeek: lambda limit: f"chỉ phát vào {_days(limit.days)}",
    LongestSession: lambda limit: f"mỗi buổi dài nhất {limit.minutes:g} phút",
    SessionsADay: lambda limit: f"tối đa {limit.most} buổi mỗi ngày",
    MinutesADay: lambda limit: f"tối đa {limit.most:g} phút mỗi ngày",
    LeastMinutesADay: lambda limit: f"ít nhất {limit.least:g} phút mỗi ngày",
}
