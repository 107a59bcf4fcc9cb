"""A whole year: 2,000 wishes, five programmes a day, 60 power cuts, 20 clock faults; every row is checked."""

from __future__ import annotations

import time as stopwatch
from collections import Counter
from datetime import datetime, time
from pathlib import Path

import pytest

from broadcaster.store import Store
from broadcaster.store.migrate import migrate
from schedules.clock import LOCAL
from tests.broadcaster.playout import year, year_checks
from tests.broadcaster.playout.room import Room
from tests.broadcaster.playout.year import Year
from tests.clocks import FakeClock


@pytest.mark.benchmark
def test_a_year(tmp_path: Path) -> None:
    store = Store(tmp_path)
    migrate(store)
    store.close()
    room = Room(tmp_path, FakeClock(datetime.combine(year.FIRST, time(0), LOCAL)))
    room.furnish()
    room.boot()
    lived = Year(room)
    lived.furnish()
    start, used = stopwatch.perf_counter(), stopwatch.process_time()
    lived.live()
    wall_s, used_s = stopwatch.perf_counter() - start, stopwatch.process_time() - used
    year_checks.every_occurrence_ends_in_one_final_row_with_its_cause(lived)
    year_checks.nothing_is_heard_twice(lived)
    broken = year_checks.nothing_is_heard_outside_the_limits_without_a_named_reason(lived)
    year_checks.minutes_of_the_history_are_those_that_sounded(lived)
    year_checks.the_chain_holds(lived)
    states = Counter((row.result, row.cause) for row in room.history())
    print(f"\na year in {wall_s:.0f} s ({used_s:.0f} s of one core), {broken} beyond a limit with a reason")
    print(f"{len(year_checks.airings_of(lived))} airings: {dict(states)}; {lived.refused} wishes refused")
    room.store.close()
