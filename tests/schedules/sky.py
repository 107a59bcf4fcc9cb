"""The lunisolar calendar worked out from the sky alone, for tests: new moons and solstices at a time zone.

The rule is the one both Hanoi and Beijing follow: a month begins on the day of the new moon, month 11 holds
the winter solstice, and in a year of thirteen months the first without a major solar term is the leap month.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import astronomy

EPOCH = datetime(2000, 1, 1, 12)  # noqa: DTZ001 - universal time; the days are counted by hand
HANOI_H, BEIJING_H = 7, 8


@functools.cache
def new_moons() -> tuple[float, ...]:
    """Return every new moon from November 1898 to March 2102, in days since EPOCH."""
    found, start = [], astronomy.Time.Make(1898, 11, 1, 0, 0, 0.0)
    end = astronomy.Time.Make(2102, 3, 1, 0, 0, 0.0).ut
    while (moon := astronomy.SearchMoonPhase(0.0, start, 40.0)) is not None and moon.ut < end:
        found.append(moon.ut)
        start = moon.AddDays(25.0)
    return tuple(found)


@functools.cache
def terms() -> tuple[tuple[float, int], ...]:
    """Return (days since EPOCH, term) for each major solar term; 9 is the winter solstice (270°)."""
    return tuple(_terms())


def _terms() -> Iterator[tuple[float, int]]:
    start, end = astronomy.Time.Make(1898, 11, 1, 0, 0, 0.0), astronomy.Time.Make(2102, 3, 1, 0, 0, 0.0).ut
    longitude = 240.0
    while start.ut < end:
        found = astronomy.SearchSunLongitude(longitude, start, 40.0)
        if found is not None:
            yield found.ut, round(longitude / 30) % 12
            start = found.AddDays(25.0)
        longitude = (longitude + 30.0) % 360.0


def local_day(moment: float, zone_h: int) -> date:
    return (EPOCH + timedelta(days=moment, hours=zone_h)).date()


@functools.cache
def months(zone_h: int) -> dict[date, tuple[int, bool]]:
    """Return (month, is leap) by its first day, from 1900 to 2100."""
    starts = [local_day(moon, zone_h) for moon in new_moons()]
    solstices = [local_day(moment, zone_h) for moment, term in terms() if term == 9]
    elevenths = [max(at for at, start in enumerate(starts) if start <= day) for day in solstices]
    named: dict[date, tuple[int, bool]] = {}
    for first, following in itertools.pairwise(elevenths):
        named |= _sui(starts[first : following + 1], zone_h)
    return named


def new_years(zone_h: int) -> dict[int, date]:
    """Return the first day of month 1 by solar year."""
    return {day.year: day for day, name in months(zone_h).items() if name == (1, False)}


def _sui(starts: list[date], zone_h: int) -> dict[date, tuple[int, bool]]:
    """Name the months of one year from solstice to solstice; the last start belongs to the next."""
    has_leap, number, named = len(starts) == 14, 11, {}
    leap_done = not has_leap
    for start, end in itertools.pairwise(starts):
        if not leap_done and not _holds_a_term(start, end, zone_h):
            named[start], leap_done = ((number - 2) % 12 + 1, True), True
            continue
        named[start] = (number, False)
        number = number % 12 + 1
    return named


def _holds_a_term(start: date, end: date, zone_h: int) -> bool:
    return any(start <= day < end for day in _term_days(zone_h, start.year))


@functools.cache
def _term_days(zone_h: int, year: int) -> tuple[date, ...]:
    days = (local_day(moment, zone_h) for moment, _ in terms())
    return tuple(day for day in days if abs(day.year - year) <= 1)
