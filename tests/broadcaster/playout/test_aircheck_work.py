"""The archivist: what was heard becomes a row and a file, whatever happens on the way."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from audio import opus
from broadcaster.errors import Refused
from broadcaster.newsroom import clips
from broadcaster.playout import aircheck_files, aircheck_holds, aircheck_inbox, aircheck_work
from broadcaster.records import airchecks, chain
from broadcaster.store.models import Aircheck, Audit
from schedules.clock import LOCAL
from tests.broadcaster.playout.alarms import alarm_room
from tests.broadcaster.playout.kept import (
    RATE_HZ,
    aired,
    archivist,
    decoded,
    leave,
    opus_files,
    rows,
    talk,
)
from tests.sound_server import eventually


class Killed(BaseException):
    """Stands for kill -9: nothing behind it is done."""


def test_what_was_heard_becomes_a_row_and_an_opus_file(room):
    asked, sound = aired(room)
    wav = leave(room.store.folder, asked, sound)
    assert archivist(room).take_all() == 1
    (row,) = rows(room)
    file = room.store.folder / row.file
    assert (row.airing_id, row.title, row.output_id) == (asked, "Lịch tiêm chủng", 1)
    assert row.sha256 == clips.hash_of(file)
    assert row.size_bytes == file.stat().st_size < len(sound) / 5
    assert row.seconds == pytest.approx(6.0)
    assert row.likeness > 0.99
    assert np.corrcoef(decoded(file), sound)[0, 1] > 0.95
    assert abs(len(decoded(file)) - len(sound)) < 0.05 * RATE_HZ
    assert not wav.exists()
    assert not aircheck_inbox.is_called(room.store.folder) or not list(
        aircheck_inbox.arrived(room.store.folder)
    )


def wav_bytes(sound) -> int:
    return 2 * len(sound)


def test_it_lies_under_its_day(room):
    wav = leave(room.store.folder, "chime-3", talk(1.0))
    moment = room.clock.now()
    os.utime(wav, (moment.timestamp(), moment.timestamp()))
    archivist(room).take_all()
    (row,) = rows(room)
    assert row.file.startswith(f"aircheck/{moment.astimezone(LOCAL):%Y/%m/%d/%H%M%S}-1-chime-3-")
    assert row.began_at == moment - timedelta(seconds=1)


def test_the_part_heard_of_a_cut_airing_is_kept_and_is_like_its_clip(room):
    asked, sound = aired(room, seconds=9.0)
    leave(room.store.folder, asked, sound[: 5 * RATE_HZ])
    archivist(room).take_all()
    (row,) = rows(room)
    assert row.seconds == pytest.approx(5.0)
    assert row.likeness > 0.99


def test_an_alert_is_like_its_clip_behind_the_attention_tone(room):
    asked, sound = aired(room)
    tone = np.sin(np.arange(3 * RATE_HZ) * 0.1).astype(np.float32) * np.float32(0.2)
    leave(room.store.folder, asked, np.concatenate([tone, sound]))
    archivist(room).take_all()
    assert rows(room)[0].likeness > 0.99


def test_what_was_heard_of_a_drill_says_that_it_was_one(tmp_path, empty_store):
    for alarm in alarm_room(tmp_path, empty_store):
        alarm.alarm(written="Mời bà con sơ tán.", is_drill=True, zone_ids=(1,))
        alarm.run(30)
        leave(tmp_path, alarm.history()[0].airing_id, talk(2.0))
        archivist(alarm).take_all()
        assert rows(alarm)[0].title.startswith("Diễn tập: ")


def test_another_sound_than_the_signed_one_is_told(room):
    asked, _ = aired(room)
    leave(room.store.folder, asked, talk(6.0, seed=7))
    archivist(room).take_all()
    assert rows(room)[0].likeness < 0.6


def test_an_output_that_broke_off_and_went_on_has_two_parts_in_order(room):
    asked, sound = aired(room, seconds=9.0)
    second = leave(room.store.folder, asked, sound[5 * RATE_HZ :], name=f"{asked}+2.wav")
    os.utime(second, (second.stat().st_mtime + 60,) * 2)
    leave(room.store.folder, asked, sound[: 4 * RATE_HZ])
    leave(room.store.folder, asked, sound, output_id=2)
    assert archivist(room).take_all() == 3
    with room.store.read() as session:
        kept = airchecks.of_airing(session, asked)
    assert [(row.output_id, row.seconds) for row in kept] == [(1, 4.0), (1, 4.0), (2, 9.0)]
    assert all(row.likeness > 0.9 for row in kept)


def test_a_test_chime_is_kept_as_such(room):
    leave(room.store.folder, "chime-12", talk(2.0))
    archivist(room).take_all()
    (row,) = rows(room)
    assert (row.airing_id, row.title, row.output, row.likeness) == (None, "Chuông thử", "Loa của máy", None)


@pytest.mark.parametrize(
    "name",
    [
        "%2E%2E%2F%2E%2E%2Fetc%2Fpasswd.wav",
        "%00%0A.wav",
        "+2.wav",
        ".wav",
        "x" * 240 + ".wav",
        "Tin “nóng” <b>.wav",
        os.fsdecode(b"\xff\xfe.wav"),
        "%FF%FE.wav",
        "' OR 1=1 --.wav",
    ],
)
def test_hostile_names_stay_inside_and_lose_nothing(room, name):
    leave(room.store.folder, "", talk(0.5), name=name)
    before = set(Path(room.store.folder).iterdir())
    assert archivist(room).take_all() == 1
    (row,) = rows(room)
    assert (room.store.folder / row.file).resolve().is_relative_to(room.store.folder / "aircheck")
    assert row.title == "Âm thanh khác"
    assert set(Path(room.store.folder).iterdir()) == before
    assert not list(aircheck_inbox.arrived(room.store.folder))


def test_what_is_no_sound_is_put_aside_and_keeps_nothing_out(room):
    place = leave(room.store.folder, "chime-1", talk(0.5)).parent
    (place / "a.wav").write_text("không phải âm thanh", encoding="utf-8")
    (place / "chime-9.wav").write_bytes(b"")
    assert archivist(room).take_all() == 3
    assert [row.item for row in rows(room)] == ["chime-1"]
    assert len(list((room.store.folder / "aircheck" / "unreadable").iterdir())) == 2


def test_what_no_player_made_is_left_alone(room, tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"x")
    place = aircheck_inbox.incoming(room.store.folder, 1)
    place.mkdir(parents=True)
    (place / "link.wav").symlink_to(secret)
    (place / "folder.wav").mkdir()
    (place / "note.txt").write_text("x")
    (place.parent / "khác").mkdir()
    (place.parent / "khác" / "a.wav").write_bytes(b"x")
    assert list(aircheck_inbox.arrived(room.store.folder)) == []
    assert secret.exists()


def test_a_file_that_is_being_written_waits_and_one_left_behind_does_not(room):
    fcntl = pytest.importorskip("fcntl")
    part = leave(room.store.folder, "chime-1", talk(1.0), name="chime-1.wav.part")
    assert not list(aircheck_inbox.arrived(room.store.folder))
    os.utime(part, (1, 1))
    with part.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not list(aircheck_inbox.arrived(room.store.folder))
    assert archivist(room).take_all() == 1
    assert rows(room)[0].item == "chime-1"


# --- a disk that is full, and a process that is killed ---


def test_a_full_disk_is_told_and_nothing_is_lost(room, monkeypatch):
    def fill(sound, target, beat):
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    wav = leave(room.store.folder, "chime-1", talk(1.0))
    worker = archivist(room)
    with monkeypatch.context() as patch:
        patch.setattr(opus, "encode", fill)
        assert worker.take_all() == 0
    assert "Ổ đĩa đã đầy" in worker.trouble
    assert wav.exists()
    assert rows(room) == []
    assert [path for path in (room.store.folder / "aircheck").rglob("*") if path.is_file()] == [wav]
    assert worker.take_all() == 1
    assert worker.trouble == ""


def test_a_file_over_which_we_stumble_does_not_keep_the_others_out(room, monkeypatch):
    real = opus.encode

    def stumble(sound, target, beat):
        if sound.path.stem == "chime-1":
            raise ValueError("never seen before")
        return real(sound, target, beat)

    monkeypatch.setattr(opus, "encode", stumble)
    for item in ("chime-1", "chime-2"):
        leave(room.store.folder, item, talk(0.5))
    worker = archivist(room)
    assert worker.take_all() == 1
    assert "Chưa cất được" in worker.trouble
    assert [row.item for row in rows(room)] == ["chime-2"]


@pytest.mark.parametrize("step", ["encode", "replace", "add", "unlink"])
@pytest.mark.parametrize("is_done", [False, True])
def test_killed_at_any_step_it_is_kept_once(room, monkeypatch, step, is_done):
    where = {"encode": opus, "add": airchecks, "replace": Path, "unlink": Path}[step]
    real = getattr(where, step)

    def kill(*given, **more):
        if step == "unlink" and given[0].suffix != ".wav":
            return real(*given, **more)
        if is_done:
            real(*given, **more)
        raise Killed

    leave(room.store.folder, "chime-1", talk(1.0))
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(where, step, kill)
        archivist(room).take_all()
    archivist(room).take_all()
    (row,) = rows(room)
    assert opus_files(room.store.folder) == [room.store.folder / row.file]
    assert not list(aircheck_inbox.arrived(room.store.folder))
    assert not list((room.store.folder / "aircheck").rglob("*.part"))


@pytest.mark.journey
def test_a_real_archivist_killed_while_it_encodes_begins_anew(room):
    leave(room.store.folder, "chime-1", np.tile(talk(10.0), 6))
    command = (sys.executable, "-m", "broadcaster.playout.archivist", "--data", str(room.store.folder))
    process = subprocess.Popen(command)
    folder = room.store.folder / "aircheck"
    eventually(lambda: [each for each in folder.rglob("*.part") if each.stat().st_size > 0], 20)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert rows(room) == []
    assert archivist(room).take_all() == 1
    (row,) = rows(room)
    assert row.seconds == pytest.approx(60.0)
    assert not list(folder.rglob("*.part"))


# --- how long it is kept ---


def removed(room) -> list[int]:
    with room.store.read() as session:
        return list(session.scalars(select(Aircheck.id).where(Aircheck.removed_at.is_not(None))))


def kept_long_ago(room, days: int, seed: int = 1) -> str:
    asked, sound = aired(room, seed=seed, title=f"Tin {seed}")
    wav = leave(room.store.folder, asked, sound)
    then = room.clock.now().timestamp()
    os.utime(wav, (then, then))
    archivist(room).take_all()
    room.clock.advance(timedelta(days=days).total_seconds())
    return asked


def test_after_the_retention_the_file_goes_and_the_row_says_so(room):
    kept_long_ago(room, 179)
    archivist(room).sweep()
    assert removed(room) == []
    room.clock.advance(2 * 86_400)
    archivist(room).sweep()
    assert removed(room) == [1]
    assert opus_files(room.store.folder) == []
    with room.store.read() as session:
        (note,) = session.scalars(select(Audit).where(Audit.act == "aircheck.removed"))
        assert chain.verify(session) == []
    assert (note.detail["days"], note.detail["files"], note.detail["rows"]) == (180, 1, [1])


def test_a_marked_airing_outlives_the_retention_until_it_is_released(room):
    asked = kept_long_ago(room, 100)
    with room.store.write() as session:
        aircheck_holds.place(session, room.approver, asked, "Có đơn phản ánh", room.clock.now())
    with room.store.write() as session, pytest.raises(Refused, match="rồi"):
        aircheck_holds.place(session, room.approver, asked, "Lần nữa", room.clock.now())
    room.clock.advance(400 * 86_400)
    archivist(room).sweep()
    assert removed(room) == []
    with room.store.write() as session:
        aircheck_holds.release(session, room.approver, asked, "Đã giải quyết", room.clock.now())
    room.clock.advance(2 * 86_400)
    archivist(room).sweep()
    assert removed(room) == [1]
    with room.store.write() as session, pytest.raises(Refused, match="không còn"):
        aircheck_holds.place(session, room.approver, asked, "Muộn", room.clock.now())


def test_killed_between_the_word_and_the_deed_the_file_goes_next_time(room, monkeypatch):
    kept_long_ago(room, 200)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(Killed()))
        archivist(room).sweep()
    assert len(opus_files(room.store.folder)) == 1
    room.clock.advance(86_401)
    archivist(room).sweep()
    assert opus_files(room.store.folder) == []


def test_old_files_are_looked_for_once_a_day(room):
    archivist(room).sweep()
    kept_long_ago(room, 0)
    with room.store.write() as session:
        session.get(Aircheck, 1).began_at = room.clock.now() - timedelta(days=999)
    archivist(room).sweep()
    assert removed(room) == []
    room.clock.advance(86_401)
    archivist(room).sweep()
    assert removed(room) == [1]


def test_a_row_that_was_changed_is_found(room):
    kept_long_ago(room, 0)
    with room.store.write() as session:
        session.get(Aircheck, 1).sha256 = "0" * 64
    with room.store.read() as session:
        (found,) = chain.verify(session)
    assert found.sentence == "Dòng 1 của sổ bản lưu phát sóng đã bị sửa hoặc đổi chỗ."


# --- many ---


def test_a_thousand_airings_do_not_slow_the_search_for_one(room):
    plan = "EXPLAIN QUERY PLAN "
    with room.store.engine.connect() as connection:
        for query, index in (
            ("SELECT * FROM aircheck WHERE airing_id = 'x'", "ix_aircheck_airing_id"),
            ("SELECT * FROM aircheck ORDER BY began_at DESC, id DESC LIMIT 50", "ix_aircheck_began_at"),
            ("SELECT * FROM aircheck WHERE removed_at IS NULL AND began_at < '2026'", "removed_at_began_at"),
        ):
            steps = connection.exec_driver_sql(plan + query).all()
            assert any(index in str(step) for step in steps), steps


def test_it_ends_by_itself_when_nothing_is_left(room, monkeypatch):
    monkeypatch.setattr(aircheck_work, "IDLE_S", 0.1)
    monkeypatch.setattr(aircheck_work, "LOOK_S", 0.01)
    leave(room.store.folder, "chime-1", talk(0.5))
    archivist(room).run()
    assert not aircheck_inbox.is_called(room.store.folder)
    assert len(rows(room)) == 1


def test_a_file_that_was_changed_or_lost_is_named(room):
    for number in range(3):
        leave(room.store.folder, f"chime-{number}", talk(0.5, seed=number))
    archivist(room).take_all()
    _, changed, lost = opus_files(room.store.folder)
    changed.write_bytes(changed.read_bytes()[:-1] + b"\0")
    lost.unlink()
    with room.store.read() as session:
        told = aircheck_files.examine(session, room.store.folder).wrong
    assert [sentence.rpartition(") ")[2].split()[0] for sentence in told] == ["đã", "không"]
    assert told[0].startswith("Bản lưu số 2 (“Chuông thử”, Loa của máy")
