"""Another station's stream on the air: only as signed, only inside its window; and its row says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from audio.player_words import Ended, Incident
from broadcaster.newsroom import approval, clips, relays, signatures
from broadcaster.newsroom.relays import RelayDraft
from broadcaster.playout import programmes, requesting, running_order, zones
from broadcaster.playout.programmes import Frame
from broadcaster.playout.relay_ahead import OPEN_AHEAD
from broadcaster.records import chain
from broadcaster.store.models import Source
from schedules.clock import LOCAL
from schedules.rundown import GAP_S
from tests.broadcaster.playout.room import Room
from tests.keys import pen_of

ADDRESS = "http://dai-tinh.vn:8000/nghe.mp3"
DRAFT = RelayDraft("Thời sự", ADDRESS, 1)
STEP_S = 2.0
"""Of the test's clock; what is armed ahead starts at its second all the same."""


def signed(room: Room, draft: RelayDraft = DRAFT) -> int:
    with room.store.write() as session:
        now = room.clock.now()
        number = relays.write(session, room.officer, draft, now).id
        approval.submit(session, room.officer, number, now)
        approval.approve(session, room.approver, number, 0, now, pen=pen_of(session, room.approver))
        return number


def ask(room: Room, number: int, in_s: float = 60.0, zone_ids: tuple[int, ...] = ()) -> str:
    with room.store.write() as session:
        now = room.clock.now()
        return requesting.request_at(session, room.operator, number, room.at(in_s), zone_ids, now).id


def change_row(room: Room, what: str) -> None:
    with room.store.write() as session:
        session.execute(text(f"UPDATE relay SET {what}"))


def test_a_signed_relay_sounds_inside_its_window_and_is_written_down(room):
    airing_id = ask(room, signed(room))
    starts_at = room.clock.monotonic() + 60
    room.run(125, STEP_S)
    (window,) = room.player.windows
    assert (window.item, window.address, window.filler) == (airing_id, ADDRESS, None)
    assert (window.at, window.until) == (pytest.approx(starts_at), pytest.approx(starts_at + 60))
    (row,) = room.history()
    assert (row.result, row.cause, row.source) == ("played", "", "relay")
    assert (row.seconds_planned, row.seconds_heard) == (60.0, pytest.approx(60.0))
    assert row.details == {"relay": {"stream_s": 60.0, "filler_s": 0.0}}
    assert (row.clip_sha256, row.approver) == (None, "Duyet")


def test_the_stream_is_opened_well_ahead_and_nothing_sounds_or_is_claimed_by_that(room):
    airing_id = ask(room, signed(room))
    room.run(60 - OPEN_AHEAD.total_seconds() + 5, STEP_S)
    assert room.player.prepared == [(airing_id, ADDRESS)]
    assert (room.row(airing_id).state, room.player.items) == ("planned", {})


def test_a_text_is_not_opened_ahead(room):
    ask(room, room.approved("Tin"))
    room.run(59, STEP_S)
    assert room.player.prepared == []


def test_under_a_hold_nothing_is_opened(room):
    ask(room, signed(room))
    with room.store.write() as session:
        running_order.stop_all(session, room.operator, "thử", room.clock.now())
    room.run(59, STEP_S)
    assert room.player.prepared == []


@pytest.mark.parametrize("change", ["address = 'http://dai-gia.vn/'", "minutes = 2"])
def test_a_stream_that_is_no_longer_the_signed_one_never_sounds(room, change):
    airing_id = ask(room, signed(room))
    change_row(room, change)
    room.run(62, STEP_S)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("missed", "relay_changed")
    assert (room.player.windows, room.player.prepared) == ([], [])


def test_an_edit_before_air_keeps_the_old_address_off_the_air(room):
    number = signed(room)
    ask(room, number)
    with room.store.write() as session:
        changed = replace(DRAFT, address="http://dai-khac.vn/")
        relays.edit(session, room.officer, number, changed, 1, room.clock.now())
    room.run(62, STEP_S)
    assert room.player.windows == []


def test_a_late_start_joins_and_ends_when_it_was_to_end(room):
    airing_id = ask(room, signed(room))
    ends_at = room.clock.monotonic() + 120
    room.pull_the_plug()
    room.clock.advance(85)
    room.boot()
    room.run(40, STEP_S)
    (window,) = room.player.windows
    assert window.until == pytest.approx(ends_at)
    assert room.row(airing_id).state == "played"
    (row,) = room.history()
    assert row.seconds_planned == pytest.approx(34.5, abs=1.0)


def test_what_is_left_of_a_window_must_be_worth_it(room):
    airing_id = ask(room, signed(room))
    room.pull_the_plug()
    room.clock.advance(117)
    room.boot()
    room.run(5, STEP_S)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("missed", "late")


def test_played_at_once_it_lasts_its_whole_length(room):
    number = signed(room)
    with room.store.write() as session:
        requesting.request_next(session, room.operator, number, (), room.clock.now())
    room.run(70, STEP_S)
    (window,) = room.player.windows
    assert window.until - window.at == pytest.approx(60.0)
    assert window.item in [item for item, _ in room.player.prepared]


