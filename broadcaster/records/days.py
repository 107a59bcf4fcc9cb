"""When days of the station's calendar begin and end, as conditions on rows ask for it."""

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
