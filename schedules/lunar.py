"""The Vietnamese lunar calendar: new moons and solar terms taken at UTC+7, for solar dates 1900 to 2100.

It is not the Chinese one, which is computed at UTC+8: a new moon between 23:00 and 24:00 in Hanoi begins the
month a day earlier here, so that Tết of 1968, 2007 or 2030 comes a day before Beijing's, and in 1985 a month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

import lunar_vn

from schedules.recurrence import require_local


@dataclass(frozen=True, slots=True)
class LunarDate:
    year: int
    month: int
    day: int
    is_leap_month: bool = False


def to_lunar(day: date) -> LunarDate:
    """Return the lunar date of `day`. Raises ValueError outside 1900 to 2100."""
    found = lunar_vn.solar_to_lunar(day)
    return LunarDate(found.year, found.month, found.day, found.leap)


def to_solar(lunar: LunarDate) -> date:
    """Return the solar date of `lunar`. Raises ValueError when there is no such lunar date."""
    asked = lunar_vn.LunarDate(lunar.day, lunar.month, lunar.year, lunar.is_leap_month)
    day = lunar_vn.lunar_to_solar(asked)
    # The library takes day 30 of a short month, and leap months of plain years, for the days that follow.
    if to_lunar(day) != lunar:
        raise ValueError(f"the lunar calendar has no such date: {lunar}")
    return day


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day that comes back each lunar year, or each lunar month when `month` is None.

    A yearly day falls in the plain month only; a monthly one in leap months too.
    """

    day: int
    month: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 30 or (self.month is not None and not 1 <= self.month <= 12):
            raise ValueError(f"no such day of the lunar calendar: {self}")

    def is_on(self, lunar: LunarDate) -> bool:
        if self.month is None:
            return lunar.day == self.day
        return (lunar.day, lunar.month, lunar.is_leap_month) == (self.day, self.month, False)


FIRST_OF_MONTH = frozenset({LunarDay(1)})
"""Mồng một."""
FULL_MOON = frozenset({LunarDay(15)})
"""Rằm."""
TET = frozenset({LunarDay(1, 1), LunarDay(2, 1), LunarDay(3, 1)})
"""Mồng một, mồng hai, mồng ba Tết."""
HUNG_KINGS = frozenset({LunarDay(10, 3)})
"""Giỗ Tổ Hùng Vương."""


@dataclass(frozen=True, slots=True)
class LunarDays:
    """A rule for `recurrence.occurrences`: on these lunar days, at this time."""

    days: frozenset[LunarDay]
    at: time
    first_date: date | None = None
    last_date: date | None = None
    except_dates: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        require_local(self.at)

    def falls_on(self, day: date) -> bool:
        lunar = to_lunar(day)
        return any(lunar_day.is_on(lunar) for lunar_day in self.days)

    def at_on(self, day: date) -> time:
        return self.at
