"""Dead air: heard within six seconds, told, and answered by what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from audio.outputs.spec import OutputSpec
from audio.player_words import Report, Word
from broadcaster import health
from broadcaster.playout import notify, requesting
from broadcaster.playout.dead_air import DeadAir
from broadcaster.playout.material import QueueMaterial, RelayMaterial
from broadcaster.playout.noticing import Noticing
from broadcaster.playout.sounding import Lane, Sounding
from broadcaster.store import pulse
from broadcaster.store.models import Bulletin
from schedules.priority import Priority
from tests.broadcaster.playout.room import FakePlayer, Room
from tests.clocks import FakeClock
from tests.player_rig import write_clip


class Silencing(Room):
    """A room in which an item falls silent on an output between two of its seconds."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        super().__init__(folder, clock, duties=(DeadAir, Noticing))
        self.silent: dict[str, tuple[float, float]] = {}
        """By output's target, or by item."""
        self.level_dbfs = -120.0

    def run(self, seconds: float, step_s: float = 0.5) -> None:
        super().run(seconds, step_s)

    def _link(self, name: str, spec: OutputSpec, hear: Callable[[str, Word], None]) -> FakePlayer:
        player = FakePlayer(
            name, spec, lambda who, word: hear(who, self._muted(spec.target, word)), self.clock
        )
        self.players.append(player)
        return player

    def _muted(self, target: str, word: Word) -> Word:
        if isinstance(word, Report) and word.item is not None:
            for name in (target, word.item):
                begin, end = self.silent.get(name, (1.0, 0.0))
                if begin < word.position_s <= end:
                    return replace(word, rms_dbfs=self.level_dbfs)
        return word


@pytest.fixture
def station(tmp_path: Path, empty_store: Path) -> Iterator[Silencing]:
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    room = Silencing(tmp_path, FakeClock())
    room.furnish()
    room.boot()
    yield room
    room.store.close()


def ask(room: Room, title: str, in_s: float, seconds: float = 60.0, zones: tuple[int, ...] = ()) -> str:
    number = room.approved(title, seconds=seconds)
    with room.store.write() as session:
        at = room.at(in_s)
        return requesting.request_at(session, room.operator, number, at, list(zones), room.clock.now()).id


def faults(room: Room) -> list[str]:
    """Return what the station says is wrong beside its outputs and airings."""
    sign = pulse.read(room.store.folder, "station")
    assert sign is not None
    return [fault["text"] for fault in sign.detail["faults"]]


def test_a_silent_airing_is_ended_within_six_seconds_and_the_next_one_starts(station):
    first, second = ask(station, "Tin một", 5), ask(station, "Tin hai", 6)
    station.silent[first] = (12.0, 99.0)
    station.run(5 + 12 + 6)
    row = station.row(first)
    assert (row.state, row.cause) == ("cut", "dead_air")
    assert row.reason == "Im lặng quá 5 giây (từ giây thứ 12) nên chuyển sang phần kế tiếp."
    assert row.seconds_heard == pytest.approx(17.0, abs=0.6)
    station.run(4)
    assert station.row(second).state == "started"
    (written,) = station.history()
    assert written.zones[0]["fault"] == "im lặng từ giây thứ 12"


def test_it_stands_on_every_page_for_ten_minutes(station):
    first = ask(station, "Tin một", 5)
    station.silent[first] = (1.0, 99.0)
    station.run(5 + 1 + 7)
    told = "Toàn phường: “Tin một” im lặng quá 5 giây"
    assert faults(station) == [told]
    assert any(each.startswith(told) for each in health.on_air(station.store, station.clock.now()).faults)
    station.run(9 * 60, 5.0)
    assert faults(station) == [told]
    station.run(90, 5.0)
    assert faults(station) == []


def test_people_are_told_of_it_by_notice(station):
    first = ask(station, "Tin một", 5)
    station.silent[first] = (1.0, 99.0)
    station.run(5 + 1 + 10)
    with station.store.read() as session:
        told = [notice.text for notice in notify.latest(session) if notice.kind == "dead_air"]
    assert len(told) == 1
    assert told[0].startswith("Toàn phường: “Tin một” im lặng quá 5 giây")


