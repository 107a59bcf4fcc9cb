from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import timedelta

import pytest

from audio.player_words import NO_DEVICE_EXIT
from broadcaster.errors import StoreError
from broadcaster.newsroom import approval, bulletins, clips
from broadcaster.newsroom.bulletins import Draft
from broadcaster.playout import heard_files, requesting, running_order, zones
from broadcaster.playout.engine import STORE_REST_S
from broadcaster.playout.players import GRACE_S
from broadcaster.records import chain
from broadcaster.store.models import Output
from tests.broadcaster.playout.room import Room


def ask(room: Room, number: int, in_s: float = 60.0, zone_ids: tuple[int, ...] = ()) -> str:
    with room.store.write() as session:
        now = room.clock.now()
        airing = requesting.request_at(session, room.operator, number, room.at(in_s), zone_ids, now)
        return airing.id


def test_an_approved_bulletin_sounds_at_its_second_and_is_written_down(room):
    airing_id = ask(room, room.approved("Phun thuốc"), in_s=60)
    planned_at = room.row(airing_id).planned_at
    room.run(75)
    (row,) = room.history()
    assert (row.result, row.cause, row.title) == ("played", "", "Phun thuốc")
    assert row.seconds_heard == pytest.approx(10.0)
    assert row.level_dbfs == pytest.approx(-18.0)
    assert row.on_loudspeaker
    assert row.started_at == planned_at
    assert (row.author, row.approver, row.operator) == ("Soan", "Duyet", "Truc")
    assert [zone["zone"] for zone in row.zones] == ["Toàn phường"]
    assert [heard[1:] for heard in room.heard] == [(0.0, pytest.approx(10.0))]


def test_started_is_committed_before_the_first_sample(room):
    airing_id = ask(room, room.approved("Tin"), in_s=60)
    room.run(58)
    assert room.row(airing_id).state == "started"
    assert room.heard == []
    assert room.player.items[airing_id][0] == pytest.approx(room.clock.monotonic() + 2.0, abs=0.01)


def test_a_draft_does_not_sound_and_is_missed_past_its_deadline(room):
    airing_id = ask(room, room.draft("Chưa duyệt"))
    room.run(60 + 1810, step_s=5)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("missed", "not_approved")
    assert room.heard == []


def test_an_approval_that_comes_late_but_in_time_is_played(room):
    number = room.draft("Duyệt muộn")
    airing_id = ask(room, number)
    room.run(90)
    room.sign(number)
    room.run(20)
    assert room.row(airing_id).state == "played"


def test_an_edit_before_air_keeps_the_old_text_off_the_air(room):
    number = room.approved("Tin cũ")
    airing_id = ask(room, number)
    with room.store.write() as session:
        changed = Draft(title="Tin mới", written="Nội dung khác hẳn.")
        bulletins.edit(session, room.officer, number, changed, 1, room.clock.now())
    room.run(60 + 1810, step_s=5)
    assert room.row(airing_id).cause == "not_approved"
    assert room.heard == []


def test_a_clip_that_was_changed_on_disk_never_sounds(room):
    number = room.approved("Tin")
    airing_id = ask(room, number)
    with room.store.read() as session:
        signed = approval.valid_approval(session, number, room.clock.now().date())
    clip = clips.path_of(room.store.folder, signed.clip_sha256)
    clip.write_bytes(clip.read_bytes()[:-2] + b"\x01\x00")
    room.run(70)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("failed", "clip_changed")
    assert room.heard == []


def test_what_is_asked_for_next_sounds_within_seconds(room):
    number = room.approved("Gấp")
    with room.store.write() as session:
        requesting.request_next(session, room.operator, number, [], room.clock.now())
    room.run(14)
    (row,) = room.history()
    assert row.result == "played"
    assert row.started_at - row.planned_at < timedelta(seconds=1)


def test_two_airings_on_one_zone_follow_each_other(room):
    first = ask(room, room.approved("Một"), in_s=60)
    second = ask(room, room.approved("Hai"), in_s=65)
    room.run(95)
    rows = {row.airing_id: row for row in room.history()}
    assert rows[first].result == rows[second].result == "played"
    assert rows[second].started_at >= rows[first].ended_at - timedelta(seconds=0.5)


def test_two_zones_sound_different_things_at_the_same_time(room):
    school = room.add_zone("Trường học")
    room.turn()
    first = ask(room, room.approved("Một"), in_s=60, zone_ids=(1,))
    second = ask(room, room.approved("Hai"), in_s=60, zone_ids=(school,))
    room.run(75)
    rows = {row.airing_id: row for row in room.history()}
    assert rows[first].started_at == rows[second].started_at
    assert rows[second].zones[0]["zone"] == "Trường học"


