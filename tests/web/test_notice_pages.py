"""What people are told without looking at the page, and how it reaches them, through the page."""

from __future__ import annotations

from html import unescape

import pytest

from broadcaster.playout import notify, notify_call
from broadcaster.store import facts
from broadcaster.store.models import Sending
from tests.broadcaster.moments import NOW, later

MAIL = {
    "is_on": "y",
    "recipients": "lan@phuong.vn\nbinh@phuong.vn",
    "host": "smtp.phuong.vn",
    "port": "587",
    "security": "starttls",
    "user": "dai@phuong.vn",
    "sender": "dai@phuong.vn",
}


def page(visitor, path="/thong-bao"):
    return unescape(visitor.get(path).text)


def test_an_empty_page_says_what_will_stand_there(officer):
    shown = page(officer)
    assert "Chưa có việc gì phải báo" in shown
    assert "Chưa gửi đi đâu" in shown


def test_everybody_sees_what_was_told_and_whether_it_was_sent(operator, officer, desk):
    operator.post("/thong-bao/cach-gui/email", **MAIL)
    with desk.store.write() as rows:
        notify.tell(rows, "output", "Chợ (Card 2): Mất loa.", NOW, key="now output 2")
        notify.tell(rows, "airing", "Lỡ “Họp dân”.", NOW)
        first, second = rows.query(Sending).order_by(Sending.id)
        first.state, first.sent_at = "sent", later(minutes=1)
        second.error = "máy chủ thư không trả lời"
    shown = page(officer)
    for words in ("Chợ (Card 2): Mất loa.", "chưa hết", "đã gửi", "08:01", "đang chờ gửi", "không trả lời"):
        assert words in shown
    with desk.store.write() as rows:
        notify.over(rows, "now output 2", later(minutes=5))
    assert "hết lúc 08:05 hôm nay" in page(officer)


def test_mail_is_set_up_shown_again_and_its_password_never_asked_for(operator, desk, monkeypatch):
    monkeypatch.delenv("BROADCASTER_KEY_SMTP", raising=False)
    operator.post("/thong-bao/cach-gui/email", **MAIL)
    with desk.store.read() as rows:
        assert notify.wanted_channels(rows) == ["email"]
        assert facts.get(rows, facts.EMAIL)["recipients"] == ["lan@phuong.vn", "binh@phuong.vn"]
    form = page(operator, "/thong-bao/cach-gui/email")
    assert "lan@phuong.vn\nbinh@phuong.vn" in form
    assert "BROADCASTER_KEY_SMTP" in form
    assert 'type="password"' not in form
    monkeypatch.setenv("BROADCASTER_KEY_SMTP", "rat-bi-mat")
    assert "Mật khẩu thư đã có." in page(operator, "/thong-bao/cach-gui/email")
    assert "rat-bi-mat" not in page(operator, "/thong-bao/cach-gui/email") + page(
        operator, "/thong-bao/cach-gui"
    )


@pytest.mark.parametrize(
    ("channel", "fields", "sentence"),
    [
        ("email", MAIL | {"recipients": "không phải"}, "không phải là địa chỉ thư"),
        ("email", MAIL | {"port": "0"}, "Từ 1 đến 65535."),
        ("email", MAIL | {"host": ""}, "tên máy chủ thư"),
        ("webhook", {"preset": "telegram"}, "mã người nhận hoặc mã nhóm"),
        ("webhook", {"preset": "generic", "url": "http://vi-du.vn/x"}, "https://"),
    ],
)
def test_settings_that_cannot_be_used_are_told_beside_their_field(operator, channel, fields, sentence):
    answer = operator.post(f"/thong-bao/cach-gui/{channel}", **fields)
    assert answer.status_code == 200
    assert sentence in unescape(answer.text)
    assert "has-error" in answer.text


def test_a_preset_brings_its_own_address_and_leaves_room_for_another(operator, desk):
    operator.post("/thong-bao/cach-gui/webhook", preset="telegram", target="-100123", is_on="y")
    with desk.store.read() as rows:
        assert facts.get(rows, facts.WEBHOOK)["url"] == "https://api.telegram.org/bot{key}/sendMessage"
    assert "api.telegram.org" not in page(operator, "/thong-bao/cach-gui/webhook")
    operator.post("/thong-bao/cach-gui/webhook", preset="zalo", target="55", is_on="y")
    with desk.store.read() as rows:
        assert facts.get(rows, facts.WEBHOOK)["url"].startswith("https://openapi.zalo.me/")


def test_a_test_is_asked_for_called_out_and_its_end_is_shown(operator, desk):
    assert operator.post("/thong-bao/cach-gui/email/thu").status_code == 409
    operator.post("/thong-bao/cach-gui/email", **MAIL)
    assert "Đang gửi tin thử" in page_after(operator, "/thong-bao/cach-gui/email/thu")
    assert notify_call.due_at(desk.store.folder) == 0.0
    assert "đang chờ gửi" in page(operator, "/thong-bao/cach-gui")
    with desk.store.write() as rows:
        test = rows.query(Sending).one()
        test.state, test.error = "failed", "máy chủ thư không nhận tên đăng nhập hoặc mật khẩu"
    assert "không nhận tên đăng nhập" in page(operator, "/thong-bao/cach-gui")


def page_after(visitor, path):
    return unescape(visitor.post(path, follow=True).text)


def test_only_an_administrator_sets_up_how_it_is_sent(officer):
    assert officer.get("/thong-bao/cach-gui").status_code == 403
    assert officer.post("/thong-bao/cach-gui/email", **MAIL).status_code == 403
    assert officer.get("/thong-bao/cach-gui/fax").status_code == 403


def test_a_way_that_does_not_exist_is_no_page(operator):
    assert operator.get("/thong-bao/cach-gui/fax").status_code == 404
    assert operator.post("/thong-bao/cach-gui/fax/thu").status_code == 404
