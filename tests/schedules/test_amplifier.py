from __future__ import annotations

import pytest

from schedules.amplifier import Power, Timing, Use, wanted

TIMING = Timing(lead_in_s=10.0, hold_s=120.0, longest_on_s=3600.0)
ITEM = Use(1000.0, 1060.0)


@pytest.mark.parametrize(
    ("now_s", "power"),
    [(989.9, Power.OFF), (990.0, Power.ON), (1060.0, Power.ON), (1179.9, Power.ON), (1180.0, Power.OFF)],
)
def test_it_is_on_from_the_lead_in_to_the_end_of_the_hold(now_s, power):
    assert wanted(now_s, [ITEM], TIMING, None) == power


def test_between_two_items_it_stays_on():
    items = [ITEM, Use(1185.0, 1200.0)]
    assert {wanted(now_s, items, TIMING, 990.0) for now_s in range(990, 1320)} == {Power.ON}


def test_without_lead_in_and_hold_it_is_on_exactly_while_it_sounds():
    plain = Timing(0.0, 0.0)
    assert [wanted(s, [ITEM], plain, None) for s in (999.9, 1000.0, 1059.9, 1060.0)] == [
        "off",
        "on",
        "on",
        "off",
    ]


def test_what_sounds_without_an_end_keeps_it_on_until_the_limit():
    endless = [Use(1000.0, None)]
    assert wanted(4589.9, endless, TIMING, 990.0) == Power.ON
    assert wanted(4590.0, endless, TIMING, 990.0) == Power.TOO_LONG


def test_a_limit_in_the_hold_turns_it_off_too():
    assert wanted(1100.0, [ITEM], TIMING, 1100.0 - 3600.0) == Power.TOO_LONG


def test_the_limit_never_cuts_an_emergency_and_holds_again_after_it():
    alert = Use(1000.0, None, is_emergency=True)
    assert wanted(99_000.0, [ITEM, alert], TIMING, 990.0) == Power.ON
    over = Use(1000.0, 98_990.0, is_emergency=True)
    assert wanted(99_000.0, [over], TIMING, 990.0) == Power.TOO_LONG


def test_an_emergency_turns_it_on_before_its_moment():
    assert wanted(500.0, [Use(1000.0, None, is_emergency=True)], TIMING, None) == Power.ON


def test_nothing_to_play_is_off():
    assert wanted(0.0, [], TIMING, None) == Power.OFF
