"""Amplifiers on ahead of sound, held, and off again: the whole playout with a real device on loopback."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator

import pytest

from broadcaster.errors import Invalid, Refused
from broadcaster.playout import chime_file, requesting, running_order, switch_calls, switches, zones
from broadcaster.playout.output_tests import OutputTests
from broadcaster.playout.switching import Switching
from broadcaster.store import pulse
from broadcaster.store.models import Output, Switch
from schedules.amplifier import Timing
from tests.broadcaster.moments import NOW
from tests.broadcaster.playout.device import Relay, relay
from tests.broadcaster.playout.room import Room
from tests.clocks import FakeClock
from tests.sound_server import eventually

TIMING = Timing(lead_in_s=8.0, hold_s=30.0, longest_on_s=600.0)


@pytest.fixture
def device() -> Iterator[Relay]:
    with relay() as made:
        yield made


@pytest.fixture
def hall(tmp_path, empty_store, device) -> Iterator[Room]:
    """A station whose only output has an amplifier behind the relay."""
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    room = Room(tmp_path, FakeClock(), duties=(Switching,))
    room.furnish()
    with room.store.write() as session:
        session.get_one(Output, 1).switch_id = save(room, session, device).id
    room.boot()
    yield room
    if room.engine is not None:
        room.engine.close()
    room.store.close()


def save(room: Room, session: object, device: Relay, **more: object) -> Switch:
    fields = {
        "name": "Âm ly",
        "way": "http",
        "on_call": {"url": f"{device.address}/on"},
        "off_call": {"url": f"{device.address}/off"},
        "timing": TIMING,
    }
    return switches.save_switch(session, room.operator, room.clock.now(), **(fields | more))


def change(room: Room, device: Relay, **more: object) -> None:
    with room.store.write() as session:
        save(room, session, device, switch_id=1, **more)


def ask(room: Room, in_s: float = 60.0, seconds: float = 10.0, kind: str = "routine") -> str:
    number = room.approved(f"Tin {in_s:.0f}", seconds=seconds, kind=kind)
    with room.store.write() as session:
        now = room.clock.now()
        return requesting.request_at(session, room.operator, number, room.at(in_s), [], now).id


def run(room: Room, seconds: float) -> None:
    room.run(seconds, step_s=0.5)


def settle(room: Room, why: Callable[[], object]) -> None:
    """Let the engine turn, without time passing, until the device's thread has done its work."""

    def look() -> object:
        room.turn()
        return why()

    eventually(look, 5.0)


def calls_settled(room: Room, device: Relay, *orders: str) -> bool:
    settle(room, lambda: device.orders == list(orders))
    return True


def kept(room: Room) -> Switch:
    with room.store.read() as session:
        return session.get_one(Switch, 1)


def faults(room: Room) -> list[str]:
    return [fault.text for fault in room.air.faults.standing(room.clock.now())]


def test_it_is_on_the_lead_in_before_planned_sound_which_starts_in_time(hall, device):
    airing_id = ask(hall, in_s=60)
    run(hall, 50)
    assert device.orders == []
    run(hall, 2)
    assert calls_settled(hall, device, "/on")
    assert kept(hall).on_since is not None
    run(hall, 30)
    row = hall.row(airing_id)
    assert (row.state, row.started_at) == ("played", row.planned_at)


def test_it_is_held_between_items_and_off_after_the_last(hall, device):
    ask(hall, in_s=60)
    ask(hall, in_s=95)
    run(hall, 104 + 29)
    assert calls_settled(hall, device, "/on")
    run(hall, 3)
    assert calls_settled(hall, device, "/on", "/off")
    settle(hall, lambda: kept(hall).on_since is None)
    assert [row.result for row in hall.history()] == ["played", "played"]


def test_what_was_not_planned_waits_for_the_lead_in_everywhere(hall, device):
    beside = hall.add_zone("Khu phố 3")
    number = hall.approved("Gấp")
    with hall.store.write() as session:
        requesting.request_next(session, hall.operator, number, [1, beside], hall.clock.now())
    run(hall, 2)
    (item,) = {item for player in hall.players for item in player.items}
    starts = [player.items[item][0] - hall.clock.monotonic() for player in hall.players]
    assert starts[0] == starts[1] == pytest.approx(6.0, abs=0.6)
    assert calls_settled(hall, device, "/on")


