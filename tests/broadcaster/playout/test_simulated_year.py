"""A year of a ward through the real engine: what the store says is what the players gave out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path

import pytest
from sqlalchemy import select

from broadcaster.playout.airings import CAUSES
from broadcaster.records import chain
from broadcaster.store.models import Airing, AiringState, History
from schedules.clock import LOCAL
from tests.broadcaster.playout import year
from tests.broadcaster.playout.room import Room
from tests.broadcaster.playout.year import Year
from tests.clocks import FakeClock

OPEN, CLOSE = time(5, 0), time(21, 30)
NOON = time(12, 0), time(13, 30)
PROGRESS_S = 5.5
"""A power cut may take the last seconds of what the store knew with it."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("year")
    (folder / "station.db").write_bytes(empty_store.read_bytes())
    room = Room(folder, FakeClock(datetime.combine(year.FIRST, time(0), LOCAL)))
    room.furnish()
    room.boot()
    lived = Year(room)
    lived.furnish()
    lived.live()
    yield room
    room.store.close()


def heard_s(room: Room) -> dict[str, float]:
    """Count for ourselves what the players gave out, by airing."""
    seconds: dict[str, float] = defaultdict(float)
    for item, start, end in room.heard:
        seconds[item] += end - start
    return seconds


def test_every_occurrence_ends_in_exactly_one_final_row_with_its_cause(lived):
    assert year.still_open(lived) == []
    with lived.store.read() as session:
        airings = session.scalars(select(Airing)).all()
    rows = Counter(row.airing_id for row in lived.history())
    over = datetime.combine(year.LAST + year.DAY, time(0), LOCAL)
    for airing in (each for each in airings if each.planned_at < over):
        expected = 0 if airing.state == AiringState.SUPERSEDED else 1
        assert rows[airing.id] == expected, (airing.id, airing.state, airing.cause)
        assert airing.cause in CAUSES
        assert airing.state == AiringState.PLAYED or airing.cause
    assert len(airings) > 2000
    assert len({airing.state for airing in airings}) >= 5


def test_nothing_is_heard_twice(lived):
    ends: dict[str, float] = defaultdict(float)
    for item, start, end in lived.heard:
        assert start >= ends[item] - 0.01, item
        ends[item] = end


def test_nothing_is_heard_outside_the_limits_without_a_named_reason(lived):
    overrides = year.overrides_of(lived)
    broken = 0
    for row in lived.history():
        if row.started_at is None:
            continue
        start, end = (moment.astimezone(LOCAL).time() for moment in (row.started_at, row.ended_at))
        assert OPEN <= start <= end <= CLOSE, row.planned_at
        if start < NOON[1] and end > NOON[0] and row.planned_at.astimezone(LOCAL).time() >= NOON[0]:
            assert [each["reason"] for each in overrides[row.airing_id]] == [year.REASON]
            assert row.details["overrides"]
            broken += 1
    assert broken > 0


def test_the_minutes_of_the_history_are_those_that_sounded(lived):
    truth = heard_s(lived)
    rows = {row.airing_id: row for row in lived.history()}
    assert set(truth) <= set(rows)
    for airing, seconds in truth.items():
        slack = PROGRESS_S if rows[airing].cause in ("power_off", "station_stopped") else 0.3
        assert abs(rows[airing].seconds_heard - seconds) <= slack, (airing, rows[airing].cause)
    lost = sum(row.cause in ("power_off", "station_stopped") for row in rows.values())
    total = sum(row.seconds_heard for row in rows.values())
    assert abs(total - sum(truth.values())) <= lost * PROGRESS_S + 0.01 * len(truth)


def test_what_a_power_cut_took_says_so(lived):
    causes = Counter(row.cause for row in lived.history())
    assert causes["power_off"] > 10
    assert causes["clock"] > 0


def test_the_chain_of_the_year_holds(lived):
    with lived.store.read() as session:
        assert chain.verify(session) == []
        assert session.query(History).count() > 2000
