"""The quieter hours of zones, as their players are told of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from broadcaster.playout import requesting
from broadcaster.playout.loudness_by_hour import LoudnessByHour
from broadcaster.store.models import Zone
from schedules.clock import LOCAL
from tests.broadcaster.playout.room import Room
from tests.clocks import FakeClock

NIGHT = {"from": "21:30", "to": "05:30", "gain_db": -6.0}


def at(hour: int, minute: int, second: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=LOCAL)


@pytest.fixture
def evening(tmp_path, empty_store) -> Iterator[Room]:
    """A station at 21:29 whose only zone is quieter at night."""
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    room = Room(tmp_path, FakeClock(at(21, 29)), duties=(LoudnessByHour,))
    room.furnish()
    quieter(room, 1, NIGHT)
    room.boot()
    yield room
    room.store.close()


def quieter(room: Room, zone_id: int, *levels: dict[str, object], **more: object) -> None:
    with room.store.write() as session:
        zone = session.get_one(Zone, zone_id)
        zone.levels = list(levels)
        for name, value in more.items():
            setattr(zone, name, value)


def test_a_player_is_told_at_the_hour_and_back_in_the_morning(evening):
    evening.run(50)
    assert evening.player.gains[-1:] in ([], [0.0])
    evening.run_to(at(21, 30, 2))
    assert evening.player.gains[-1] == -6.0
    evening.run_to(at(21, 40))
    count = len(evening.player.gains)
    evening.clock.advance_to(at(5, 29, day=24))
    evening.run_to(at(5, 29, 30, day=24))
    assert len(evening.player.gains) == count, "told once, not at every turn"
    evening.run_to(at(5, 30, 2, day=24))
    assert evening.player.gains[-1] == 0.0


def test_a_player_that_was_started_anew_is_told_before_it_sounds(evening):
    evening.run_to(at(21, 31))
    for _ in range(4):
        evening.run(0.25)
        before = evening.player
        before.die(-9)
        while not any(player.is_alive for player in evening.players):
            evening.run(0.25)
        assert evening.player.gains == [-6.0], "at once, whenever it comes back"
        evening.run(40)


def test_a_change_on_the_page_is_heard_within_two_seconds(evening):
    quieter(evening, 1, {"from": "21:00", "to": "22:00", "gain_db": -12.0})
    evening.run(2)
    assert evening.player.gains[-1] == -12.0
    quieter(evening, 1)
    evening.run(2)
    assert evening.player.gains[-1] == 0.0


def test_of_zones_on_one_output_the_one_that_is_lowered_least_decides(evening):
    beside = evening.add_zone("Trạm y tế")
    quieter(evening, beside, {"from": "20:00", "to": "06:00", "gain_db": -20.0}, output_id=1)
    evening.run_to(at(21, 30, 2))
    first = next(player for player in evening.players if player.name.startswith("1:"))
    assert first.gains[-1] == -6.0


def test_a_clock_that_is_set_is_followed(evening):
    evening.run_to(at(21, 35))
    evening.clock.step(-3600)
    evening.run(2)
    evening.run_to(evening.at(62))
    assert evening.player.gains[-1] == 0.0


@pytest.mark.parametrize(("kind", "bus"), [("emergency", "emergency"), ("priority", "programme")])
def test_an_emergency_bulletin_goes_where_no_player_lowers_it(evening, kind, bus):
    number = evening.approved("Vỡ đê", kind=kind)
    with evening.store.write() as session:
        now = evening.clock.now()
        asked = requesting.request_at(session, evening.operator, number, evening.at(20), [], now)
    evening.run(18)
    assert evening.player.buses == {asked.id: bus}
