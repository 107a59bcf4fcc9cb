"""What the database's owner or a stolen administrator's account may try: it is named, and nothing sounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from broadcaster import health
from broadcaster.accounts import links, people, signing_in, signing_keys
from broadcaster.accounts.pen import NewKey, of_private
from broadcaster.accounts.permissions import Role
from broadcaster.errors import Refused
from broadcaster.newsroom import approval, clips, signatures
from broadcaster.newsroom.bulletins import sha256_of
from broadcaster.playout import alerts, cap_sources, live, requesting, vouched
from broadcaster.playout.claims import BAD_SIGNATURE
from broadcaster.playout.live_duty import FORGED
from broadcaster.playout.noticing import SETTLED_S, Noticing
from broadcaster.records.causes import CAUSES
from broadcaster.store import facts, station_key
from broadcaster.store.models import (
    Alert,
    Approval,
    ApprovalEnd,
    Bulletin,
    BulletinState,
    CapSource,
    History,
    Live,
    Notice,
    PersonKey,
    Rendering,
    Version,
    request_zone,
)
from tests.broadcaster.newsroom.cap_files import NOW as CAP_NOW
from tests.broadcaster.newsroom.cap_files import cap, key
from tests.broadcaster.playout.alarms import AlarmRoom
from tests.broadcaster.playout.test_cap_intake import standing, take_in, trust
from tests.broadcaster.playout.test_live import LiveRoom
from tests.clocks import FakeClock

PASSWORD = "sương mai trên lá sen"


@pytest.fixture
def room(tmp_path: Path, empty_store: Path) -> Iterator[LiveRoom]:
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    made = LiveRoom(tmp_path, FakeClock(CAP_NOW))
    made.duties = (*made.duties, Noticing)
    made.furnish()
    with made.store.write() as session:
        facts.put(session, facts.EMAIL, {"is_on": True})
    made.boot()
    made.run(SETTLED_S + 4, step_s=4)
    yield made
    made.store.close()


def ask(room: AlarmRoom, number: int) -> str:
    with room.store.write() as session:
        at, now = room.at(10), room.clock.now()
        return requesting.request_at(session, room.operator, number, at, [], now).id


def rows(room: AlarmRoom, table: type, **values: Any) -> None:
    """Write into every row of a table, as its owner can."""
    with room.store.write() as session:
        session.execute(update(table).values(**values))


def told(room: AlarmRoom) -> list[str]:
    with room.store.read() as session:
        return [notice.text for notice in session.scalars(select(Notice).order_by(Notice.id))]


def bar(room: AlarmRoom) -> str:
    return " ".join(health.on_air(room.store, room.clock.now()).faults)


def refused(room: AlarmRoom, airing_id: str, why: str) -> History:
    """Assert that the airing ended unheard with this sentence, which people are told in every way."""
    room.run(20, step_s=0.5)
    row = next(row for row in room.history() if row.airing_id == airing_id)
    assert (row.result, row.cause) == ("failed", BAD_SIGNATURE)
    assert CAUSES[row.cause] == "chữ ký duyệt không đúng"
    assert row.reason.startswith(why)
    assert room.heard == []
    assert why.rstrip(".") in bar(room)
    assert any(why.rstrip(".") in text for text in told(room))
    return row


# --- approvals ---


def test_an_approval_that_is_signed_plays(room):
    ask(room, room.approved("Họp dân"))
    room.run(25, step_s=0.5)
    assert [row.result for row in room.history()] == ["played"]


def test_another_text_with_all_its_fingerprints_mended_does_not_play(room):
    airing_id = ask(room, room.approved("Họp dân"))
    evil = sha256_of("Lời lạ.")
    rows(room, Version, written="Lời lạ.", written_sha256=evil)
    rows(room, Approval, written_sha256=evil, spoken="Lời lạ.", spoken_sha256=evil)
    row = refused(room, airing_id, signatures.CHANGED)
    assert (row.approver, row.approval_id) == ("", None)


def test_another_clip_under_an_approval_does_not_play(room):
    airing_id = ask(room, room.approved("Họp dân"))
    unapproved = room.draft("Chưa duyệt")
    with room.store.write() as session:
        sha256 = session.scalar(select(Rendering.clip_sha256).where(Rendering.bulletin_id == unapproved))
        session.execute(update(Approval).values(clip_sha256=sha256))
    refused(room, airing_id, signatures.CHANGED)


def test_an_approval_row_copied_to_another_bulletin_does_not_play(room):
    room.approved("Họp dân")
    number = room.draft("Chưa duyệt")
    airing_id = ask(room, number)
    with room.store.write() as session:
        row = {
            column.name: getattr(session.get(Approval, 1), column.key)
            for column in Approval.__table__.columns
        }
        bulletin = session.get_one(Bulletin, number)
        session.execute(
            insert(Approval).values(
                {**row, "id": 9, "bulletin_id": number, "version_id": bulletin.version_id}
            )
        )
        bulletin.state = BulletinState.APPROVED
        session.execute(
            update(Approval)
            .where(Approval.id == 9)
            .values(written_sha256=session.get_one(Version, bulletin.version_id).written_sha256)
        )
    refused(room, airing_id, signatures.CHANGED)


def test_an_approval_without_a_signature_does_not_play(room):
    airing_id = ask(room, room.approved("Họp dân"))
    rows(room, Approval, signature=None, key_id=None)
    refused(room, airing_id, signatures.UNSIGNED)


def test_a_key_swapped_in_the_register_does_not_play(room):
    airing_id = ask(room, room.approved("Họp dân"))
    mine = of_private(b"\7" * 32, 1)
    with room.store.write() as session:
        session.get_one(PersonKey, 1).public = mine.public
        session.flush()
        signatures.sign(session, session.get_one(Approval, 1), mine)
    refused(room, airing_id, signatures.FOREIGN_KEY)


def test_the_emergency_voice_of_an_operator_does_not_turn_into_an_approval(room):
    """Words sent in an emergency are signed by nobody's key: brought back to life they do not play."""
    number = room.alarm()
    room.stand_down(number)
    room.run(5)
    room.player.heard.clear()
    room.heard_before.clear()
    with room.store.write() as session:
        session.execute(delete(ApprovalEnd))
        bulletin_id = session.get_one(Alert, number).bulletin_id
        session.execute(update(Bulletin).values(state=BulletinState.APPROVED))
    refused(room, ask(room, bulletin_id), signatures.UNSIGNED)


