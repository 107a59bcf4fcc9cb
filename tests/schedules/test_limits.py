from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from schedules.clock import LOCAL
from schedules.limits import AllowedHours, RuleCode, broken_rules


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
    (broken,) = broken_rules(at(21, 20).astimezone(UTC), 900, [AllowedHours(time(6), time(21, 30))])
    assert (broken.starts_at, broken.ends_at) == (at(21, 20), at(21, 35))
    assert broken.starts_at.tzinfo is LOCAL
    assert (broken.allowed_from, broken.allowed_until) == (time(6), time(21, 30))


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
