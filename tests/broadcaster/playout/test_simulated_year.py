"""A month of a ward through the real engine; the whole year is in tests/benchmarks/test_year.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path

import pytest

from schedules.clock import LOCAL
from tests.broadcaster.playout import year, year_checks
from tests.broadcaster.playout.room import Room
from tests.broadcaster.playout.year import Year
from tests.clocks import FakeClock


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[Year]:
    folder = tmp_path_factory.mktemp("year")
    (folder / "station.db").write_bytes(empty_store.read_bytes())
    room = Room(folder, FakeClock(datetime.combine(year.FIRST, time(0), LOCAL)))
    room.furnish()
    room.boot()
    lived = Year(room, days=31, seed=2)
    lived.furnish()
    lived.live()
    yield lived
    room.store.close()


def test_every_occurrence_ends_in_exactly_one_final_row_with_its_cause(lived):
    year_checks.every_occurrence_ends_in_one_final_row_with_its_cause(lived)
    airings = year_checks.airings_of(lived)
    assert len(airings) > 150
    assert len({airing.state for airing in airings}) >= 4


def test_nothing_is_heard_twice(lived):
    year_checks.nothing_is_heard_twice(lived)


def test_nothing_is_heard_outside_the_limits_without_a_named_reason(lived):
    assert year_checks.nothing_is_heard_outside_the_limits_without_a_named_reason(lived) > 0


def test_the_minutes_of_the_history_are_those_that_sounded(lived):
    year_checks.minutes_of_the_history_are_those_that_sounded(lived)


def test_what_a_power_cut_took_says_so(lived):
    assert Counter(row.cause for row in lived.room.history())["power_off"] > 1


def test_the_chain_of_the_rows_holds(lived):
    year_checks.the_chain_holds(lived)