def test_a_changed_clip_file_does_not_play(room):
    number = room.approved("Họp dân")
    airing_id = ask(room, number)
    with room.store.read() as session:
        sha256 = session.get_one(Approval, 1).clip_sha256
    with clips.path_of(room.store.folder, sha256).open("r+b") as file:
        file.seek(-4, 2)
        file.write(b"\1\2\3\4")
    room.run(20, step_s=0.5)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("failed", "clip_changed")
    assert room.heard == []


# --- emergency orders, announcements, senders ---


def copied(room: AlarmRoom, number: int, **changes: Any) -> int:
    """Put an alert row into the database, made from one that was."""
    with room.store.write() as session:
        before = session.get_one(Alert, number)
        row = {column.name: getattr(before, column.key) for column in Alert.__table__.columns}
        row |= {"id": number + 1, "ended_at": None, "end_cause": "", "end_reason": "", "ended_by": None}
        row |= {"expires_at": room.clock.now() + timedelta(hours=1), **changes}
        session.execute(insert(Alert).values(row))
    return number + 1


@pytest.fixture
def was(room: LiveRoom) -> int:
    """A real order that is over; nothing was heard since."""
    number = room.alarm()
    room.run(8, step_s=0.5)
    room.stand_down(number)
    room.run(2, step_s=0.5)
    return number


def silent(room: LiveRoom, seconds: float = 20.0) -> None:
    before = list(room.heard)
    room.run(seconds, step_s=0.5)
    assert room.heard == before
    assert not any(player.items for player in room.players)


@pytest.mark.parametrize("changes", [{}, {"script": [{"text": "Lời lạ.", "pause_ms": 0}]}, {"vouched": None}])
def test_an_alert_put_into_the_database_does_not_sound_and_is_a_fault(room, was, changes):
    forged = copied(room, was, **changes)
    silent(room)
    assert vouched.NOT_OURS in bar(room)
    assert any(vouched.NOT_OURS in text for text in told(room))
    room.stand_down(forged, "Không phải của đài")
    room.run(5, step_s=0.5)
    assert vouched.NOT_OURS not in bar(room)


def test_an_alert_that_was_stood_down_does_not_come_back_by_hand(room, was):
    with room.store.write() as session:
        session.execute(update(Alert).values(ended_at=None, ended_by=None, end_cause="", end_reason=""))
    silent(room)


ALERT_CHANGES = {
    "title": "Khác",
    "script": [{"text": "Lời lạ.", "pause_ms": 0}],
    "clip_sha256": None,
    "repeat_every_s": 3600,
    "expires_at": CAP_NOW + timedelta(days=30),
    "is_drill": True,
    "voice": "khác",
}


@pytest.mark.parametrize("column", ALERT_CHANGES)
def test_an_order_that_is_changed_while_it_stands_falls_silent_and_is_a_fault(room, column):
    room.alarm(order_id=room.order())
    room.run(5, step_s=0.5)
    rows(room, Alert, **{column: ALERT_CHANGES[column]})
    room.run(3, step_s=0.5)
    assert not any(player.items for player in room.players)
    assert vouched.NOT_OURS in bar(room)


