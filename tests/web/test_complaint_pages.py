"""Phản ánh: the officers' list, what was heard, the answer, the sound kept, the bulletin with the answer."""

from __future__ import annotations

import pytest

from broadcaster.playout import notify
from broadcaster.records import airchecks, chain
from broadcaster.store.models import Audit, Bulletin, Complaint
from tests.web.residents_ward import Resident, aired, code_in, open_up

TEXT = "Ngõ 12 không nghe thấy gì từ hôm qua."


@pytest.fixture
def resident(desk, visitor, clock) -> Resident:
    open_up(desk)
    return Resident(visitor(), clock)


def first(desk) -> Complaint:
    with desk.store.read() as rows:
        return rows.get_one(Complaint, 1)


def test_who_writes_or_runs_the_station_sees_complaints_and_others_do_not(resident, visitor):
    resident.report(text=TEXT)
    for role in ("officer", "operator"):
        someone = visitor(role)
        page = someone.get("/phan-anh").text
        assert TEXT in page
        assert "Còn 1 phản ánh chờ trả lời" in page
        assert someone.get("/phan-anh/1").status_code == 200
    for role in ("viewer", "approver", "admin"):
        someone = visitor(role)
        assert someone.get("/phan-anh").status_code == 403
        assert "Phản ánh</a>" not in someone.get("/").text


def test_the_navigation_counts_what_waits(resident, officer):
    assert "việc đang chờ" not in officer.get("/ban-tin").text
    resident.report()
    assert 'aria-label="1 việc đang chờ"' in officer.get("/ban-tin").text
    officer.post("/phan-anh/1", answer="Đã sửa.", who="sender")
    assert "việc đang chờ" not in officer.get("/ban-tin").text


def test_the_front_page_tells_who_answers_what_waits(resident, officer, approver):
    assert "phản ánh chờ trả lời" not in officer.get("/").text
    resident.report()
    assert "1 phản ánh chờ trả lời" in officer.get("/").text
    assert "phản ánh chờ trả lời" not in approver.get("/").text
    told = officer.post("/phan-anh/1", follow=True, answer="Đã sửa.", who="all").text
    assert "mọi người xem được ở Trang cho người dân" in told
    assert "phản ánh chờ trả lời" not in officer.get("/").text


def test_a_new_one_is_told_once_in_half_an_hour_without_a_word_of_its_sender(resident, desk, clock):
    resident.report(text=TEXT, name="Hoa", phone="0912345678")
    resident.report(text=TEXT)
    with desk.store.read() as rows:
        (told,) = [each for each in notify.latest(rows) if each.kind == "complaint"]
    assert "Có phản ánh mới" in told.text
    assert not {"Ngõ 12", "Hoa", "0912"} & set(told.text.split())
    clock.advance(1800)
    resident.report()
    with desk.store.read() as rows:
        assert len([each for each in notify.latest(rows) if each.kind == "complaint"]) == 2


def test_it_stands_beside_what_was_heard_and_its_sound(resident, officer, desk):
    airing_id = aired(desk, keeps=True)
    resident.report(airing_id)
    page = officer.get("/phan-anh/1").text
    assert 'href="/nhat-ky/1"' in page
    assert 'src="/ban-luu/1.opus"' in page
    assert "Khu phố 3: 2 giây" in page


def test_the_sound_is_kept_with_one_press(resident, officer, desk):
    airing_id = aired(desk, keeps=True)
    resident.report(airing_id)
    assert "Đã giữ lại" in officer.post("/phan-anh/1/giu-ban-luu", follow=True).text
    with desk.store.read() as rows:
        (hold,) = airchecks.holds_of(rows, airing_id)
    assert hold.reason == "Có phản ánh số 1 của người dân"
    assert "giữ lại bản lưu này" not in officer.get("/phan-anh/1").text
    assert officer.post("/phan-anh/1/giu-ban-luu").status_code == 409


def test_without_a_sound_there_is_nothing_to_keep(resident, officer, desk):
    resident.report(aired(desk))
    resident.report()
    assert "Không có bản lưu" in officer.get("/phan-anh/1").text
    for number in (1, 2):
        assert officer.post(f"/phan-anh/{number}/giu-ban-luu").status_code == 409


def test_its_states_are_new_then_looked_at_then_answered(resident, officer, visitor, desk):
    code = code_in(resident.report())
    assert "Đài đã nhận" in resident.ask(code).text
    officer.post("/phan-anh/1/nhan-xem")
    assert "Đài đang xem" in resident.ask(code).text
    assert visitor("operator").post("/phan-anh/1/nhan-xem").status_code == 409
    assert f"{desk.officer.name} đang xem" in officer.get("/phan-anh?loc=taken").text
    officer.post("/phan-anh/1", answer="Đã sửa loa.", who="all")
    assert "Đã sửa loa." in resident.ask(code).text
    assert TEXT not in officer.get("/phan-anh?loc=new").text
    assert "Đã sửa loa." in resident.get("").text


