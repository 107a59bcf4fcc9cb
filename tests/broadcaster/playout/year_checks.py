"""What must hold of a simulated year: the store says what the players gave out, counted for ourselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import time

from sqlalchemy import select

from broadcaster.records import chain
from broadcaster.records.causes import CAUSES
from broadcaster.store.models import Airing, AiringState
from schedules.clock import LOCAL
from tests.broadcaster.playout import year
from tests.broadcaster.playout.room import Room
from tests.broadcaster.playout.year import Year

OPEN, CLOSE = time(5, 0), time(21, 30)
NOON = time(12, 0), time(13, 30)
PROGRESS_S = 5.5
"""A power cut may take the last seconds of what the store knew with it."""
LOST = ("power_off", "station_stopped")


def airings_of(lived: Year) -> list[Airing]:
    with lived.room.store.read() as session:
        return list(session.scalars(select(Airing).where(Airing.planned_at < lived.end)))


def heard_s(room: Room) -> dict[str, float]:
    """Count what the players gave out, by airing."""
    seconds: dict[str, float] = defaultdict(float)
    for item, start, end in room.heard:
        seconds[item] += end - start
    return seconds


def every_occurrence_ends_in_one_final_row_with_its_cause(lived: Year) -> None:
    rows = Counter(row.airing_id for row in lived.room.history())
    for airing in airings_of(lived):
        assert AiringState(airing.state).is_final, airing.id
        assert rows[airing.id] == (0 if airing.state == AiringState.SUPERSEDED else 1), airing.cause
        assert airing.cause in CAUSES
        assert airing.state == AiringState.PLAYED or airing.cause


def nothing_is_heard_twice(lived: Year) -> None:
    ends: dict[str, float] = defaultdict(float)
    for item, start, end in lived.room.heard:
        assert start >= ends[item] - 0.01, item
        ends[item] = end


def nothing_is_heard_outside_the_limits_without_a_named_reason(lived: Year) -> int:
    """Return how many were, each with its reason in request and history."""
    overrides, broken = year.overrides_of(lived.room), 0
    for row in lived.room.history():
        if row.started_at is None:
            continue
        start, end = (moment.astimezone(LOCAL).time() for moment in (row.started_at, row.ended_at))
        assert OPEN <= start <= end <= CLOSE, row.planned_at
        if start < NOON[1] and end > NOON[0] and row.planned_at.astimezone(LOCAL).time() >= NOON[0]:
            assert [each["reason"] for each in overrides[row.airing_id]] == [year.REASON]
            assert row.details["overrides"]
            broken += 1
    return broken


def minutes_of_the_history_are_those_that_sounded(lived: Year) -> None:
    truth = heard_s(lived.room)
    rows = {row.airing_id: row for row in lived.room.history()}
    assert set(truth) <= set(rows)
    for airing, seconds in truth.items():
        slack = PROGRESS_S if rows[airing].cause in LOST else 0.3
        assert abs(rows[airing].seconds_heard - seconds) <= slack, (airing, rows[airing].cause)
    lost = sum(row.cause in LOST for row in rows.values())
    total = sum(row.seconds_heard for row in rows.values())
    assert abs(total - sum(truth.values())) <= lost * PROGRESS_S + 0.01 * len(truth)


def the_chain_holds(lived: Year) -> None:
    with lived.room.store.read() as session:
        assert chain.verify(session) == []
