from __future__ import annotations

from datetime import timedelta

import pytest

from schedules.priority import Priority
from schedules.rundown import LONGEST_S, Drop, Rundown, Shift, build
from tests.schedules.slots import after, slot

URGENT, EMERGENCY = Priority.PRIORITY, Priority.EMERGENCY


def plan(*slots, now=-600.0, busy=None, running=None) -> Rundown:
    """Build at `now`; all times in seconds from 5:30."""
    return build(
        slots,
        after(now),
        {zone: after(until) for zone, until in (busy or {}).items()},
        {group: after(until) for group, until in (running or {}).items()},
    )


def starts(rundown: Rundown) -> dict[str, float]:
    return {timed.slot.key: (timed.starts_at - after(0)).total_seconds() for timed in rundown.timed}


def whys(rundown: Rundown) -> dict[str, tuple[str, str]]:
    return {item.slot.key: (item.why_shifted, item.behind) for item in rundown.timed} | {
        item.slot.key: (item.why, item.behind) for item in rundown.dropped
    }


def test_nothing_asked_nothing_planned():
    assert plan() == Rundown()


def test_a_slot_alone_starts_at_its_second_and_says_nothing():
    (timed,) = plan(slot("tin", 30, 60)).timed
    assert (timed.starts_at, timed.ends_at) == (after(30), after(90))
    assert (timed.why_shifted, timed.behind, timed.shift_s) == (Shift.NONE, "", 0)


def test_two_of_one_moment_follow_each_other():
    rundown = plan(slot("a", position=1), slot("b", position=2))
    assert starts(rundown) == {"a": 0, "b": 60}
    assert whys(rundown)["b"] == (Shift.BEHIND, "a")
    assert rundown.timed[1].shift_s == 60


def test_touching_is_no_clash():
    assert whys(plan(slot("a"), slot("b", 60)))["b"] == (Shift.NONE, "")


def test_turns_go_by_moment_then_priority_then_position_then_age_then_key():
    rundown = plan(
        slot("g", 0.5, priority=URGENT, position=-1),
        slot("f", asked=-1),
        slot("e", asked=-2),
        slot("d", asked=-2),
        slot("c", position=-1),
        slot("b", priority=URGENT, position=7),
        slot("a", -1, position=9),
    )
    assert [timed.slot.key for timed in rundown.timed] == ["a", "b", "c", "d", "e", "f", "g"]


def test_parts_of_a_programme_follow_two_seconds_apart():
    parts = [slot(key, 0, 60, group="sáng", position=n) for n, key in enumerate("abc")]
    rundown = plan(*parts)
    assert starts(rundown) == {"a": 0, "b": 62, "c": 124}
    assert whys(rundown) == {"a": ("", ""), "b": (Shift.NEXT_PART, "a"), "c": (Shift.NEXT_PART, "b")}


def test_a_programme_is_not_split_by_what_comes_up_meanwhile():
    rundown = plan(
        slot("a", group="sáng"),
        slot("riêng", 1, priority=URGENT),
        slot("b", group="sáng", position=1),
    )
    assert starts(rundown) == {"a": 0, "b": 62, "riêng": 122}
    assert whys(rundown)["riêng"] == (Shift.BEHIND, "b")


def test_not_even_the_shortest_thing_slips_between_two_parts():
    rundown = plan(slot("a", group="sáng"), slot("b", group="sáng", position=1), slot("chuông", 1, 0.5))
    assert starts(rundown) == {"a": 0, "b": 62, "chuông": 122}


def test_a_programme_takes_the_turn_of_its_first_part():
    rundown = plan(
        slot("thường", position=0),
        slot("ưu tiên", group="sáng", position=5, priority=URGENT),
        slot("sau", group="sáng", position=6),
    )
    assert list(starts(rundown)) == ["ưu tiên", "sau", "thường"]


def test_a_part_planned_later_than_its_turn_waits_for_its_moment():
    rundown = plan(slot("a", group="sáng"), slot("b", 100, group="sáng"))
    assert starts(rundown) == {"a": 0, "b": 100}
    assert whys(rundown)["b"] == (Shift.NONE, "")


def test_a_programme_that_collides_waits_until_the_other_ends():
    rundown = plan(
        slot("a1", 0, 60, group="a"),
        slot("a2", 0, 60, group="a", position=1),
        slot("b1", 90, 60, group="b"),
        slot("b2", 90, 60, group="b", position=1),
    )
    assert starts(rundown) == {"a1": 0, "a2": 62, "b1": 122, "b2": 184}


def test_what_could_only_start_after_its_deadline_is_dropped_with_the_one_in_its_way():
    rundown = plan(slot("dài", 0, 600), slot("tin", 60, until=300))
    assert starts(rundown) == {"dài": 0}
    (dropped,) = rundown.dropped
    assert (dropped.slot.key, dropped.why, dropped.behind) == ("tin", Drop.BEHIND, "dài")
    assert dropped.could_start_at == after(600)


def test_the_deadline_itself_is_still_in_time():
    assert starts(plan(slot("a"), slot("b", until=60))) == {"a": 0, "b": 60}
    assert starts(plan(slot("a"), slot("b", until=59.999))) == {"a": 0}


def test_what_is_dropped_leaves_its_place_to_the_next():
    rundown = plan(slot("a"), slot("b", until=10), slot("c", position=1))
    assert starts(rundown) == {"a": 0, "c": 60}


def test_a_dropped_part_does_not_stop_the_parts_after_it():
    rundown = plan(
        slot("a", group="sáng"),
        slot("b", group="sáng", position=1, until=10),
        slot("c", group="sáng", position=2),
    )
    assert starts(rundown) == {"a": 0, "c": 62}
    assert whys(rundown) == {"a": ("", ""), "b": (Drop.NEXT_PART, "a"), "c": (Shift.NEXT_PART, "a")}


