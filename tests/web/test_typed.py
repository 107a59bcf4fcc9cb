"""Nothing typed is lost: late sign-ins, old forms, refusals and two people on one bulletin."""

from __future__ import annotations

from html import unescape

import pytest

from broadcaster.accounts import links
from broadcaster.newsroom import bulletins
from tests.broadcaster.moments import NOW
from web.typed import own_path

PASSWORD = "hoa cúc vàng ngoài ngõ"
TEXT = "Kính mời bà con họp lúc 19 giờ tại nhà văn hóa khu phố."


def give_password(desk):
    with desk.store.write() as rows:
        secret = links.invite(rows, desk.operator, desk.officer.id, NOW)
    links.set_password(desk.store, secret, PASSWORD, NOW)


def how_many(desk):
    with desk.store.read() as rows:
        return bulletins.count(rows)


def draft(title="Họp khu phố", **more):
    return {
        "title": title,
        "written": TEXT,
        "kind": "routine",
        "voice": "",
        "rate": "1.0",
        "repeats": "1",
    } | more


def test_a_form_sent_after_the_sign_in_ended_comes_back_filled(desk, clock, officer):
    give_password(desk)
    clock.advance(13 * 3600)
    late = officer.client.post("/ban-tin/moi", data=draft())
    assert late.status_code == 401
    assert TEXT in unescape(late.text)
    officer.actor = None
    again = officer.post(
        "/dang-nhap",
        follow=True,
        login="soan",
        password=PASSWORD,
        tiep="/ban-tin/moi",
        _xem_lai="1",
        **draft(),
    )
    assert again.status_code == 200
    assert f">{TEXT}</textarea>" in unescape(again.text).replace("\r\n", "")
    assert 'value="Họp khu phố"' in unescape(again.text)
    assert "Chưa lưu. Phần đã gõ vẫn còn" in again.text
    assert how_many(desk) == 0


def test_a_button_pressed_after_the_sign_in_ended_asks_before_it_is_done(desk, clock, officer):
    give_password(desk)
    number = desk.draft("Tiêm chủng")
    clock.advance(13 * 3600)
    officer.actor = None
    path = f"/ban-tin/{number}/gui-duyet"
    again = officer.post("/dang-nhap", follow=True, login="soan", password=PASSWORD, tiep=path, _xem_lai="1")
    assert "Làm tiếp" in again.text
    with desk.store.read() as rows:
        assert bulletins.get(rows, number).state == "draft"


def test_a_form_that_grew_too_old_comes_back_with_what_was_typed(desk, officer):
    answer = officer.client.post("/ban-tin/moi", data=draft() | {"csrf_token": "cũ"})
    assert answer.status_code == 400
    assert TEXT in unescape(answer.text)
    assert how_many(desk) == 0


def test_a_refused_form_comes_back_filled_and_names_the_field(officer, desk):
    answer = officer.post("/ban-tin/moi", **draft(title=""))
    assert "Hãy nhập tiêu đề bản tin." in answer.text
    assert TEXT in unescape(answer.text)
    answer = officer.post("/ban-tin/moi", **draft(valid_from="30/11/2026", valid_until="01/11/2026"))
    assert "phải từ ngày bắt đầu" in answer.text
    assert 'value="30/11/2026"' in answer.text
    assert how_many(desk) == 0


def test_values_that_no_page_offers_are_refused_with_a_sentence(officer, desk):
    for wrong in (
        {"rate": "abc"},
        {"kind": "x"},
        {"voice": "x"},
        {"repeats": "99"},
        {"valid_from": "hôm qua"},
    ):
        answer = officer.post("/ban-tin/moi", **(draft() | wrong))
        assert answer.status_code == 200, wrong
        assert "field-error" in answer.text, wrong
    assert how_many(desk) == 0


def test_a_comment_that_was_refused_stands_there_to_be_mended(desk, approver):
    number = desk.approved("Vệ sinh")
    answer = approver.post(f"/duyet/{number}/tra-lai", comment="Sửa ngày họp")
    assert answer.status_code == 409
    assert "Sửa ngày họp" in answer.text


def test_two_people_on_one_bulletin_are_told_of_each_other(desk, officer, visitor):
    number = desk.draft("Tiêm chủng")
    other = visitor("officer")
    assert "cũng đang mở" not in officer.get(f"/ban-tin/{number}/sua").text
    assert f"{desk.officer.name} cũng đang mở" in other.get(f"/ban-tin/{number}/sua").text
    officer.post(f"/ban-tin/{number}/sua", **draft(based_on="1"))
    answer = other.post(f"/ban-tin/{number}/sua", **draft(written="Lời khác.", based_on="1"))
    assert "đã lưu phiên bản 2" in answer.text
    assert "Lời khác." in answer.text
    assert 'value="2"' in answer.text
    saved = other.post(f"/ban-tin/{number}/sua", **draft(written="Lời khác.", based_on="2"))
    assert saved.status_code == 303


@pytest.mark.parametrize("number", ["", "khong-so", "-1", "9" * 40])
def test_a_version_that_is_no_number_is_an_older_one(number, desk, officer):
    address = f"/ban-tin/{desk.draft('Tiêm chủng')}/sua"
    answer = officer.post(address, **draft(written="Lời khác.", based_on=number))
    assert answer.status_code in (200, 409)
    assert "Lời khác." in answer.text


def test_only_paths_of_this_station_are_ways_on():
    assert own_path("/ban-tin?tu=5") == "/ban-tin?tu=5"
    for foreign in (None, "", "//a", "/\\a", "http://a/", "a", "/a\nb"):
        assert own_path(foreign) == "/"
