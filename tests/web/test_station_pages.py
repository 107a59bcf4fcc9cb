"""First steps, people, settings and health, through the page."""

from __future__ import annotations

import re
from html import unescape

import pytest

from broadcaster.accounts import links, people
from broadcaster.store import Store, facts, pulse
from tests.broadcaster.moments import NOW
from tests.web.conftest import Visitor
from web import create_app

PASSWORD = "hoa cúc vàng ngoài ngõ"


@pytest.fixture
def new_station(store: Store, settings, clock):
    """A visitor at a station where nobody has an account, and the secret of the first link."""
    with store.write() as rows:
        secret = links.first_account(rows, NOW)

    class NoDesk:
        pass

    visitor = Visitor(create_app(settings, store, clock), NoDesk())
    return visitor, secret


def begin(visitor, secret, **more):
    fields = {
        "station_name": "Đài truyền thanh phường Minh Khai",
        "name": "Nguyễn Thị Lan",
        "login": "lan.nguyen",
        "new_password": PASSWORD,
        "again": PASSWORD,
    }
    return visitor.post(f"/bat-dau/{secret}", **(fields | more))


def test_the_first_link_makes_the_first_account_once(new_station, store):
    visitor, secret = new_station
    answer = begin(visitor, secret)
    assert answer.location == "/cai-dat/bat-dau"
    page = visitor.get(answer.location).text
    assert "Thêm người duyệt" in page
    assert "Đài truyền thanh phường Minh Khai" in page
    assert visitor.get(f"/bat-dau/{secret}").status_code == 409
    with store.read() as rows:
        assert [person.login for person in people.everyone(rows)] == ["lan.nguyen"]


def test_the_first_link_ends_after_half_an_hour(new_station, clock):
    visitor, secret = new_station
    clock.advance(31 * 60)
    answer = begin(visitor, secret)
    assert answer.status_code == 409
    assert "hết hạn" in answer.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"again": "khác"}, "Hai lần gõ chưa giống nhau"),
        ({"new_password": "ngắn", "again": "ngắn"}, "ít nhất 10 ký tự"),
        ({"new_password": "matkhau123", "again": "matkhau123"}, "quá phổ biến"),
        ({"login": "có dấu cách"}, "viết liền"),
        ({"name": ""}, "Hãy nhập họ và tên."),
    ],
)
def test_a_first_account_that_cannot_be_made_says_why_and_keeps_the_link(new_station, wrong, sentence):
    visitor, secret = new_station
    answer = begin(visitor, secret, **wrong)
    assert answer.status_code == 200
    assert sentence in answer.text
    assert PASSWORD not in answer.text
    assert begin(visitor, secret).status_code == 303


def test_the_first_steps_lead_to_an_approver_with_the_role_chosen(new_station):
    visitor, secret = new_station
    begin(visitor, secret)
    (way,) = set(re.findall(r'href="(/cai-dat/nguoi-dung/them[^"]*)"', visitor.get("/cai-dat/bat-dau").text))
    chosen = re.findall(r'<input[^>]*name="roles"[^>]*>', visitor.get(unescape(way)).text)
    assert [each for each in chosen if "checked" in each] == [each for each in chosen if "approver" in each]


def test_a_link_that_only_this_machine_can_open_says_so(operator):
    answer = operator.post("/cai-dat/nguoi-dung/them", name="Trần Văn Bình", login="binh", roles="approver")
    assert "chỉ mở được trên chính máy này" in answer.text


def test_a_colleague_is_invited_and_sets_a_password(operator, visitor, desk):
    page = operator.post(
        "/cai-dat/nguoi-dung/them", name="Trần Văn Bình", login="binh", roles="approver"
    ).text
    secret = re.search(r"/dat-mat-khau/([\w-]+)", page)[1]
    colleague = visitor()
    assert "Chào Trần Văn Bình" in colleague.get(f"/dat-mat-khau/{secret}").text
    assert colleague.post(f"/dat-mat-khau/{secret}", new_password=PASSWORD, again=PASSWORD).location == "/"
    assert colleague.get("/duyet").status_code == 200
    assert colleague.get("/cai-dat").status_code == 403


