"""Several zones at once: each with its own sound, its own delay, or one output that they share."""

from __future__ import annotations

import pytest

from broadcaster.playout import requesting
from broadcaster.store.models import Zone
from tests.broadcaster.playout.room import FakePlayer, Room

FIRST = 1
"""The zone that every station has."""


def ask(room: Room, number: int, *zone_ids: int, in_s: float = 60.0) -> str:
    with room.store.write() as session:
        now = room.clock.now()
        return requesting.request_at(session, room.operator, number, room.at(in_s), zone_ids, now).id


def change(room: Room, zone_id: int, **values: object) -> None:
    with room.store.write() as session:
        zone = session.get(Zone, zone_id)
        for name, value in values.items():
            setattr(zone, name, value)


def player_of(room: Room, output_id: int) -> FakePlayer:
    return next(p for p in room.players if p.is_alive and p.name.startswith(f"{output_id}:"))


def start_of(room: Room, airing_id: str, output_id: int) -> float:
    """The armed moment of an airing on one output, in seconds from now."""
    return player_of(room, output_id).items[airing_id][0] - room.clock.monotonic()


def test_different_airings_sound_in_different_zones_at_the_same_time(room):
    there = room.add_zone("Khu phố 3")
    here_id = ask(room, room.approved("Ở chợ"), FIRST)
    there_id = ask(room, room.approved("Ở trường"), there)
    room.run(75)
    heard = {row.title: row for row in room.history()}
    assert {row.result for row in heard.values()} == {"played"}
    assert heard["Ở chợ"].started_at == heard["Ở trường"].started_at
    assert [item for item, *_ in player_of(room, 1).heard] == [here_id]
    assert [item for item, *_ in player_of(room, 2).heard] == [there_id]


def test_zones_behind_one_output_take_turns(room):
    beside = room.add_zone("Khu phố 3")
    change(room, beside, output_id=1)
    first = ask(room, room.approved("Một"), FIRST)
    second = ask(room, room.approved("Hai"), beside)
    room.run(90)
    (_, _, first_s), (_, _, second_s) = room.heard
    assert (first_s, second_s) == (pytest.approx(10.0), pytest.approx(10.0))
    assert [item for item, *_ in room.heard] == [first, second]
    later, earlier = room.row(second).started_at, room.row(first).started_at
    assert (later - earlier).total_seconds() >= 10


def test_a_zone_with_a_delay_starts_so_much_later_and_is_heard_whole(room):
    slow = room.add_zone("Khu phố 3")
    change(room, slow, delay_ms=1500)
    airing_id = ask(room, room.approved("Tin"), FIRST, slow)
    room.run(57)
    assert start_of(room, airing_id, 2) - start_of(room, airing_id, 1) == pytest.approx(1.5)
    room.run(20)
    (row,) = room.history()
    assert row.result == "played"
    assert [zone["seconds_heard"] for zone in row.zones] == [pytest.approx(10.0), pytest.approx(10.0)]


def test_all_zones_of_one_output_wait_for_the_longest_delay_among_them(room):
    beside = room.add_zone("Khu phố 3")
    change(room, beside, output_id=1, delay_ms=700)
    number = room.approved("Tin")
    alone, plain = ask(room, number, FIRST), room.row(ask(room, number, in_s=600)).planned_at
    room.run(57)
    assert start_of(room, alone, 1) == pytest.approx(3.0 + 0.7)
    assert plain > room.clock.now()


def test_an_emergency_waits_for_no_delay(room):
    change(room, FIRST, delay_ms=10_000)
    airing_id = ask(room, room.approved("Vỡ đê", kind="emergency"), FIRST)
    room.run(57)
    assert start_of(room, airing_id, 1) == pytest.approx(3.0)


def test_an_output_that_comes_back_keeps_its_delay(room):
    change(room, FIRST, delay_ms=5000)
    airing_id = ask(room, room.approved("Tin"), FIRST)
    room.run(57)
    player_of(room, 1).die(-9)
    room.run(2)
    assert start_of(room, airing_id, 1) == pytest.approx(1.0 + 5.0)
