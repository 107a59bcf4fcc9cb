from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.decision import (
    LONGEST_WAIT_S,
    Cut,
    CutWhy,
    Decision,
    Miss,
    MissWhy,
    OnAir,
    Play,
    Wait,
    decide,
)
from schedules.priority import Priority
from schedules.rundown import Drop, Dropped, Rundown, Slot, Timed, build
from tests.schedules.slots import ANY_PRIORITY, LOUD_ZONES, NOW, RUNDOWNS, SECONDS, after, many_slots, slot

ROUTINE, URGENT, EMERGENCY = Priority


def timed(one: Slot, starts: float | None = None) -> Timed:
    begins = one.planned_at if starts is None else after(starts)
    return Timed(one, begins, begins + timedelta(seconds=one.length_s))


def rundown(*slots: Slot) -> Rundown:
    """Each slot at its planned moment."""
    return Rundown(tuple(timed(one) for one in slots))


def on_air(key: str, until: float, priority: Priority = ROUTINE, zones: Iterable[int] = (1,)) -> OnAir:
    return OnAir(key, frozenset(zones), priority, after(until))


def ask(
    now: float, plan: Rundown, *sounding: OnAir, hold: bool = False, lead_s: float = 4.0
) -> list[Decision]:
    return list(decide(after(now), plan, sounding, hold, lead_s))


def acts(now: float, plan: Rundown, *sounding: OnAir, hold: bool = False) -> list[Decision]:
    """Return the decisions without the closing Wait."""
    *acts, wait = ask(now, plan, *sounding, hold=hold)
    assert isinstance(wait, Wait)
    return acts


def waits_until(now: float, plan: Rundown, *sounding: OnAir, hold: bool = False) -> float:
    wait = ask(now, plan, *sounding, hold=hold)[-1]
    assert isinstance(wait, Wait)
    return (wait.until - after(0)).total_seconds()


TIN = slot("tin", 0, 60)


def test_nothing_planned_waits_a_minute():
    assert ask(0, Rundown()) == [Wait(after(LONGEST_WAIT_S))]


@pytest.mark.parametrize(("now", "plays"), [(-5, False), (-4.001, False), (-4, True), (-1, True), (0, True)])
def test_a_slot_is_played_from_four_seconds_before_its_start(now, plays):
    assert acts(now, rundown(TIN)) == ([Play(TIN, after(0))] if plays else [])


def test_the_lead_is_the_callers():
    assert ask(-9, rundown(TIN), lead_s=10.0)[0] == Play(TIN, after(0))


def test_without_a_wish_the_lead_is_four_seconds():
    assert decide(after(-4), rundown(TIN), (), False)[0] == Play(TIN, after(0))
    assert decide(after(-4.001), rundown(TIN), (), False) == (Wait(after(-4)),)


def test_a_start_in_the_past_is_played_now():
    assert acts(7, rundown(TIN)) == [Play(TIN, after(7))]


def test_a_shifted_slot_is_played_at_its_predicted_second():
    assert acts(117, Rundown((timed(TIN, 120),))) == [Play(TIN, after(120))]


def test_the_next_is_armed_while_the_last_seconds_of_the_other_sound():
    assert acts(-3, rundown(TIN), on_air("trước", 0)) == [Play(TIN, after(0))]


def test_nothing_is_played_over_what_sounds_longer_than_predicted():
    assert acts(0, rundown(TIN), on_air("trước", 0.5)) == []
    assert waits_until(0, rundown(TIN), on_air("trước", 0.5)) == 0.5


def test_what_sounds_past_its_predicted_end_keeps_its_zones_and_is_looked_at_each_second():
    assert acts(0, rundown(TIN), on_air("trước", -0.1)) == []
    assert waits_until(0, rundown(TIN), on_air("trước", -0.1)) == 1
    assert acts(0, rundown(TIN), on_air("trước", -0.1, zones=(2,))) == [Play(TIN, after(0))]
    alarm = slot("khẩn", 0, 30, priority=EMERGENCY)
    assert acts(0, rundown(alarm), on_air("trước", -0.1))[0] == Cut("trước", CutWhy.EMERGENCY, by="khẩn")


