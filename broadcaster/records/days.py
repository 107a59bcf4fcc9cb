"""When days of the station's calendar begin and end, and how a person reads a moment."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from schedules.clock import LOCAL

DAY = timedelta(days=1)
_FIRST, _LAST = date.min + DAY, date.max - DAY
"""The very first date has no midnight in UTC, the very last no day after it; people may type both."""


def midnight(day: date) -> datetime:
    """Return the moment at which `day` begins at the station."""
    return datetime.combine(max(day, _FIRST), time(), LOCAL)


def midnight_after(day: date) -> datetime:
    """Return the moment at which `day` is over at the station."""
    return midnight(min(day, _LAST) + DAY)


def moment_words(moment: datetime) -> str:
    """07:30 ngày 22/11/2026"""
    return f"{moment.astimezone(LOCAL):%H:%M ngày %d/%m/%Y}"
