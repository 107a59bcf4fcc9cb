"""What is heard of an emergency order: at once, above all else, again and again, until it is ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.errors import Invalid, Refused, StoreError
from broadcaster.newsroom import approval, clips
from broadcaster.playout import alerts, claims, requesting, running_order, zones
from broadcaster.playout.emergency import RETRY_S
from broadcaster.playout.material import QueueMaterial
from broadcaster.playout.sounding import Sounding
from broadcaster.playout.warm_voice import Voice
from broadcaster.records import chain
from broadcaster.store.models import Alert, Kind, Output
from schedules.priority import Priority
from tests.broadcaster.playout.alarms import SENTENCE_S, AlarmRoom, alarm_room
from tests.broadcaster.playout.room import TONE_S

SAID_S = TONE_S + SENTENCE_S


@pytest.fixture
def room(tmp_path: Path, empty_store: Path) -> Iterator[AlarmRoom]:
    yield from alarm_room(tmp_path, empty_store)


def ask(room: AlarmRoom, number: int, in_s: float = 5.0, zone_ids: tuple[int, ...] = ()) -> str:
    with room.store.write() as session:
        at, now = room.at(in_s), room.clock.now()
        return requesting.request_at(session, room.operator, number, at, zone_ids, now).id


def start(room: AlarmRoom, title: str = "Tin dài", kind: str = Kind.ROUTINE, **more) -> str:
    """Return an airing of 100 s that has sounded for some seconds."""
    airing_id = ask(room, room.approved(title, seconds=100, kind=kind), **more)
    room.run(10)
    assert room.row(airing_id).state == "started"
    return airing_id


# --- raising ---


def test_the_tone_begins_at_once_and_the_words_follow_it(room):
    room.is_patient = True
    room.alarm()
    (item,) = room.player.items
    assert room.player.items[item][0] - room.clock.monotonic() <= 0.11
    room.run(1)
    assert item in room.player.begun
    room.is_patient = False
    room.run(SAID_S)
    (row,) = room.history()
    assert (row.result, row.cause, row.source) == ("played", "", "alert")
    assert row.seconds_heard == pytest.approx(SAID_S, abs=0.3)
    assert room.voice.said == ["Nước đang lên."]


def test_the_row_says_who_sent_what_and_why(room):
    room.alarm(title="Lũ về", written="Mời bà con KP3 sơ tán lúc 7h30.", reason="Vỡ kè")
    room.run(SAID_S + 1)
    (row,) = room.history()
    assert (row.title, row.kind, row.operator, row.approver) == ("Lũ về", "emergency", "Truc", "Truc")
    assert row.is_self_approved
    assert (row.engine, row.voice, row.clip_sha256) == ("espeak-ng", "vi", None)
    assert row.details["why"] == "Vỡ kè"
    assert row.details["turn"] == 1
    assert "bảy giờ ba mươi phút" in room.said
    with room.store.read() as session:
        assert chain.verify(session) == []


def test_a_row_is_started_before_its_first_sample(room):
    room.alarm()
    (item,) = room.player.items
    assert room.row(item).state == "started"
    assert room.player.begun == set()


def test_a_prepared_order_sounds_as_it_was_signed(room):
    room.alarm(order_id=room.order("Sơ tán", seconds=8.0))
    room.run(TONE_S + 8.5)
    (row,) = room.history()
    assert (row.title, row.result, row.approver) == ("Sơ tán", "played", "Duyet")
    assert row.seconds_heard == pytest.approx(TONE_S + 8.0, abs=0.3)
    assert row.clip_sha256 is not None
    assert room.voice.said == []


def test_a_prepared_order_whose_clip_was_changed_is_spoken_from_its_signed_words(room):
    order = room.order("Sơ tán")
    with room.store.read() as session:
        signed = approval.valid_approval(session, 1, room.clock.now().date())
        clip = clips.path_of(room.store.folder, signed.clip_sha256)
    clip.write_bytes(clip.read_bytes()[:-2] + b"\x01\x00")
    room.alarm(order_id=order)
    room.run(SAID_S + 1)
    (row,) = room.history()
    assert (row.result, row.clip_sha256, row.engine) == ("played", None, "espeak-ng")
    assert "Bản thu của lệnh" in row.details["incidents"][0]
    assert room.voice.said == ["Nội dung Sơ tán."]


def test_an_order_sounds_outside_the_allowed_hours(room):
    from broadcaster.store import facts

    with room.store.write() as session:
        facts.put(session, facts.ALLOWED_HOURS, ["12:00", "12:01"])
    room.alarm()
    room.run(SAID_S + 1)
    assert room.history()[0].result == "played"


def test_the_same_order_given_twice_stands_once(room):
    assert room.alarm() == room.alarm()
    room.run(SAID_S + 1)
    assert len(room.history()) == 1


# --- above all else ---


@pytest.mark.parametrize("kind", list(Kind))
def test_whatever_sounds_is_cut_and_can_be_played_again(room, kind):
    airing_id = start(room, kind=kind)
    room.alarm(title="Vỡ kè")
    room.run(1)
    row = room.row(airing_id)
    assert (row.state, row.cause) == ("cut", "emergency")
    assert "Vỡ kè" in row.reason
    assert row.seconds_heard == pytest.approx(5, abs=1)
    with room.store.write() as session:
        again = running_order.play_again(session, room.operator, airing_id, room.clock.now())
    assert again.id != airing_id


def test_what_is_armed_for_the_next_seconds_gives_way_too(room):
    airing_id = ask(room, room.approved("Sắp phát"), in_s=5)
    room.run(3)
    room.alarm()
    room.run(1)
    assert (room.row(airing_id).state, room.row(airing_id).cause) == ("cut", "emergency")


def test_what_sounds_elsewhere_too_goes_on_there(room):
    school = room.add_zone("Trường học")
    room.turn()
    airing_id = start(room, zone_ids=(1, school))
    room.alarm(zone_ids=(1,))
    room.run(100)
    row = next(row for row in room.history() if row.airing_id == airing_id)
    assert (row.result, row.cause) == ("played", "some_zones")
    faults = {zone["zone"]: zone["fault"] for zone in row.zones}
    assert faults == {"Toàn phường": "nhường cho lệnh khẩn cấp", "Trường học": ""}


def test_a_zone_that_the_order_does_not_name_goes_on(room):
    school = room.add_zone("Trường học")
    room.turn()
    airing_id = start(room, zone_ids=(school,))
    room.alarm(zone_ids=(1,))
    room.run(2)
    assert room.row(airing_id).state == "started"


def test_between_two_repetitions_nothing_else_begins(room):
    room.alarm(repeat_every_s=60)
    airing_id = ask(room, room.approved("Chờ"), in_s=20)
    room.run(50)
    assert room.row(airing_id).state == "planned"
    room.stand_down(1)
    room.run(40)
    assert room.row(airing_id).state in ("started", "played")


def test_between_rare_repetitions_programmes_go_on(room):
    room.alarm(repeat_every_s=900)
    airing_id = ask(room, room.approved("Tin"), in_s=60)
    room.run(80)
    assert room.row(airing_id).state == "played"


def test_a_newer_order_goes_before_an_older_one_and_both_are_repeated(room):
    first = room.alarm(written="Nước đang lên rất nhanh.", repeat_every_s=20)
    room.run(1)
    second = room.alarm(written="Vỡ kè, sơ tán ngay!", repeat_every_s=20)
    room.run(60)
    rows = room.history()
    assert (rows[0].result, rows[0].cause, rows[0].details["alert"]) == ("cut", "emergency", first)
    played = [row.details["alert"] for row in rows if row.result == "played"]
    assert played[0] == second
    assert played.count(first) >= 2
    assert played.count(second) >= 2


def speak_live(room: AlarmRoom, seconds: float) -> Sounding:
    """Have somebody at the microphone for so long; a stand-in for the whole of `live_duty`."""
    part = room.store.folder / "live.wav"
    room.voice.say("…", 0, Voice(), part)
    material = QueueMaterial("live", parts=[part] * round(seconds / SENTENCE_S), is_finished=True)
    sounding = Sounding(
        airing_id="live", title="Trực tiếp", material=material, length_s=seconds, zone_ids=frozenset({1}),
        group="live", priority=Priority.ROUTINE, at=room.clock.now(), at_monotonic=room.clock.monotonic(),
    )  # fmt: skip
    with room.store.read() as session:
        lanes = claims.lanes_of(zones.zones(session))
    room.engine._air.start(sounding, lanes)
    return sounding


def test_a_repetition_waits_for_who_speaks_live_and_a_new_order_does_not(room, monkeypatch):
    write_end = room.engine._reports.write_end
    monkeypatch.setattr(room.engine._reports, "write_end", lambda s: s.airing_id == "live" or write_end(s))
    room.alarm(repeat_every_s=10)
    room.run(SAID_S + 2)
    spoken = speak_live(room, 20)
    room.run(15)
    assert spoken.cut is None
    room.alarm(written="Vỡ kè!")
    room.run(1)
    assert spoken.cut[0] == "emergency"


# --- stop-all ---


def test_under_a_stop_all_an_order_is_refused_with_the_way_to_go_on(room):
    with room.store.write() as session:
        running_order.stop_all(session, room.approver, "Đám tang", room.clock.now())
    with pytest.raises(Refused, match=r"Duyet đã dừng tất cả.*Cho phát lại"):
        room.alarm()
    room.run(2)
    assert room.history() == []


def test_a_stop_all_ends_what_stands_and_it_does_not_come_back_by_surprise(room):
    number = room.alarm()
    room.run(1)
    with room.store.write() as session:
        running_order.stop_all(session, room.approver, "Báo nhầm", room.clock.now())
    room.run(1)
    (row,) = room.history()
    assert (row.result, row.cause) == ("cut", "stop_all")
    assert room.alert(number).end_cause == "stop_all"
    with room.store.write() as session:
        running_order.lift(session, room.approver, "Xong", room.clock.now())
    room.run(120)
    assert len(room.history()) == 1


def test_a_doubted_clock_does_not_silence_an_emergency(room):
    from broadcaster.playout.clock_watch import place_clock_hold

    with room.store.write() as session:
        place_clock_hold(session, "Đồng hồ sai.", room.clock.now())
    room.alarm()
    room.run(SAID_S + 1)
    assert room.history()[0].result == "played"


def test_a_stop_all_silences_the_announcement_of_an_end_for_good(room):
    number = room.alarm()
    room.run(SAID_S + 1)
    room.is_patient = True
    room.stand_down(number, says_all_clear=True)
    with room.store.write() as session:
        running_order.stop_all(session, room.approver, "Im", room.clock.now())
    room.is_patient = False
    room.run(3)
    with room.store.write() as session:
        running_order.lift(session, room.approver, "Xong", room.clock.now())
    room.run(30)
    assert all(row.result != "played" for row in room.history()[1:])


# --- again and again, until it is ended ---


def test_it_is_repeated_with_its_interval_and_each_time_has_its_row(room):
    room.alarm(repeat_every_s=30)
    room.run(3 * (SAID_S + 30))
    rows = room.history()
    assert [row.details["turn"] for row in rows] == [1, 2, 3]
    assert {row.result for row in rows} == {"played"}
    gap_s = (rows[1].started_at - rows[0].ended_at).total_seconds()
    assert gap_s == pytest.approx(30, abs=1)
    assert room.voice.said == ["Nước đang lên."]


def test_it_falls_silent_at_once_when_somebody_stands_it_down(room):
    number = room.alarm()
    room.run(1)
    room.stand_down(number, "Nước đã rút")
    room.run(120)
    (row,) = room.history()
    assert (row.result, row.cause) == ("cut", "stood_down")
    assert row.reason == "Nước đã rút (Truc)"
    assert room.alert(number).ended_at is not None
    assert room.voice.rests == 1


def test_its_end_is_announced_where_that_was_asked_for(room):
    number = room.alarm(title="Lũ về")
    room.run(SAID_S + 1)
    room.stand_down(number, says_all_clear=True)
    room.run(10)
    row = room.history()[-1]
    assert (row.result, row.title) == ("played", "Báo kết thúc: Lũ về")
    assert row.details["all_clear"]
    assert "Lệnh khẩn cấp Lũ về đã kết thúc." in room.said
    room.run(120)
    assert len(room.history()) == 2


def test_it_ends_by_itself_when_its_time_is_over(room):
    number = room.alarm(lasts_s=60, repeat_every_s=20)
    room.run(200)
    assert room.alert(number).end_cause == "expired"
    assert all(row.started_at < room.alert(number).expires_at for row in room.history())
    assert len(room.history()) == 3


def test_it_goes_on_when_somebody_prolongs_it(room):
    number = room.alarm(lasts_s=60, repeat_every_s=20)
    room.run(50)
    with room.store.write() as session:
        alerts.prolong(session, room.operator, number, 600, room.clock.now())
    room.run(100)
    assert room.alert(number).ended_at is None


# --- when things break ---


def test_after_a_power_cut_it_goes_on_with_tone_and_words(room):
    number = room.alarm(lasts_s=3600)
    room.run(2)
    room.pull_the_plug()
    room.clock.advance(120)
    room.boot()
    room.run(SAID_S + 1)
    cut, again = room.history()
    assert (cut.result, cut.cause, cut.source) == ("cut", "power_off", "alert")
    assert (again.result, again.details["alert"], again.details["turn"]) == ("played", number, 2)
    assert again.seconds_heard == pytest.approx(SAID_S, abs=0.3)


def test_of_two_orders_the_newer_is_said_first_after_a_power_cut(room):
    first = room.alarm(written="Nước đang lên rất nhanh.", repeat_every_s=20)
    second = room.alarm(written="Vỡ kè, sơ tán ngay!", repeat_every_s=20)
    room.run(1)
    room.pull_the_plug()
    room.boot()
    room.run(2 * SAID_S + 6)
    said = [(row.details["alert"], row.result) for row in room.history() if row.result == "played"]
    assert said == [(second, "played"), (first, "played")]


def test_what_is_prolonged_in_its_last_moment_goes_on(room):
    number = room.alarm(lasts_s=30, repeat_every_s=300)
    room.run(29.5)
    with room.store.write() as session:
        alerts.prolong(session, room.operator, number, 600, room.clock.now())
        assert not alerts.expire(session, number, room.alert(number).raised_at, room.clock.now())
    room.run(30)
    assert room.alert(number).ended_at is None


def test_after_a_power_cut_past_its_time_it_stays_silent(room):
    number = room.alarm(lasts_s=60)
    room.run(2)
    room.pull_the_plug()
    room.clock.advance(120)
    room.boot()
    room.run(30)
    assert room.alert(number).end_cause == "expired"
    assert len(room.history()) == 1


def test_a_clock_that_comes_back_in_the_past_does_not_end_it(room):
    number = room.alarm(lasts_s=60)
    room.run(2)
    room.pull_the_plug()
    room.clock.step(-86_400)
    room.boot()
    room.run(SAID_S + 1)
    assert room.history()[-1].result == "played"
    assert room.alert(number).ended_at is None
    room.run(90)
    assert room.alert(number).end_cause == "expired"


def test_an_orderly_restart_goes_on_too(room):
    room.alarm()
    room.run(2)
    room.engine.close()
    room.pull_the_plug()
    room.boot()
    room.run(SAID_S + 1)
    assert [row.result for row in room.history()] == ["cut", "played"]


def test_an_output_that_comes_back_hears_it_from_the_beginning(room):
    room.alarm()
    room.run(TONE_S + 1)
    room.player.die(-9)
    room.run(2 + SAID_S)
    (row,) = room.history()
    assert row.result == "played"
    assert room.player.heard[-1][2] == pytest.approx(SAID_S, abs=0.3)


def test_an_order_that_no_output_took_is_tried_again_soon(room):
    with room.store.write() as session:
        session.get_one(Output, 1).is_active = False
    room.turn()
    room.alarm(repeat_every_s=600)
    room.run(2 * RETRY_S + 4)
    rows = room.history()
    assert len(rows) >= 2
    assert {(row.result, row.cause) for row in rows} == {("failed", "no_output")}


def test_the_words_wait_for_an_amplifier_that_warms_up_and_the_tone_does_not(room):
    warm_at = room.clock.monotonic() + 8.0
    room.engine._air.warm_at = lambda _output_id, now: max(now, warm_at)
    room.alarm()
    (item,) = room.player.items
    room.run(6)
    assert item in room.player.begun
    assert room.player.queues[item].holds_s == TONE_S
    room.run(6)
    assert room.history()[0].seconds_heard == pytest.approx(SAID_S, abs=0.3)


def test_without_any_voice_the_tone_is_repeated_and_the_page_is_told(room):
    room.voice.is_dumb = True
    number = room.alarm(repeat_every_s=300)
    room.run(30)
    rows = room.history()
    assert len(rows) >= 2
    assert {(row.result, row.cause) for row in rows} == {("cut", "no_voice")}
    assert rows[0].seconds_heard == pytest.approx(TONE_S, abs=0.3)
    assert room.alert(number).trouble == "giọng đọc không mở được."
    room.voice.is_dumb = False
    room.run(30)
    assert room.history()[-1].result == "played"
    assert room.alert(number).trouble == ""


def test_a_voice_that_breaks_off_goes_on_with_the_sentence_it_broke_off_at(room):
    room.is_patient = True
    room.alarm(written="Câu một. Câu hai.")
    room.speak(1)
    room.voice.is_dumb = True
    room.speak(3)
    room.voice.is_dumb = False
    room.is_patient = False
    room.run(TONE_S + 2 * SENTENCE_S + 1)
    (row,) = room.history()
    assert row.result == "played"
    assert room.voice.said == ["Câu một.", "Câu hai."]


def test_a_store_that_takes_no_rows_of_what_ended_does_not_keep_an_order_back(room, monkeypatch):
    start(room)

    def refuse() -> bool:
        raise StoreError("Ổ đĩa đầy.")

    monkeypatch.setattr(room.engine._reports, "write_ended", refuse)
    room.alarm()
    room.run(1)
    assert [player_item for player_item in room.player.begun if player_item in room.player.queues]


# --- drills ---


def test_a_drill_says_so_first_and_last_and_is_marked(room):
    number = room.alarm(written="Mời bà con sơ tán.", is_drill=True, zone_ids=(1,))
    room.run(30)
    row = room.history()[0]
    assert row.details["drill"] is True
    assert row.title.startswith("Diễn tập: ")
    assert room.voice.said[0].startswith("Đây là diễn tập")
    assert room.voice.said[-1] == "Diễn tập, diễn tập."
    assert room.alert(number).is_drill


def test_a_drill_of_a_prepared_order_has_its_clip_between_the_words_that_say_so(room):
    room.alarm(order_id=room.order("Sơ tán", seconds=8.0), is_drill=True, zone_ids=(1,))
    room.run(40)
    row = room.history()[0]
    assert row.result == "played"
    assert row.seconds_heard == pytest.approx(TONE_S + 8.0 + len(room.voice.said) * SENTENCE_S, abs=0.5)


def test_a_drill_without_a_voice_to_say_so_stays_silent(room):
    room.voice.is_dumb = True
    number = room.alarm(order_id=room.order("Sơ tán"), is_drill=True, zone_ids=(1,))
    room.run(30)
    assert room.history() == []
    assert room.alert(number).trouble


def test_a_drill_needs_its_zones_named(room):
    with pytest.raises(Invalid) as refused:
        room.alarm(is_drill=True)
    assert refused.value.field == "zones"


def test_a_drill_is_not_heard_where_nobody_chose_it(room):
    with room.store.write() as session:
        zones.save_zone(session, room.operator, room.clock.now(), name="Khu phố 3", output_id=1)
    with pytest.raises(Invalid, match=r"Khu phố 3.*dùng chung đường ra") as refused:
        room.alarm(is_drill=True, zone_ids=(1,))
    assert refused.value.field == "zones"
    room.alarm(is_drill=True, zone_ids=(1, 2))


def test_a_drill_cuts_nothing_unless_asked_to(room):
    airing_id = start(room)
    with pytest.raises(Invalid, match="Tin dài") as refused:
        room.alarm(is_drill=True, zone_ids=(1,))
    assert refused.value.field == "may_cut"
    room.alarm(is_drill=True, zone_ids=(1,), may_cut=True)
    room.run(2)
    assert room.row(airing_id).state == "cut"


@pytest.mark.parametrize("kind", [Kind.PRIORITY, Kind.EMERGENCY])
def test_a_drill_never_cuts_more_than_a_routine_bulletin(room, kind):
    airing_id = start(room, kind=kind)
    with pytest.raises(Refused, match="diễn tập sau"):
        room.alarm(is_drill=True, zone_ids=(1,), may_cut=True)
    assert room.row(airing_id).state == "started"


def test_a_drill_that_meets_something_in_its_zones_waits(room):
    number = room.alarm(is_drill=True, zone_ids=(1,), repeat_every_s=15)
    airing_id = ask(room, room.approved("Giữa chừng", seconds=20), in_s=25)
    room.run(70)
    assert room.row(airing_id).state == "played"
    turns = [row for row in room.history() if row.airing_id != airing_id]
    assert all(row.result == "played" for row in turns)
    assert room.alert(number).ended_at is None


def test_a_drill_is_refused_beside_a_real_alert(room):
    room.alarm(title="Thật")
    with pytest.raises(Refused, match="Thật"):
        room.alarm(is_drill=True, zone_ids=(1,), written="Thử.")


def test_a_real_alert_ends_every_drill(room):
    drill = room.alarm(is_drill=True, zone_ids=(1,), written="Thử.")
    room.run(5)
    room.alarm(title="Thật", written="Nước lên.")
    room.run(SAID_S + 1)
    assert room.alert(drill).end_cause == "real_alert"
    assert [(row.result, row.cause) for row in room.history()] == [("cut", "emergency"), ("played", "")]


def test_every_alert_of_these_rows_is_in_the_audit_trail(room):
    from broadcaster.records import audit

    number = room.alarm()
    room.stand_down(number)
    with room.store.read() as session:
        acts = [row.act for row in audit.latest(session, subject=f"alert {number}")]
        assert acts == ["alert.stood_down", "alert.raised"]
        assert session.query(Alert).count() == 1