def test_an_emergency_turns_it_on_at_once_and_does_not_wait(hall, device):
    number = hall.approved("Vỡ đê", kind="emergency")
    with hall.store.write() as session:
        requesting.request_next(session, hall.operator, number, [], hall.clock.now())
    run(hall, 3)
    assert calls_settled(hall, device, "/on")
    assert [len(player.begun) for player in hall.players if player.is_alive] == [1]


def test_one_that_cannot_be_turned_on_is_a_fault_and_stands_in_the_history_and_the_sound_goes_on(
    hall, device
):
    device.status = 500
    ask(hall, in_s=60)
    run(hall, 54)
    settle(hall, lambda: faults(hall))
    assert faults(hall) == ["Không bật được “Âm ly”: thiết bị báo lỗi 500"]
    run(hall, 30)
    (row,) = hall.history()
    assert row.result == "played"
    assert row.details["incidents"] == ["Không bật được “Âm ly”: thiết bị báo lỗi 500."]
    signs = pulse.read(hall.store.folder, "station").detail
    assert signs["switches"]["1"] == {"is_on": False, "trouble": "thiết bị báo lỗi 500"}


def test_it_is_tried_again_until_it_is_on(hall, device):
    device.status = 500
    ask(hall, in_s=60, seconds=60)
    run(hall, 62)
    settle(hall, lambda: faults(hall))
    device.status = 200
    run(hall, 31)
    settle(hall, lambda: device.is_on and not faults(hall))


def test_a_device_that_answers_well_and_does_nothing_is_found_out(hall, device, monkeypatch):
    monkeypatch.setattr("broadcaster.playout.switch_device.ASK_AGAIN_S", (0.0, 0.02))
    change(hall, device, state_call={"url": f"{device.address}/state", "expects": "ON"})
    device.is_stuck = True
    ask(hall, in_s=20)
    run(hall, 14)
    settle(hall, lambda: faults(hall) == ["Không bật được “Âm ly”: thiết bị báo đang tắt"])


def test_one_that_goes_off_by_itself_is_turned_on_again(hall, device):
    change(hall, device, state_call={"url": f"{device.address}/state", "expects": "ON"})
    ask(hall, in_s=20, seconds=120)
    run(hall, 14)
    settle(hall, lambda: device.is_on and "/state" in device.calls)
    device.is_on = False
    run(hall, 35)
    settle(hall, lambda: faults(hall) or device.is_on)
    run(hall, 3)
    settle(hall, lambda: device.is_on and not faults(hall))
    assert device.orders == ["/on", "/on"]


def test_a_slow_device_holds_nothing_up(hall, device):
    device.slow_s = 1.0
    ask(hall, in_s=20)
    run(hall, 25)
    assert [len(player.begun) for player in hall.players if player.is_alive] == [1]
    assert calls_settled(hall, device, "/on")


def test_after_its_longest_time_it_is_off_and_told_whatever_plays(hall, device):
    change(hall, device, timing=Timing(8.0, 30.0, 60.0))
    ask(hall, in_s=20, seconds=120)
    run(hall, 20 + 50)
    assert calls_settled(hall, device, "/on")
    run(hall, 5)
    assert calls_settled(hall, device, "/on", "/off")
    assert "bật liền quá" in faults(hall)[0]
    run(hall, 120)
    assert device.orders == ["/on", "/off"], "it is not turned on again for the same sound"
    assert "bật liền quá" in hall.history()[0].details["incidents"][0]
    assert faults(hall) == []
    ask(hall, in_s=20)
    run(hall, 15)
    assert calls_settled(hall, device, "/on", "/off", "/on")


def test_the_longest_time_never_cuts_an_emergency(hall, device):
    change(hall, device, timing=Timing(0.0, 0.0, 60.0))
    ask(hall, in_s=20, seconds=120, kind="emergency")
    run(hall, 130)
    assert device.orders == ["/on"]
    run(hall, 15)
    assert calls_settled(hall, device, "/on", "/off")


def test_a_station_that_ends_turns_it_off(hall, device):
    ask(hall, in_s=20, seconds=60)
    run(hall, 30)
    assert calls_settled(hall, device, "/on")
    hall.engine.close()
    hall.engine = None
    assert device.orders == ["/on", "/off"]
    assert kept(hall).on_since is None


