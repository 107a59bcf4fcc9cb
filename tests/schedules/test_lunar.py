from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import LOCAL
from schedules.lunar import (
    FIRST_OF_MONTH,
    FULL_MOON,
    HUNG_KINGS,
    TET,
    LunarDate,
    LunarDay,
    LunarDays,
    to_lunar,
    to_solar,
)
from schedules.recurrence import occurrences

HANOI_AND_BEIJING = {
    1968: (date(1968, 1, 29), date(1968, 1, 30)),
    1969: (date(1969, 2, 16), date(1969, 2, 17)),
    1985: (date(1985, 1, 21), date(1985, 2, 20)),
    2007: (date(2007, 2, 17), date(2007, 2, 18)),
    2030: (date(2030, 2, 2), date(2030, 2, 3)),
    2053: (date(2053, 2, 18), date(2053, 2, 19)),
}
"""The years since the calendar of 1968 in which Tết comes on another day than the Chinese new year."""


@pytest.mark.parametrize(
    ("year", "tet"),
    [
        (1900, date(1900, 1, 31)),
        (1975, date(1975, 2, 11)),
        (2000, date(2000, 2, 5)),
        (2020, date(2020, 1, 25)),
        (2023, date(2023, 1, 22)),
        (2024, date(2024, 2, 10)),
        (2025, date(2025, 1, 29)),
        (2026, date(2026, 2, 17)),
        (2027, date(2027, 2, 6)),
        *((year, hanoi) for year, (hanoi, _) in HANOI_AND_BEIJING.items()),
    ],
)
def test_tet_falls_on_the_day_that_vietnam_kept(year, tet):
    assert to_solar(LunarDate(year, 1, 1)) == tet
    assert to_lunar(tet) == LunarDate(year, 1, 1)


@pytest.mark.parametrize(("year", "days"), list(HANOI_AND_BEIJING.items()))
def test_hanoi_and_beijing_differ_in_these_years(year, days):
    hanoi, beijing = days
    assert to_solar(LunarDate(year, 1, 1)) == hanoi
    assert beijing in holidays.country_holidays("CN", years=year)
    assert to_lunar(beijing) != LunarDate(year, 1, 1)


def test_tet_equals_an_independent_calendar_in_every_year_it_knows():
    vietnam = holidays.country_holidays("VN", years=range(1990, 2100), language="vi")
    known = {day.year: day for day, name in vietnam.items() if "Tết Nguyên Đán" in name.split("; ")}
    assert len(known) == 110
    assert known == {year: to_solar(LunarDate(year, 1, 1)) for year in range(1990, 2100)}


def test_leap_months_are_told_apart():
    assert to_lunar(date(2025, 7, 25)) == LunarDate(2025, 6, 1, is_leap_month=True)
    assert to_solar(LunarDate(2025, 6, 1, is_leap_month=True)) == date(2025, 7, 25)
    assert to_solar(LunarDate(2025, 6, 1)) == date(2025, 6, 25)


@pytest.mark.parametrize(
    "impossible",
    [
        LunarDate(2026, 1, 30, is_leap_month=True),
        LunarDate(2025, 5, 1, is_leap_month=True),
        LunarDate(2026, 6, 1, is_leap_month=True),
        LunarDate(2026, 13, 1),
        LunarDate(2026, 1, 0),
        LunarDate(1700, 1, 1),
    ],
)
def test_a_lunar_date_that_does_not_exist_is_refused(impossible):
    with pytest.raises(ValueError, match=r"."):
        to_solar(impossible)


def test_day_thirty_of_a_short_month_is_refused():
    short = next(
        day for day in days_of(2026) if to_lunar(day).day == 29 and to_lunar(day + timedelta(1)).day == 1
    )
    lunar = to_lunar(short)
    with pytest.raises(ValueError, match="no such date"):
        to_solar(LunarDate(lunar.year, lunar.month, 30, lunar.is_leap_month))


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=number) for number in range(365)]


@pytest.mark.parametrize("outside", [date(1899, 12, 31), date(2101, 1, 1)])
def test_dates_outside_the_tables_are_refused(outside):
    with pytest.raises(ValueError, match="range"):
        to_lunar(outside)


@given(st.dates(date(1901, 1, 1), date(2099, 12, 31)))
def test_every_date_comes_back_from_the_lunar_calendar(day):
    assert to_solar(to_lunar(day)) == day


def test_lunar_dates_run_on_day_by_day_for_two_centuries():
    day, end = date(1901, 1, 1), date(2099, 12, 31)
    before = to_lunar(day)
    while day < end:
        day += timedelta(days=1)
        now = to_lunar(day)
        follows = now.day == before.day + 1 and (now.month, now.year) == (before.month, before.year)
        begins = now.day == 1 and before.day in (29, 30)
        assert follows or begins, day
        before = now


def falls(days: frozenset[LunarDay], first: date, last: date) -> list[date]:
    rule = LunarDays(days, time(5, 0))
    start = datetime.combine(first, time(0), LOCAL)
    end = datetime.combine(last + timedelta(days=1), time(0), LOCAL)
    return [moment.astimezone(LOCAL).date() for moment in occurrences(rule, start, end)]


def test_tet_is_three_days_a_year():
    assert falls(TET, date(2025, 1, 1), date(2026, 12, 31)) == [
        date(2025, 1, 29),
        date(2025, 1, 30),
        date(2025, 1, 31),
        date(2026, 2, 17),
        date(2026, 2, 18),
        date(2026, 2, 19),
    ]


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2024, date(2024, 4, 18)),
        (2025, date(2025, 4, 7)),
        (2026, date(2026, 4, 26)),
        (2023, date(2023, 4, 29)),
    ],
)
def test_the_hung_kings_day_comes_once_a_year_even_with_a_leap_month(year, day):
    assert falls(HUNG_KINGS, date(year, 1, 1), date(year, 12, 31)) == [day]


def test_a_yearly_day_does_not_come_again_in_the_leap_month():
    assert falls(frozenset({LunarDay(15, 6)}), date(2025, 1, 1), date(2025, 12, 31)) == [date(2025, 7, 9)]


def test_the_first_of_the_month_and_the_full_moon_come_in_leap_months_too():
    firsts = falls(FIRST_OF_MONTH, date(2025, 1, 29), date(2026, 2, 16))
    moons = falls(FULL_MOON, date(2025, 1, 29), date(2026, 2, 16))
    assert len(firsts) == len(moons) == 13
    assert date(2025, 7, 25) in firsts
    assert [moon - first for first, moon in zip(firsts, moons, strict=True)] == [timedelta(days=14)] * 13


def test_known_full_moons():
    assert falls(FULL_MOON, date(2026, 2, 20), date(2026, 3, 20)) == [date(2026, 3, 3)]
    assert falls(FULL_MOON, date(2026, 8, 20), date(2026, 9, 25)) == [date(2026, 8, 27), date(2026, 9, 25)]


def test_the_last_day_of_the_last_month_is_a_lunar_day():
    assert falls(frozenset({LunarDay(30, 12)}), date(2024, 1, 1), date(2025, 12, 31)) == [date(2024, 2, 9)]


@pytest.mark.parametrize(("day", "month"), [(0, None), (31, 1), (1, 0), (1, 13)])
def test_days_that_no_lunar_calendar_has_are_refused(day, month):
    with pytest.raises(ValueError, match="no such day"):
        LunarDay(day, month)


def test_a_lunar_rule_takes_a_local_time_of_day():
    with pytest.raises(ValueError, match="carries no time zone"):
        LunarDays(FULL_MOON, time(5, tzinfo=UTC))
