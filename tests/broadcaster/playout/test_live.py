"""A microphone on the air: asked for as a row, heard piece by piece, ended by whatever ends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broadcaster.accounts.permissions import Role
from broadcaster.errors import Invalid, NotPermitted, Refused
from broadcaster.newsroom import bulletins, workflow
from broadcaster.newsroom.workflow import Action
from broadcaster.playout import alerts, limits, live, live_spool, planning, requesting, running_order
from broadcaster.playout.live import Wish
from broadcaster.playout.live_air import GONE_S
from broadcaster.playout.live_duty import LiveDuty
from broadcaster.records import audit, chain
from broadcaster.store import facts
from broadcaster.store.models import Airing, Hold, Live, Source
from tests.broadcaster.playout.alarms import AlarmRoom
from tests.clocks import FakeClock

SIGN_IN = "a" * 64
STEP_S = live.BLOCK_S
PIECE = b"\1\0" * round(live.BLOCK_S * live_spool.RATE_HZ)


class LiveRoom(AlarmRoom):
    """`ask` for the air; whose number is in `speaking` sends a piece of sound at every step."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        super().__init__(folder, clock)
        self.duties = (*self.duties, LiveDuty)
        self.speaking: dict[str, int] = {}

    def ask(self, title: str = "Cắt điện khu phố 3", speaks: bool = True, **more: Any) -> str:
        with self.store.write() as session:
            row = live.ask(session, self.operator, SIGN_IN, Wish(title, **more), self.clock.now())
        if speaks:
            self.speaking[row.id] = 0
        self.turn()
        return row.id

    def stop(self, number: str, how: str = live.PERSON) -> None:
        with self.store.write() as session:
            live.stop(session, self.operator, number, self.clock.now(), how)
        self.turn()

    def run(self, seconds: float, step_s: float = STEP_S) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            for number, count in self.speaking.items():
                live_spool.put(self.store.folder, number, count, PIECE)
                self.speaking[number] = count + 1
            self.turn()

    def live(self, number: str) -> Live:
        with self.store.read() as session:
            return live.get(session, number)

    def airings(self) -> list[Airing]:
        with self.store.read() as session:
            return session.query(Airing).order_by(Airing.planned_at, Airing.id).all()


@pytest.fixture
def room(tmp_path: Path, empty_store: Path) -> Iterator[LiveRoom]:
    (tmp_path / "station.db").write_bytes(empty_store.read_bytes())
    made = LiveRoom(tmp_path, FakeClock())
    made.furnish()
    made.boot()
    yield made
    made.store.close()


def test_what_is_said_is_heard_and_written_down(room):
    number = room.ask()
    room.run(20)
    assert room.live(number).state == live.ON_AIR
    room.stop(number)
    room.run(2)
    (row,) = room.history()
    assert (row.result, row.source, row.title) == ("played", "live", "Cắt điện khu phố 3")
    assert (row.author, row.operator, row.approver) == ("Truc", "Truc", "")
    assert (row.approval_id, row.clip_sha256) == (None, None)
    assert row.seconds_heard == pytest.approx(20, abs=0.5)
    assert row.seconds_planned == pytest.approx(row.seconds_heard, abs=0.01)
    assert [zone["zone"] for zone in row.zones] == ["Toàn phường"]
    said = row.details["live"]
    assert (said["by"], said["ended"], said["dropped_s"], said["missing"]) == ("Truc", "person", 0.0, 0)
    outcome = room.live(number)
    assert (outcome.state, outcome.airing_id) == (live.OVER, row.airing_id)
    assert outcome.outcome == "Đã phát 20 giây."
    with room.store.read() as session:
        assert chain.verify(session) == []
        acts = [each.act for each in audit.latest(session)]
    assert {"live.asked", "live.started", "live.stopped"} <= set(acts)


def test_it_is_on_the_air_as_soon_as_it_is_heard_of(room):
    number = room.ask(speaks=False)
    room.run(2)
    assert room.live(number).state == live.ASKED
    assert room.airings() == []
    room.speaking[number] = 0
    room.run(STEP_S)
    assert room.live(number).state == live.ON_AIR
    assert room.airings()[0].state == "started"


def test_a_microphone_that_says_nothing_never_goes_on_the_air(room):
    number = room.ask(speaks=False)
    room.run(12)
    assert room.live(number).state == live.OVER
    assert "Không nhận được tiếng từ micrô" in room.live(number).outcome
    assert room.history() == []


