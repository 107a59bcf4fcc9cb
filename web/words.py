"""How moments, lengths and states are said to people: one table of words, icons and colours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from math import isfinite

from broadcaster.accounts.permissions import Role
from broadcaster.newsroom.languages import name_of
from broadcaster.newsroom.workflow import Action
from broadcaster.store.models import AiringState, BulletinState, Kind
from schedules.clock import LOCAL

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
SHORT_WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


@dataclass(frozen=True, slots=True)
class Badge:
    """A state as people meet it everywhere: a word, an icon and a colour."""

    word: str
    icon: str
    look: str
    """Class of the colour in the style sheet."""


BULLETIN = {
    BulletinState.DRAFT: Badge("nháp", "pencil", "grey"),
    BulletinState.SUBMITTED: Badge("chờ duyệt", "clock", "amber"),
    BulletinState.RETURNED: Badge("trả lại", "undo", "amber"),
    BulletinState.APPROVED: Badge("đã duyệt", "check", "blue"),
    BulletinState.WITHDRAWN: Badge("đã rút", "cross", "struck"),
    BulletinState.EXPIRED: Badge("hết hạn", "clock", "grey"),
}
AIRING = {
    AiringState.PLANNED: Badge("sẽ phát", "clock", "blue"),
    AiringState.CLAIMED: Badge("sắp phát", "clock", "blue"),
    AiringState.STARTED: Badge("đang phát", "on-air", "red"),
    AiringState.PLAYED: Badge("đã phát", "check", "green"),
    AiringState.CUT: Badge("bị cắt", "cut", "orange"),
    AiringState.FAILED: Badge("hỏng", "warning", "dark-red"),
    AiringState.MISSED: Badge("lỡ", "missed", "dark-red"),
    AiringState.CANCELLED: Badge("hủy", "cross", "struck"),
    AiringState.SUPERSEDED: Badge("đã thay", "cross", "struck"),
}
NOT_ON_LOUDSPEAKER = Badge("không ra loa", "muted", "orange")
KINDS = {
    Kind.ROUTINE: "Thông thường",
    Kind.PRIORITY: "Ưu tiên",
    Kind.EMERGENCY: "Khẩn cấp",
}
STEPS = {
    Action.WRITE: "Soạn",
    Action.EDIT: "Sửa",
    Action.SUBMIT: "Gửi duyệt",
    Action.RECALL: "Thu hồi",
    Action.APPROVE: "Duyệt",
    Action.SEND_BACK: "Trả lại",
    Action.WITHDRAW: "Rút",
    Action.EXPIRE: "Hết hạn",
}
ROLES = {
    Role.OFFICER: ("Soạn", "Viết bản tin, nghe thử, gửi duyệt"),
    Role.APPROVER: ("Duyệt", "Nghe, duyệt hoặc trả lại bản tin của người khác"),
    Role.OPERATOR: ("Vận hành", "Xếp lịch phát, phát ngay, dừng"),
    Role.VIEWER: ("Xem", "Chỉ xem lịch phát và nhật ký"),
    Role.ADMIN: ("Quản trị", "Người dùng, cụm loa và cài đặt của đài"),
}


def local(moment: datetime) -> datetime:
    return moment.astimezone(LOCAL)


def day_text(value: date | datetime) -> str:
    """23/11/2026"""
    return f"{local(value) if isinstance(value, datetime) else value:%d/%m/%Y}"


def weekday_text(value: date | datetime) -> str:
    """Thứ Hai, 23/11/2026"""
    day = local(value).date() if isinstance(value, datetime) else value
    return f"{WEEKDAYS[day.weekday()]}, {day:%d/%m/%Y}"


def time_text(value: datetime | time) -> str:
    """17:00"""
    return f"{local(value) if isinstance(value, datetime) else value:%H:%M}"


def second_text(value: datetime) -> str:
    """17:00:07"""
    return f"{local(value):%H:%M:%S}"


def moment_text(value: datetime) -> str:
    """17:00 ngày 23/11/2026"""
    return f"{local(value):%H:%M} ngày {local(value):%d/%m/%Y}"


def near_text(value: datetime, today: date) -> str:
    """17:00 hôm nay, 05:30 ngày mai, 17:00 Thứ Năm 26/11/2026: as one would say it on `today`."""
    moment = local(value)
    names = {0: "hôm nay", 1: "ngày mai", -1: "hôm qua"}
    days = (moment.date() - today).days
    day = names.get(days) or f"{WEEKDAYS[moment.weekday()]} {moment:%d/%m/%Y}"
    return f"{moment:%H:%M} {day}"


def length_text(seconds: float | None) -> str:
    """2 phút 15 giây"""
    if seconds is None:
        return "chưa rõ"
    whole = max(0, round(seconds))
    parts = ((whole // 3600, "giờ"), (whole % 3600 // 60, "phút"), (whole % 60, "giây"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 giây"


def days_text(days: list[int]) -> str:
    """hằng ngày, Thứ Hai đến Thứ Sáu, T2, T4, T7"""
    chosen = sorted(days)
    if chosen == list(range(7)):
        return "hằng ngày"
    if chosen == list(range(5)):
        return "Thứ Hai đến Thứ Sáu"
    return ", ".join(SHORT_WEEKDAYS[day] for day in chosen)


def language_text(code: str) -> str:
    """Tiếng Tày"""
    return name_of(code)


def decibels_text(value: float, unit: str = "dB") -> str:
    """−16,0 LUFS"""
    return f"{value:.1f} {unit}".replace(".", ",").replace("-", "−") if isfinite(value) else "không đo được"


def count_text(number: int) -> str:
    """1.250"""
    return f"{number:,}".replace(",", ".")