def test_an_order_that_is_led_to_other_zones_falls_silent(room):
    number = room.alarm()
    room.run(5, step_s=0.5)
    with room.store.write() as session:
        request_id = session.get_one(Alert, number).request_id
        session.execute(delete(request_zone).where(request_zone.c.request_id == request_id))
    room.run(3, step_s=0.5)
    assert not any(player.items for player in room.players)
    silent(room, 10)


def test_an_end_that_nobody_gave_is_not_announced(room):
    room.alarm()
    room.run(8, step_s=0.5)
    said = list(room.voice.said)
    rows(room, Alert, ended_at=room.clock.now(), says_all_clear=True, end_cause="stood_down")
    room.run(10, step_s=0.5)
    assert room.voice.said == said
    assert "kết thúc trong dữ liệu" in bar(room)


def test_a_prepared_order_without_a_signature_is_refused_and_does_not_sound(room):
    order = room.order()
    rows(room, Approval, signature=b"\0" * 64)
    with pytest.raises(Refused, match="chữ ký duyệt"):
        room.alarm(order_id=order)
    silent(room, 5)


def test_a_prepared_order_whose_signature_was_changed_falls_silent(room):
    room.alarm(order_id=room.order())
    room.run(5, step_s=0.5)
    rows(room, Approval, signature=b"\0" * 64)
    room.run(3, step_s=0.5)
    assert not any(player.items for player in room.players)
    assert signatures.CHANGED.rstrip(".") in bar(room)


def test_a_forged_order_cannot_be_prolonged(room, was):
    forged = copied(room, was)
    with room.store.write() as session, pytest.raises(Refused, match="không do trạm này nhận"):
        alerts.prolong(session, room.operator, forged, 600, room.clock.now())


def test_an_announcement_put_into_the_database_is_not_put_on_the_air(room):
    number = room.ask(speaks=False)
    rows(room, Live, sign_in="b" * 64)
    room.speaking[number] = 0
    room.run(3)
    assert (room.live(number).state, room.live(number).outcome) == (live.OVER, FORGED)
    assert room.heard == []


def test_a_sender_that_was_put_into_the_database_is_not_obeyed(room):
    trust(room, certificate="", is_obeyed=False)
    rows(room, CapSource, certificate=key().certificate, is_obeyed=True)
    message = take_in(room, key().sign(cap()))
    assert message.state == "open"
    assert standing(room) == []
    silent(room, 5)


def test_a_sender_who_was_closed_is_not_obeyed_when_the_row_is_opened_again(room):
    trust(room)
    with room.store.write() as session:
        cap_sources.close(session, room.operator, 1, room.clock.now())
    rows(room, CapSource, is_active=True)
    assert take_in(room, key().sign(cap())).state == "open"
    assert standing(room) == []


def test_what_stood_before_rows_were_vouched_for_is_taken_over_once(room):
    room.alarm()
    trust(room)
    rows(room, Alert, vouched=None)
    rows(room, CapSource, vouched=None)
    with room.store.write() as session:
        vouched.adopt(session)
        assert vouched.holds(session, alerts.standing(session)[0])
        assert vouched.holds(session, session.scalars(select(CapSource)).one())


# --- a stolen administrator's account ---


def test_a_password_reset_by_an_administrator_is_told_and_its_key_signs_nothing_alone(room, hasher):
    """It cannot be done unnoticed: the new key waits for another approver, who is told of it at once."""
    second = room.person("duyet2", Role.APPROVER)
    room.approved("Họp dân")
    with room.store.write() as session:
        new = NewKey(of_private(b"\2" * 32), {})
        signing_keys.enter(session, people.get(session, second.id), new, "before", room.clock.now())
        secret = links.invite(session, room.operator, room.approver.id, room.clock.now())
    token = links.set_password(room.store, secret, PASSWORD, room.clock.now(), hasher)
    room.run(5, step_s=0.5)
    assert any("Duyet (người duyệt) có khóa ký mới" in text for text in told(room))
    number = room.draft("Lời lạ")
    with room.store.write() as session:
        sent = approval.submit(session, room.officer, number, room.clock.now())
        pen = signing_in.pen_for(session, token, room.clock.now())
        with pytest.raises(Refused, match="Duyet2"):
            approval.approve(session, room.approver, number, sent.rendering_id, room.clock.now(), pen=pen)
        waiting = [row.person.name for row in signing_keys.fresh(session, room.clock.now())]
    assert waiting == ["Duyet"]


def test_the_station_says_what_it_needs_when_its_own_key_is_gone(room):
    airing_id = ask(room, room.approved("Họp dân"))
    (room.store.folder / station_key.FOLDER / station_key.FILE_NAME).unlink()
    refused(room, airing_id, signatures.FOREIGN_KEY)
