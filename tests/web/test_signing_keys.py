"""The page of the approvers' keys: who has which, and another approver's word that a new one is theirs."""

from __future__ import annotations

import pytest

from broadcaster.accounts import links, signing_in, signing_keys
from broadcaster.accounts.permissions import Role
from broadcaster.newsroom import approval
from tests.broadcaster.conftest import hasher  # noqa: F401
from tests.broadcaster.moments import NOW

PASSWORD = "sương mai trên lá sen"


@pytest.fixture
def fresh(desk, visitor, hasher):  # noqa: F811
    """A second approver, who has set a password by a link, beside one whom everybody knows."""
    desk.approved("Họp dân")
    person = desk.person("chi", Role.APPROVER)
    with desk.store.write() as rows:
        secret = links.invite(rows, desk.operator, person.id, NOW)
    links.set_password(desk.store, secret, PASSWORD, NOW, hasher)
    return person


def key_of(desk, person):
    with desk.store.read() as rows:
        return signing_keys.living(rows, person.id)


def is_confirmed(desk, person) -> bool:
    with desk.store.read() as rows:
        return signing_keys.is_confirmed(rows, signing_keys.living(rows, person.id))


def test_a_new_key_stands_on_the_front_page_and_is_confirmed_by_another_approver(desk, fresh, approver):
    assert "Khóa ký mới của người duyệt" in approver.get("/").text
    page = approver.get("/khoa-ky").text
    assert "chờ xác nhận" in page and "Mã đúng, xác nhận" in page
    answer = approver.post(f"/khoa-ky/{key_of(desk, fresh).id}/xac-nhan", follow=True)
    assert "Đã xác nhận khóa ký của Chi" in answer.text
    assert "bởi Duyet" in answer.text
    assert is_confirmed(desk, fresh)


def test_an_administrator_sees_the_keys_and_confirms_none(desk, fresh, visitor):
    admin = visitor("admin")
    assert "Chưa được xác nhận" in admin.get("/").text
    assert "Mã đúng, xác nhận" not in admin.get("/khoa-ky").text
    assert admin.post(f"/khoa-ky/{key_of(desk, fresh).id}/xac-nhan").status_code == 403
    assert not is_confirmed(desk, fresh)


def test_officers_are_not_told_of_keys(fresh, officer):
    assert "Khóa ký mới" not in officer.get("/").text
    assert officer.get("/khoa-ky").status_code == 403


def test_confirming_asks_for_the_password_after_a_quarter_of_an_hour(desk, fresh, approver, clock):
    clock.advance(16 * 60)
    asked = approver.post(f"/khoa-ky/{key_of(desk, fresh).id}/xac-nhan")
    assert asked.status_code == 401
    assert "Nhập lại mật khẩu" in asked.text
    assert not is_confirmed(desk, fresh)


def test_a_new_approver_is_told_who_confirms_the_key(desk, fresh, visitor, hasher):  # noqa: F811
    number = desk.draft("Tiêm chủng")
    with desk.store.write() as rows:
        heard = approval.submit(rows, desk.officer, number, NOW).rendering_id
    token = signing_in.sign_in(desk.store, "chi", PASSWORD, "192.0.2.1", NOW, hasher)
    newcomer = visitor(fresh)
    with newcomer.client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert "hãy nhờ Duyet mở trang Khóa ký và xác nhận đúng mã này" in newcomer.get("/").text
    page = newcomer.get(f"/duyet/{number}").text
    assert "Hãy nhờ Duyet xác nhận" in page and "Trả lại người soạn" in page
    assert "Đã nghe, duyệt" not in page
    answer = newcomer.post(f"/duyet/{number}/dong-y", heard=heard)
    assert answer.status_code == 409
    assert "Duyet" in answer.text and "trang Khóa ký" in answer.text
    assert "Nếu đài chỉ có mình bạn duyệt" in newcomer.get("/khoa-ky").text


def test_the_only_approver_is_told_that_the_key_needs_nobody(desk, visitor, hasher):  # noqa: F811
    person = desk.person("chi", Role.APPROVER)
    with desk.store.write() as rows:
        secret = links.invite(rows, desk.operator, person.id, NOW)
    links.set_password(desk.store, secret, PASSWORD, NOW, hasher)
    page = visitor(person).get("/").text
    assert "Khóa tự có hiệu lực ở lần duyệt đầu tiên" in page
    assert "báo người quản trị và lãnh đạo" not in page
