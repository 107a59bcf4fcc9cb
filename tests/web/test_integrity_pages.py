"""An inspector checks the books on the page, keeps a seal, and finds a corrected row with its reason."""

from __future__ import annotations

import io

import pytest

from broadcaster.playout import notify, requesting
from broadcaster.records import nights
from tests.web.conftest import Visitor


@pytest.fixture
def aired(desk, clock):
    """One row in the history, of a cancelled airing, and one heard."""
    from broadcaster.playout import airings
    from broadcaster.playout.airings import Ending
    from broadcaster.store.models import AiringState

    number = desk.approved("Vệ sinh môi trường")
    zone = {"zone": "Toàn phường", "output": "Loa", "seconds_heard": 10.0, "level_dbfs": -18.0, "fault": ""}
    with desk.store.write() as rows:
        made = requesting.request_next(rows, desk.operator, number, (), clock.now())
        made = airings.get(rows, made.id)
        ending = Ending(
            AiringState.PLAYED, "", "", clock.now(), started_at=clock.now(), seconds_heard=10.0,
            level_dbfs=-18.0, on_loudspeaker=True, zones=[zone],
        )  # fmt: skip
        assert airings.finish(rows, made, AiringState.PLANNED, ending)
    return 1


def test_the_books_are_checked_and_the_wrong_row_is_named_with_its_day(approver, aired, desk):
    assert "Nhật ký toàn vẹn" in approver.post("/toan-ven").text
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE history SET seconds_heard = 99 WHERE id = 1")
    page = approver.post("/toan-ven").text
    assert "Dòng 1 của nhật ký phát thanh đã bị sửa. Ghi ngày 23/11/2026" in page
    assert "báo người phụ trách" in page


def test_damage_found_by_hand_stands_on_the_front_page_until_a_check_is_clean(approver, aired, desk):
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE history SET seconds_heard = 99 WHERE id = 1")
    approver.post("/toan-ven")
    approver.post("/toan-ven")
    words = "Kiểm tra toàn vẹn nhật ký: Dòng 1 của nhật ký phát thanh đã bị sửa"
    assert any(each.startswith(words) for each in approver.get("/trang-thai").json["faults"])
    with desk.store.read() as rows:
        [fault] = notify.standing(rows)
        assert fault.key == "nightly:verify"
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE history SET seconds_heard = 10 WHERE id = 1")
    approver.post("/toan-ven")
    with desk.store.read() as rows:
        assert notify.standing(rows) == []
        assert nights.last(rows, "verify").is_well


def test_a_seal_is_made_shown_kept_and_compared(approver: Visitor, aired, desk):
    page = approver.post("/toan-ven/niem-phong", follow=True).text
    assert "Dấu niêm phong số 1" in page
    assert "<svg" in page
    kept = approver.get("/toan-ven/dau/1.txt")
    assert "niem-phong-00001" in kept.headers["Content-Disposition"]
    said = approver.post("/toan-ven/doi-chieu", file=(io.BytesIO(kept.data), "niem-phong.txt")).text
    assert "khớp: mọi dòng có đến lúc đó còn nguyên" in said
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM seal")
    said = approver.post("/toan-ven/doi-chieu", text=kept.text).text
    assert "dấu đã bị xóa" in said


def test_a_text_without_a_seal_says_what_is_needed(approver):
    assert (
        "cần cả tệp, hoặc ít nhất số và mã"
        in approver.post("/toan-ven/doi-chieu", follow=True, text="x").text
    )
    assert approver.get("/toan-ven/dau/9").status_code == 404


def test_the_daily_mail_is_turned_on_by_an_administrator(operator, approver):
    assert "Gửi mã niêm phong mỗi ngày" in operator.get("/toan-ven").text
    assert "Thôi gửi mã niêm phong" in operator.post("/toan-ven/gui-thu", follow=True, on="1").text
    assert approver.post("/toan-ven/gui-thu", on="0").status_code == 403


def test_long_books_are_checked_by_the_nightly_process(approver, aired, desk, monkeypatch):
    from broadcaster.playout import nightly_call
    from web.pages import integrity

    monkeypatch.setattr(integrity, "AT_ONCE", 0)
    assert "Đang kiểm tra" in approver.post("/toan-ven", follow=True).text
    assert nightly_call.asked(desk.store.folder) == ("verify",)


# --- corrections ---


def test_a_corrected_row_points_at_its_correction_and_back(approver, officer, aired):
    assert "/nhat-ky/1/dinh-chinh" in approver.get("/nhat-ky/1").text
    assert "/nhat-ky/1/dinh-chinh" not in officer.get("/nhat-ky/1").text
    fields = {
        "title": "Vệ sinh phòng dịch",
        "topic": "Y tế",
        "kind": "routine",
        "remark": "",
        "reason": "gõ nhầm",
    }
    page = approver.post("/nhat-ky/1/dinh-chinh", follow=True, **fields).text
    assert "Đã ghi dòng đính chính số 2" in page
    assert "Lý do: gõ nhầm" in page
    assert "tiêu đề “Vệ sinh môi trường”" in page
    assert "không còn hiệu lực" in officer.get("/nhat-ky/1").text
    listed = officer.get("/nhat-ky").text
    assert "<s>Vệ sinh môi trường</s>" in listed
    assert "xem dòng 2" in listed


def test_a_silent_zone_is_confirmed_and_the_row_no_longer_counts_as_heard(approver, officer, aired):
    fields = {
        "title": "Vệ sinh môi trường",
        "kind": "routine",
        "reason": "đứt dây loa",
        "silent": "Toàn phường",
    }
    page = approver.post("/nhat-ky/1/dinh-chinh", follow=True, **fields).text
    assert "không ra loa" in page
    assert "người phụ trách xác nhận loa không có tiếng" in page


def test_a_correction_without_a_reason_comes_back_filled(approver, aired):
    page = approver.post("/nhat-ky/1/dinh-chinh", title="Tiêu đề mới", kind="routine", reason="").text
    assert "Hãy ghi lý do đính chính" in page
    assert "Tiêu đề mới" in page


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("kind=routine", True), ("kind=priority", False), ("source=text", True), ("source=relay", False),
        ("zone=Toàn phường", True), ("zone=Khu 9", False), ("person=Soan", True), ("person=Ai", False),
        ("bulletin=1", True), ("bulletin=99", False), ("programme=Sáng", False),
    ],
)  # fmt: skip
def test_the_history_narrows_by(officer, aired, query, is_there):
    assert ("/nhat-ky/1" in officer.get(f"/nhat-ky?{query}").text) is is_there


def test_a_search_that_would_take_long_is_of_the_last_year_and_says_so(officer, aired):
    page = officer.get("/nhat-ky?person=Soan").text
    assert "chỉ tìm trong một năm gần đây" in page
    assert "22/11/2025" in page
    assert "một năm gần đây" not in officer.get("/nhat-ky?person=Soan&first_date=01/01/2020").text
    assert "một năm gần đây" not in officer.get("/nhat-ky?kind=routine").text


def test_the_spreadsheet_says_which_row_is_in_force(approver, aired):
    fields = {"title": "Khác", "kind": "routine", "reason": "gõ nhầm"}
    approver.post("/nhat-ky/1/dinh-chinh", **fields)
    table = approver.get("/nhat-ky/tai-ve.csv").text
    assert "đã đính chính bằng dòng 2" in table
    assert table.count("còn hiệu lực") == 1
