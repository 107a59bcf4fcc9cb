"""What the doctor says of backups, keys, certificate, tables and the machine."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from broadcaster import certificates, doctor
from broadcaster.keeping import places, sets, settling, tasks
from broadcaster.keeping.pool import Pool
from broadcaster.records import nights
from broadcaster.store import facts, station_key
from tests.broadcaster.playout.conftest import empty_store, room  # noqa: F401

DAY = timedelta(days=1)


@pytest.fixture
def station(room):  # noqa: F811
    room.approved("Tin", 0.2)
    return room.store


def told(store, name):
    found = [(finding.is_well, finding.words) for finding in doctor.CHECKS[name](store.folder)]
    assert all(finding.is_well or finding.advice for finding in doctor.CHECKS[name](store.folder))
    return found


def test_a_station_without_a_backup_is_well_on_its_first_day_only(station):
    assert told(station, "sao lưu")[0][0]
    with station.write() as session:
        nights.begin(session, datetime.now(UTC) - 3 * DAY)
    assert told(station, "sao lưu") == [(False, "chưa có bản nào")]


@pytest.mark.parametrize(("age", "is_well"), [(timedelta(hours=10), True), (2 * DAY, False)])
def test_the_age_of_the_last_good_backup_is_told(station, age, is_well):
    tasks.back_up(station, datetime.now(UTC) - age)
    assert [each[0] for each in told(station, "sao lưu")] == [is_well, True]


def test_a_pool_that_lost_a_file_is_told(station):
    tasks.back_up(station, datetime.now(UTC))
    shutil.rmtree(next(places.first(station.folder).glob("pool/*")))
    assert [each[0] for each in told(station, "sao lưu")] == [True, False]


def test_the_second_place_is_looked_for(station, room, tmp_path_factory):  # noqa: F811
    assert told(station, "nơi cất thứ hai")[0][0]
    usb = tmp_path_factory.mktemp("usb")
    with station.write() as session:
        wanted = places.Wishes(datetime(2026, 1, 1, 1, 30, tzinfo=UTC).time(), str(usb), airchecks=False)
        places.save(session, room.operator, wanted, room.clock.now())
    assert not told(station, "nơi cất thứ hai")[0][0]
    tasks.back_up(station, datetime.now(UTC))
    tasks.bring_elsewhere(station, datetime.now(UTC))
    assert told(station, "nơi cất thứ hai")[0][0]
    (usb / ".ward-station-backups").unlink()
    [(is_well, words)] = told(station, "nơi cất thứ hai")
    assert not is_well and "Không thấy nơi cất thứ hai" in words


def test_how_each_task_of_the_night_went_is_told(station):
    now = datetime.now(UTC)
    with station.write() as session:
        nights.note(session, "backup", now, now, False, "Ổ đĩa đầy.")
        nights.note(session, "verify", now, now, True, "Nhật ký toàn vẹn.")
    assert [each[0] for each in told(station, "việc hằng đêm")] == [False, True]


def test_a_gap_that_nobody_has_acknowledged_is_told(station):
    settling.settle(station, datetime.now(UTC) - DAY, "x", datetime.now(UTC))
    [(is_well, words)] = told(station, "khoảng trống")
    assert not is_well and "không có trong sổ" in words


def test_a_key_that_is_gone_or_readable_by_others_is_told(station):
    station_key.of(station.folder)
    assert told(station, "khóa của trạm")[0][0]
    file = station.folder / station_key.FOLDER / station_key.FILE_NAME
    file.chmod(0o644)
    assert not told(station, "khóa của trạm")[0][0]
    file.unlink()
    assert not told(station, "khóa của trạm")[0][0]
    assert not file.exists(), "the doctor changes nothing"


def test_a_certificate_that_ran_out_is_told(station):
    certificates.own(station.folder, ["tram"], ["127.0.0.1"], datetime.now(UTC))
    assert all(is_well for is_well, _ in told(station, "chứng chỉ"))
    shutil.rmtree(station.folder / certificates.FOLDER)
    certificates.own(station.folder, ["tram"], ["127.0.0.1"], datetime.now(UTC) - 40 * 365 * DAY)
    assert not all(is_well for is_well, _ in told(station, "chứng chỉ"))


def test_tables_of_another_version_are_told(station):
    assert told(station, "bảng dữ liệu")[0][0]
    with station.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0009'")
    assert told(station, "bảng dữ liệu") == [(False, "còn ở phiên bản 0009")]
    with station.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "mới hơn chương trình" in told(station, "bảng dữ liệu")[0][1]


def test_every_check_runs_on_a_working_station_and_says_what_to_do(station):
    tasks.back_up(station, datetime.now(UTC))
    with station.write() as session:
        facts.put(session, facts.STATION_NAME, "Phường Một")
    findings = doctor.examine(station.folder)
    assert {"ổ đĩa", "múi giờ", "sao lưu", "kho sao lưu", "niêm phong"} <= {each.name for each in findings}
    assert all(bool(each.advice) is not each.is_well for each in findings)
    [newest] = sets.listed(places.first(station.folder))
    assert Pool(newest.place / "pool").holds(newest.files[0])
