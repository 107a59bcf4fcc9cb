from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import LOCAL
from schedules.lunar import LunarDay, LunarDays
from schedules.recurrence import (
    EVERY_DAY,
    Adjusted,
    DatedRule,
    Monthly,
    Once,
    Rule,
    Season,
    Series,
    Weekly,
    occurrences,
    spread,
)

MORNING = time(5, 30)
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LOCAL)


def dates(rule: Rule, first: date, days: int) -> list[date]:
    start = datetime.combine(first, time(0), LOCAL)
    return [
        moment.astimezone(LOCAL).date() for moment in occurrences(rule, start, start + timedelta(days=days))
    ]


def test_a_weekday_programme_sounds_at_its_local_time_told_in_utc():
    rule = Weekly(frozenset({0, 2, 4}), MORNING)
    assert list(occurrences(rule, local(2026, 11, 23), local(2026, 11, 30))) == [
        datetime(2026, 11, 22, 22, 30, tzinfo=UTC),
        datetime(2026, 11, 24, 22, 30, tzinfo=UTC),
        datetime(2026, 11, 26, 22, 30, tzinfo=UTC),
    ]
    assert all(m.tzinfo is UTC for m in occurrences(rule, local(2026, 11, 23), local(2026, 11, 30)))


def test_the_window_takes_its_start_and_leaves_its_end():
    rule = Weekly(EVERY_DAY, MORNING)
    first, second = local(2026, 11, 23, 5, 30), local(2026, 11, 24, 5, 30)
    assert list(occurrences(rule, first, second)) == [first]
    assert list(occurrences(rule, first + timedelta(microseconds=1), second)) == []
    assert list(occurrences(rule, first, second + timedelta(microseconds=1))) == [first, second]


def test_an_empty_or_reversed_window_holds_nothing():
    rule = Weekly(EVERY_DAY, MORNING)
    at = local(2026, 11, 23, 5, 30)
    assert list(occurrences(rule, at, at)) == []
    assert list(occurrences(rule, at + timedelta(days=3), at)) == []


def test_a_rule_goes_on_across_the_year_and_leap_days():
    assert dates(Weekly(EVERY_DAY, MORNING), date(2027, 12, 30), 4) == [
        date(2027, 12, 30),
        date(2027, 12, 31),
        date(2028, 1, 1),
        date(2028, 1, 2),
    ]
    assert date(2028, 2, 29) in dates(Weekly(EVERY_DAY, MORNING), date(2028, 2, 27), 4)


def test_first_and_last_date_belong_to_the_rule():
    rule = Weekly(EVERY_DAY, MORNING, first_date=date(2026, 11, 24), last_date=date(2026, 11, 26))
    assert dates(rule, MONDAY, 14) == [date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)]


def test_a_rule_whose_dates_lie_outside_the_window_yields_nothing():
    assert dates(Weekly(EVERY_DAY, MORNING, last_date=date(2026, 1, 1)), MONDAY, 14) == []
    assert dates(Weekly(EVERY_DAY, MORNING, first_date=date(2027, 1, 1)), MONDAY, 14) == []


def test_except_dates_are_left_out_and_nothing_else():
    rule = Weekly(EVERY_DAY, MORNING, except_dates=frozenset({date(2026, 11, 24)}))
    assert dates(rule, MONDAY, 3) == [MONDAY, date(2026, 11, 25)]


def test_a_rule_without_days_never_comes():
    assert dates(Weekly(frozenset(), MORNING), MONDAY, 30) == []


def test_a_late_evening_and_a_midnight_rule_keep_their_local_date():
    assert dates(Weekly(frozenset({0}), time(23, 59, 59)), MONDAY, 7) == [MONDAY]
    assert dates(Weekly(frozenset({0}), time(0)), MONDAY, 7) == [MONDAY]


def test_once_comes_once():
    at = local(2026, 11, 23, 17, 0)
    assert list(occurrences(Once(at), at, at + timedelta(seconds=1))) == [at]
    assert list(occurrences(Once(at), at - timedelta(seconds=1), at)) == []
    (moment,) = occurrences(Once(at), at, at + timedelta(seconds=1))
    assert moment.tzinfo is UTC


def test_moments_need_a_time_zone_and_times_of_day_have_none():
    naive = datetime(2026, 11, 23)  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a time zone"):
        Once(naive)
    with pytest.raises(ValueError, match="without a time zone"):
        list(occurrences(Weekly(EVERY_DAY, MORNING), naive, local(2026, 11, 24)))
    with pytest.raises(ValueError, match="without a time zone"):
        list(occurrences(Weekly(EVERY_DAY, MORNING), local(2026, 11, 22), naive))
    with pytest.raises(ValueError, match="carries no time zone"):
        Weekly(EVERY_DAY, time(5, 30, tzinfo=UTC))


SUMMER = Season((4, 16), (10, 15), time(5, 0))
TET_NIGHTS = Season((12, 31), (1, 2), time(7, 0))


def times(rule: DatedRule, *days: date) -> list[time]:
    return [rule.at_on(day) for day in days]


def test_a_season_changes_the_start_on_its_first_and_last_day():
    rule = Adjusted(Weekly(EVERY_DAY, MORNING), (SUMMER,))
    days = date(2027, 4, 15), date(2027, 4, 16), date(2027, 10, 15), date(2027, 10, 16)
    assert times(rule, *days) == [MORNING, time(5), time(5), MORNING]
    start = local(2027, 4, 15)
    assert [
        f"{moment.astimezone(LOCAL):%d %H:%M}" for moment in occurrences(rule, start, start + 2 * DAY)
    ] == ["15 05:30", "16 05:00"]


