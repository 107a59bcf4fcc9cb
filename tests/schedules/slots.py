"""Slots counted in seconds from one morning, by hand and by hypothesis."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st

from schedules.clock import LOCAL
from schedules.priority import Priority
from schedules.rundown import Slot, build

FIVE_THIRTY = datetime(2026, 11, 23, 5, 30, tzinfo=LOCAL)


def after(seconds: float) -> datetime:
    return FIVE_THIRTY + timedelta(seconds=seconds)


def slot(
    key: str,
    at: float = 0,
    length_s: float = 60,
    *,
    until: float = 900,
    priority: Priority = Priority.ROUTINE,
    zones: tuple[int, ...] = (1,),
    group: str = "",
    position: int = 0,
    asked: float = -3600,
) -> Slot:
    """`at` and `asked` in seconds from 5:30; `until` is how late it may start, in seconds after `at`."""
    deadline, zone_set = after(at + until), frozenset(zones)
    return Slot(key, after(at), length_s, deadline, priority, zone_set, group or key, position, after(asked))


SECONDS = st.integers(0, 300) | st.integers(0, 600).map(lambda halves: halves / 2)
ZONES = st.lists(st.integers(1, 3), max_size=3, unique=True).map(tuple)
LOUD_ZONES = ZONES.filter(bool)
ANY_PRIORITY = st.sampled_from([Priority.ROUTINE, Priority.ROUTINE, Priority.PRIORITY, Priority.EMERGENCY])


@st.composite
def many_slots(
    draw: st.DrawFn, most: int = 12, zones: st.SearchStrategy[tuple[int, ...]] = ZONES
) -> list[Slot]:
    count = draw(st.integers(0, most))
    return [
        slot(
            f"s{number}",
            draw(SECONDS),
            draw(SECONDS),
            until=draw(SECONDS),
            priority=draw(ANY_PRIORITY),
            zones=draw(zones),
            group=draw(st.sampled_from(["", "", "g1", "g2"])),
            position=draw(st.integers(0, 2)),
            asked=draw(st.integers(-3, 0)),
        )
        for number in range(count)
    ]


NOW = SECONDS.map(lambda seconds: after(seconds - 60))
BUSY = st.dictionaries(st.integers(1, 3), SECONDS.map(after), max_size=3)
RUNNING = st.dictionaries(st.sampled_from(["g1", "g2", "s0"]), SECONDS.map(after), max_size=2)
RUNDOWNS = st.builds(build, many_slots(), NOW, BUSY, RUNNING)
