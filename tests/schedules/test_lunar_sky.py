"""The lunar calendar against the sky itself, month by month, for every year from 1900 to 2100."""

from __future__ import annotations

from datetime import date, timedelta

from schedules.lunar import LunarDate, to_lunar, to_solar
from tests.schedules import sky

WITHIN_MINUTES = {
    date(1938, 8, 25): "a solar term minutes from midnight: leap month 7 or 8",
    date(1938, 9, 24): "the month after it",
    date(2072, 12, 9): "new moon minutes from midnight: 8 or 9 December",
    date(2085, 10, 19): "new moon minutes from midnight: 18 or 19 October",
}
"""Where the published tables, which our library follows, and the computed sky part by a hair."""

HANOI_BEFORE_BEIJING = {1903, 1916, 1935, 1965, 1968, 1969, 1985, 2007, 2030, 2053}
"""Years from 1900 to 2100 in which Tết, computed for Hanoi, is not the Chinese new year."""

FIRST, LAST = date(1900, 1, 31), date(2100, 12, 1)


def test_every_month_begins_with_the_new_moon_over_hanoi():
    differing = {
        day
        for day, (month, is_leap) in sky.months(sky.HANOI_H).items()
        if FIRST <= day <= LAST and not _is_first_of(to_lunar(day), month, is_leap)
    }
    assert differing == set(WITHIN_MINUTES)


def test_tet_of_every_year_is_where_the_sky_puts_it():
    tet = {year: to_solar(LunarDate(year, 1, 1)) for year in range(1900, 2101)}
    assert tet == {year: day for year, day in sky.new_years(sky.HANOI_H).items() if year in tet}


def test_hanoi_and_beijing_part_in_exactly_the_named_years():
    hanoi, beijing = sky.new_years(sky.HANOI_H), sky.new_years(sky.BEIJING_H)
    differing = {year for year in range(1900, 2101) if hanoi[year] != beijing[year]}
    assert differing == HANOI_BEFORE_BEIJING
    for year in differing - {1985}:
        assert beijing[year] - hanoi[year] == timedelta(days=1)
    assert (hanoi[1985], beijing[1985]) == (date(1985, 1, 21), date(1985, 2, 20))


def _is_first_of(lunar: LunarDate, month: int, is_leap: bool) -> bool:
    return (lunar.day, lunar.month, lunar.is_leap_month) == (1, month, is_leap)
