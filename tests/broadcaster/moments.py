"""The moment at which most tests happen, and how to move on from it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""A Monday, eight in the morning at the station."""
TODAY = date(2026, 11, 23)


def later(**units: float) -> datetime:
    return NOW + timedelta(**units)
