"""How long a day's running order takes: three hundred slots in at most 20 ms."""

from __future__ import annotations

import random
import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest

from schedules.priority import Priority
from schedules.rundown import Slot, build

START = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)


def a_day(count: int, crowded: bool) -> list[Slot]:
    """Programmes of five parts over sixteen hours, or all wanted in the same ten minutes; four zones."""
    chance = random.Random(count)
    span_s = 600 if crowded else 57_600
    slots = []
    for number in range(count):
        group = number // 5
        at = START + timedelta(seconds=(group * 7919) % span_s)
        zones = frozenset(chance.sample(range(1, 5), 1 + group % 4))
        priority = Priority.PRIORITY if chance.random() < 0.1 else Priority.ROUTINE
        slots.append(
            Slot(
                f"s{number}",
                at,
                chance.uniform(20, 120),
                at + timedelta(hours=12),
                priority,
                zones,
                f"g{group}",
                number % 5,
                START - timedelta(seconds=number),
            )
        )
    chance.shuffle(slots)
    return slots


def milliseconds(slots: list[Slot], runs: int = 30) -> list[float]:
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        build(slots, START, {1: START + timedelta(seconds=90)}, {"g0": START + timedelta(seconds=90)})
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


@pytest.mark.benchmark
@pytest.mark.parametrize("crowded", [False, True], ids=["spread over the day", "all at once"])
def test_three_hundred_slots_take_at_most_20_ms(crowded):
    times = milliseconds(a_day(300, crowded))
    median = statistics.median(times)
    print(f"\n300 slots, crowded={crowded}: median {median:.1f} ms, worst of 30 {times[-1]:.1f} ms")
    assert median <= 20
