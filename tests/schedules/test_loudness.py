"""Quieter hours, at the hours where they begin and end."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from schedules.clock import LOCAL
from schedules.loudness import LevelSpan, gain_db_at, next_change, overlapping, shared_gain_db_at

NIGHT = LevelSpan(time(21, 30), time(5, 30), -6.0)
NOON = LevelSpan(time(11, 30), time(13, 30), -10.0)


def at(hour: int, minute: int = 0, second: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("moment", "gain_db"),
    [
        (at(21, 29, 59), 0.0),
        (at(21, 30), -6.0),
        (at(23, 59, 59), -6.0),
        (at(0), -6.0),
        (at(5, 29, 59), -6.0),
        (at(5, 30), 0.0),
        (at(11, 30), -10.0),
        (at(13, 30), 0.0),
    ],
)
def test_a_span_holds_from_its_first_second_to_before_its_last(moment, gain_db):
    assert gain_db_at(moment, [NIGHT, NOON]) == gain_db


def test_without_spans_it_is_never_lowered():
    assert gain_db_at(at(3), []) == 0.0
    assert next_change(at(3), [[]]) is None


def test_of_two_spans_the_softer_holds():
    assert gain_db_at(at(22), [NIGHT, LevelSpan(time(22), time(23), -20.0)]) == -20.0


def test_the_hour_is_that_of_the_station_whatever_zone_the_moment_is_told_in():
    from datetime import UTC

    assert gain_db_at(datetime(2026, 11, 23, 14, 30, tzinfo=UTC), [NIGHT]) == -6.0


def test_one_sound_for_several_zones_is_as_loud_as_the_loudest_may_be():
    assert shared_gain_db_at(at(22), [[NIGHT], []]) == 0.0
    assert shared_gain_db_at(at(22), [[NIGHT], [LevelSpan(time(20), time(23), -12.0)]]) == -6.0
    assert shared_gain_db_at(at(22), []) == 0.0


@pytest.mark.parametrize(
    ("moment", "change"),
    [
        (at(5), at(5, 30)),
        (at(5, 30), at(11, 30)),
        (at(12), at(13, 30)),
        (at(21, 30), at(5, 30, day=24)),
        (at(23), at(5, 30, day=24)),
    ],
)
def test_the_next_change_is_the_next_edge_of_any_span(moment, change):
    assert next_change(moment, [[NIGHT], [NOON]]) == change


def test_the_gain_is_the_same_until_the_next_change():
    moment, end = at(0), at(0, day=25)
    while moment < end:
        change = next_change(moment, [[NIGHT, NOON]])
        before = gain_db_at(moment, [NIGHT, NOON])
        assert gain_db_at(moment + (change - moment) / 2, [NIGHT, NOON]) == before
        moment = change


@pytest.mark.parametrize(
    "wrong", [(time(5), time(5), -6.0), (time(5), time(6), 3.0), (time(5), time(6), -41.0)]
)
def test_a_span_without_length_or_with_a_gain_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"is empty|is not between"):
        LevelSpan(*wrong)


def test_spans_that_overlap_are_found():
    late = LevelSpan(time(5), time(7), -3.0)
    assert overlapping([NIGHT, NOON]) is None
    assert overlapping([NIGHT, NOON, late]) == (NIGHT, late)
    assert overlapping([late, LevelSpan(time(7), time(8), -3.0)]) is None