def test_a_person_stops_what_sounds_and_the_next_follows(room):
    first = ask(room, room.approved("Dài", seconds=100), in_s=10)
    second = ask(room, room.approved("Sau"), in_s=20)
    room.run(30)
    with room.store.write() as session:
        running_order.cut(session, room.operator, first, "Đọc nhầm", room.clock.now())
    room.run(20)
    rows = {row.airing_id: row for row in room.history()}
    assert (rows[first].result, rows[first].cause) == ("cut", "person")
    assert "Đọc nhầm" in rows[first].reason
    assert rows[first].seconds_heard == pytest.approx(20, abs=1)
    assert rows[second].result == "played"


def test_stop_all_silences_at_once_and_survives_a_restart(room):
    first = ask(room, room.approved("Dài", seconds=100), in_s=10)
    second = ask(room, room.approved("Sau"), in_s=60)
    room.run(20)
    with room.store.write() as session:
        running_order.stop_all(session, room.operator, "Có đám tang", room.clock.now())
    room.run(1)
    assert (room.row(first).state, room.row(first).cause) == ("cut", "stop_all")
    room.pull_the_plug()
    room.boot()
    room.run(50)
    assert room.row(second).state == "planned"
    with room.store.write() as session:
        running_order.lift(session, room.operator, "Đã xong", room.clock.now())
    room.run(20)
    assert room.row(second).state == "played"


def test_stop_all_silences_at_once_also_while_the_clock_is_in_doubt(room):
    airing_id = ask(room, room.approved("Dài", seconds=300), in_s=10)
    room.run(20)
    room.clock.step(5 * 365 * 86400)
    room.run(2)
    assert room.row(airing_id).state == "started"
    with room.store.write() as session:
        running_order.stop_all(session, room.operator, "Đọc nhầm", room.clock.now())
    room.run(1)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("cut", "stop_all")


def test_what_passes_its_deadline_under_stop_all_says_so(room):
    airing_id = ask(room, room.approved("Tin"))
    with room.store.write() as session:
        running_order.stop_all(session, room.operator, "", room.clock.now())
    room.run(60 + 1810, step_s=5)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("missed", "hold")


def test_a_player_that_dies_goes_on_from_where_it_broke_off(room):
    airing_id = ask(room, room.approved("Tin", seconds=30), in_s=10)
    room.run(20)
    room.player.die(-9)
    room.run(30)
    assert room.row(airing_id).state == "played"
    (row,) = room.history()
    assert row.seconds_heard == pytest.approx(30, abs=0.5)
    (first, second) = room.heard
    assert second[1] == pytest.approx(first[2], abs=0.5)
    assert second[2] == pytest.approx(30.0)


def test_a_player_that_stays_away_ends_the_airing_as_cut(room):
    airing_id = ask(room, room.approved("Tin", seconds=60), in_s=10)
    room.run(20)
    room.player.die(-9)
    room.engine._air.players._restart = lambda *_: None  # the machine cannot start it again
    room.run(30)
    row = room.row(airing_id)
    assert (row.state, row.cause) == ("cut", "output_lost")
    assert row.seconds_heard == pytest.approx(10, abs=0.6)


def test_an_output_that_is_changed_while_it_sounds_goes_on_with_the_airing(room):
    airing_id = ask(room, room.approved("Tin", seconds=30), in_s=10)
    room.run(20)
    with room.store.write() as session:
        session.query(Output).one().target = "Card khác"
    room.run(30)
    assert room.player.spec.target == "Card khác"
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("played", "")
    (first, second) = room.heard
    assert second[1] == pytest.approx(first[2], abs=0.5)


def test_an_output_that_is_taken_away_while_it_sounds_ends_the_airing_as_cut(room):
    airing_id = ask(room, room.approved("Tin", seconds=60), in_s=10)
    room.run(20)
    with room.store.write() as session:
        session.query(Output).one().is_active = False
    room.run(20)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("cut", "output_lost")


def test_a_missing_sound_card_is_stood_in_for_by_a_file_and_the_row_says_so(room):
    room.unplug()
    room.run(GRACE_S + 1)
    assert room.player.spec.kind == "file"
    airing_id = ask(room, room.approved("Tin"), in_s=10)
    room.run(25)
    assert room.row(airing_id).state == "played"
    (row,) = room.history()
    assert not row.on_loudspeaker