def test_a_browser_that_is_gone_is_cut_off(room):
    number = room.ask()
    room.run(10)
    room.speaking.clear()
    room.run(GONE_S + 1)
    (row,) = room.history()
    assert (row.result, row.cause) == ("cut", "live_lost")
    assert "Mất kết nối micrô" in row.reason
    assert row.seconds_heard == pytest.approx(10, abs=0.5)
    assert "Mất kết nối micrô" in room.live(number).outcome


def test_one_that_is_away_for_less_goes_on(room):
    number = room.ask()
    room.run(10)
    count, room.speaking = room.speaking, {}
    room.run(GONE_S - 1)
    room.speaking = count
    room.run(5)
    assert room.live(number).state == live.ON_AIR
    room.stop(number)
    room.run(2)
    assert room.history()[0].result == "played"


def test_a_page_that_is_left_ends_it_at_once(room):
    number = room.ask()
    room.run(5)
    room.stop(number, live.CLOSED)
    room.run(1)
    (row,) = room.history()
    assert (row.result, row.cause) == ("cut", "live_lost")
    assert "bị đóng" in row.reason


def test_its_time_is_limited_and_the_end_is_told(room):
    number = room.ask(longest_s=60)
    room.run(63)
    (row,) = room.history()
    assert row.result == "played"
    assert row.details["live"]["ended"] == "limit"
    assert "Hết thời gian đã đặt (1 phút)." in row.details["incidents"]
    assert row.seconds_heard == pytest.approx(60, abs=1)
    assert "Đã hết thời gian" in room.live(number).outcome


@pytest.mark.parametrize(("wished", "most", "given"), [(7200, 3600, 3600), (5, 3600, 60), (600, 3600, 600)])
def test_no_announcement_is_longer_than_the_settings_allow(room, wished, most, given):
    with room.store.write() as session:
        wish = Wish("Dài", longest_s=wished)
        row = live.ask(session, room.operator, SIGN_IN, wish, room.clock.now(), most_s=most)
    assert row.longest_s == given


# --- what it interrupts ---


def play(room, title="Dài", seconds=60.0, zone_ids=()):
    number = room.approved(title, seconds=seconds)
    with room.store.write() as session:
        airing = requesting.request_next(session, room.operator, number, zone_ids, room.clock.now())
    room.turn()
    room.run(8)
    return airing.id


def test_what_sounds_there_is_cut_by_the_persons_decision(room):
    airing_id = play(room)
    number = room.ask()
    room.run(4)
    row = room.row(airing_id)
    assert (row.state, row.cause) == ("cut", "live")
    assert "Truc phát trực tiếp “Cắt điện khu phố 3”" in row.reason
    assert room.live(number).state == live.ON_AIR


def test_one_that_waits_lets_it_end_and_nothing_comes_between(room):
    airing_id = play(room, seconds=20.0)
    following = room.approved("Sau", seconds=5.0)
    number = room.ask(waits=True)
    with room.store.write() as session:
        requesting.request_next(session, room.operator, following, (), room.clock.now())
    room.run(6)
    assert room.live(number).state == live.ASKED
    room.run(12)
    assert room.row(airing_id).state == "played"
    assert room.live(number).state == live.ON_AIR
    assert [each.state for each in room.airings()].count("started") == 1
    room.stop(number)
    room.run(12)
    assert [row.title for row in room.history()] == ["Dài", "Cắt điện khu phố 3", "Sau"]
    assert {row.result for row in room.history()} == {"played"}


def test_the_running_order_goes_on_after_it(room):
    play(room, seconds=30.0)
    number = room.ask()
    room.run(2)
    later = room.approved("Sau", seconds=5.0)
    with room.store.write() as session:
        requesting.request_next(session, room.operator, later, (), room.clock.now())
    room.run(10)
    assert len(room.history()) == 1
    room.stop(number)
    room.run(15)
    assert [row.result for row in room.history()] == ["cut", "played", "played"]


