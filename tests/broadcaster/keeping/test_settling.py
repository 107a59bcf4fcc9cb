"""A station made again from a copy knows what it does not know, and is silent until a person has looked."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from broadcaster import backups, cli, verifying
from broadcaster.accounts import links, sessions
from broadcaster.errors import Invalid, NotPermitted, Refused, StoreError
from broadcaster.keeping import making, places, settling, tasks
from broadcaster.playout import alerts, notify, requesting, running_order
from broadcaster.records import audit, chain, restorations
from broadcaster.store.models import Aircheck, AiringState, Command, Hold
from schedules.clock import LOCAL
from tests.broadcaster.playout.kept import archivist, leave, opus_files, talk
from tests.broadcaster.playout.room import Room

HOUR_S = 3600.0


class Lost:
    """A station that was copied, lived on for an hour, and was made again from the copy."""

    def __init__(self, room: Room, folder) -> None:
        self.old = room
        number = room.approved("Lịch tiêm chủng", 5.0)
        self.soon = self.ask(number, 600)
        self.later = self.ask(number, 2 * HOUR_S)
        self.on_air = self.ask(number, 5)
        room.run(6)
        with room.store.write() as session:
            self.token = sessions.begin(session, room.operator.id, room.clock.now())
            links.invite(session, room.operator, room.officer.id, room.clock.now())
        self.copied_at = room.clock.now()
        backup = making.make(room.store, places.first(room.store.folder), self.copied_at).backup
        room.clock.advance(HOUR_S)
        self.restored_at = room.clock.now()
        self.row = backups.restore(backup.folder, folder, self.restored_at)
        self.new = Room(folder, room.clock)
        self.new.officer, self.new.approver, self.new.operator = room.officer, room.approver, room.operator

    def ask(self, number: int, in_s: float) -> str:
        with self.old.store.write() as session:
            room = self.old
            asked = requesting.request_at(session, room.operator, number, room.at(in_s), [], room.clock.now())
            return asked.id if isinstance(asked.id, str) else ""


@pytest.fixture
def lost(room, tmp_path_factory):
    made = Lost(room, tmp_path_factory.mktemp("new") / "station")
    yield made
    made.new.store.close()


def airings(room, state):
    with room.store.read() as session:
        from broadcaster.store.models import Airing

        return list(session.scalars(select(Airing).where(Airing.state == state).order_by(Airing.planned_at)))


def test_what_was_planned_in_the_gap_is_missed_with_a_cause_of_its_own(lost):
    [row] = [row for row in lost.new.history() if row.cause == "restored"]
    assert (row.result, row.planned_at) == (AiringState.MISSED, lost.copied_at + timedelta(seconds=594))
    assert "không rõ lượt này đã phát hay chưa" in row.reason
    assert lost.row.missed == 1


def test_what_sounded_while_it_was_copied_is_cut_and_never_heard_again(lost):
    lost.new.boot()
    [cut] = airings(lost.new, AiringState.CUT)
    assert (cut.cause, cut.started_at is not None) == ("restored", True)
    lost.new.run(60)
    assert lost.new.heard == []


def test_nothing_sounds_until_a_person_has_looked_and_then_what_is_still_to_come(lost):
    lost.new.boot()
    with lost.new.store.read() as session:
        assert running_order.standing_hold(session).cause == "restored"
    with lost.new.store.write() as session:
        settling.acknowledge(session, lost.old.operator, lost.row.id, "Không rõ.", lost.new.clock.now())
    lost.new.run(HOUR_S - 60, 60.0)
    lost.new.run(120, 1.0)
    [played] = [row for row in lost.new.history() if row.result == AiringState.PLAYED]
    assert played.planned_at == lost.copied_at + timedelta(seconds=2 * HOUR_S - 6)


def test_nobody_lets_it_sound_without_having_looked(lost):
    with lost.new.store.write() as session:
        with pytest.raises(Refused, match="“Lưu giữ, sao lưu”"):
            running_order.lift(session, lost.old.approver, "Cho phát", lost.restored_at)
        assert running_order.standing_hold(session).cause == "restored"


def test_left_alone_it_stays_silent_and_says_why(lost):
    lost.new.boot()
    lost.new.run(2 * HOUR_S + 1920, 120.0)
    assert lost.new.heard == []
    assert [row.cause for row in lost.new.history()][-1] == "hold"


def test_the_gap_is_named_in_the_audit_trail_and_to_people_until_acknowledged(lost):
    store = lost.new.store
    words = restorations.sentence(lost.row)
    assert f"{lost.copied_at.astimezone(LOCAL):%H:%M ngày %d/%m/%Y}" in words
    with store.read() as session:
        assert words in [row.subject for row in audit.latest(session)]
        assert words in [notice.text for notice in notify.standing(session)]
        today = lost.copied_at.astimezone(LOCAL).date()
        assert [each.id for each in restorations.between(session, today, today)] == [lost.row.id]
        assert restorations.between(session, today - timedelta(9), today - timedelta(8)) == []
        assert chain.verify(session) == []
    with store.write() as session:
        settling.acknowledge(session, lost.old.operator, lost.row.id, "Không rõ.", lost.restored_at)
    with store.read() as session:
        assert restorations.open_ones(session) == []
        assert words not in [notice.text for notice in notify.standing(session)]
        assert running_order.standing_hold(session) is None


def test_who_acknowledges_says_what_is_known_and_may_do_so(lost):
    with lost.new.store.write() as session:
        with pytest.raises(NotPermitted):
            settling.acknowledge(session, lost.old.officer, lost.row.id, "x", lost.restored_at)
        with pytest.raises(Invalid):
            settling.acknowledge(session, lost.old.operator, lost.row.id, " ", lost.restored_at)
        settling.acknowledge(session, lost.old.operator, lost.row.id, "Không rõ.", lost.restored_at)
        with pytest.raises(Refused):
            settling.acknowledge(session, lost.old.operator, lost.row.id, "Không rõ.", lost.restored_at)


def test_no_sign_in_and_no_link_of_the_copy_opens_anything(lost):
    with lost.old.store.read() as session:
        assert sessions.live(session, lost.token, lost.restored_at) is not None
    with lost.new.store.read() as session:
        from broadcaster.store.models import OneTimeLink

        assert sessions.live(session, lost.token, lost.restored_at) is None
        assert session.scalar(select(OneTimeLink).where(OneTimeLink.used_at.is_(None))) is None


def test_a_stop_all_that_stood_stands_and_an_order_that_waited_is_not_obeyed(room, tmp_path_factory):
    with room.store.write() as session:
        running_order.stop_all(session, room.operator, "Nghỉ lễ", room.clock.now())
        running_order.sound_chime(session, room.operator, 1, room.clock.now())
    backup = making.make(room.store, places.first(room.store.folder), room.clock.now()).backup
    folder = tmp_path_factory.mktemp("new") / "station"
    restored = backups.restore(backup.folder, folder, room.clock.now())
    new = Room(folder, room.clock)
    with new.store.write() as session:
        settling.acknowledge(session, room.operator, restored.id, "Biết rồi.", room.clock.now())
    with new.store.read() as session:
        assert running_order.standing_hold(session).reason == "Nghỉ lễ"
        assert session.scalar(select(Command).where(Command.taken_at.is_(None))) is None
        assert session.scalars(select(Hold).where(Hold.lifted_at.is_(None))).one().cause == "person"
    new.store.close()


def test_a_stop_all_can_be_ordered_although_the_station_waits_to_be_confirmed(lost):
    with lost.new.store.write() as session:
        assert alerts.stop_all_hold(session) is None
        running_order.stop_all(session, lost.old.operator, "Dừng", lost.restored_at)
        assert alerts.stop_all_hold(session).reason == "Dừng"


def test_a_database_that_comes_later_is_settled_once_though_the_power_fails(room):
    store, now = room.store, room.clock.now()
    for _ in range(2):
        settling.mark(store.folder, now - timedelta(hours=5), "station.pgdump", now)
        settling.settle_marked(store)
    assert not (store.folder / settling.MARK).exists()
    with store.read() as session:
        [gap] = restorations.open_ones(session)
        assert (gap.source, gap.copied_at) == ("station.pgdump", now - timedelta(hours=5))


def test_a_mark_that_cannot_be_read_is_named(room):
    (room.store.folder / settling.MARK).write_text("{}", encoding="utf-8")
    with pytest.raises(StoreError, match=settling.MARK):
        settling.settle_marked(room.store)


# --- what was heard, which the copy holds only where the station wants it ---


def restored_with_airchecks(room, folder, *, airchecks: bool):
    for number in range(3):
        leave(room.store.folder, f"chime-{number}", talk(0.5, seed=number))
    archivist(room).take_all()
    backup = making.make(room.store, places.first(room.store.folder), room.clock.now(), airchecks=airchecks)
    backups.restore(backup.backup.folder, folder, room.clock.now())
    return Room(folder, room.clock)


def verified(room) -> verifying.Answer:
    with room.store.read() as session:
        return verifying.verify(session, room.store.folder)


def test_what_was_left_out_of_the_copy_by_choice_is_a_note_and_no_damage(room, tmp_path_factory):
    new = restored_with_airchecks(room, tmp_path_factory.mktemp("new") / "station", airchecks=False)
    seen = verified(new)
    assert seen.wrong == ()
    assert seen.notes[0].startswith("3 bản lưu phát sóng trước lần khôi phục trạm không có trong bản sao lưu")
    assert "3 bản lưu phát sóng" in tasks.verify(new.store, room.clock.now())
    said = CliRunner().invoke(cli.main, ["--data", str(new.store.folder), "verify"])
    assert (said.exit_code, "3 bản lưu phát sóng" in said.stdout) == (0, True)
    new.store.close()


def test_what_is_lost_or_changed_after_the_restoration_is_damage(room, tmp_path_factory):
    new = restored_with_airchecks(room, tmp_path_factory.mktemp("new") / "station", airchecks=False)
    shutil.copytree(room.store.folder / "aircheck", new.store.folder / "aircheck", dirs_exist_ok=True)
    opus_files(new.store.folder)[0].write_bytes(b"other")
    opus_files(new.store.folder)[1].unlink()
    leave(new.store.folder, "chime-9", talk(0.5, seed=9))
    archivist(new).take_all()
    with new.store.read() as session:
        fresh = session.get_one(Aircheck, 4)
        (new.store.folder / fresh.file).unlink()
    seen = verified(new)
    assert [each.split(" (")[0] for each in seen.wrong] == ["Bản lưu số 1", "Bản lưu số 4"]
    assert seen.notes[0].startswith("1 bản lưu")
    with pytest.raises(StoreError, match="Bản lưu số 4"):
        tasks.verify(new.store, room.clock.now())
    new.store.close()


def test_what_came_with_the_copy_and_is_lost_later_is_damage(room, tmp_path_factory):
    new = restored_with_airchecks(room, tmp_path_factory.mktemp("new") / "station", airchecks=True)
    assert verified(new).notes == ()
    for file in opus_files(new.store.folder):
        file.unlink()
    assert "Bản lưu số 1" in verified(new).wrong[0] and "và 2 bản khác" in verified(new).wrong[0]
    new.store.close()