def test_a_sound_card_that_comes_back_takes_over(room):
    room.unplug()
    room.run(GRACE_S + 25)
    room.plug_in()
    room.run(3)
    assert room.player.spec.kind == "soundcard"
    airing_id = ask(room, room.approved("Tin"), in_s=10)
    room.run(25)
    assert [row.on_loudspeaker for row in room.history() if row.airing_id == airing_id] == [True]


def test_a_player_that_hangs_is_killed_and_replaced(room):
    before = room.player
    before.is_deaf = True
    room.run(2)
    assert not before.is_alive
    assert room.player is not before


def test_the_station_killed_in_the_middle_leaves_a_cut_row_and_repeats_nothing(room):
    airing_id = ask(room, room.approved("Tin", seconds=60), in_s=10)
    room.run(40)
    room.pull_the_plug()
    room.clock.advance(5)
    room.boot()
    room.run(60)
    row = room.row(airing_id)
    assert (row.state, row.cause) == ("cut", "station_stopped")
    assert 20 <= row.seconds_heard <= 31
    assert len(room.heard) == 1


def test_what_falls_into_a_power_cut_is_missed_with_that_cause(room):
    airing_id = ask(room, room.approved("Tin"), in_s=600)
    room.run(5)
    room.pull_the_plug()
    room.clock.advance(3 * 3600)
    room.boot()
    room.run(2)
    row = room.row(airing_id)
    assert (row.state, row.cause) == ("missed", "power_off")
    assert "Máy không hoạt động" in row.reason


def test_a_short_power_cut_only_makes_it_late(room):
    airing_id = ask(room, room.approved("Tin"), in_s=60)
    room.pull_the_plug()
    room.clock.advance(300)
    room.boot()
    room.run(20)
    assert room.row(airing_id).state == "played"


def test_a_claimed_airing_goes_back_to_the_plan_after_a_crash(room):
    airing_id = ask(room, room.approved("Tin"), in_s=60)
    with room.store.write() as session:
        from broadcaster.playout import airings

        airings.step(session, airing_id, "planned", "claimed", boot_id=room.boot_id)
    room.pull_the_plug()
    room.boot()
    room.run(75)
    assert room.row(airing_id).state == "played"


def test_a_clock_that_ran_backwards_over_a_boot_holds_everything(room):
    airing_id = ask(room, room.approved("Tin"), in_s=60)
    room.pull_the_plug()
    room.clock.step(-86400)
    room.boot()
    room.clock.step(86400 + 7200)
    room.run(5)
    assert room.row(airing_id).state == "planned"
    with room.store.write() as session:
        running_order.lift(session, room.operator, "Đã chỉnh giờ", room.clock.now())
    room.run(5)
    assert room.row(airing_id).state == "missed"


@pytest.mark.parametrize("step_s", [3600, -3600])
def test_a_step_of_the_clock_neither_repeats_nor_loses_an_airing(room, step_s):
    first = ask(room, room.approved("Một", seconds=30), in_s=10)
    second = ask(room, room.approved("Hai"), in_s=120)
    room.run(20)
    room.clock.step(step_s)
    room.run(60)
    assert room.row(first).state == "played"
    assert room.row(second).state == ("missed" if step_s > 0 else "planned")
    assert room.row(second).cause == ("clock" if step_s > 0 else "")
    if step_s < 0:
        room.clock.step(3600)
        room.run(80)
        assert room.row(second).state == "played"
    assert len({heard[0] for heard in room.heard}) == len(room.heard)


def test_the_chain_holds_after_every_kind_of_end(room):
    ask(room, room.approved("Một"), in_s=10)
    ask(room, room.draft("Hai"), in_s=30)
    room.run(1900, step_s=2)
    with room.store.read() as session:
        assert chain.verify(session) == []
    assert [row.result for row in room.history()] == ["played", "missed"]


def test_a_clock_set_years_ahead_holds_what_is_planned_and_lets_what_sounds_end(room):
    first = ask(room, room.approved("Một", seconds=30), in_s=10)
    second = ask(room, room.approved("Hai"), in_s=120)
    room.run(20)
    room.clock.step(5 * 365 * 86400)
    room.run(40)
    assert room.row(first).state == "played"
    assert room.row(second).state == "planned"
    room.clock.step(-5 * 365 * 86400)
    room.run(75)
    assert room.row(second).state == "played"


def test_a_clock_set_years_ahead_does_not_plan_or_expire_by_it(room):
    done = []
    room.clock.step(5 * 365 * 86400)
    room.engine.ask(lambda session, now: done.append(now))
    room.run(2)
    assert done == []


