"""The page about backups, what a restored station does not know, and how long things are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster import backups
from broadcaster.accounts import passwords
from broadcaster.keeping import making, places, tasks
from broadcaster.playout import nightly_call, notify
from broadcaster.records import audit, restorations
from broadcaster.store.models import Hold, Person, Restoration
from tests.broadcaster.moments import NOW

PAGE = "/cai-dat/luu-giu"


@pytest.fixture
def admin(visitor, desk):
    return visitor().enter(desk.operator)


def test_a_new_station_is_told_to_make_its_first_backup(admin):
    text = admin.get(PAGE).text
    assert "Chưa có bản sao lưu nào" in text
    assert "hãy đặt nơi cất thứ hai" in text


def test_a_press_has_the_backup_made_outside_the_request(admin, desk):
    answer = admin.post(f"{PAGE}/lam/backup", follow=True)
    assert "Đang sao lưu" in answer.text and "đang làm" in answer.text
    assert nightly_call.asked(desk.store.folder) == ("backup",)
    assert admin.post(f"{PAGE}/lam/xoa-het").status_code == 404


def test_backups_are_listed_with_size_check_and_place(admin, desk, tmp_path):
    usb = tmp_path / "usb"
    usb.mkdir()
    answer = admin.post(f"{PAGE}/sao-luu", follow=True, hour="2h", second=str(usb))
    assert "Đã lưu cách sao lưu" in answer.text
    tasks.back_up(desk.store, NOW)
    tasks.bring_elsewhere(desk.store, NOW)
    text = admin.get(PAGE).text
    assert text.count("đã đọc lại") == 2
    assert "cùng ổ đĩa với trạm" in text
    (usb / ".ward-station-backups").unlink()
    assert "không tới được" in admin.get(PAGE).text


def test_a_second_place_that_is_not_there_is_refused_and_what_was_typed_stays(admin):
    text = admin.post(f"{PAGE}/sao-luu", hour="2:15", second="/khong/co").text
    assert "Không thấy thư mục" in text
    assert 'value="/khong/co"' in text and 'value="2:15"' in text


def test_what_would_go_is_shown_before_the_days_are_kept(admin, desk, clock):
    desk.draft("Nháp", 0.2)
    clock.advance(10 * 86_400)
    admin = admin.enter(desk.operator)
    days = {"airchecks": 180, "clips": 60, "drafts": 730, "notices": 90, "sign_ins": 90, "checks": 90}
    answer = admin.post(f"{PAGE}/giu-bao-lau", xem="1", **(days | {"clips": 7}))
    assert "Nếu lưu sẽ xóa: 1 mục" in answer.text
    with desk.store.read() as rows:
        assert "retention.configured" not in [row.act for row in audit.latest(rows)]
    assert (
        "Đã lưu thời hạn giữ" in admin.post(f"{PAGE}/giu-bao-lau", follow=True, **(days | {"clips": 7})).text
    )
    assert "Đã hết hạn: 1 mục" in admin.get(PAGE).text
    assert "Từ 7 đến 3650 ngày" in admin.post(f"{PAGE}/giu-bao-lau", **(days | {"clips": 1})).text


def test_a_whole_station_leaves_only_with_the_password_again(admin, desk):
    with desk.store.write() as rows:
        rows.get(Person, desk.operator.id).password_hash = passwords.HASHER.hash("mật khẩu rất dài")
    backups.for_download(desk.store, desk.clock.now())
    [file] = places.downloads(desk.store.folder).glob("*.zip")
    wrong = admin.post(f"{PAGE}/tai-ve/{file.name}", password="sai")
    assert wrong.mimetype == "text/html" and "field-error" in wrong.text
    right = admin.post(f"{PAGE}/tai-ve/{file.name}", password="mật khẩu rất dài")
    assert (right.mimetype, right.data[:2]) == ("application/zip", b"PK")
    right.close()
    assert admin.post(f"{PAGE}/tai-ve/station.db", password="x").status_code == 404
    with desk.store.read() as rows:
        assert audit.latest(rows)[0].act == "backup.downloaded"
        text = notify.latest(rows)[0].text
        assert desk.operator.name in text and file.name in text and "khóa của trạm" in text


def test_a_gap_stands_on_the_page_until_somebody_says_what_is_known(admin, desk):
    with desk.store.write() as rows:
        rows.add(Restoration(copied_at=NOW - timedelta(hours=9), restored_at=NOW, source="x", missed=2))
        rows.add(Hold(placed_at=NOW, reason="x", cause="restored"))
    text = admin.get(PAGE).text
    assert "không có trong sổ" in text and "2 lượt phát" in text
    front = admin.get("/").text
    assert "chờ người xác nhận rồi mới phát" in front and f'href="{PAGE}"' in front
    assert "Cho phát lại theo lịch" not in front
    assert "Hãy ghi những gì biết" in admin.post(f"{PAGE}/khoang-trong/1", note="").text
    assert (
        "Trạm phát lại theo lịch" in admin.post(f"{PAGE}/khoang-trong/1", follow=True, note="Máy hỏng.").text
    )
    with desk.store.read() as rows:
        assert restorations.open_ones(rows) == []
        assert rows.scalar(select(Hold).where(Hold.lifted_at.is_(None))) is None
    assert "không có trong sổ" not in admin.get(PAGE).text


def test_a_backup_that_misses_a_damaged_file_says_so(admin, desk):
    desk.approved("Tin", 0.2)
    clip = next((desk.store.folder / "clips").glob("??/*.wav"))
    clip.write_bytes(b"x")
    made = making.make(desk.store, places.first(desk.store.folder), NOW)
    assert len(made.backup.damaged) == 1
    assert "thiếu 1 tệp hỏng" in admin.get(PAGE).text


def test_the_history_says_of_which_time_it_knows_nothing(admin, desk):
    with desk.store.write() as rows:
        rows.add(Restoration(copied_at=NOW - timedelta(hours=9), restored_at=NOW, source="x"))
    day = f"{NOW:%d/%m/%Y}"
    assert "không có trong sổ" in admin.get("/nhat-ky").text
    assert "không có trong sổ" in admin.get(f"/nhat-ky?first_date={day}&last_date={day}").text
    long_ago = "?first_date=01/01/2020&last_date=31/01/2020"
    assert "không có trong sổ" not in admin.get(f"/nhat-ky{long_ago}").text
