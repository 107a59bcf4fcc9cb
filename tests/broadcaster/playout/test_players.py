"""Players that lose their card and find it again, as the page and the airings see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audio.outputs.spec import OutputSpec
from audio.player_words import Fault, Word
from broadcaster.playout import requesting
from broadcaster.playout.players import GRACE_S, NO_CARD, SEARCH_S, STOPPED, Player, Players, Wanted
from tests.broadcaster.playout.room import FakePlayer, Room
from tests.clocks import FakeClock


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


def lonely(tmp_path: Path, made: list[FakePlayer], clock: FakeClock) -> Players:
    """One output without a card, which is to be kept; its stand-in runs already."""

    def make(name: str, spec: OutputSpec, hear: Callable[[str, Word], None]) -> FakePlayer:
        made.append(FakePlayer(name, spec, hear, clock, cards={""}))
        return made[-1]

    players = Players(tmp_path, lambda name, word: said.append((name, word)), clock.monotonic, make)
    said: list[tuple[str, Word]] = []
    players.want([Wanted(1, "Loa", OutputSpec("soundcard", aircheck=tmp_path / "kept"))])
    players.note(*said[-1])
    players.tend()
    players.note(*said[-1])
    return players


def test_what_looks_for_a_card_keeps_nothing_in_the_folder_of_the_stand_in(tmp_path):
    made, clock = [], FakeClock()
    players = lonely(tmp_path, made, clock)
    clock.advance(SEARCH_S + 1)
    players.tend()
    card, stand_in, search = (player.spec for player in made)
    assert (stand_in.kind, stand_in.aircheck) == ("file", card.aircheck)
    assert (search.kind, search.aircheck) == ("soundcard", None)


def test_a_machine_that_can_start_no_process_to_look_goes_on(tmp_path, monkeypatch):
    made, clock = [], FakeClock()
    players = lonely(tmp_path, made, clock)

    def refuse(_player: FakePlayer) -> None:
        raise OSError("no memory")

    monkeypatch.setattr(FakePlayer, "start", refuse)
    clock.advance(SEARCH_S + 1)
    players.tend()
    players.tend()
    assert len(made) == 3, "tried once, and again only after a while"
