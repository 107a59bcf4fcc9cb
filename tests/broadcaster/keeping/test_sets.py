from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from broadcaster import backups
from broadcaster.errors import StoreError
from broadcaster.keeping import drill, making, places, sets, tasks
from broadcaster.keeping.pool import Pool
from broadcaster.newsroom import clips
from broadcaster.store import Store, facts, station_key

NIGHT = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def station(room):
    """The store of a station with a signed clip, settings and secrets."""
    room.approved("Lịch tiêm chủng", 0.2)
    folder = room.store.folder
    (folder / "settings.toml").write_text('log_level = "INFO"\n')
    station_key.of(folder)
    (folder / "speech-keys.toml").write_text('google = "x"\n')
    (folder / "secret.key").write_bytes(b"s" * 32)
    return room.store


def clip_of(store: Store) -> Path:
    return next((store.folder / "clips").glob("??/*.wav"))


def test_a_set_holds_the_whole_station_but_its_cookies(station):
    backup = making.make(station, places.first(station.folder), NIGHT).backup
    paths = {each.path for each in backup.files}
    assert {"settings.toml", "keys/station.key", "speech-keys.toml"} <= paths
    assert clip_of(station).relative_to(station.folder).as_posix() in paths
    assert not {
        path for path in paths if path.startswith(("run/", "logs/", "backups/", "station.db", "secret"))
    }
    assert sets.check(backup) == ""
    with closing(sqlite3.connect(backup.folder / "station.db")) as copy:
        assert copy.execute("SELECT title FROM bulletin").fetchall() == [("Lịch tiêm chủng",)]


def test_only_the_owner_reads_a_backup(station):
    backup = making.make(station, places.first(station.folder), NIGHT).backup
    pool = Pool(backup.place / "pool")
    copied = [pool.path_of(each.sha256) for each in backup.files if not each.never_changes]
    for file in [backup.folder / "station.db", backup.folder / "manifest.json", *copied]:
        assert file.stat().st_mode & 0o077 == 0, file


def test_the_second_night_adds_only_what_is_new(station, room):
    place = places.first(station.folder)
    first = making.make(station, place, NIGHT)
    assert first.added == len(first.backup.files)
    again = making.make(station, place, NIGHT + DAY)
    assert (again.added, again.added_bytes) == (0, 0)
    room.approved("Thu gom rác", 0.2)
    third = making.make(station, place, NIGHT + 2 * DAY)
    assert third.added == 1
    assert [each.made_at for each in sets.listed(place)] == [NIGHT + 2 * DAY, NIGHT + DAY, NIGHT]


def test_on_its_own_disk_a_clip_costs_no_room_and_outlives_its_removal(station):
    place, clip = places.first(station.folder), clip_of(station)
    backup = making.make(station, place, NIGHT).backup
    assert Pool(place / "pool").path_of(clip.stem).samefile(clip)
    clip.unlink()
    assert sets.check(backup) == ""


def test_a_settings_file_that_is_edited_in_place_stays_in_the_set_as_it_was(station):
    backup = making.make(station, places.first(station.folder), NIGHT).backup
    with (station.folder / "settings.toml").open("r+") as file:
        file.write('log_level = "DEBUG"')
    assert sets.check(backup) == ""


def test_seven_days_and_eight_weeks_are_kept():
    nights = [NIGHT + number * DAY for number in range(100)]
    stays = sorted(sets.kept(nights))
    assert stays[-7:] == nights[-7:]
    weeks = {each.isocalendar()[:2] for each in stays}
    assert len(weeks) == 8
    assert len(stays) <= 15
    assert len(sets.kept([NIGHT + timedelta(minutes=n) for n in range(50)])) == 1


def test_pruning_removes_only_what_no_kept_set_names(station, room):
    place, gone = places.first(station.folder), clip_of(station)
    making.make(station, place, NIGHT)
    gone.unlink()
    room.approved("Giữ lại", 0.2)
    held = Pool(place / "pool").path_of(gone.stem)
    for week in range(1, 8):
        making.make(station, place, NIGHT + week * 7 * DAY)
    assert held.exists()
    making.make(station, place, NIGHT + 8 * 7 * DAY)
    assert not held.exists()
    assert [sets.check(each) for each in sets.listed(place)] == [""] * sets.WEEKS


def test_while_a_manifest_cannot_be_read_nothing_leaves_the_pool(station):
    place = places.first(station.folder)
    old = making.make(station, place, NIGHT).backup
    (old.folder / "manifest.json").write_text("{")
    sha256 = clip_of(station).stem
    clip_of(station).unlink()
    making.make(station, place, NIGHT + DAY)
    assert Pool(place / "pool").path_of(sha256).exists()


