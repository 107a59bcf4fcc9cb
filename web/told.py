"""What is told after something was done, with the button that takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, url_for

from broadcaster.store.models import Airing
from web.context import now


def tell_with(words: str, address: str, does: str, fields: Mapping[str, str] | None = None) -> None:
    """Say `words` on the next page, with a button that `does` one thing."""
    told: Any = {"words": words, "address": address, "does": does, "fields": dict(fields or {})}
    flash(told, "done")


def tell_play_now(airing: Airing, was: str = "") -> None:
    """Say that something sounds soon, with the way to take it back; `was` is the place that it left."""
    delay_s = max(0, round((airing.planned_at - now()).total_seconds()))
    where = ", ".join(zone.name for zone in airing.zones)
    tell_with(
        f"“{airing.bulletin.title}” sẽ phát sau {delay_s} giây, khi loa rảnh, tại {where}.",
        url_for("running_order.take_back", airing_id=airing.id),
        "Lấy lại",
        {"cu": was} if was else {},
    )


def tell_undo(words: str, airing_id: str, moved_to: str = "", gave_way: str = "") -> None:
    """Say what was moved or removed, with the way to undo it; `gave_way` was removed to make room."""
    fields = {"moi": moved_to, "nhuong": gave_way}
    tell_with(words, url_for("running_order.undo", airing_id=airing_id), "Hoàn tác", fields)
