"""What stands on every page: the bar, the rooms a person may enter, the names of station and person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from broadcaster.accounts.permissions import Permission
from broadcaster.newsroom import bulletins, importing, loudness
from broadcaster.records import complaints
from broadcaster.store import facts
from broadcaster.store.models import BulletinState
from web import choices, looks, sources, words
from web.context import may, me, reading, today
from web.forms import control
from web.on_air import bar
from web.qr import qr

BLOCK_KINDS = {
    kind: importing.KIND_WORDS[kind]
    for kind in (importing.BlockKind.HEADING, importing.BlockKind.ITEM, importing.BlockKind.TABLE_ROW)
}
"""Kinds of block worth counting."""
NAMELESS = "Đài truyền thanh"


@dataclass(frozen=True, slots=True)
class Room:
    """One page group in the navigation."""

    name: str
    icon: str
    address: str
    is_here: bool
    count: int = 0


_ROOMS = (
    ("Hôm nay", "home", "today.show", Permission.READ),
    ("Bản tin", "bulletin", "bulletins.all_bulletins", Permission.READ),
    ("Duyệt", "approve", "approvals.waiting", Permission.APPROVE),
    ("Lịch phát", "calendar", "schedule.week", Permission.READ),
    ("Nhật ký", "book", "history.rows", Permission.READ),
)
_MORE_ROOMS = (
    ("Trực tiếp", "microphone", "live.show", Permission.LIVE),
    ("Kế hoạch", "list", "plans.all_plans", Permission.READ),
    ("Báo cáo", "bulletin", "reports.show", Permission.READ),
    ("Chương trình", "calendar", "programmes.all_programmes", Permission.READ),
    ("Ngày của đài", "calendar", "limits.days", Permission.READ),
    ("Tiếp âm", "headphones", "relays.all_relays", Permission.READ),
    ("Từ điển đọc", "words", "lexicon.entries", Permission.READ),
    ("Bản lưu phát sóng", "headphones", "airchecks.rows", Permission.READ),
    ("Phản ánh", "send", "complaints.rows", frozenset({Permission.WRITE, Permission.OPERATE})),
    ("Người dùng", "people", "people.all_people", Permission.MANAGE_PEOPLE),
    ("Khóa ký", "key", "signing_keys.all_keys", frozenset({Permission.APPROVE, Permission.MANAGE_PEOPLE})),
    ("Thông báo", "bell", "notices.show", Permission.READ),
    ("Cài đặt của đài", "gear", "settings.station", Permission.CONFIGURE),
    ("Cụm loa, đường ra", "speaker", "zones.all_zones", Permission.CONFIGURE),
    ("Giới hạn phát", "clock", "limits.rules", Permission.CONFIGURE),
    ("Lưu giữ, sao lưu", "shield", "keeping.show", Permission.CONFIGURE),
    ("Nhật ký thao tác", "list", "records.audit_trail", Permission.VERIFY),
    ("Kết nối an toàn", "lock", "connection.show", Permission.READ),
    ("Tình trạng máy", "pulse", "health.show", Permission.READ),
)


_SAME_ROOM = {
    "importing": "bulletins",
    "recordings": "bulletins",
    "aloud": "bulletins",
    "running_order": "schedule",
    "moving": "schedule",
    "placing": "schedule",
    "day_sheet": "schedule",
    "feed": "schedule",
    "voices": "settings",
    "residents_setup": "settings",
}
"""Page groups without a name of their own in the navigation."""


def install(app: Flask) -> None:
    app.context_processor(_frame)
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["control"] = control
    app.jinja_env.globals["qr"] = qr
    app.jinja_env.globals["may"] = lambda name: may(Permission(name))
    for name in ("BULLETIN", "AIRING", "KINDS", "ROLES", "STEPS", "NOT_ON_LOUDSPEAKER"):
        app.jinja_env.globals[name] = getattr(words, name)
    app.jinja_env.globals.update(LEGEND=looks.LEGEND, SCOPES=choices.SCOPES, BLOCK_KINDS=BLOCK_KINDS)
    app.jinja_env.globals["OWN_PAGES"] = sources.OWN_PAGES
    filters = ("day", "weekday", "time", "second", "moment", "near", "length", "days", "count", "language")
    for name in filters:
        app.jinja_env.filters[f"{name}_text"] = getattr(words, f"{name}_text")
    app.jinja_env.filters.update(decibels_text=words.decibels_text, as_meant=loudness.is_as_meant)


def asset(filename: str) -> str:
    """Return the address of a static file, with its content in it, so that browsers never keep an old one."""
    return url_for("static", filename=filename, v=_mark(Path(current_app.static_folder or "") / filename))


@lru_cache(maxsize=64)
def _mark(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:8]


def _frame() -> dict[str, Any]:
    station_name = facts.get(reading(), facts.STATION_NAME, "") or NAMELESS
    shared = {"station_name": station_name, "signed_in": bool(current_user.is_authenticated)}
    if not shared["signed_in"]:
        return shared
    return shared | {
        "bar": bar(),
        "today": today(),
        "rooms": _rooms(_ROOMS),
        "more_rooms": _rooms(_MORE_ROOMS),
        "my_name": me().name,
        "my_roles": ", ".join(words.ROLES[role][0] for role in words.ROLES if role in me().roles),
        "my_id": me().id,
        "may_stop_all": may(Permission.STOP_ALL),
        "may_alert": may(Permission.ALERT),
        "self_approval": facts.get(reading(), facts.SELF_APPROVAL, False),
    }


def _rooms(rooms: tuple[tuple[str, str, str, Permission | frozenset[Permission]], ...]) -> list[Room]:
    here = _SAME_ROOM.get(request.blueprint or "", request.blueprint)
    return [
        Room(name, icon, url_for(endpoint), endpoint.split(".")[0] == here, _count(endpoint))
        for name, icon, endpoint, permission in rooms
        if any(map(may, [permission] if isinstance(permission, Permission) else permission))
    ]


def _count(endpoint: str) -> int:
    """Return how many things wait there for somebody."""
    if endpoint == "approvals.waiting":
        return bulletins.count(reading(), state=BulletinState.SUBMITTED)
    return complaints.count_open(reading()) if endpoint == "complaints.rows" else 0