def test_what_ends_now_gives_its_zones_free():
    assert acts(0, rundown(TIN), on_air("trước", 0)) == [Play(TIN, after(0))]
    assert waits_until(0, Rundown(), on_air("trước", 0)) == 1


def test_other_zones_are_no_hindrance():
    assert acts(0, rundown(TIN), on_air("nơi khác", 600, zones=(2,))) == [Play(TIN, after(0))]


def test_what_is_on_the_air_is_never_played_again():
    assert acts(0, rundown(TIN), on_air("tin", 60, zones=())) == []


def test_two_zones_start_together():
    other = slot("khác", 0, zones=(2,))
    assert acts(0, rundown(TIN, other)) == [Play(TIN, after(0)), Play(other, after(0))]


def test_two_plays_of_one_answer_never_share_a_zone():
    first, second = slot("a", 0, 1), slot("b", 1, 60, zones=(1, 2))
    assert acts(0, rundown(first, second)) == [Play(first, after(0))]
    assert acts(0, rundown(first, second), on_air("a", 1)) == [Play(second, after(1))]


def test_what_comes_first_is_played_first_even_if_the_other_matters_more():
    first, second = slot("thường", 0, 2), slot("ưu tiên", 2, 60, priority=URGENT)
    assert acts(-1, rundown(second, first)) == [Play(first, after(0))]


def test_of_two_overdue_the_higher_priority_is_played():
    first, second = slot("thường", 0, 2), slot("ưu tiên", 1, 60, priority=URGENT)
    assert acts(2, rundown(first, second)) == [Play(second, after(2))]


@pytest.mark.parametrize("current", [ROUTINE, URGENT])
def test_an_emergency_cuts_what_sounds_in_its_zones_and_nothing_else(current):
    alarm = slot("khẩn", 0, 30, priority=EMERGENCY, zones=(1, 2))
    sounding = on_air("một", 60, current), on_air("hai", 60, current, (2, 3)), on_air("ba", 60, current, (3,))
    assert acts(0, rundown(alarm), *sounding) == [
        Cut("một", CutWhy.EMERGENCY, by="khẩn"),
        Cut("hai", CutWhy.EMERGENCY, by="khẩn"),
        Play(alarm, after(0)),
    ]


def test_one_item_in_the_way_of_two_emergencies_is_cut_once():
    alarms = slot("k1", 0, 30, priority=EMERGENCY), slot("k2", 0, 30, priority=EMERGENCY, zones=(2,))
    assert acts(0, rundown(*alarms), on_air("tin", 60, zones=(1, 2))) == [
        Cut("tin", CutWhy.EMERGENCY, by="k1"),
        Play(alarms[0], after(0)),
        Play(alarms[1], after(0)),
    ]


def test_an_emergency_cuts_nobody_before_its_start():
    alarm = slot("khẩn", 3, 30, priority=EMERGENCY)
    assert acts(0, rundown(alarm), on_air("tin", 60)) == []
    assert waits_until(0, rundown(alarm), on_air("tin", 60)) == 3


def test_an_emergency_cuts_nobody_who_ends_before_its_start():
    alarm = slot("khẩn", 3, 30, priority=EMERGENCY)
    assert acts(0, rundown(alarm), on_air("tin", 3)) == [Play(alarm, after(3))]


def test_an_emergency_waits_for_an_emergency():
    alarm = slot("khẩn", 0, 30, priority=EMERGENCY, zones=(1, 2))
    both = on_air("khẩn trước", 60, EMERGENCY), on_air("tin", 60, zones=(2,))
    assert acts(0, rundown(alarm), *both) == []


@pytest.mark.parametrize("priority", [ROUTINE, URGENT])
def test_others_wait_for_what_sounds(priority):
    assert acts(0, rundown(slot("tin", priority=priority)), on_air("trước", 60)) == []


