"""The station sees to it that what is heard is kept, and says so when it is not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from audio.outputs.spec import OutputSpec
from audio.player_words import Fault, Kept, Word
from broadcaster.playout import aircheck_inbox, requesting
from broadcaster.playout.aircheck import KEPT_WITHIN_S, AircheckWatch
from broadcaster.playout.players import Wanted
from broadcaster.store import pulse
from tests.broadcaster.playout.kept import archivist, leave, talk
from tests.broadcaster.playout.room import FakePlayer, Room
from tests.clocks import FakeClock


class KeepingPlayer(FakePlayer):
    keeps = True

    def _end(self, item: str, how: str) -> None:
        super()._end(item, how)
        if self.keeps:
            self.hear(self.name, Kept(item, f"{item}.wav", 10.0))


class KeepingRoom(Room):
    def _link(self, name: str, spec: OutputSpec, hear: Callable[[str, Word], None]) -> FakePlayer:
        player = KeepingPlayer(name, spec, hear, self.clock)
        self.players.append(player)
        return player

    def _wanted(self, session: object) -> list[Wanted]:
        return [
            replace(each, spec=replace(each.spec, aircheck=self.store.folder))
            for each in super()._wanted(session)
        ]


@pytest.fixture
def station(tmp_path: Path, empty_store: Path) -> Iterator[KeepingRoom]:
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    room = KeepingRoom(tmp_path, FakeClock())
    room.duties = (AircheckWatch,)
    room.furnish()
    room.boot()
    pulse.beat(tmp_path, aircheck_inbox.PROCESS, trouble="")
    yield room
    room.store.close()


def faults(room: Room) -> list[str]:
    """Return what the station says is wrong beside its outputs and airings."""
    room.run(12, 3.0)
    sign = pulse.read(room.store.folder, "station")
    assert sign is not None
    return [fault["text"] for fault in sign.detail["faults"]]


def air(room: Room) -> None:
    number = room.approved("Tin sáng")
    with room.store.write() as session:
        requesting.request_at(session, room.operator, number, room.at(5), [], room.clock.now())
    room.run(20, 1.0)


def test_all_is_well_while_everything_is_kept(station):
    air(station)
    station.run(KEPT_WITHIN_S, 5.0)
    assert faults(station) == []


def test_an_airing_that_was_not_kept_is_told_until_one_is_kept_again(station):
    station.player.keeps = False
    air(station)
    assert faults(station) == []
    station.run(KEPT_WITHIN_S, 5.0)
    assert faults(station) == ["Loa của máy: không lưu lại được tiếng đã phát của “Tin sáng”"]
    station.player.keeps = True
    air(station)
    assert faults(station) == []


def test_a_player_that_cannot_keep_says_so_at_once(station):
    station.player.hear(station.player.name, Fault("not_kept", "Không lưu được (ổ đĩa đã đầy)."))
    assert faults(station) == ["Loa của máy: không lưu lại được tiếng đã phát; hãy kiểm tra ổ đĩa"]


def test_a_player_that_died_is_not_waited_for(station):
    station.player.keeps = False
    air(station)
    station.player.die(-9)
    station.run(KEPT_WITHIN_S + 10, 5.0)
    assert faults(station) == []


def test_the_word_of_the_archivist_stands_on_the_page(station):
    pulse.beat(station.store.folder, aircheck_inbox.PROCESS, trouble="Ổ đĩa đã đầy nên chưa cất được")
    assert faults(station) == ["Ổ đĩa đã đầy nên chưa cất được"]
    pulse.beat(station.store.folder, aircheck_inbox.PROCESS, trouble="")
    assert faults(station) == []


def test_what_waits_for_hours_is_told(station):
    wav = leave(station.store.folder, "chime-1", talk(0.5))
    assert faults(station) == []
    os.utime(wav, (1, 1))
    assert faults(station) == ["Bản lưu phát sóng chờ cất đã lâu: hãy khởi động lại trạm"]
    archivist(station).take_all()
    assert faults(station) == []
