"""Tình trạng máy: does each part work, where does the sound go, and how old is what we know."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from broadcaster.playout import disk
from broadcaster.store import pulse
from web import keeping_view, on_air, zone_view
from web.context import now, ward

pages = Blueprint("health", __name__, url_prefix="/tinh-trang")

PARTS = {
    "station": ("Bộ phát", "Không lượt phát nào ra loa cho đến khi bộ phát chạy lại."),
    "renderer": ("Bộ đọc và thu", "Chưa nghe thử được bản tin mới; những gì đã duyệt vẫn phát."),
}
LATE_S = 5.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the station as its sign of life shows it."""

    name: str
    is_working: bool
    effect: str
    age_s: float | None


@pages.get("")
def show() -> ResponseReturnValue:
    folder = ward().store.folder
    jobs = keeping_view.jobs()
    return render_template(
        "settings/health.html",
        parts=[_part(key, *words) for key, words in PARTS.items()],
        outputs=zone_view.outputs(),
        disk_trouble=disk.trouble(folder),
        disk_left=disk.left_text(folder),
        broken_tasks=[job for job in jobs if job.is_well is False],
        backup_at=next((job.ended_at for job in jobs if job.key == "backup"), None),
        view=on_air.view(),
        moment=now(),
    )


def _part(key: str, name: str, effect: str) -> Part:
    beat = pulse.read(ward().store.folder, key)
    age_s = None if beat is None else max(0.0, beat.age_s)
    return Part(name, age_s is not None and age_s < LATE_S, effect, age_s)