def test_after_a_crash_the_next_life_turns_it_off(hall, device):
    ask(hall, in_s=20, seconds=60)
    run(hall, 30)
    assert calls_settled(hall, device, "/on")
    hall.pull_the_plug()
    assert kept(hall).on_since is not None
    hall.boot()
    assert calls_settled(hall, device, "/on", "/off")
    settle(hall, lambda: kept(hall).on_since is None)


def test_a_test_chime_turns_it_on_and_waits_for_it(hall, device):
    hall.engine.close()
    hall.duties = (Switching, OutputTests)
    with wave.open(str(hall.store.folder / "run" / chime_file.NAME), "wb") as sound:
        sound.setparams((1, 2, 48_000, 0, "NONE", ""))
        sound.writeframes(bytes(96_000))
    hall.boot()
    with hall.store.write() as session:
        running_order.sound_chime(session, hall.operator, 1, hall.clock.now())
    run(hall, 1)
    assert calls_settled(hall, device, "/on")
    (start,) = [start for start, *_ in hall.player.items.values()]
    assert start - hall.clock.monotonic() == pytest.approx(TIMING.lead_in_s - 0.5, abs=0.6)
    run(hall, 15 + TIMING.hold_s)
    assert calls_settled(hall, device, "/on", "/off")


def test_under_stop_all_nothing_is_turned_on_for_what_is_planned(hall, device):
    with hall.store.write() as session:
        running_order.stop_all(session, hall.operator, "Có tang", hall.clock.now())
    ask(hall, in_s=20)
    run(hall, 40)
    assert device.orders == []


def test_a_switch_that_is_changed_while_on_is_turned_off_the_old_way(hall, device):
    ask(hall, in_s=20, seconds=60)
    run(hall, 30)
    assert calls_settled(hall, device, "/on")
    change(hall, device, off_call={"url": f"{device.address}/tat"})
    run(hall, 3)
    settle(hall, lambda: sorted(device.orders) == ["/off", "/on", "/on"])


def test_a_program_can_do_it_too(hall, device, tmp_path):
    note = tmp_path / "am-ly"
    folder = hall.store.folder / switch_calls.FOLDER
    folder.mkdir()
    (folder / "am-ly.sh").write_text(f'#!/bin/sh\necho "$1" >> {note}\n', encoding="utf-8")
    (folder / "am-ly.sh").chmod(0o700)
    on, off = ({"argv": ["am-ly.sh", word]} for word in ("bat", "tat"))
    change(hall, device, way="command", on_call=on, off_call=off, timing=Timing(2.0, 0.0, 600.0))
    ask(hall, in_s=20)
    run(hall, 19)
    settle(hall, note.exists)
    run(hall, 15)
    settle(hall, lambda: note.read_text().split() == ["bat", "tat"])


def test_a_switch_in_use_is_not_closed_and_names_are_one_of_a_kind(hall, device):
    with hall.store.write() as session:
        with pytest.raises(Refused, match="đang dùng cho đường ra “Loa của máy”"):
            switches.close_switch(session, hall.operator, 1, hall.clock.now())
        with pytest.raises(Invalid, match="Đã có bộ bật tắt tên"):
            save(hall, session, device, name="ÂM LY")
        session.get_one(Output, 1).switch_id = None
        switches.close_switch(session, hall.operator, 1, hall.clock.now())
        assert switches.switches(session) == []
        with pytest.raises(Invalid, match="không còn"):
            zones.save_output(session, hall.operator, hall.clock.now(), name="X", kind="file", switch_id=1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"way": "fax"}, "way"),
        ({"on_call": {"url": "loa"}}, "on"),
        ({"off_call": {"url": ""}}, "off"),
        ({"state_call": {"url": "http://a/b"}}, "expects"),
        ({"name": " "}, "name"),
        ({"timing": Timing(121.0)}, "lead_in_s"),
        ({"timing": Timing(0.0, -1.0)}, "hold_s"),
        ({"timing": Timing(0.0, 0.0, 30.0)}, "longest_on_s"),
    ],
)
def test_a_switch_that_makes_no_sense_is_refused(session, as_role, wrong, field):
    fields = {
        "name": "Âm ly",
        "way": "http",
        "on_call": {"url": "http://a/b"},
        "off_call": {"url": "http://a/b"},
    }
    with pytest.raises(Invalid) as refused:
        switches.save_switch(session, as_role("admin"), NOW, **(fields | wrong))
    assert refused.value.field == field
