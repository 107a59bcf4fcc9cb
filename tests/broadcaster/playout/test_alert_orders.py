"""Orders that wait to be sent: made of what is signed, looked at with their clips."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broadcaster.errors import Invalid, NotPermitted, Refused
from broadcaster.newsroom import approval, bulletins, clips
from broadcaster.newsroom.bulletins import Draft
from broadcaster.playout import alert_orders, alerts, notify, zones
from broadcaster.playout.alerts import Wish
from tests.broadcaster.playout.room import Room


def make(room: Room, title: str = "Sơ tán", **more) -> int:
    number = room.approved(title, kind="emergency")
    with room.store.write() as session:
        now = room.clock.now()
        return alert_orders.save(
            session, room.operator, now, name=title, bulletin_id=number, **more
        ).id  # fmt: skip


def look(room: Room) -> list[str]:
    return alert_orders.check_all(room.store, room.clock.now())


def troubles(room: Room) -> list[str]:
    with room.store.read() as session:
        return [
            alert_orders.trouble(session, each, room.clock.now()) for each in alert_orders.orders(session)
        ]


def told(room: Room) -> list[str]:
    with room.store.read() as session:
        return [notice.text for notice in notify.standing(session)]


def edit(room: Room) -> None:
    with room.store.write() as session:
        changed = Draft(title="Sơ tán", written="Lời khác.", kind="emergency")
        bulletins.edit(session, room.officer, 1, changed, 1, room.clock.now())


def spoil(room: Room) -> None:
    with room.store.read() as session:
        signed = approval.valid_approval(session, 1, room.clock.now().date())
    clips.path_of(room.store.folder, signed.clip_sha256).unlink()


def close_zone(room: Room) -> None:
    with room.store.write() as session:
        zones.close_zone(session, room.operator, 1, room.clock.now())


def test_an_order_that_is_signed_and_whole_is_ready(room):
    make(room)
    assert look(room) == []
    assert troubles(room) == [""]
    with room.store.read() as session:
        (order,) = alert_orders.orders(session)
        assert alert_orders.is_checked(order, room.clock.now())
        assert not alert_orders.is_checked(order, room.clock.now() + timedelta(days=1, seconds=1))


@pytest.mark.parametrize(
    ("harm", "why"),
    [(edit, alert_orders.NO_SIGNATURE), (spoil, alert_orders.NO_CLIP), (close_zone, alert_orders.NO_ZONE)],
)
def test_an_order_that_is_not_ready_is_told_once_and_again_when_it_is(room, harm, why):
    make(room, zone_ids=(1,))
    room.add_zone("Trường học")
    harm(room)
    sentence = f"Lệnh soạn sẵn “Sơ tán” chưa sẵn sàng: {why}."
    assert alert_orders.report(room.store, room.clock.now()) == (1, [sentence])
    assert told(room) == []
    assert look(room) == [sentence]
    assert look(room) == told(room)
    assert troubles(room) == [why]
    with room.store.write() as session:
        alert_orders.close(session, room.operator, 1, room.clock.now())
    assert look(room) == told(room) == []


def test_only_an_emergency_bulletin_makes_an_order(room):
    number = room.approved("Họp dân")
    with room.store.write() as session, pytest.raises(Invalid) as refused:
        alert_orders.save(session, room.operator, room.clock.now(), name="Họp", bulletin_id=number)
    assert refused.value.field == "bulletin_id"


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": " "}, "name"), ({"repeat_every_s": 5}, "repeat"), ({"lasts_s": 90_000}, "lasts")],
)
def test_an_order_is_refused_with_the_field_that_is_wrong(room, fields, field):
    number = room.approved("Sơ tán", kind="emergency")
    given = {"name": "Sơ tán", "bulletin_id": number, **fields}
    with room.store.write() as session, pytest.raises(Invalid) as refused:
        alert_orders.save(session, room.operator, room.clock.now(), **given)
    assert refused.value.field == field


def test_an_officer_neither_makes_orders_nor_raises_them(room):
    order = make(room)
    for act in (
        lambda session: alert_orders.close(session, room.officer, order, room.clock.now()),
        lambda session: alerts.raise_alert(
            session, room.officer, Wish(order_id=order), room.clock.now()
        ),
    ):  # fmt: skip
        with room.store.write() as session, pytest.raises(NotPermitted, match="phát lệnh khẩn cấp"):
            act(session)


def test_an_order_that_lost_its_signature_is_refused_with_the_way_to_go_on(room):
    order = make(room)
    edit(room)
    with room.store.write() as session, pytest.raises(Refused, match="Dùng lời này"):
        alerts.raise_alert(session, room.operator, Wish(order_id=order), room.clock.now())


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"written": "  "}, "written"),
        ({"written": "a" * 2001}, "written"),
        ({"written": "Nước lên.", "reason": "x" * 301}, "reason"),
        ({"written": "Nước lên.", "lasts_s": 100_000}, "lasts"),
        ({"written": "Nước lên.", "repeat_every_s": 1}, "repeat"),
        ({"written": "Nước lên.", "zone_ids": (99,)}, "zones"),
    ],
)
def test_a_wish_is_refused_with_the_field_that_is_wrong(room, wish, field):
    with room.store.write() as session, pytest.raises(Invalid) as refused:
        alerts.raise_alert(session, room.operator, Wish(**wish), room.clock.now())
    assert refused.value.field == field


def test_words_sent_in_an_emergency_cannot_be_scheduled_without_being_signed_again(room):
    from broadcaster.playout import requesting

    with room.store.write() as session:
        sent = alerts.raise_alert(session, room.operator, Wish(written="Nước lên."), room.clock.now())
        assert approval.valid_approval(session, sent.bulletin_id, room.clock.now().date()) is None
        with pytest.raises(Refused):
            requesting.request_next(session, room.operator, sent.bulletin_id, (), room.clock.now())


def test_an_alert_ends_once(room):
    with room.store.write() as session:
        now = room.clock.now()
        number = alerts.raise_alert(session, room.operator, Wish(written="Nước lên."), now).id
        with pytest.raises(Invalid) as refused:
            alerts.stand_down(session, room.operator, number, " ", now)
        assert refused.value.field == "reason"
        alerts.stand_down(session, room.operator, number, "Hết", now)
        for again in (
            lambda: alerts.stand_down(session, room.operator, number, "Hết", now),
            lambda: alerts.prolong(session, room.operator, number, 60, now),
        ):
            with pytest.raises(Refused, match="đã kết thúc"):
                again()