def test_a_relay_that_never_had_sound_failed_although_the_filler_did_sound(room):
    ask(room, signed(room))
    room.player.relay_gap_s = 1e9
    room.run(125, STEP_S)
    (row,) = room.history()
    assert (row.result, row.cause) == ("failed", "relay_silent")
    assert "tiếng chờ" in row.reason
    assert row.details["relay"] == {"stream_s": 0.0, "filler_s": 60.0}


def test_a_relay_with_gaps_was_played_and_says_how_much_was_filled(room):
    ask(room, signed(room))
    room.player.relay_gap_s = 25.0
    room.run(100, STEP_S)
    item = room.player.windows[0].item
    room.player.hear(room.player.name, Incident(item, "relay_lost", "Mất nguồn tiếp âm ở 10 giây."))
    room.run(25, STEP_S)
    (row,) = room.history()
    assert (row.result, row.cause) == ("played", "relay_gaps")
    assert row.reason == "Nguồn tiếp âm vắng 25 giây; lúc đó phát tiếng chờ."
    assert row.details["incidents"] == ["Mất nguồn tiếp âm ở 10 giây."]
    with room.store.read() as session:
        assert chain.verify(session) == []


def test_a_player_that_could_not_receive_says_why_in_the_row(room):
    ask(room, signed(room))
    room.player.relay_gap_s = 1e9
    room.run(118, STEP_S)
    item = room.player.windows[0].item
    del room.player.items[item]
    why = "Không nhận được tiếng từ nguồn tiếp âm: không kết nối được máy chủ."
    room.player.hear(room.player.name, Ended(item, "failed", 60.0, -40.0, why))
    room.run(1)
    (row,) = room.history()
    assert (row.result, row.zones[0]["fault"]) == ("failed", why)
    assert row.reason == f"{why.rstrip('.')}; loa chỉ phát tiếng chờ."


def test_a_player_that_comes_back_joins_again_until_the_same_end(room):
    ask(room, signed(room, replace(DRAFT, minutes=2)))
    ends_at = room.clock.monotonic() + 180
    room.run(100, STEP_S)
    room.player.die(-9)
    room.run(3)
    again = room.player.windows[-1]
    assert again.until == pytest.approx(ends_at)
    room.run(80, STEP_S)
    (row,) = room.history()
    assert row.result == "played"
    assert 115 < row.seconds_heard < 120


def test_incidents_of_two_outputs_name_theirs(room):
    other = room.add_zone("Khu phố 2")
    with room.store.read() as session:
        first = zones.zones(session)[0].id
    airing_id = ask(room, signed(room), zone_ids=(first, other))
    room.run(70, STEP_S)
    player = room.player
    player.hear(player.name, Incident(airing_id, "relay_lost", "Mất nguồn."))
    room.run(55, STEP_S)
    (row,) = room.history()
    assert row.details["incidents"] == ["Card Khu phố 2: Mất nguồn."]


def test_the_filler_is_the_signed_clip(room):
    sha256 = signed_recording(room)
    ask(room, signed(room, replace(DRAFT, filler_sha256=sha256)))
    room.run(62, STEP_S)
    assert room.player.windows[0].filler == clips.path_of(room.store.folder, sha256)


def test_a_filler_that_was_changed_on_disk_never_sounds(room):
    sha256 = signed_recording(room)
    ask(room, signed(room, replace(DRAFT, filler_sha256=sha256)))
    clips.path_of(room.store.folder, sha256).write_bytes(b"RIFF")
    room.run(125, STEP_S)
    assert room.player.windows[0].filler is None
    (row,) = room.history()
    assert row.result == "played"
    assert "tiếng chờ của trạm" in row.details["incidents"][0]


def signed_recording(room: Room) -> str:
    number = room.approved("Nhạc chờ", seconds=12)
    with room.store.write() as session:
        bulletin = relays.bulletins.get(session, number)
        bulletin.source = Source.RECORDING
        signature = approval.standing_approval(session, number, room.clock.now().astimezone(LOCAL).date())
        assert signature is not None and signature.clip_sha256
        signatures.sign(session, signature, pen_of(session, room.approver))
        return signature.clip_sha256


def test_inside_a_programme_it_ends_by_plan_when_the_parts_before_run_late(desk):
    """17:00 news of 30 s, then a relay of 1 minute; the station comes back 20 s late."""
    starts_at = datetime(2026, 11, 23, 17, 0, tzinfo=LOCAL)
    number, news = signed(desk), desk.approved("Tin đầu giờ", seconds=30)
    with desk.store.write() as session:
        now = desk.clock.now()
        frame = Frame("Bản tin chiều", range(7), starts_at.time())
        programme = programmes.add(session, desk.operator, frame, now)
        for each in (news, number):
            requesting.request_in_programme(
                session, desk.operator, each, programme.id, starts_at.date(), None, now
            )
    desk.pull_the_plug()
    desk.clock.advance_to(starts_at + timedelta(seconds=20))
    desk.boot()
    began_at = desk.clock.monotonic() - 20
    desk.run(90, STEP_S)
    (window,) = desk.player.windows
    assert window.until == pytest.approx(began_at + 30 + GAP_S + 60, abs=0.01)
    assert window.at > began_at + 50
    assert [row.result for row in desk.history()] == ["played", "played"]
