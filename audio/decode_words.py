"""How lengths are said to people in what decoding tells them."""

from __future__ import annotations


def length(seconds: float) -> str:
    """2 phút 15 giây"""
    whole = max(0, round(seconds))
    parts = ((whole // 3600, "giờ"), (whole % 3600 // 60, "phút"), (whole % 60, "giây"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "chưa đến 1 giây"
