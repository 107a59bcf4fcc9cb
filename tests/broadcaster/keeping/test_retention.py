from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from broadcaster.accounts import links, sessions
from broadcaster.errors import Invalid, NotPermitted
from broadcaster.keeping import retention
from broadcaster.newsroom import clips
from broadcaster.playout import notify, requesting
from broadcaster.records import audit, chain, removals
from broadcaster.records.removals import KINDS
from broadcaster.store.models import Base, Bulletin, Clip, Notice, OneTimeLink, Rendering, Sending, SignIn

DEFAULTS = {kind: each.days for kind, each in KINDS.items()}


def days_later(room, days):
    return room.clock.now() + timedelta(days=days)


def rows(room, table):
    with room.store.read() as session:
        return list(session.scalars(select(table)))


def test_the_sound_of_a_draft_goes_and_its_words_stay(room):
    number = room.draft("Nháp", 0.2)
    [clip] = rows(room, Clip)
    later = days_later(room, 61)
    with room.store.read() as session:
        due = retention.preview(session, room.store.folder, DEFAULTS, later)["clips"]
    assert (due.count, due.size_bytes) == (1, clips.path_of(room.store.folder, clip.sha256).stat().st_size)
    assert "Âm thanh của bản nháp" in retention.remove_old(room.store, later)
    assert not clips.path_of(room.store.folder, clip.sha256).exists()
    assert (rows(room, Clip), rows(room, Rendering)) == ([], [])
    assert [each.id for each in rows(room, Bulletin)] == [number]


def test_what_was_signed_stays_however_old(room):
    room.approved("Đã ký", 0.2)
    waiting = room.draft("Đang chờ duyệt", 0.2)
    with room.store.write() as session:
        session.get(Bulletin, waiting).state = "submitted"
    before = {table.name: _count(room, table) for table in Base.metadata.sorted_tables}
    assert retention.remove_old(room.store, days_later(room, 9999)) == "Không có gì quá hạn giữ."
    assert {table.name: _count(room, table) for table in Base.metadata.sorted_tables} == before
    assert all(clips.is_intact(room.store.folder, clip.sha256) for clip in rows(room, Clip))


def test_an_edited_bulletin_keeps_the_sound_that_was_signed(room):
    number = room.approved("Đã ký", 0.2)
    with room.store.write() as session:
        session.get(Bulletin, number).state = "draft"
    retention.remove_old(room.store, days_later(room, 9999))
    assert len(rows(room, Clip)) == 1


def test_an_abandoned_draft_goes_with_all_that_is_its_own(room):
    gone, planned = room.draft("Bỏ dở", 0.2), room.draft("Đã có lịch", 0.2)
    with room.store.write() as session:
        requesting.request_at(session, room.operator, planned, room.at(3600), [], room.clock.now())
    retention.remove_old(room.store, days_later(room, 731))
    assert [each.id for each in rows(room, Bulletin)] == [planned]
    assert gone != planned
    [log] = [each for each in rows(room, removals.Removal) if each.kind == "drafts"]
    assert (log.count, log.days, log.oldest) == (1, 730, log.newest)


def test_notices_go_and_a_fault_that_stands_is_kept(room):
    now = room.clock.now()
    with room.store.write() as session:
        notify.tell(session, "airing", "Lỡ.", now)
        notify.tell(session, "disk", "Ổ đĩa gần đầy.", now, key="disk")
    retention.remove_old(room.store, days_later(room, 91))
    assert [notice.kind for notice in rows(room, Notice)] == ["disk"]
    assert {each.notice_id for each in rows(room, Sending)} <= {rows(room, Notice)[0].id}


def test_many_things_go_in_small_transactions_and_each_is_counted_once(room, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    with room.store.write() as session:
        for _ in range(5):
            notify.tell(session, "airing", "Lỡ.", room.clock.now())
    assert "Thông báo và lượt gửi thông báo: 5" in retention.remove_old(room.store, days_later(room, 91))
    assert rows(room, Notice) == []
    assert [log.count for log in rows(room, removals.Removal)] == [2, 2, 1]


def test_dead_sign_ins_and_links_go(room):
    with room.store.write() as session:
        sessions.begin(session, room.officer.id, room.clock.now())
        links.invite(session, room.operator, room.officer.id, room.clock.now())
    retention.remove_old(room.store, days_later(room, 89))
    assert (len(rows(room, SignIn)) > 0, len(rows(room, OneTimeLink))) == (True, 1)
    retention.remove_old(room.store, days_later(room, 95))
    assert (rows(room, SignIn), rows(room, OneTimeLink)) == ([], [])


def test_each_removal_is_in_the_log_and_in_the_chained_trail(room):
    room.draft("Nháp", 0.2)
    retention.remove_old(room.store, days_later(room, 61))
    with room.store.read() as session:
        [log] = removals.latest(session)
        assert (log.kind, log.days, log.count) == ("clips", 60, 1)
        assert log.size_bytes > 1000
        note = audit.latest(session, limit=1)[0]
        assert (note.act, note.subject, note.detail["count"]) == ("retention.removed", "clips", 1)
        assert chain.verify(session) == []


def test_a_file_whose_row_went_before_the_power_did_is_swept(room):
    left = room.store.folder / "clips" / "ab" / f"{'ab' * 32}.wav"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"x")
    retention.remove_old(room.store, days_later(room, 3000))
    assert not left.exists()


def test_a_longer_time_is_kept_and_told(room):
    with room.store.write() as session:
        retention.save(session, room.operator, {"clips": 365, "airchecks": 400}, room.clock.now())
    with room.store.read() as session:
        assert (removals.days(session, "clips"), removals.days(session, "airchecks")) == (365, 400)
        assert removals.days(session, "notices") == 90
        assert audit.latest(session, limit=1)[0].detail == {"clips": 365, "airchecks": 400}


def test_only_an_administrator_changes_it_and_not_to_nonsense(room):
    with room.store.write() as session:
        with pytest.raises(NotPermitted):
            retention.save(session, room.officer, {"clips": 365}, room.clock.now())
        with pytest.raises(Invalid) as refused:
            retention.save(session, room.operator, {"clips": 1}, room.clock.now())
        assert refused.value.field == "clips"


def test_history_audit_and_approvals_are_offered_no_end():
    assert not {"history", "audit", "approvals"} & set(KINDS)


def _count(room, table):
    with room.store.read() as session:
        return session.scalar(select(func.count()).select_from(table))