def test_a_clip_that_was_changed_is_named_and_not_copied(station):
    clip = clip_of(station)
    clip.write_bytes(b"x" * clip.stat().st_size)
    with pytest.raises(StoreError, match=f"1 tệp của trạm bị hỏng.*{clip.name}"):
        tasks.back_up(station, NIGHT)
    newest = sets.listed(places.first(station.folder))[0]
    assert sets.check(newest) == ""
    assert newest.damaged == (clip.relative_to(station.folder).as_posix(),)


def test_a_backup_never_fills_the_disk(station, monkeypatch):
    monkeypatch.setattr(making, "LEFT_FREE_BYTES", shutil.disk_usage(station.folder).total * 2)
    with pytest.raises(StoreError, match="không đủ chỗ"):
        making.make(station, places.first(station.folder), NIGHT)
    assert sets.listed(places.first(station.folder)) == []
    assert not list(places.first(station.folder).glob("sets/.*"))


def test_what_a_killed_backup_left_is_swept(station):
    left = places.first(station.folder) / "sets" / ".20261121-013000.part"
    left.mkdir(parents=True)
    (left / "station.db").write_bytes(b"half")
    making.make(station, places.first(station.folder), NIGHT)
    assert not left.exists()


# --- the second place ---


@pytest.fixture
def usb(station, room, tmp_path_factory):
    place = tmp_path_factory.mktemp("usb")
    with station.write() as session:
        wanted = places.Wishes(time(1, 30), str(place), airchecks=False)
        places.save(session, room.operator, wanted, room.clock.now())
    return place


def test_the_second_place_gets_a_whole_copy(station, usb):
    tasks.back_up(station, NIGHT)
    assert "tệp" in tasks.bring_elsewhere(station, NIGHT)
    [copy] = sets.listed(usb)
    assert sets.check(copy) == ""
    assert not Pool(usb / "pool").path_of(clip_of(station).stem).samefile(clip_of(station))
    assert "đã có" in tasks.bring_elsewhere(station, NIGHT)


def test_nothing_is_written_where_the_disk_is_not_plugged_in(station, usb):
    tasks.back_up(station, NIGHT)
    (usb / ".ward-station-backups").unlink()
    with pytest.raises(StoreError, match="Không thấy nơi cất thứ hai"):
        tasks.bring_elsewhere(station, NIGHT)
    assert list(usb.iterdir()) == []


# --- back again ---


def test_a_set_becomes_a_station_in_another_folder(station, tmp_path_factory):
    place = places.first(station.folder)
    with station.write() as session:
        facts.put(session, facts.STATION_NAME, "Phường Một")
    backup = making.make(station, place, NIGHT).backup
    new = tmp_path_factory.mktemp("new") / "station"
    backups.restore(backup.folder, new, NIGHT + DAY)
    assert station_key.of(new).public == station_key.of(station.folder).public
    assert not (new / "secret.key").exists()
    assert clips.is_intact(new, clip_of(station).stem)
    assert (new / "keys" / "station.key").stat().st_mode & 0o077 == 0
    restored = Store(new)
    with restored.read() as session:
        assert facts.get(session, facts.STATION_NAME) == "Phường Một"
    restored.close()


def test_a_drill_finds_a_set_that_can_be_restored_and_leaves_nothing(station):
    tasks.back_up(station, NIGHT)
    assert "tệp nguyên vẹn" in tasks.try_restore(station, NIGHT)
    assert not list(places.first(station.folder).glob(".drill*"))


def test_a_drill_tries_what_is_here_while_nothing_has_come_to_the_second_place(station, usb):
    tasks.back_up(station, NIGHT)
    told = tasks.try_restore(station, NIGHT)
    assert "tệp nguyên vẹn" in told
    assert "hãy bấm “Chép sang nơi thứ hai”" in told


def test_a_damaged_pool_is_found_and_mended_by_the_next_backup(station):
    place = places.first(station.folder)
    tasks.back_up(station, NIGHT)
    file = Pool(place / "pool").path_of(clip_of(station).stem)
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    with pytest.raises(StoreError, match="1 tệp bị mất hoặc hỏng"):
        drill.rehearse(place, NIGHT)
    tasks.back_up(station, NIGHT + DAY)
    assert "nguyên vẹn" in drill.rehearse(place, NIGHT + DAY)


def test_the_folder_of_all_nights_is_no_backup_and_which_is_told(station):
    tasks.back_up(station, NIGHT)
    with pytest.raises(StoreError, match="hãy chọn thư mục của một đêm"):
        sets.read(places.first(station.folder) / "sets")


def test_a_manifest_cannot_write_outside_the_folder(station, tmp_path_factory):
    backup = making.make(station, places.first(station.folder), NIGHT).backup
    manifest = backup.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"settings.toml"', '"../../settings.toml"'))
    with pytest.raises(StoreError, match="đường dẫn lạ"):
        backups.restore(manifest, tmp_path_factory.mktemp("new") / "station", NIGHT)