def test_an_emergency_goes_before_a_routine_start_of_the_same_moment():
    alarm = slot("khẩn", 0, 30, priority=EMERGENCY)
    assert acts(0, rundown(TIN, alarm)) == [Play(alarm, after(0))]


def test_hold_cuts_everything_and_plays_nothing():
    alarm = slot("khẩn", 0, priority=EMERGENCY)
    sounding = on_air("tin khác", 60), on_air("khẩn trước", 60, EMERGENCY, (2,))
    assert acts(0, rundown(TIN, alarm), *sounding, hold=True) == [
        Cut("tin khác", CutWhy.HOLD),
        Cut("khẩn trước", CutWhy.HOLD),
    ]


def test_under_hold_a_passed_deadline_is_a_miss_because_of_the_hold():
    late, later = slot("muộn", 0, until=10), slot("còn giờ", 0, until=12)
    plan = build([late, later], after(11), {})
    assert acts(11, plan, hold=True) == [Miss("muộn", MissWhy.HOLD, after(10))]
    assert waits_until(11, plan, hold=True) == 12


def dropped(one: Slot, why: Drop, behind: str = "") -> Rundown:
    return Rundown(dropped=(Dropped(one, why, one.deadline + timedelta(seconds=5), behind),))


@pytest.mark.parametrize("why", list(Drop))
def test_a_dropped_slot_is_missed_for_the_reason_it_was_dropped(why):
    plan = dropped(slot("tin", 0, until=10), why, behind="dài")
    assert acts(10.001, plan) == [Miss("tin", MissWhy(why.value), after(10), behind="dài")]


def test_a_dropped_slot_is_not_missed_while_its_deadline_has_not_passed():
    plan = dropped(slot("tin", 0, until=10), Drop.BEHIND, behind="dài")
    assert acts(10, plan) == []
    assert waits_until(5, plan) == 10


def test_a_timed_slot_whose_deadline_has_passed_is_missed_and_not_played():
    plan = rundown(slot("tin", 0, until=10))
    assert acts(10, plan) == [Play(plan.timed[0].slot, after(10))]
    assert acts(10.001, plan) == [Miss("tin", MissWhy.LATE, after(10))]


def test_what_is_on_the_air_is_not_missed():
    assert acts(20, rundown(slot("tin", 0, until=10)), on_air("tin", 60)) == []


def test_waiting_ends_at_the_first_thing_that_can_change():
    plan = rundown(slot("a", 30, 10), slot("b", 50, 10))
    assert waits_until(0, plan) == 26
    assert waits_until(0, plan, on_air("khác", 12)) == 12
    assert waits_until(26, plan) == 30
    assert waits_until(-100, plan) == -40


SOUNDING = st.lists(
    st.builds(
        OnAir,
        key=st.sampled_from(["s0", "s1", "ngoài", "ngoài 2"]),
        zones=LOUD_ZONES.map(frozenset),
        priority=ANY_PRIORITY,
        ends_at=SECONDS.map(after),
    ),
    max_size=3,
    unique_by=lambda item: item.key,
).map(tuple)
ANY_WORLD = {"now": NOW, "plan": RUNDOWNS, "sounding": SOUNDING, "hold": st.booleans()}
"""Rundowns as stale as they like: built at another moment, over another air."""


@given(**ANY_WORLD)
def test_whatever_the_world_each_thing_gets_one_decision_and_the_last_is_to_wait(now, plan, sounding, hold):
    *made, wait = decide(now, plan, sounding, hold)
    assert isinstance(wait, Wait)
    assert now < wait.until <= now + timedelta(seconds=LONGEST_WAIT_S)
    assert not any(isinstance(one, Wait) for one in made)
    keys = [one.slot.key if isinstance(one, Play) else one.key for one in made]
    assert len(keys) == len(set(keys))


