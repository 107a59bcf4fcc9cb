"""Trying an output: it says that it is a test, tells what came of it, and gives way to everything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.formats import read_wav
from broadcaster.playout import chime_file, output_tests, requesting, running_order
from broadcaster.playout.output_tests import OutputTests
from broadcaster.playout.players import GRACE_S
from broadcaster.records import audit
from broadcaster.store.models import Command
from tests.broadcaster.playout.room import Room
from tests.clocks import FakeClock
from tests.sound_server import eventually


@pytest.fixture(scope="session")
def spoken_chime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chime")
    (folder / "run").mkdir()
    return chime_file.make(folder)


@pytest.fixture
def room(tmp_path, empty_store) -> Iterator[Room]:
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    room = Room(tmp_path, FakeClock(), duties=(OutputTests,))
    room.furnish()
    room.boot()
    yield room
    room.store.close()


@pytest.fixture
def ready(room: Room, spoken_chime: Path) -> Room:
    shutil.copy(spoken_chime, room.store.folder / "run" / chime_file.NAME)
    return room


def order(room: Room, output_id: int = 1) -> int:
    with room.store.write() as session:
        return running_order.sound_chime(session, room.operator, output_id, room.clock.now()).id


def outcome(room: Room, number: int) -> str:
    with room.store.read() as session:
        return session.get_one(Command, number).outcome or ""


def test_the_chime_says_that_it_is_a_test(spoken_chime):
    from audio import chimes

    chime = chimes.opening_chime()
    assert read_wav(spoken_chime).seconds > chime.seconds + 1.0


def test_a_test_tells_what_was_heard_and_is_no_airing(ready):
    number = order(ready)
    ready.run(1)
    assert outcome(ready, number) == output_tests.PLAYING
    ready.run(10)
    assert outcome(ready, number).startswith("Chuông thử đã ra loa qua test trong")
    assert output_tests.is_good(outcome(ready, number))
    assert ready.history() == []
    with ready.store.read() as session:
        (ended,) = [row for row in audit.latest(session) if row.act == "output.test_ended"]
        assert (ended.subject, ended.detail["result"]) == ("output 1", outcome(ready, number))
        assert output_tests.latest(session)[1].id == number


def test_the_first_test_waits_for_the_sound_to_be_made(room):
    number = order(room)
    room.run(0.25)
    assert "chuẩn bị" in outcome(room, number)

    def sounds() -> bool:
        room.turn()
        return bool(room.player.items)

    eventually(sounds, 15.0, "the chime is armed")
    room.run(10)
    assert output_tests.is_good(outcome(room, number))


def test_without_a_card_it_does_not_say_that_it_was_heard(ready):
    ready.unplug()
    ready.run(GRACE_S + 2)
    number = order(ready)
    ready.run(10)
    assert outcome(ready, number) == "Không ra loa: chuông thử chỉ được ghi vào tệp."
    assert not output_tests.is_good(outcome(ready, number))


def test_an_output_with_a_fault_says_which(ready):
    ready.unplug()
    ready.run(1)
    number = order(ready)
    ready.run(1)
    assert "Không mở được card âm thanh" in outcome(ready, number)


def test_it_is_refused_while_everything_is_stopped_and_cut_by_a_stop(ready):
    number = order(ready)
    ready.run(2)
    with ready.store.write() as session:
        running_order.stop_all(session, ready.operator, "", ready.clock.now())
    ready.run(1)
    assert "dừng tất cả" in outcome(ready, number)
    assert ready.player.items == {}
    refused = order(ready)
    ready.run(1)
    assert "dừng tất cả" in outcome(ready, refused)


def test_it_is_refused_while_its_output_sounds_or_is_tried(ready):
    first, second = order(ready), order(ready)
    ready.run(12)
    assert output_tests.is_good(outcome(ready, first))
    assert "đang phát" in outcome(ready, second)
    number = ready.approved("Tin", seconds=20)
    with ready.store.write() as session:
        requesting.request_at(session, ready.operator, number, ready.at(10), [], ready.clock.now())
    ready.run(15)
    third = order(ready)
    ready.run(1)
    assert "đang phát" in outcome(ready, third)
    assert len(ready.player.items) == 1


def test_an_output_that_is_lost_meanwhile_or_says_nothing_is_told(ready):
    number = order(ready)
    ready.run(1)
    ready.player.die(-9)
    ready.run(1)
    assert "bị mất" in outcome(ready, number)
    silent = order(ready)
    ready.run(1)
    ready.player.items.clear()
    ready.run(60)
    assert "Không thấy đường ra báo lại" in outcome(ready, silent)