def test_the_past_starts_now_and_says_that_it_is_late():
    rundown = plan(slot("a"), now=40)
    assert starts(rundown) == {"a": 40}
    assert whys(rundown) == {"a": (Shift.LATE, "")}


def test_what_is_too_late_is_dropped_as_late():
    (dropped,) = plan(slot("a", until=30), now=40).dropped
    assert (dropped.why, dropped.could_start_at) == (Drop.LATE, after(40))


def test_a_deadline_before_the_planned_moment_drops_it():
    assert whys(plan(slot("a", until=-1))) == {"a": (Drop.LATE, "")}


def test_a_busy_zone_is_waited_for():
    rundown = plan(slot("a"), slot("b", 500), busy={1: 100})
    assert starts(rundown) == {"a": 100, "b": 500}
    assert whys(rundown) == {"a": (Shift.ON_AIR, ""), "b": (Shift.NONE, "")}


def test_what_waits_too_long_for_the_air_is_dropped_for_it():
    (dropped,) = plan(slot("a", until=50), now=51, busy={1: 100}).dropped
    assert (dropped.why, dropped.could_start_at) == (Drop.ON_AIR, after(100))


def test_all_zones_must_be_free_and_other_zones_do_not_matter():
    rundown = plan(
        slot("a", 0, 60, zones=(1,)),
        slot("b", 0, 90, zones=(2,), position=1),
        slot("cả hai", 10, 60, zones=(1, 2)),
        slot("nơi khác", 10, 60, zones=(3,)),
        busy={1: 20, 3: 5},
    )
    assert starts(rundown) == {"a": 20, "b": 0, "cả hai": 90, "nơi khác": 10}
    assert whys(rundown)["cả hai"] == (Shift.BEHIND, "b")


def test_a_hole_before_something_that_waits_is_used_if_it_is_long_enough():
    waiting = slot("chờ", 0, 60, zones=(1, 2))
    rundown = plan(waiting, slot("ngắn", 10, 90), slot("dài", 20, 91), busy={2: 100})
    assert starts(rundown) == {"ngắn": 10, "chờ": 100, "dài": 160}


def test_a_slot_without_loudspeakers_is_dropped():
    rundown = plan(slot("a", zones=()), slot("b"), slot("muộn", -50, zones=()), now=-20)
    assert starts(rundown) == {"b": 0}
    assert whys(rundown)["a"] == (Drop.NO_ZONE, "")
    assert {item.slot.key: item.could_start_at for item in rundown.dropped} == {
        "a": after(0),
        "muộn": after(-20),
    }


def test_an_emergency_waits_for_nothing_on_the_air():
    rundown = plan(slot("khẩn", priority=EMERGENCY), now=1, busy={1: 600}, running={"khẩn": 600})
    assert starts(rundown) == {"khẩn": 1}


def test_nothing_is_started_that_an_emergency_would_cut_off():
    rundown = plan(
        slot("tin", 0, 60), slot("ngắn", 0, 30, position=1), slot("khẩn", 30, 20, priority=EMERGENCY)
    )
    assert starts(rundown) == {"ngắn": 0, "khẩn": 30, "tin": 50}
    assert whys(rundown)["tin"] == (Shift.BEHIND, "khẩn")


def test_emergencies_wait_for_each_other():
    rundown = plan(slot("một", 0, 60, priority=EMERGENCY), slot("hai", 30, 60, priority=EMERGENCY))
    assert starts(rundown) == {"một": 0, "hai": 60}


def test_an_emergency_inside_a_programme_does_not_drag_the_programme_along():
    rundown = plan(
        slot("tin", 0, group="sáng"),
        slot("riêng", -1, 60),
        slot("khẩn", 0, 10, group="sáng", position=1, priority=EMERGENCY),
    )
    assert starts(rundown) == {"khẩn": 0, "riêng": 10, "tin": 70}


def test_the_next_part_keeps_its_distance_from_the_part_on_the_air():
    rundown = plan(slot("b", group="sáng"), now=30, busy={1: 60}, running={"sáng": 60})
    assert starts(rundown) == {"b": 62}
    assert whys(rundown) == {"b": (Shift.NEXT_PART, "")}


def test_a_programme_under_way_goes_on_before_others_of_its_moment():
    others = (slot("riêng", priority=URGENT), slot("b", group="sáng"))
    assert list(starts(plan(*others, now=30, busy={1: 60}))) == ["riêng", "b"]
    assert list(starts(plan(*others, now=30, busy={1: 60}, running={"sáng": 60}))) == ["b", "riêng"]


def test_a_programme_under_way_does_not_pass_what_was_planned_before_it():
    rundown = plan(slot("trước", -60), slot("b", group="sáng"), now=30, busy={1: 60}, running={"sáng": 60})
    assert list(starts(rundown)) == ["trước", "b"]


def test_a_slot_of_no_length_takes_no_time():
    assert starts(plan(slot("a", 0, 0), slot("b", 0, 0, position=1), slot("c", 0, position=2))) == {
        "a": 0,
        "b": 0,
        "c": 0,
    }


@pytest.mark.parametrize("length_s", [-0.001, float("nan"), float("inf"), LONGEST_S + 1])
def test_a_slot_of_an_impossible_length_is_refused(length_s):
    with pytest.raises(ValueError, match="slot a cannot last"):
        slot("a", 0, length_s)


def test_parts_on_different_zones_still_follow_each_other():
    rundown = plan(slot("a", zones=(1,), group="sáng"), slot("b", zones=(2,), group="sáng", position=1))
    assert starts(rundown) == {"a": 0, "b": 62}
    assert rundown.timed[1].starts_at - rundown.timed[0].ends_at == timedelta(seconds=2)