@given(**ANY_WORLD)
def test_whatever_the_world_no_play_meets_another_sound_on_its_zones(now, plan, sounding, hold):
    made = decide(now, plan, sounding, hold)
    plays = [one for one in made if isinstance(one, Play)]
    cut = {one.key for one in made if isinstance(one, Cut)}
    zones = [zone for play in plays for zone in play.slot.zones]
    assert len(zones) == len(set(zones))
    for play in plays:
        assert now <= play.at <= now + timedelta(seconds=4)
        for item in sounding:
            shares = bool(item.zones & play.slot.zones)
            assert item.key in cut or not shares or now <= item.ends_at <= play.at


@given(**ANY_WORLD)
def test_whatever_the_world_cuts_have_their_cause(now, plan, sounding, hold):
    made = decide(now, plan, sounding, hold)
    cuts = [one for one in made if isinstance(one, Cut)]
    if hold:
        assert [one.key for one in cuts] == [item.key for item in sounding]
        assert not any(isinstance(one, Play) for one in made)
        return
    items = {item.key: item for item in sounding}
    by = {one.slot.key: one for one in made if isinstance(one, Play)}
    for one in cuts:
        assert items[one.key].priority is not EMERGENCY
        assert by[one.by].slot.priority is EMERGENCY
        assert by[one.by].slot.zones & items[one.key].zones


def run(slots: list[Slot], busy: dict[int, float]) -> tuple[dict[str, float], dict[str, MissWhy]]:
    """Obey the decisions, waking only when a Wait ends; return starts in seconds from 5:30, and misses."""
    now, left = after(-100), {one.key: one for one in slots}
    air = [OnAir(f"trước {zone}", frozenset({zone}), ROUTINE, after(until)) for zone, until in busy.items()]
    last_part: dict[str, str] = {}
    starts: dict[str, float] = {}
    misses: dict[str, MissWhy] = {}
    for _ in range(40 * (len(slots) + 5)):
        air = [item for item in air if item.ends_at > now]
        ends = {item.key: item.ends_at for item in air}
        running = {group: ends[key] for group, key in last_part.items() if key in ends}
        taken = {
            zone: max(item.ends_at for item in air if zone in item.zones)
            for zone in (1, 2, 3)
            if any(zone in item.zones for item in air)
        }
        plan = build(left.values(), now, taken, running)
        for one in decide(now, plan, tuple(air), hold=False):
            match one:
                case Cut(key):
                    air = [item for item in air if item.key != key]
                case Miss(key, why):
                    assert key in left, f"{key} ended twice"
                    del left[key]
                    misses[key] = why
                case Play(played, at):
                    assert played.key in left, f"{played.key} ended twice"
                    del left[played.key]
                    starts[played.key] = (at - after(0)).total_seconds()
                    ends_at = at + timedelta(seconds=played.length_s)
                    air.append(OnAir(played.key, played.zones, played.priority, ends_at))
                    last_part[played.group] = played.key
                case Wait(until):
                    now = until
        if not left:
            break
    assert not left, f"never ended: {sorted(left)}"
    return starts, misses


@settings(max_examples=60)
@given(
    slots=many_slots(most=8).map(lambda many: [one for one in many if one.priority is not EMERGENCY]),
    busy=st.dictionaries(st.integers(1, 3), SECONDS, max_size=3),
)
def test_an_engine_that_only_obeys_ends_every_slot_once_and_starts_it_in_time(slots, busy):
    starts, misses = run(slots, busy)
    assert sorted([*starts, *misses]) == sorted(one.key for one in slots)
    for one in slots:
        if one.key in starts:
            assert one.planned_at <= after(starts[one.key]) <= one.deadline


@settings(max_examples=60)
@given(slots=many_slots(most=8), busy=st.dictionaries(st.integers(1, 3), SECONDS, max_size=3))
def test_with_emergencies_too_every_slot_ends_once(slots, busy):
    starts, misses = run(slots, busy)
    assert sorted([*starts, *misses]) == sorted(one.key for one in slots)


def test_an_engine_that_only_obeys_starts_at_the_very_second():
    programme = [slot(key, 0, 60, group="sáng", position=n) for n, key in enumerate("abc")]
    assert run([*programme, slot("riêng", 30)], {1: 20})[0] == {"a": 20, "b": 82, "c": 144, "riêng": 204}
