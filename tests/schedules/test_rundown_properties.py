"""What holds for every rundown, whatever was asked; and the same order worked out in a plain, slow way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from schedules.priority import Priority
from schedules.rundown import GAP_S, Drop, Shift, Slot, build
from tests.schedules.slots import BUSY, NOW, RUNNING, many_slots

GAP = timedelta(seconds=GAP_S)
WORLD = {"slots": many_slots(), "now": NOW, "busy": BUSY, "running": RUNNING}


def is_emergency(slot: Slot) -> bool:
    return slot.priority is Priority.EMERGENCY


@given(**WORLD)
def test_everything_is_either_timed_or_dropped(slots, now, busy, running):
    rundown = build(slots, now, busy, running)
    keys = [item.slot.key for item in (*rundown.timed, *rundown.dropped)]
    assert sorted(keys) == sorted(slot.key for slot in slots)


@given(**WORLD)
def test_nothing_overlaps_on_a_zone(slots, now, busy, running):
    for a, b in combinations(build(slots, now, busy, running).timed, 2):
        if a.slot.zones & b.slot.zones:
            assert a.ends_at <= b.starts_at or b.ends_at <= a.starts_at


@given(**WORLD)
def test_nothing_starts_before_it_may_or_after_its_deadline(slots, now, busy, running):
    rundown = build(slots, now, busy, running)
    for timed in rundown.timed:
        slot = timed.slot
        assert max(slot.planned_at, now) <= timed.starts_at <= slot.deadline
        assert timed.ends_at == timed.starts_at + timedelta(seconds=slot.length_s)
        assert is_emergency(slot) or all(timed.starts_at >= busy.get(zone, now) for zone in slot.zones)
    for dropped in rundown.dropped:
        assert dropped.why is Drop.NO_ZONE or dropped.could_start_at > dropped.slot.deadline
        assert (dropped.why is Drop.NO_ZONE) == (not dropped.slot.zones)


@given(**WORLD)
def test_every_shift_has_its_reason_and_only_shifts_have_one(slots, now, busy, running):
    rundown = build(slots, now, busy, running)
    keys = {slot.key for slot in slots}
    for timed in rundown.timed:
        assert (timed.why_shifted is Shift.NONE) == (timed.shift_s == 0)
        assert timed.behind in keys if timed.why_shifted is Shift.BEHIND else timed.behind in {"", *keys}
        assert timed.behind != timed.slot.key


@given(**WORLD, order=st.randoms(use_true_random=False))
def test_the_order_of_asking_does_not_matter(slots, now, busy, running, order):
    shuffled = list(slots)
    order.shuffle(shuffled)
    assert build(shuffled, now, busy, running) == build(slots, now, busy, running)


@given(**WORLD)
def test_the_plan_of_a_plan_changes_nothing(slots, now, busy, running):
    first = build(slots, now, busy, running)
    again = build(
        [replace(timed.slot, planned_at=timed.starts_at) for timed in first.timed], now, busy, running
    )
    assert not again.dropped
    assert {t.slot.key: t.starts_at for t in again.timed} == {t.slot.key: t.starts_at for t in first.timed}
    assert all(timed.why_shifted is Shift.NONE for timed in again.timed)


@given(**WORLD)
def test_parts_keep_their_order_and_distance_and_nothing_slips_between(slots, now, busy, running):
    timed = build(slots, now, busy, running).timed
    for group in {(item.slot.group, is_emergency(item.slot)) for item in timed}:
        parts = [item for item in timed if (item.slot.group, is_emergency(item.slot)) == group]
        for a, b in pairwise(parts):
            assert b.starts_at >= a.ends_at + GAP
            assert turn(a.slot) < turn(b.slot)
            for other in timed:
                in_the_gap = other is not a and a.ends_at <= other.starts_at < a.ends_at + GAP
                assert not (in_the_gap and other.slot.zones & a.slot.zones)


@given(**WORLD)
def test_a_newcomer_whose_turn_is_last_moves_nobody(slots, now, busy, running):
    late = max((slot.planned_at for slot in slots), default=now) + timedelta(seconds=1)
    newcomer = Slot(
        "mới", late, 40, late + timedelta(hours=1), Priority.ROUTINE, frozenset({1, 2, 3}), "mới", 0, late
    )
    before, with_it = build(slots, now, busy, running), build([*slots, newcomer], now, busy, running)
    assert tuple(timed for timed in with_it.timed if timed.slot.key != "mới") == before.timed
    assert with_it.dropped == before.dropped


@given(**WORLD)
def test_the_plain_and_slow_way_gives_the_same_starts(slots, now, busy, running):
    rundown = build(slots, now, busy, running)
    assert {timed.slot.key: timed.starts_at for timed in rundown.timed} == slowly(slots, now, busy, running)


def turn(slot: Slot) -> tuple[object, ...]:
    return slot.planned_at, -slot.priority, slot.position, slot.asked_at, slot.key


def slowly(
    slots: list[Slot], now: datetime, busy: dict[int, datetime], running: dict[str, datetime]
) -> dict[str, datetime]:
    """Try every moment at which something ends, first to last, for each slot in turn."""
    blocks: dict[tuple[bool, str], list[Slot]] = {}
    for slot in sorted(slots, key=lambda s: (s.planned_at, s.group not in running, *turn(s)[1:])):
        blocks.setdefault((not is_emergency(slot), slot.group), []).append(slot)
    taken: list[tuple[frozenset[int], datetime, datetime]] = []
    found: dict[str, datetime] = {}
    for (is_calm, group), parts in sorted(blocks.items(), key=lambda block: block[0][0]):
        earliest = running[group] + GAP if is_calm and group in running else now
        for slot in parts:
            held = [busy[zone] for zone in slot.zones if is_calm and zone in busy]
            first = max(slot.planned_at, now, earliest, *held)
            needs = timedelta(seconds=slot.length_s) + (GAP if slot is not parts[-1] else timedelta(0))
            free = [
                moment
                for moment in (first, *sorted(end for _, _, end in taken))
                if moment >= first
                and not any(z & slot.zones and a < moment + needs and moment < b for z, a, b in taken)
            ]
            if slot.zones and free[0] <= slot.deadline:
                found[slot.key] = free[0]
                taken.append((slot.zones, free[0], free[0] + needs))
                earliest = free[0] + timedelta(seconds=slot.length_s) + GAP
    return found
