"""How figures are written in a report, in the Vietnamese way."""

from __future__ import annotations


def count(number: float) -> str:
    """1.250"""
    return f"{round(number):,}".replace(",", ".")


def tenths(number: float) -> str:
    """1.250,5; 12"""
    text = f"{number:,.1f}".translate(str.maketrans(",.", ".,"))
    return text.removesuffix(",0")


def percent(number: float | None) -> str:
    """98,5%; không có where there is nothing to compare with"""
    return "không có" if number is None else f"{tenths(number)}%"


def length(seconds: float) -> str:
    """12 giờ 34 phút; 5 phút 20 giây"""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [(hours, "giờ"), (minutes, "phút"), (0 if hours else rest, "giây")]
    return " ".join(f"{count(number)} {unit}" for number, unit in parts if number) or "0 phút"
