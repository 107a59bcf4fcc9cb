"""What is wrong, as one sentence each: where it is not heard, why, and since when."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest

from broadcaster import health
from broadcaster.errors import StoreError
from broadcaster.playout import disk
from broadcaster.playout.troubles import Trouble, of_signs
from broadcaster.store import pulse
from tests.broadcaster.moments import NOW
from tests.broadcaster.playout.room import Room

ZONES = {1: ["Khu phố 3", "Khu phố 4"], 2: ["Chợ"]}


def output(number: int, fault: str = "", since: str | None = None) -> dict[str, object]:
    return {"output_id": number, "name": f"Card {number}", "fault": fault, "fault_since": since}


def signs(**more: object) -> dict[str, object]:
    return {"outputs": [], "on_air": [], "faults": []} | more


def faults(room: Room) -> tuple[str, ...]:
    return health.on_air(room.store, room.clock.now()).faults


def test_every_output_that_is_heard_tells_its_fault_its_zones_and_since_when():
    rows = [
        output(1, "Mất loa.", NOW.isoformat()),
        output(2),
        output(2, "Máy chủ không trả lời"),
        output(9, "hỏng"),
    ]
    assert [each.sentence(NOW) for each in of_signs(signs(outputs=rows), ZONES)] == [
        "Khu phố 3, Khu phố 4 (Card 1) không có tiếng từ 08:00: Mất loa",
        "Chợ (Card 2) không có tiếng: Máy chủ không trả lời",
    ]


def test_a_fault_of_yesterday_names_its_day():
    assert Trouble("disk", "disk", "Ổ đĩa đầy", NOW).sentence(NOW + timedelta(days=1)) == (
        "Ổ đĩa đầy, từ 08:00 23/11"
    )


def test_what_duties_found_has_the_kind_of_its_key():
    told = [
        {"key": key, "text": "…", "since": NOW.isoformat()} for key in ("switch 3", "dead_air 1", "khác 2")
    ]
    assert [each.kind for each in of_signs(signs(faults=told), ZONES)] == ["switch", "dead_air", "other"]


@pytest.mark.parametrize(
    ("free", "words"),
    [
        (10_000_000_000, ""),
        (2_000_000_000, ""),
        (1_400_000_000, "Ổ đĩa sắp đầy: còn trống 1,4 GB"),
        (380_000_000, "Ổ đĩa sắp đầy: còn trống 380 MB"),
        (0, "Ổ đĩa đầy (còn 0 MB)"),
    ],
)
def test_a_disk_without_room_says_how_much_is_left(tmp_path, free, words):
    assert disk.trouble(tmp_path, lambda _: free).startswith(words)
    assert bool(disk.trouble(tmp_path, lambda _: free)) is bool(words)


def test_a_disk_that_cannot_be_asked_is_told(tmp_path):
    assert "Không xem được" in disk.trouble(tmp_path / "không có")


@contextmanager
def refuse():
    raise StoreError("Không ghi được vào kho dữ liệu (database or disk is full).")
    yield


def test_a_store_that_cannot_be_written_is_on_every_page_until_it_can(room, monkeypatch):
    monkeypatch.setattr(room.store, "write", refuse)
    room.engine.ask(lambda _session, _now: None)
    room.run(2)
    assert any("Không ghi được vào kho dữ liệu" in fault for fault in faults(room))
    monkeypatch.undo()
    room.run(2)
    assert faults(room) == ()


def test_the_bar_says_since_when_a_card_is_gone(room):
    room.unplug()
    room.run(3)
    (fault,) = faults(room)
    assert fault == "Toàn phường (Loa của máy) không có tiếng từ 05:00: Không mở được card âm thanh"
    told = pulse.read(room.store.folder, "station").detail["outputs"][0]
    assert told["last_heard"] is None