def test_an_answer_may_be_mended_and_an_empty_one_is_not_taken(resident, officer, desk):
    code = code_in(resident.report())
    assert "Hãy ghi câu trả lời" in officer.post("/phan-anh/1", answer=" ", who="sender").text
    assert "Dài quá 4000" in officer.post("/phan-anh/1", answer="a" * 4001, who="sender").text
    officer.post("/phan-anh/1", answer="Sẽ sửa ngày mai.", who="all")
    officer.post("/phan-anh/1", answer="Đã sửa xong.", who="sender")
    assert "Đã sửa xong." in resident.ask(code).text
    assert "Sẽ sửa" not in resident.ask(code).text
    assert "sửa" not in resident.get("").text


def test_every_act_is_in_the_audit_trail_without_a_word_of_the_sender(resident, officer, approver, desk):
    resident.report(text=TEXT, name="Hoa")
    officer.post("/phan-anh/1/nhan-xem")
    officer.post("/phan-anh/1", answer="Đã sửa loa.", who="sender")
    with desk.store.read() as rows:
        trail = [row for row in rows.query(Audit) if row.subject == "complaint 1"]
        assert chain.verify(rows) == []
    assert [row.act for row in trail] == ["complaint.taken", "complaint.answered"]
    kept = repr([row.detail for row in trail])
    assert not any(word in kept for word in ("Ngõ", "Hoa", "sửa loa"))
    page = approver.get("/nhat-ky-thao-tac").text
    assert "trả lời phản ánh" in page
    assert "phản ánh 1" in page


def test_the_answer_becomes_a_bulletin_once(resident, officer, visitor, desk):
    resident.report(aired(desk))
    assert officer.post("/phan-anh/1/soan-ban-tin").status_code == 409
    officer.post("/phan-anh/1", answer="Loa ngõ 12 đã được nối lại.", who="all")
    first_time = officer.post("/phan-anh/1/soan-ban-tin").location
    assert officer.post("/phan-anh/1/soan-ban-tin").location == first_time
    with desk.store.read() as rows:
        bulletin = rows.get_one(Bulletin, first(desk).bulletin_id)
        assert bulletin.version.written == "Loa ngõ 12 đã được nối lại."
        assert bulletin.title == "Trả lời phản ánh của người dân: không nghe thấy, ngày 23/11/2026"
    assert "Loa ngõ 12" in officer.get(first_time).text
    assert visitor("operator").post("/phan-anh/1/soan-ban-tin").status_code == 403


def test_answered_ones_stand_beside_the_history_row(resident, officer, visitor, desk):
    airing_id = aired(desk)
    for _ in range(2):
        resident.report(airing_id)
    assert "phản ánh" not in officer.get("/nhat-ky").text.split("<main")[1]
    for number in (1, 2):
        officer.post(f"/phan-anh/{number}", answer="Đã sửa.", who="sender")
    viewer = visitor("viewer")
    for path in ("/nhat-ky", "/nhat-ky/1"):
        assert "Có 2 phản ánh" in officer.get(path).text
        assert f"luot={airing_id}" in officer.get(path).text
        assert "Có 2 phản ánh" in viewer.get(path).text
        assert f"luot={airing_id}" not in viewer.get(path).text
    assert officer.get(f"/phan-anh?luot={airing_id}").text.count('class="item"') == 2


def test_the_list_goes_on_to_older_ones(resident, officer, desk, monkeypatch):
    monkeypatch.setattr("broadcaster.records.complaints.PAGE", 2)
    for number in range(3):
        resident.report(text=f"Lần {number}", address=f"10.0.0.{number}")
    page = officer.get("/phan-anh").text
    assert "truoc=2" in page
    assert "Lần 0" in officer.get("/phan-anh?truoc=2").text
    assert officer.get("/phan-anh?truoc=x&loc=khong").status_code == 200
    assert officer.get("/phan-anh/99").status_code == 404


def test_an_empty_list_says_how_complaints_come(desk, officer, operator):
    assert "Chưa có phản ánh nào" in officer.get("/phan-anh").text
    assert "đang đóng" in operator.get("/phan-anh").text
    assert 'href="/cai-dat/trang-nguoi-dan"' in operator.get("/phan-anh").text