@pytest.mark.parametrize(("begin", "end"), [(12.0, 16.5), (0.0, 4.0), (56.0, 60.0)])
def test_a_pause_is_no_dead_air(station, begin, end):
    first = ask(station, "Tin một", 5)
    station.silent[first] = (begin, end)
    station.run(70)
    assert station.row(first).state == "played"
    assert faults(station) == []


def test_two_pauses_do_not_add_up(station):
    first = ask(station, "Tin một", 5)
    station.silent |= {first: (12.0, 16.0), "": (17.0, 21.0)}
    station.run(70)
    assert station.row(first).state == "played"


def test_music_may_be_silent_for_longer(station):
    first = ask(station, "Bài hát", 5)
    with station.store.write() as session:
        for bulletin in session.query(Bulletin):
            bulletin.is_music = True
    station.silent[first] = (12.0, 26.0)
    station.run(40)
    assert station.row(first).state == "started"
    station.silent[first] = (32.0, 99.0)
    station.run(25)
    assert station.row(first).cause == "dead_air"


def test_an_output_in_its_quieter_hours_is_not_silent(station):
    first = ask(station, "Tin một", 5)
    station.silent[first], station.level_dbfs = (0.0, 99.0), -56.0
    station.engine._air.players.get(1).gain_db = -40.0
    station.run(40)
    assert station.row(first).state == "started"
    station.engine._air.players.get(1).gain_db = 0.0
    station.run(7)
    assert station.row(first).cause == "dead_air"


def test_one_silent_output_of_two_is_told_and_the_other_plays_on(station):
    other = station.add_zone("Khu phố 3")
    first = ask(station, "Tin một", 5, zones=(1, other))
    station.silent["Khu phố 3"] = (10.0, 99.0)
    station.run(5 + 10 + 7)
    assert station.row(first).state == "started"
    assert faults(station) == ["Khu phố 3: “Tin một” im lặng quá 5 giây"]
    station.run(60)
    (written,) = station.history()
    told = {zone["zone"]: zone["fault"] for zone in written.zones}
    assert told == {"Toàn phường": "", "Khu phố 3": "im lặng từ giây thứ 10"}


def test_a_device_that_takes_nothing_is_not_taken_for_silence(station):
    first = ask(station, "Tin một", 5)
    station.run(10)
    report = Report(first, 5.0, 5.0, -120.0, -120.0, 3.0)
    for _ in range(30):
        station.player.hear(station.player.name, report)
    station.run(1)
    assert station.row(first).state == "started"


# --- what no clip is: told, never ended ---


def begin(room: Room, material: object, priority: Priority = Priority.ROUTINE) -> Sounding:
    """Let something sound that is not in the running order."""
    sounding = Sounding(
        airing_id="tiep-am",
        title="Tiếp âm",
        material=material,  # type: ignore[arg-type]
        length_s=600.0,
        zone_ids=frozenset({1}),
        group="tiep-am",
        priority=priority,
        at=room.clock.now() + timedelta(seconds=1),
        at_monotonic=room.clock.monotonic() + 1,
    )
    room.engine._air.start(sounding, {1: Lane(1, "Loa của máy", ("Toàn phường",))})
    return sounding


@pytest.mark.parametrize("bus", ["relay", "live", "emergency"])
def test_a_relay_a_microphone_and_an_alert_are_told_and_go_on(station, tmp_path, bus):
    material = RelayMaterial("http://x/", 600.0) if bus == "relay" else QueueMaterial(bus)
    sounding = begin(station, material)
    if bus != "relay":
        station.player.append("tiep-am", write_clip(tmp_path / "part.wav", np.zeros(48_000 * 120, np.int16)))
    station.silent["tiep-am"] = (10.0, 50.0)
    station.run(1 + 10 + 17)
    (told,) = faults(station)
    assert told.startswith("Toàn phường: “Tiếp âm” im lặng quá ")
    assert sounding.cut is None
    station.run(30)
    assert faults(station) == []
    assert sounding.incidents == ["Loa của máy im lặng 40 giây từ giây thứ 10"]
    station.engine._air.forget(sounding)


def test_the_pauses_between_the_sentences_of_an_alert_are_no_dead_air(station, tmp_path):
    sounding = begin(station, QueueMaterial("emergency", "attention"))
    station.run(60)
    assert sounding.lanes[1].seconds == pytest.approx(3.0)
    assert faults(station) == []
    station.engine._air.forget(sounding)