def test_a_colleague_without_a_role_or_with_a_taken_name_is_refused(operator):
    page = operator.post("/cai-dat/nguoi-dung/them", name="Bình", login="soan", roles="approver").text
    assert "đã có người dùng" in page
    assert 'value="Bình"' in unescape(page)
    assert "ít nhất một vai trò" in operator.post("/cai-dat/nguoi-dung/them", name="Bình", login="binh").text


def test_a_role_that_does_not_exist_is_refused(operator):
    page = operator.post("/cai-dat/nguoi-dung/them", name="Bình", login="binh", roles="boss").text
    assert "không còn dùng được" in page


def test_the_last_administrator_stays(operator, desk):
    answer = operator.post(f"/cai-dat/nguoi-dung/{desk.operator.id}", name="Truc", roles="officer")
    assert "người quản trị cuối cùng" in answer.text


def test_a_closed_account_is_signed_out_and_can_be_opened_again(operator, officer, desk):
    operator.post(f"/cai-dat/nguoi-dung/{desk.officer.id}/khoa")
    assert officer.get("/").status_code == 302
    assert "đã khóa" in operator.get("/cai-dat/nguoi-dung").text
    operator.post(f"/cai-dat/nguoi-dung/{desk.officer.id}/mo")
    assert "đã khóa" not in operator.get("/cai-dat/nguoi-dung").text


def test_a_changed_password_ends_the_other_browsers(visitor, desk):
    with desk.store.write() as rows:
        secret = links.invite(rows, desk.operator, desk.officer.id, NOW)
    links.set_password(desk.store, secret, PASSWORD, NOW)
    here, there = visitor(desk.officer), visitor(desk.officer)
    fresh = "mưa rơi trên mái ngói"
    assert here.post("/doi-mat-khau", password=PASSWORD, new_password=fresh, again=fresh).status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def test_signing_out_ends_the_sign_in_for_good(officer):
    with officer.client.session_transaction() as cookie:
        kept = dict(cookie)
    officer.post("/dang-xuat")
    with officer.client.session_transaction() as cookie:
        cookie.update(kept)
    assert officer.get("/").status_code == 302


def test_the_station_is_named_and_told_whether_one_may_sign_alone(operator, desk):
    hours = {"allowed_from": "05:30", "allowed_until": "20:00", "aircheck_days": "180"}
    operator.post(
        "/cai-dat", station_name="Đài phường An Phú", voice="vi-vn-x-south", self_approval="y", **hours
    )
    page = operator.get("/").text
    assert "Đài phường An Phú" in page
    assert "đang cho phép người soạn tự duyệt" in page
    with desk.store.read() as rows:
        assert facts.get(rows, facts.VOICE) == "vi-vn-x-south"
        assert facts.get(rows, facts.ALLOWED_HOURS) == ["05:30:00", "20:00:00"]
    wrong = operator.post(
        "/cai-dat",
        station_name="Đài",
        voice="",
        **(hours | {"allowed_from": "21:00", "allowed_until": "05:00"}),
    )
    assert "phải trước giờ kết thúc" in wrong.text
    operator.post("/cai-dat", station_name="Đài phường An Phú", voice="", **hours)
    assert "tự duyệt" not in operator.get("/").text


def test_health_tells_which_part_works(officer, desk):
    output = {
        "output_id": 1,
        "name": "Loa",
        "fault": "Không thấy card âm thanh",
        "is_ready": True,
        "is_loudspeaker": False,
    }
    pulse.beat(desk.store.folder, "station", on_air=[], outputs=[output])
    page = officer.get("/tinh-trang").text
    assert "Không thấy card âm thanh" in page
    assert "không ra loa" in page
    assert page.count("không chạy") == 1