def test_in_one_zone_of_two_the_other_hears_its_bulletin_whole(room):
    other = room.add_zone("Khu phố 2")
    room.turn()
    airing_id = play(room, seconds=20.0, zone_ids=(1, other))
    number = room.ask(zone_ids=(other,))
    room.run(5)
    room.stop(number)
    room.run(20)
    row = next(each for each in room.history() if each.airing_id == airing_id)
    assert (row.result, row.cause) == ("played", "some_zones")
    faults = {zone["zone"]: zone["fault"] for zone in row.zones}
    assert faults == {"Toàn phường": "", "Khu phố 2": "nhường cho phát trực tiếp"}


def test_an_emergency_takes_the_zones_from_it(room):
    number = room.ask()
    room.run(5)
    room.alarm(lasts_s=60)
    room.run(2)
    row = next(each for each in room.history() if each.source == "live")
    assert (row.result, row.cause) == ("cut", "emergency")
    room.run(1)
    assert room.live(number).state == live.OVER
    with pytest.raises(Refused, match="Đang có lệnh khẩn cấp “Nước"):
        room.ask()


def test_stop_all_cuts_it_and_keeps_others_from_beginning(room):
    number = room.ask()
    room.run(5)
    with room.store.write() as session:
        running_order.stop_all(session, room.operator, "Ồn quá", room.clock.now())
    room.run(2)
    (row,) = room.history()
    assert (row.result, row.cause) == ("cut", "stop_all")
    assert "Ồn quá" in room.live(number).outcome
    with pytest.raises(Refused, match="Đài đang dừng tất cả"):
        room.ask()


@pytest.mark.parametrize(
    ("cause", "words"), [("restored", "trang “Lưu giữ, sao lưu”"), ("clock", "Đồng hồ"), ("?", "dừng tất cả")]
)
def test_a_station_that_stands_still_says_what_has_to_be_done_first(room, cause, words):
    with room.store.write() as session:
        session.add(Hold(placed_at=room.clock.now(), reason="", cause=cause))
    with pytest.raises(Refused, match=words):
        room.ask()


def test_stop_all_ends_one_that_still_waits(room):
    play(room)
    number = room.ask(waits=True)
    with room.store.write() as session:
        running_order.stop_all(session, room.operator, "", room.clock.now())
    room.run(2)
    assert room.live(number).state == live.OVER
    assert "dừng tất cả" in room.live(number).outcome


# --- who, where, when ---


def test_a_second_one_in_the_same_zone_is_told_who_is_on_the_air(room):
    number = room.ask()
    room.run(2)
    with pytest.raises(Refused, match="Truc đang phát trực tiếp “Cắt điện khu phố 3”"):
        room.ask("Nữa")
    other = room.add_zone("Khu phố 2")
    room.run(1)
    second = room.ask("Ở khu khác", zone_ids=(other,))
    room.run(3)
    assert {room.live(each).state for each in (number, second)} == {live.ON_AIR}


def test_only_operators_and_administrators_may_speak(room):
    for role in (Role.OFFICER, Role.APPROVER, Role.VIEWER):
        actor = room.person(f"nguoi-{role}", role)
        with pytest.raises(NotPermitted), room.store.write() as session:
            live.ask(session, actor, SIGN_IN, Wish("Thử"), room.clock.now())


def test_only_the_browser_that_began_may_speak_into_it(room):
    number = room.ask()
    with room.store.read() as session:
        assert live.speaking(session, number, SIGN_IN).id == number
        with pytest.raises(NotPermitted):
            live.speaking(session, number, "b" * 64)


@pytest.mark.parametrize("title", ["", "  ", "a" * 201])
def test_it_needs_a_title_for_the_history(room, title):
    with pytest.raises(Invalid) as refused:
        room.ask(title)
    assert refused.value.field == "title"


def test_outside_the_allowed_hours_it_is_refused(room):
    with room.store.write() as session:
        facts.put(session, facts.ALLOWED_HOURS, ["05:00", "05:01"])
    with pytest.raises(Refused, match="giờ"):
        room.ask()


def test_a_limit_that_may_be_broken_is_broken_knowingly(room, monkeypatch):
    broken = [{"rule": "Ngày nghỉ.", "reason": "Bão", "by": "Truc"}]
    monkeypatch.setattr(limits, "check", lambda *given, **more: broken)
    number = room.ask(override="Bão")
    room.run(3)
    room.stop(number)
    room.run(2)
    assert room.history()[0].details["overrides"] == broken