def test_a_season_may_reach_over_the_new_year():
    rule = Adjusted(Weekly(EVERY_DAY, MORNING), (TET_NIGHTS, SUMMER))
    days = date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 2), date(2027, 1, 3)
    assert times(rule, *days) == [MORNING, time(7), time(7), MORNING]


def test_a_season_needs_days_that_exist():
    Season((2, 29), (3, 1), MORNING)
    with pytest.raises(ValueError, match="day"):
        Season((2, 30), (3, 1), MORNING)


def test_nothing_sounds_in_a_pause_and_the_rest_goes_on():
    rule = Adjusted(Weekly(EVERY_DAY, MORNING), pauses=((MONDAY + DAY, MONDAY + 2 * DAY),))
    assert dates(rule, MONDAY, 4) == [MONDAY, MONDAY + 3 * DAY]


def test_adjusting_keeps_the_dates_of_the_rule():
    inner = Weekly(EVERY_DAY, MORNING, MONDAY, MONDAY + 3 * DAY, frozenset({MONDAY + DAY}))
    assert dates(Adjusted(inner, (SUMMER,)), MONDAY - DAY, 10) == dates(inner, MONDAY - DAY, 10)


def test_days_of_the_month_and_the_last_one():
    rule = Monthly(frozenset({1, 31, -1}), MORNING)
    assert dates(rule, date(2028, 1, 30), 31) == [date(2028, 1, 31), date(2028, 2, 1), date(2028, 2, 29)]
    with pytest.raises(ValueError, match="from 1 to 31"):
        Monthly(frozenset({0}), MORNING)


def test_a_storm_bulletin_comes_back_until_its_hour_or_its_number():
    first, half = local(2026, 11, 23, 18, 10), timedelta(minutes=30)
    until_hour = Series(first, half, local(2026, 11, 23, 20, 0), 12)
    assert [f"{m.astimezone(LOCAL):%H:%M}" for m in occurrences(until_hour, first, first + DAY)] == [
        "18:10",
        "18:40",
        "19:10",
        "19:40",
    ]
    assert len(list(occurrences(Series(first, half, first + DAY, 3), first, first + DAY))) == 3
    assert list(occurrences(until_hour, first + half, first + 2 * half)) == [first + half]
    for every, most in ((timedelta(seconds=59), 1), (half, 0)):
        with pytest.raises(ValueError, match="no series"):
            Series(first, every, first + DAY, most)


def test_times_of_a_day_are_spread_evenly():
    assert spread(time(6), time(18), 4) == (time(6), time(10), time(14), time(18))
    assert spread(time(6), time(18), 1) == (time(6),)
    assert spread(time(6), time(6, 2), 3) == (time(6), time(6, 1), time(6, 2))
    for bad in ((time(6), time(6, 1), 3), (time(7), time(6), 2), (time(6), time(7), 0)):
        with pytest.raises(ValueError, match="do not fit"):
            spread(*bad)


@pytest.mark.parametrize("days", [{7}, {-1}, {0, 8}])
def test_days_of_the_week_go_from_monday_to_sunday(days):
    with pytest.raises(ValueError, match="from 0 to 6"):
        Weekly(frozenset(days), MORNING)


DATES = st.dates(date(2024, 1, 1), date(2031, 12, 31))
OFTEN = {
    "at": st.times(),
    "first_date": st.none() | DATES,
    "last_date": st.none() | DATES,
    "except_dates": st.frozensets(DATES, max_size=5),
}
WEEKLY = st.builds(Weekly, days=st.frozensets(st.integers(0, 6)), **OFTEN)
LUNAR_DAY = st.builds(LunarDay, day=st.integers(1, 30), month=st.none() | st.integers(1, 12))
LUNAR = st.builds(LunarDays, days=st.frozensets(LUNAR_DAY, max_size=5), **OFTEN)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 12, 31), timezones=st.sampled_from([UTC, LOCAL]))  # noqa: DTZ001
RULES = WEEKLY | LUNAR | st.builds(Once, MOMENTS)


@given(rule=RULES, start=MOMENTS, days=st.integers(0, 400), cuts=st.lists(st.floats(0, 1), max_size=6))
def test_cutting_a_window_anywhere_neither_doubles_nor_loses_a_moment(rule, start, days, cuts):
    length = timedelta(days=days)
    edges = [start, *(start + length * cut for cut in sorted(cuts)), start + length]
    in_parts = [moment for a, b in pairwise(edges) for moment in occurrences(rule, a, b)]
    assert in_parts == list(occurrences(rule, start, start + length))
    assert in_parts == sorted(set(in_parts))


@given(rule=WEEKLY | LUNAR, start=MOMENTS, days=st.integers(0, 60))
def test_a_window_holds_exactly_the_dates_that_the_rule_picks(rule: DatedRule, start, days):
    end = start + timedelta(days=days)
    wide = [start.astimezone(LOCAL).date() + timedelta(days=n) for n in range(-2, days + 3)]
    expected = [
        moment
        for day in wide
        if (moment := datetime.combine(day, rule.at, LOCAL)) >= start
        and moment < end
        and rule.falls_on(day)
        and (rule.first_date is None or day >= rule.first_date)
        and (rule.last_date is None or day <= rule.last_date)
        and day not in rule.except_dates
    ]
    assert list(occurrences(rule, start, end)) == expected
