"""What people are told of, as the station lives through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from broadcaster import health
from broadcaster.playout import notify, notify_call, requesting, running_order
from broadcaster.playout.noticing import SETTLED_S, Noticing
from broadcaster.store import facts
from broadcaster.store.models import Notice, Sending
from tests.broadcaster.playout.room import Room
from tests.clocks import FakeClock


@pytest.fixture
def room(tmp_path, empty_store) -> Iterator[Room]:
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    room = Room(tmp_path, FakeClock(), duties=(Noticing,))
    room.furnish()
    with room.store.write() as session:
        facts.put(session, facts.EMAIL, {"is_on": True})
    room.boot()
    run(room, SETTLED_S + 2)
    yield room
    room.store.close()


def run(room: Room, seconds: float) -> None:
    room.run(seconds, step_s=0.5)


def told(room: Room) -> list[tuple[str, bool]]:
    """Every notice with whether it is over, oldest first."""
    with room.store.read() as session:
        return [(n.text, n.ended_at is not None) for n in session.query(Notice).order_by(Notice.id)]


def ask(room: Room, in_s: float = 10.0, title: str = "Họp dân") -> str:
    number = room.approved(title)
    with room.store.write() as session:
        now = room.clock.now()
        return requesting.request_at(session, room.operator, number, room.at(in_s), [], now).id


def test_a_quiet_station_tells_nothing_and_calls_nobody(room):
    run(room, 30)
    assert told(room) == []
    assert notify_call.due_at(room.store.folder) is None


def test_a_lost_card_is_told_once_and_once_when_it_is_back(room):
    room.unplug()
    run(room, 40)
    (one,) = told(room)
    assert one == ("Toàn phường (Loa của máy) không có tiếng: Không mở được card âm thanh.", False)
    room.plug_in()
    run(room, 6)
    assert [over for _, over in told(room)] == [True]
    with room.store.read() as session:
        assert session.query(Sending).count() == 2


def test_a_flicker_is_not_sent(room):
    room.player.die(1)
    run(room, 6)
    with room.store.read() as session:
        assert {sending.state for sending in session.query(Sending)} <= {"dropped"}


def test_what_was_told_is_due_once_it_has_lasted(room):
    room.unplug()
    run(room, 6)
    assert notify_call.due_at(room.store.folder) is not None


def test_a_missed_airing_is_told_with_its_reason(room):
    number = room.draft("Chưa duyệt")
    with room.store.write() as session:
        requesting.request_at(session, room.operator, number, room.at(10), [], room.clock.now())
    room.clock.advance(10 + 1810)
    run(room, 6)
    ((text, _),) = told(room)
    assert text.startswith("Lỡ “Chưa duyệt” lúc 05:00 24/11: ")


def test_an_airing_that_lost_its_output_is_told(room):
    ask(room, in_s=10)
    run(room, 15)
    room.unplug()
    run(room, 25)
    assert any("“Họp dân” bị cắt: " in text for text, _ in told(room))


def test_what_went_wrong_is_in_the_bar_for_a_while_and_many_are_one_line(room):
    for number in range(5):
        draft = room.draft(f"Tin {number}")
        with room.store.write() as session:
            requesting.request_at(session, room.operator, draft, room.at(10), [], room.clock.now())
    room.clock.advance(10 + 1810)
    run(room, 6)
    assert len(told(room)) == 5
    assert bar(room) == ("5 lượt phát không trọn vẹn; hãy xem trang Thông báo",)
    room.clock.advance(600)
    run(room, 3)
    assert bar(room) == ()


def bar(room: Room) -> tuple[str, ...]:
    return health.on_air(room.store, room.clock.now()).faults


def test_what_a_person_stopped_is_not_told(room):
    airing_id = ask(room, in_s=10)
    run(room, 15)
    with room.store.write() as session:
        running_order.cut(session, room.operator, airing_id, "Nhầm bài", room.clock.now())
    run(room, 5)
    assert room.row(airing_id).state == "cut"
    assert told(room) == []


def test_a_restart_after_an_outage_is_told_and_its_missed_airings_too(room):
    ask(room, in_s=10)
    run(room, 1)
    room.pull_the_plug()
    room.clock.advance(3600)
    room.boot()
    run(room, 6)
    texts = [text for text, _ in told(room)]
    assert texts[0].startswith("Máy không hoạt động từ 05:00 24/11, đã chạy lại lúc 06:00 24/11")
    assert texts[1].startswith("Lỡ “Họp dân”")
    assert [line[:4] for line in bar(room)] == ["Máy ", "Lỡ “"]


def test_a_station_that_died_and_came_back_at_once_says_so(room):
    room.pull_the_plug()
    room.clock.advance(5)
    room.boot()
    run(room, 3)
    ((text, _),) = told(room)
    assert text.startswith("Bộ phát dừng đột ngột và đã tự chạy lại")


def test_a_fault_that_did_not_outlive_the_station_is_over_in_the_next_life(room):
    room.unplug()
    run(room, 10)
    room.plug_in()
    room.pull_the_plug()
    with room.store.write() as session:
        notify.tell(session, "station", "Bộ phát không hoạt động.", room.clock.now(), key=notify.STATION_LOST)
    room.boot()
    run(room, SETTLED_S + 4)
    with room.store.read() as session:
        assert notify.standing(session) == []


def test_what_another_room_told_stays_until_that_room_ends_it(room):
    with room.store.write() as session:
        notify.tell(session, "alert", "Lệnh mẫu chưa thu được.", room.clock.now(), key="prepared 1")
    run(room, SETTLED_S + 5)
    with room.store.read() as session:
        assert [notice.key for notice in notify.standing(session)] == ["prepared 1"]


def test_a_doubted_clock_is_told_until_somebody_has_looked(room):
    room.clock.step(3 * 86_400)
    run(room, 4)
    assert [over for text, over in told(room) if "Đồng hồ" in text] == [False]
    with room.store.write() as session:
        running_order.lift(session, room.operator, "Giờ đúng", room.clock.now())
    run(room, 6)
    assert [over for text, over in told(room) if "Đồng hồ" in text] == [True]
