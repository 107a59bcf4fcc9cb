"""What becomes of warnings from outside: proposals, drills, orders of the trusted, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.errors import Invalid, NotPermitted, Refused
from broadcaster.playout import (
    alerts,
    cap_decisions,
    cap_feeds,
    cap_intake,
    cap_sources,
    cap_watch,
    running_order,
)
from broadcaster.playout.alert_wishes import Wish
from broadcaster.playout.cap_intake import Arrival
from broadcaster.store.models import Alert, CapMessage
from schedules.clock import LOCAL
from tests.broadcaster.newsroom.cap_files import NOW, cap, key, refers_to
from tests.broadcaster.newsroom.test_cap_feed import Centre, atom, centre  # noqa: F401
from tests.broadcaster.playout.room import Room
from tests.clocks import FakeClock


@pytest.fixture
def room(tmp_path: Path, empty_store: Path) -> Iterator[Room]:
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    room = Room(tmp_path, FakeClock(NOW))
    room.furnish()
    yield room
    room.store.close()


def trust(room: Room, **more: object) -> int:
    fields = {"name": "Trung tâm", "certificate": key().certificate, "is_obeyed": True, **more}
    with room.store.write() as session:
        return cap_sources.save(session, room.operator, NOW, **fields).id


def take_in(room: Room, content: bytes, source_id: int | None = None) -> CapMessage:
    with room.store.write() as session:
        source = cap_sources.get(session, source_id) if source_id else None
        arrival = Arrival(content, "tệp.xml", source, None if source else room.operator)
        return cap_intake.take_in(session, arrival, room.clock.now())


def state(room: Room, message: CapMessage) -> str:
    with room.store.read() as session:
        return cap_decisions.get(session, message.id).state


def standing(room: Room) -> list[Alert]:
    with room.store.read() as session:
        return [(each, [zone.id for zone in each.request.zones])[0] for each in alerts.standing(session)]


def decide(room: Room, message: CapMessage, **wish: object) -> Alert:
    words = cap_decisions.words_of(message)
    with room.store.write() as session:
        asked = Wish(**{"title": message.headline, "written": words, **wish})
        return cap_decisions.raise_alert(session, room.operator, message.id, asked, room.clock.now())


# --- proposals ---


def test_a_warning_waits_for_a_person(room):
    message = take_in(room, cap())
    assert (message.state, message.kind, message.is_signed) == ("open", "emergency", False)
    assert standing(room) == []
    alert = decide(room, message)
    assert state(room, message) == "raised"
    assert (alert.source, alert.is_drill, alert.title) == ("person", False, "Cảnh báo lũ quét trên sông Cầu")
    with pytest.raises(Refused, match="đã phát"):
        decide(room, message)


def test_the_same_warning_twice_is_one(room):
    assert take_in(room, cap()).id == take_in(room, cap()).id


def test_a_warning_can_be_left_aside_with_a_reason(room):
    message = take_in(room, cap())
    with room.store.write() as session, pytest.raises(Invalid):
        cap_decisions.dismiss(session, room.operator, message.id, " ", NOW)
    with room.store.write() as session:
        cap_decisions.dismiss(session, room.operator, message.id, "Không thuộc địa bàn", NOW)
    assert state(room, message) == "dismissed"


def test_who_may_not_raise_may_not_decide(room):
    message = take_in(room, cap())
    with room.store.write() as session, pytest.raises(NotPermitted):
        cap_decisions.raise_alert(session, room.officer, message.id, Wish(written="x"), NOW)


@pytest.mark.parametrize("status", ["System", "Test", "Draft"])
@pytest.mark.parametrize("is_trusted", [False, True])
def test_what_is_not_real_never_reaches_a_zone(room, status, is_trusted):
    if is_trusted:
        trust(room)
    message = take_in(room, key().sign(cap(status=status)))
    assert message.state == "ignored"
    assert standing(room) == []
    with pytest.raises(Refused):
        decide(room, message)


def test_an_exercise_is_proposed_as_a_drill_and_as_nothing_else(room):
    trust(room)
    message = take_in(room, key().sign(cap(status="Exercise")))
    assert message.state == "open"
    assert standing(room) == []
    with pytest.raises(Refused, match="diễn tập"):
        decide(room, message)
    assert decide(room, message, is_drill=True, zone_ids=(1,)).is_drill


@pytest.mark.parametrize("msg_type", ["Ack", "Error"])
def test_talk_between_systems_is_kept_and_not_proposed(room, msg_type):
    assert take_in(room, cap(msg_type=msg_type)).state == "ignored"


def test_a_warning_past_its_time_is_not_proposed_and_one_that_waits_too_long_ends(room):
    assert take_in(room, cap("VN-0", expires=NOW - timedelta(minutes=1))).state == "expired"
    message = take_in(room, cap(expires=NOW + timedelta(minutes=10)))
    with room.store.write() as session:
        cap_decisions.sweep(session, NOW + timedelta(minutes=11))
    assert state(room, message) == "expired"


def test_an_alert_lasts_as_long_as_the_warning_says(room):
    message = take_in(room, cap(expires=NOW + timedelta(hours=2)))
    assert cap_decisions.lasting_s(message, NOW) == 7200
    assert cap_decisions.lasting_s(message, NOW + timedelta(hours=2)) == 300
    assert cap_decisions.lasting_s(take_in(room, cap("VN-2", expires=None)), NOW) is None


# --- updates and cancellations ---


def test_an_update_takes_the_place_of_what_waits(room):
    first = take_in(room, cap())
    second = take_in(room, cap("VN-2", msg_type="Update", references=refers_to("VN-1")))
    assert (state(room, first), state(room, second)) == ("replaced", "open")


def test_a_cancellation_takes_back_what_waits(room):
    first = take_in(room, cap())
    second = take_in(room, cap("VN-2", msg_type="Cancel", references=refers_to("VN-1")))
    assert (state(room, first), state(room, second)) == ("cancelled", "cancelled")


def test_a_cancellation_of_what_a_person_raised_is_offered_to_people(room):
    first = take_in(room, cap())
    alert = decide(room, first)
    second = take_in(room, cap("VN-2", msg_type="Cancel", references=refers_to("VN-1")))
    assert (second.state, second.alert_id) == ("open", alert.id)
    assert second.note == "Nguồn đã hủy lệnh đang phát."
    assert len(standing(room)) == 1


def test_an_unsigned_message_takes_back_nothing_that_is_signed(room):
    trust(room, is_obeyed=False)
    first = take_in(room, key().sign(cap()))
    take_in(room, cap("VN-2", msg_type="Cancel", references=refers_to("VN-1")))
    assert state(room, first) == "open"


def test_nobody_takes_back_what_another_sender_said(room):
    first = take_in(room, cap())
    take_in(room, cap("X", sender="kedoi@xa.vn", msg_type="Cancel", references=refers_to("VN-1")))
    assert state(room, first) == "open"


# --- orders ---


def test_a_signed_message_of_an_obeyed_sender_is_an_order(room):
    school = room.add_zone("Trường học")
    trust(room, zone_ids=(school,))
    message = take_in(room, key().sign(cap()))
    assert (message.state, message.is_signed) == ("raised", True)
    (alert,) = standing(room)
    assert (alert.source, alert.raised_by) == ("cap", None)
    assert [zone.id for zone in alert.request.zones] == [school]
    assert alert.expires_at == NOW + timedelta(hours=6)
    assert alert.reason == "Lũ quét (Trung tâm)"
    with room.store.read() as session:
        assert alerts.get(session, alert.id).approval.approver_id == room.operator.id


@pytest.mark.parametrize(
    "content",
    [
        cap(),
        key("Kẻ khác").sign(cap()),
        key().sign(cap()).replace("Cảnh".encode(), b"Canh"),
        key().sign(cap(urgency="Expected")),
        key().sign(cap(severity="Minor")),
        key().sign(cap(language="en-US")),
        key().sign(cap(sent=NOW - timedelta(hours=2))),
        key().sign(cap(sent=NOW + timedelta(hours=1))),
    ],
    ids=[
        "unsigned",
        "another key",
        "changed",
        "not urgent",
        "not grave",
        "foreign",
        "old",
        "from the future",
    ],
)
def test_anything_less_is_only_proposed(room, content):
    trust(room)
    assert take_in(room, content).state == "open"
    assert standing(room) == []


def test_a_signed_message_of_a_sender_who_is_not_obeyed_is_proposed(room):
    trust(room, is_obeyed=False)
    message = take_in(room, key().sign(cap()))
    assert (message.state, message.is_signed) == ("open", True)


def test_an_order_once_ended_is_not_raised_by_the_same_message_again(room):
    trust(room)
    take_in(room, key().sign(cap()))
    with room.store.write() as session:
        alerts.stand_down(session, room.operator, standing_id(session), "Báo nhầm", NOW)
    take_in(room, key().sign(cap()))
    assert standing(room) == []


def standing_id(session) -> int:
    return alerts.standing(session)[0].id


def test_a_stop_all_stands_above_every_sender(room):
    trust(room)
    with room.store.write() as session:
        running_order.stop_all(session, room.operator, "Đám tang", NOW)
    message = take_in(room, key().sign(cap()))
    assert message.state == "open"
    assert "dừng tất cả" in message.note
    assert standing(room) == []


def test_a_signed_cancellation_ends_its_own_order(room):
    trust(room)
    take_in(room, key().sign(cap()))
    take_in(room, key().sign(cap("VN-2", msg_type="Cancel", references=refers_to("VN-1"))))
    assert standing(room) == []


def test_a_signed_update_takes_the_place_of_its_own_order(room):
    trust(room)
    take_in(room, key().sign(cap()))
    changed = cap("VN-2", msg_type="Update", references=refers_to("VN-1"), headline="Nước rút chậm")
    take_in(room, key().sign(changed))
    assert [alert.title for alert in standing(room)] == ["Nước rút chậm"]


def test_a_forged_copy_that_comes_first_does_not_shut_the_real_one_out(room):
    trust(room)
    forged = take_in(room, cap(headline="Giả"))
    real = take_in(room, key().sign(cap()))
    assert (real.id, real.state, real.is_signed) == (forged.id, "raised", True)
    assert real.headline == "Cảnh báo lũ quét trên sông Cầu"


# --- sources and feeds ---


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"address": "ftp://x"}, "address"),
        ({"address": "http://a:b@x/"}, "address"),
        ({"certificate": "x"}, "certificate"),
        ({"is_obeyed": True}, "is_obeyed"),
        ({"zone_ids": (99,)}, "zones"),
    ],
)
def test_a_source_is_refused_with_the_field_that_is_wrong(room, fields, field):
    with room.store.write() as session, pytest.raises(Invalid) as refused:
        cap_sources.save(session, room.operator, NOW, **{"name": "Trung tâm", **fields})
    assert refused.value.field == field


def test_a_feed_is_asked_and_its_trouble_is_told_until_it_answers(room, centre: Centre):  # noqa: F811
    address = f"{centre.base}/feed"
    source = trust(room, address=address, is_obeyed=False, certificate="")
    cap_feeds.ask_all(room.store, room.clock)
    assert trouble(room, source) == "Nguồn cảnh báo trả lời mã 404."
    centre.put("/feed", atom("/1.xml", "/2.xml"))
    centre.put("/1.xml", cap("VN-1"))
    centre.put("/2.xml", b"<html/>")
    cap_feeds.ask_all(room.store, room.clock)
    assert "không phải bản tin cảnh báo" in trouble(room, source)
    centre.put("/feed", atom("/1.xml"))
    cap_feeds.ask_all(room.store, room.clock)
    assert trouble(room, source) == ""
    assert centre.asked.count("/1.xml") == 1
    with room.store.read() as session:
        assert [each.identifier for each in cap_decisions.messages(session, is_open=True)] == ["VN-1"]


def trouble(room: Room, source_id: int) -> str:
    with room.store.read() as session:
        return cap_sources.get(session, source_id).trouble


def test_a_round_runs_in_a_process_of_its_own(room, centre: Centre):  # noqa: F811
    feeds = cap_watch.Feeds(room.store)
    feeds.ask()
    assert centre.asked == []
    trust(room, address=centre.put("/one.xml", cap(expires=None, sent=datetime.now(LOCAL))), is_obeyed=False)
    feeds.ask()
    feeds.close()
    assert centre.asked == ["/one.xml"]
    with room.store.read() as session:
        assert len(cap_decisions.messages(session, is_open=True)) == 1
