from __future__ import annotations

from datetime import timedelta

import pytest

from broadcaster import health
from broadcaster.accounts.permissions import Role
from broadcaster.playout import notify, requesting, running_order
from broadcaster.playout.noticing import PREFIX
from broadcaster.playout.players import GRACE_S
from broadcaster.store import pulse
from schedules.clock import LOCAL
from tests.broadcaster.playout.conftest import empty_store, room  # noqa: F401


def view(room):  # noqa: F811
    return health.on_air(room.store, room.clock.now())


def ask(room, title, in_s, seconds=30.0):  # noqa: F811
    number = room.approved(title, seconds=seconds)
    with room.store.write() as session:
        at = room.at(in_s)
        return requesting.request_at(session, room.operator, number, at, [], room.clock.now()).id


def test_what_sounds_how_far_and_what_is_next(room):  # noqa: F811
    ask(room, "Đang phát", 10)
    ask(room, "Tiếp theo", 600)
    room.run(20)
    shown = view(room)
    (sounding,) = shown.on_air
    assert (sounding.title, sounding.zones, sounding.length_s) == ("Đang phát", ("Toàn phường",), 30.0)
    assert sounding.elapsed_s == pytest.approx(10, abs=0.6)
    assert sounding.level_dbfs == pytest.approx(-18.0)
    assert shown.next.title == "Tiếp theo"
    assert shown.is_working
    assert shown.is_on_loudspeaker
    assert shown.faults == ()


def test_nothing_sounds_before_the_first_sample(room):  # noqa: F811
    ask(room, "Tin", 10)
    room.run(8)
    assert view(room).on_air == ()


def test_a_missing_sound_card_is_a_fault_on_every_page(room):  # noqa: F811
    room.unplug()
    room.run(GRACE_S + 2)
    shown = view(room)
    assert not shown.is_on_loudspeaker
    assert shown.faults


def test_an_output_without_a_zone_alarms_nobody(room):  # noqa: F811
    unused = {"output_id": 99, "name": "Thử", "is_ready": True, "is_loudspeaker": False, "fault": "hỏng"}
    told = pulse.read(room.store.folder, "station").detail
    pulse.beat(room.store.folder, "station", **told | {"outputs": [*told["outputs"], unused]})
    assert view(room).is_on_loudspeaker
    assert view(room).faults == ()


def test_a_station_without_a_sign_of_life_is_not_working(room):  # noqa: F811
    (room.store.folder / "run" / "station.json").unlink()
    shown = view(room)
    assert not shown.is_working
    assert "Bộ phát không hoạt động" in shown.faults


def test_stop_all_is_shown_with_its_name_and_reason(room):  # noqa: F811
    with room.store.write() as session:
        running_order.stop_all(session, room.operator, "Có tang", room.clock.now())
    held = view(room).held
    assert (held.cause, held.reason, held.placed_by) == ("person", "Có tang", "Truc")


def test_a_viewer_may_not_stop_everything(room):  # noqa: F811
    from broadcaster.errors import NotPermitted

    viewer = room.person("xem", Role.VIEWER)
    with room.store.write() as session, pytest.raises(NotPermitted):
        running_order.stop_all(session, viewer, "", room.clock.now())


def test_a_damaged_sign_of_life_is_none(room):  # noqa: F811
    (room.store.folder / "run" / "station.json").write_text("{", encoding="utf-8")
    assert pulse.read(room.store.folder, "station") is None
    assert not view(room).is_working


def test_a_fault_keeps_its_hour_over_a_restart(room):  # noqa: F811
    began = room.clock.now()
    told = pulse.read(room.store.folder, "station").detail
    key = f"output {told['outputs'][0]['output_id']}"
    with room.store.write() as session:
        notify.tell(session, "output", "mất tiếng", began, key=f"{PREFIX}{key}")
    broken = told["outputs"][0] | {
        "fault": "mất kết nối",
        "fault_since": (began + timedelta(minutes=3)).isoformat(),
    }
    pulse.beat(room.store.folder, "station", **told | {"outputs": [broken]})
    (fault,) = view(room).faults
    assert f"từ {began.astimezone(LOCAL):%H:%M}" in fault
