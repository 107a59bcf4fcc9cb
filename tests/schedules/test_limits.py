from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from schedules.clock import LOCAL
from schedules.limits import (
    AllowedHours,
    DaysOfWeek,
    LeastMinutesADay,
    LongestSession,
    MinutesADay,
    QuietHours,
    RuleCode,
    SessionsADay,
    Span,
    broken_rules,
    minutes,
    sessions,
)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, second, tzinfo=LOCAL)


def codes(start: datetime, length_s: float, *limits: AllowedHours) -> list[RuleCode]:
    return [
        broken.code
        for broken in (broken_rules(start, length_s, limits) if limits else broken_rules(start, length_s))
    ]


@pytest.mark.parametrize(
    ("start", "length_s"),
    [(at(5), 0), (at(5), 1800), (at(12), 3600), (at(21, 15), 900), (at(21, 29, 59), 1), (at(5), 16.5 * 3600)],
)
def test_inside_the_hours_nothing_is_broken(start, length_s):
    assert codes(start, length_s) == []


@pytest.mark.parametrize(
    ("start", "length_s", "code"),
    [
        (at(3, 15), 60, RuleCode.TOO_EARLY),
        (at(4, 59, 59), 60, RuleCode.TOO_EARLY),
        (at(0), 60, RuleCode.TOO_EARLY),
        (at(21, 30), 0, RuleCode.TOO_LATE),
        (at(23, 59), 3600, RuleCode.TOO_LATE),
        (at(21, 29), 61, RuleCode.ENDS_TOO_LATE),
        (at(12), 24 * 3600, RuleCode.ENDS_TOO_LATE),
    ],
)
def test_outside_the_hours_the_rule_is_named(start, length_s, code):
    assert codes(start, length_s) == [code]


def test_hours_are_the_stations_own_whatever_zone_the_moment_is_told_in():
    assert codes(datetime(2026, 11, 22, 22, 0, tzinfo=UTC), 60) == []
    assert codes(datetime(2026, 11, 22, 21, 59, tzinfo=UTC), 60) == [RuleCode.TOO_EARLY]


def test_a_broken_rule_brings_the_values_a_sentence_needs():
    hours = AllowedHours(time(6), time(21, 30))
    (broken,) = broken_rules(at(21, 20).astimezone(UTC), 900, [hours])
    assert (broken.starts_at, broken.ends_at) == (at(21, 20), at(21, 35))
    assert broken.starts_at.tzinfo is LOCAL
    assert broken.limit == hours


def test_every_broken_limit_is_told_in_order():
    late, early = AllowedHours(time(6), time(7)), AllowedHours(time(1), time(5))
    assert codes(at(5, 30), 60, late, early) == [RuleCode.TOO_EARLY, RuleCode.TOO_LATE]
    assert broken_rules(at(3), 60, ()) == ()


def test_hours_that_cannot_be_are_refused():
    for hours in ((time(21), time(5)), (time(5), time(5))):
        with pytest.raises(ValueError, match="end before they start"):
            AllowedHours(*hours)
    with pytest.raises(ValueError, match="carries no time zone"):
        AllowedHours(time(5, tzinfo=UTC))
    with pytest.raises(ValueError, match="carries no time zone"):
        AllowedHours(end=time(22, tzinfo=UTC))
    with pytest.raises(ValueError, match="without a time zone"):
        broken_rules(datetime(2026, 11, 23, 12), 60)  # noqa: DTZ001


def span(start: datetime, length_s: float) -> Span:
    return Span(start, start + timedelta(seconds=length_s))


MORNING, NOON, EVENING = span(at(5, 30), 900), span(at(11), 900), span(at(17), 900)


@pytest.mark.parametrize(
    ("start", "length_s", "is_quiet"),
    [
        (at(20, 59), 60, False),
        (at(20, 59), 61, True),
        (at(23), 60, True),
        (at(0), 60, True),
        (at(5, 59), 60, True),
        (at(6), 60, False),
        (at(12), 24 * 3600, True),
    ],
)
def test_quiet_hours_reach_over_midnight(start, length_s, is_quiet):
    found = codes(start, length_s, QuietHours(time(21), time(6)))
    assert found == ([RuleCode.QUIET_HOURS] if is_quiet else [])


def test_quiet_hours_of_a_school_hold_on_its_days():
    lessons = QuietHours(time(7), time(17), frozenset({0, 1, 2, 3, 4}))
    assert codes(at(9), 60, lessons) == [RuleCode.QUIET_HOURS]
    assert codes(at(9) + timedelta(days=5), 60, lessons) == []


def test_only_the_named_days_of_the_week_may_sound():
    weekdays = DaysOfWeek(frozenset({0, 1, 2, 3, 4}))
    assert codes(at(9), 60, weekdays) == []
    assert codes(at(9) + timedelta(days=6), 60, weekdays) == [RuleCode.DAY_OFF]


def test_sounds_that_follow_each_other_are_one_session():
    near, far = span(at(5, 45, 30), 60), span(at(5, 52), 60)
    assert len(sessions([far, MORNING, near])) == 2
    assert minutes([MORNING, span(at(5, 40), 600), far]) == 21


def test_a_session_grows_with_what_is_added_to_it():
    (broken,) = broken_rules(at(5, 45, 2), 360, [LongestSession(20)], [MORNING, EVENING])
    assert broken.code == RuleCode.SESSION_TOO_LONG
    assert broken.found == pytest.approx(21.03, abs=0.01)
    assert broken_rules(at(5, 45, 2), 240, [LongestSession(20)], [MORNING, EVENING]) == ()


def test_a_sound_inside_a_session_is_no_new_session():
    twice = SessionsADay(2)
    assert broken_rules(at(5, 40), 60, [twice], [MORNING, EVENING]) == ()
    (broken,) = broken_rules(at(11), 60, [twice], [MORNING, EVENING])
    assert (broken.code, broken.found) == (RuleCode.TOO_MANY_SESSIONS, 3)
    assert broken_rules(at(11) + timedelta(days=1), 60, [twice], [MORNING, EVENING]) == ()


def test_minutes_of_a_day_are_those_of_the_zone():
    (broken,) = broken_rules(at(17, 20), 61, [MinutesADay(46)], [MORNING, NOON, EVENING])
    assert (broken.code, round(broken.found, 2)) == (RuleCode.TOO_MANY_MINUTES, 46.02)
    assert broken_rules(at(17, 20), 60, [MinutesADay(46)], [MORNING, NOON, EVENING]) == ()


def test_a_day_below_the_least_is_told_apart_from_what_is_forbidden():
    least = LeastMinutesADay(120)
    assert broken_rules(at(9), 60, [least]) == ()
    shortfall = least.shortfall(at(9).date(), [MORNING, NOON])
    assert shortfall is not None and (shortfall.code, shortfall.found) == (RuleCode.TOO_FEW_MINUTES, 30)
    assert least.shortfall(at(9).date(), [span(at(5), 7200)]) is None
