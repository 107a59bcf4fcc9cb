"""Players that lose their card and find it again, as the page and the airings see it."""

from __future__ import annotations

import pytest

from audio.player_words import Fault
from broadcaster.playout import requesting
from broadcaster.playout.players import GRACE_S, NO_CARD, SEARCH_S, STOPPED, Player
from tests.broadcaster.playout.room import Room


def player_of(room: Room) -> Player:
    found = room.air.players.get(1)
    assert found is not None
    return found


def ask(room: Room, seconds: float = 60.0, in_s: float = 10.0) -> str:
    number = room.approved("Tin", seconds=seconds)
    with room.store.write() as session:
        now = room.clock.now()
        return requesting.request_at(session, room.operator, number, room.at(in_s), [], now).id


def test_a_card_that_is_back_within_the_grace_goes_on_where_it_broke_off(room):
    airing_id = ask(room)
    room.run(30)
    room.unplug()
    room.run(10)
    assert player_of(room).fault
    assert not player_of(room).stands_in
    room.plug_in()
    room.run(1.5)
    assert player_of(room).fault == ""
    room.run(50)
    (row,) = room.history()
    assert (row.airing_id, row.result, row.on_loudspeaker) == (airing_id, "played", True)
    assert row.seconds_heard == pytest.approx(60.0, abs=1.0)


def test_a_card_that_stays_away_is_stood_in_for_and_the_airing_says_what_was_heard(room):
    ask(room)
    room.run(30)
    room.unplug()
    room.run(GRACE_S + 3)
    assert (player_of(room).stands_in, player_of(room).fault) == (True, NO_CARD)
    (row,) = room.history()
    assert (row.result, row.cause) == ("cut", "output_lost")
    assert row.seconds_heard == pytest.approx(20.0, abs=1.0)


@pytest.mark.parametrize("away_s", [GRACE_S + 5, 120.0])
def test_a_card_that_worked_is_back_within_three_seconds_of_its_return(room, away_s):
    room.unplug()
    room.run(away_s)
    assert sum("reopen_tries" in player.spec.options for player in room.players) == 1, (
        "one that looks, not many"
    )
    room.plug_in()
    room.run(3)
    assert (player_of(room).is_loudspeaker, player_of(room).fault) == (True, "")


def test_a_station_that_never_had_a_card_looks_for_one_now_and_then(room):
    room.pull_the_plug()
    room.cards_gone.add("")
    room.boot()
    room.run(2)
    assert player_of(room).stands_in
    searches = len(room.players)
    room.run(SEARCH_S - 3)
    assert len(room.players) == searches
    room.run(3)
    assert len(room.players) == searches + 1


def test_a_fault_stands_since_its_beginning_whatever_its_words(room):
    begun = room.clock.monotonic()
    room.unplug()
    room.run(GRACE_S + 30)
    assert player_of(room).fault_since == pytest.approx(begun, abs=0.5)
    room.plug_in()
    room.run(3)
    assert player_of(room).fault_since is None


def test_a_player_that_dies_again_and_again_is_a_fault(room):
    for _ in range(4):
        room.player.die(1)
        room.turn()
        assert player_of(room).fault == STOPPED
        room.run(3)
    assert player_of(room).fault == ""


def test_a_file_that_cannot_be_played_is_no_fault_of_its_output(room):
    room.player.hear(room.player.name, Fault("bad_file", "Không mở được tệp."))
    room.turn()
    assert player_of(room).fault == ""


def test_an_output_knows_when_it_was_last_heard(room):
    assert player_of(room).heard_at is None
    ask(room, seconds=10.0)
    room.run(30)
    assert room.clock.monotonic() - player_of(room).heard_at == pytest.approx(10.0, abs=1.0)