def test_a_clock_once_wrong_does_not_hold_every_later_boot(room):
    room.pull_the_plug()
    room.clock.step(5 * 365 * 86400)
    room.boot()
    room.pull_the_plug()
    room.clock.step(-5 * 365 * 86400)
    room.boot()
    with room.store.write() as session:
        running_order.lift(session, room.operator, "Đã chỉnh giờ", room.clock.now())
    room.run(5)
    room.pull_the_plug()
    room.clock.advance(60)
    room.boot()
    with room.store.read() as session:
        assert running_order.standing_hold(session) is None


@contextmanager
def refuse():
    raise StoreError("Ổ đĩa đầy.")
    yield


def test_a_stand_in_that_cannot_write_either_is_given_a_pause(room):
    room.unplug()
    room.run(GRACE_S + 1)
    assert room.player.spec.kind == "file"
    room.player.die(NO_DEVICE_EXIT)
    room.turn()
    assert not any(player.is_alive and player.spec.kind == "file" for player in room.players)
    room.run(1)
    assert room.player.spec.kind == "file"


def test_regular_work_that_waits_for_the_store_is_done_once(room, monkeypatch):
    done = []

    def chore(_session, now):
        done.append(now)

    monkeypatch.setattr(room.store, "write", refuse)
    for _ in range(10):
        room.engine.ask(chore)
        room.run(1)
    monkeypatch.undo()
    room.run(1)
    assert len(done) == 1


def test_a_store_that_cannot_be_written_for_a_while_silences_nothing(room, monkeypatch):
    airing_id = ask(room, room.approved("Tin", seconds=20), in_s=10)
    room.run(20)
    monkeypatch.setattr(room.store, "write", refuse)
    room.run(15)
    monkeypatch.undo()
    room.run(1)
    assert room.row(airing_id).state == "played"
    assert room.history()[0].seconds_heard == pytest.approx(20)


def test_a_store_that_fails_is_not_asked_at_every_turn(room, monkeypatch, caplog):
    ask(room, room.approved("Tin", seconds=10), in_s=5)
    room.run(10)
    monkeypatch.setattr(room.store, "write", refuse)
    room.run(30)
    assert 1 < len(caplog.records) <= 30 / STORE_REST_S


def test_a_store_that_fails_once_makes_nothing_late(room, monkeypatch):
    ask(room, room.approved("Tin"), in_s=10)
    room.run(5)
    write, failures = room.store.write, [refuse]
    monkeypatch.setattr(room.store, "write", lambda: failures.pop()() if failures else write())
    room.run(20)
    (row,) = room.history()
    assert failures == []
    assert (row.result, row.started_at) == ("played", row.planned_at)


def test_what_was_claimed_when_the_store_failed_is_played_once_it_can_be_written(room, monkeypatch):
    airing_id = ask(room, room.approved("Tin"), in_s=10)
    is_intact = clips.is_intact

    def fail_from_here(*arguments):
        monkeypatch.setattr(room.store, "write", refuse)
        return is_intact(*arguments)

    monkeypatch.setattr(clips, "is_intact", fail_from_here)
    room.run(10)
    assert room.row(airing_id).state == "claimed"
    monkeypatch.undo()
    room.run(20)
    assert room.row(airing_id).state == "played"
    assert len(room.heard) == 1


def test_a_cut_by_a_crash_still_says_that_people_heard_it(room):
    airing_id = ask(room, room.approved("Tin", seconds=60), in_s=10)
    room.run(30)
    room.pull_the_plug()
    room.clock.advance(5)
    room.boot()
    assert room.history()[0].on_loudspeaker
    assert room.row(airing_id).on_loudspeaker


def test_a_zone_that_was_closed_sounds_no_more(room):
    school = room.add_zone("Trường học")
    room.turn()
    airing_id = ask(room, room.approved("Tin"), in_s=10, zone_ids=(school,))
    with room.store.write() as session:
        zones.close_zone(session, room.operator, school, room.clock.now())
    room.run(25)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("failed", "no_output")
    assert room.heard == []


def test_what_was_written_instead_of_heard_does_not_fill_the_disk(tmp_path):
    for number in range(5):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(bytes(100))
        os.utime(path, (number, number))
    assert heard_files.prune(tmp_path, most_bytes=250) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3.wav", "4.wav"]


def test_a_player_that_cannot_be_started_does_not_end_the_others(room, monkeypatch):
    def refuse(_: object) -> None:
        raise OSError("no process left")

    room.player.die(-9)
    monkeypatch.setattr("tests.broadcaster.playout.room.FakePlayer.start", refuse)
    room.run(1)
    monkeypatch.undo()
    room.run(7)
    assert room.player.is_alive
