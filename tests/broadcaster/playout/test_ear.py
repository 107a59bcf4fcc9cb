"""What the station does with the word of an ear, and how it keeps one running."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from audio.ear_words import Deaf, Gone, Heard, Listen, Listening
from broadcaster.playout import aircheck_inbox, requesting
from broadcaster.playout.ear import EarDuty
from broadcaster.settings import Settings
from broadcaster.store import pulse
from tests.broadcaster.playout.room import Room
from tests.clocks import FakeClock


@dataclass
class FakeEar:
    """Says what a test wants; a closed one says nothing more."""

    command: Listen
    hear: Callable[[object], None]
    is_closed: bool = False

    def close(self) -> None:
        self.is_closed = True

    def say(self, *words: object) -> None:
        assert not self.is_closed
        for word in words:
            self.hear(word)


@dataclass
class Ears:
    made: list[FakeEar] = field(default_factory=list)

    def __call__(self, command: Listen, hear: Callable[[object], None]) -> FakeEar:
        self.made.append(FakeEar(command, hear))
        return self.made[-1]

    @property
    def last(self) -> FakeEar:
        return self.made[-1]


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def station(tmp_path: Path, empty_store: Path, ears: Ears) -> Iterator[Room]:
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    known = Settings(tmp_path, ear_device="Micrô")
    room = Room(tmp_path, FakeClock(), duties=(functools.partial(EarDuty, known=known, make=ears),))
    room.furnish()
    room.boot()
    room.run(4, 1.0)
    yield room
    room.store.close()


def heard(item: str, is_same: bool, fresh_s: float = 1.0, level_dbfs: float = -30.0) -> Heard:
    return Heard(item, 10.0, fresh_s, 0.9 if is_same else 0.1, is_same, level_dbfs)


def ask(room: Room, title: str = "Tin sáng", seconds: float = 40.0) -> str:
    number = room.approved(title, seconds=seconds)
    with room.store.write() as session:
        asked = requesting.request_at(session, room.operator, number, room.at(5), [], room.clock.now()).id
    room.run(6, 0.5)
    return asked


def faults(room: Room) -> list[str]:
    """Return what the station says is wrong beside its outputs and airings."""
    room.run(2, 1.0)
    sign = pulse.read(room.store.folder, "station")
    assert sign is not None
    return [fault["text"] for fault in sign.detail["faults"]]


def test_without_a_source_there_is_no_ear(tmp_path, empty_store, ears):
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    duty = functools.partial(EarDuty, known=Settings(tmp_path), make=ears)
    room = Room(tmp_path, FakeClock(), duties=(duty,))
    room.furnish()
    room.boot()
    room.run(5)
    room.store.close()
    assert ears.made == []


def test_it_listens_to_the_first_sound_card(station, ears):
    assert ears.last.command == Listen("Micrô", aircheck_inbox.incoming(station.store.folder, 1))
    ears.last.say(Listening("Micrô trước"))
    assert faults(station) == []


def test_what_it_heard_stands_in_the_history(station, ears):
    asked = ask(station)
    ears.last.say(heard(asked, True, 5.0), *[heard(asked, True)] * 18, heard(asked, False))
    station.run(45, 1.0)
    (row,) = station.history()
    assert row.details["ear"] == {"compared_s": 24.0, "heard_s": 23.0}


@pytest.mark.parametrize(
    ("level_dbfs", "what"),
    [(-58.0, "không nghe thấy gì"), (-30.0, "không nghe thấy bản tin, chỉ có tiếng khác")],
)
def test_a_loudspeaker_that_is_not_heard_for_ten_seconds_is_a_fault(station, ears, level_dbfs, what):
    asked = ask(station)
    ears.last.say(heard(asked, True, 5.0), heard(asked, False, level_dbfs=level_dbfs))
    assert faults(station) == []
    ears.last.say(heard(asked, False, level_dbfs=level_dbfs))
    assert faults(station) == [f"Loa của máy: {what} ở loa khi đang phát “Tin sáng”"]
    ears.last.say(heard(asked, True))
    assert faults(station) == []


def test_one_bad_second_is_no_fault(station, ears):
    asked = ask(station)
    for _ in range(5):
        ears.last.say(heard(asked, False), heard(asked, True))
        assert faults(station) == []


def test_what_is_no_airing_is_let_go(station, ears):
    ears.last.say(heard("chime-3", False), heard("chime-3", False, 20.0))
    assert faults(station) == []


def test_a_deaf_ear_says_why_and_is_started_again_less_and_less_often(station, ears):
    starts = []
    for _ in range(4):
        ears.last.say(Deaf("Không thấy nguồn nghe “Micrô”; hãy chọn lại."), Gone(3))
        assert faults(station) == ["Tai nghe kiểm tra: Không thấy nguồn nghe “Micrô”; hãy chọn lại."]
        before = len(ears.made)
        while len(ears.made) == before:
            station.run(1, 1.0)
        starts.append(station.clock.monotonic())
    waits = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert waits == sorted(waits)
    ears.last.say(Listening("Micrô"))
    assert faults(station) == []


def test_a_word_of_an_ear_that_is_gone_does_not_count(station, ears):
    first = ears.last
    first.say(Gone(-9))
    station.run(6, 1.0)
    assert len(ears.made) == 2
    first.is_closed = False
    first.say(Deaf("Cũ"))
    assert faults(station) == []


def test_an_output_that_is_not_there_is_told(tmp_path, empty_store, ears):
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    known = Settings(tmp_path, ear_device="Micrô", ear_output="Loa sân")
    room = Room(tmp_path, FakeClock(), duties=(functools.partial(EarDuty, known=known, make=ears),))
    room.furnish()
    room.boot()
    room.run(4, 1.0)
    assert faults(room) == ["Tai nghe kiểm tra: không có đường ra “Loa sân” để nghe"]
    room.store.close()
    assert ears.made == []


def test_stopping_the_station_ends_the_ear(station, ears):
    station.engine.close()
    assert ears.last.is_closed