def test_nobody_edits_or_plays_again_what_was_said(room):
    number = room.ask()
    room.run(3)
    room.stop(number)
    room.run(2)
    airing = room.airings()[0]
    bulletin = room.bulletin(airing.bulletin_id)
    assert bulletin.source == Source.LIVE
    everyone = room.person("moi", *Role)
    assert not any(workflow.may(everyone, bulletin, action) for action in Action)
    with room.store.write() as session:
        assert bulletins.find(session) == []
        with pytest.raises(Refused):
            running_order.play_again(session, room.operator, airing.id, room.clock.now())
        planning.plan_ahead(session, room.clock.now())
        assert planning.withdraw_airings(session, room.clock.now()) == 0


# --- what breaks ---


def test_after_a_power_cut_it_is_over_and_its_history_true(room):
    number = room.ask()
    room.run(12)
    room.pull_the_plug()
    room.clock.advance(3)
    room.boot()
    room.run(2)
    (row,) = room.history()
    assert (row.result, row.cause) == ("cut", "station_stopped")
    assert 4 <= row.seconds_heard <= 12
    assert "khởi động lại" in room.live(number).outcome
    assert not live_spool.folder_of(room.store.folder, number).exists() or room.speaking.pop(number)


def test_an_orderly_stop_ends_it(room):
    number = room.ask()
    room.run(5)
    room.engine.close()
    assert "Trạm được tắt" in room.live(number).outcome
    assert room.history()[0].cause == "station_stopped"


def test_a_player_that_dies_takes_it_up_again_where_the_mouth_is(room):
    number = room.ask()
    room.run(5)
    room.player.die(-9)
    room.run(5)
    room.stop(number)
    room.run(3)
    (row,) = room.history()
    assert row.details["live"]["ended"] == "person"
    assert 7 <= row.seconds_heard <= 10.5


def test_nothing_is_said_to_an_amplifier_that_is_still_off(room):
    room.air.warm_at = lambda _output, now: now + 3.0
    number = room.ask()
    room.run(1)
    assert room.air.more_signs["live"][number]["on_air_s"] < 0
    room.air.warm_at = lambda _output, now: now
    room.run(9)
    room.stop(number)
    room.run(2)
    (row,) = room.history()
    assert (row.result, row.details["live"]["dropped_s"]) == ("played", 0.0)
    assert 6.5 <= row.seconds_heard <= 8.5


def test_somebody_else_may_end_it(room):
    number = room.ask()
    room.run(3)
    other = room.person("khac", Role.ADMIN)
    with room.store.write() as session:
        live.stop(session, other, number, room.clock.now())
    room.run(2)
    assert room.live(number).stopped_by == other.id
    assert room.history()[0].result == "played"


def test_stopping_before_the_air_leaves_nothing_behind(room):
    number = room.ask(speaks=False)
    room.stop(number)
    room.stop(number)
    room.run(1)
    assert room.live(number).outcome == "Đã thôi trước khi lên sóng."
    assert room.history() == []


def test_an_alert_may_not_be_talked_over_by_one_that_waited(room):
    play(room, seconds=10.0)
    number = room.ask(waits=True)
    with room.store.write() as session:
        alerts.raise_alert(session, room.operator, alerts.Wish(written="Lũ về."), room.clock.now())
    room.run(3)
    assert "lệnh khẩn cấp" in room.live(number).outcome


# --- the spool ---


@pytest.mark.parametrize(
    ("number", "pcm"), [(-1, b"\0\0"), (10**6, b"\0\0"), (0, b""), (0, b"\0"), (0, b"\0" * 96_002)]
)
def test_what_cannot_be_a_piece_of_sound_is_refused(tmp_path, number, pcm):
    with pytest.raises(Invalid):
        live_spool.put(tmp_path, "a", number, pcm)


def test_pieces_are_taken_once_in_order_and_removed_in_time(tmp_path):
    spool = live_spool.Spool(tmp_path, "a")
    assert spool.take(0.0) == []
    for number in (2, 0, 1):
        live_spool.put(tmp_path, "a", number, PIECE)
    pieces = spool.take(1.0)
    assert [piece.number for piece in pieces] == [0, 1, 2]
    assert pieces[0].seconds == pytest.approx(live.BLOCK_S)
    assert spool.take(1.1) == []
    assert all(piece.path.exists() for piece in pieces)
    spool.take(1.0 + live_spool.KEPT_S + 0.1)
    assert not any(piece.path.exists() for piece in pieces)
