"""One message on its way by e-mail or webhook: to servers that take it, and to those that do not."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broadcaster import certificates
from broadcaster.errors import Invalid
from broadcaster.playout import notify_send, notify_ways
from broadcaster.playout.notify_send import LONGEST_TEXT, MORE, SendFailed, send, shortened
from broadcaster.playout.notify_ways import Email, Webhook
from tests.broadcaster.playout.device import hook
from tests.broadcaster.playout.mail_server import mail_server

SECRET = "12345:mat-khau"
STATION = "Đài phường An Phú"
LINES = ["17:02 Khu phố 3 (Card 1): Mất loa.", "17:03 Lỡ “Họp dân”."]
MAIL = {
    "host": "127.0.0.1",
    "port": 25,
    "security": "none",
    "sender": "dai@phuong.vn",
    "recipients": "a@b.vn",
}


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    monkeypatch.setenv("BROADCASTER_KEY_SMTP", SECRET)
    monkeypatch.setenv("BROADCASTER_KEY_WEBHOOK", SECRET)


@pytest.fixture(scope="session")
def own_certificate(tmp_path_factory):
    return certificates.own(tmp_path_factory.mktemp("tls"), [], ["127.0.0.1"], datetime.now(UTC))


def mail(port: int, **more: object) -> Email:
    return notify_ways.email(MAIL | {"port": port} | more)


def post(url: str, preset: str = "generic", **more: object) -> Webhook:
    return notify_ways.webhook({"preset": preset, "url": url, "target": "-100123"} | more)


def test_a_mail_says_what_happened_to_everybody_in_vietnamese(tmp_path):
    with mail_server() as server:
        server.password = SECRET
        way = mail(server.port, recipients="a@b.vn, c@d.vn", user="dai@phuong.vn")
        send(way, tmp_path, STATION, LINES)
    (message,) = server.messages
    assert server.recipients == [["a@b.vn", "c@d.vn"]]
    assert server.logins == ["dai@phuong.vn"]
    assert message["Subject"] == "[Đài phường An Phú] 17:02 Khu phố 3 (Card 1): Mất loa. (và 1 việc khác)"
    assert all(line in message.get_content() for line in LINES)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_through_a_line_whose_certificate_is_checked(
    security, tmp_path, own_certificate, monkeypatch
):
    context = certificates.context(own_certificate)
    with mail_server(context, is_tls=security == "tls") as server:
        server.password = SECRET
        way = mail(server.port, security=security, user="dai")
        with pytest.raises(SendFailed, match="chứng thư"):
            send(way, tmp_path, STATION, LINES)
        assert server.logins == []
        monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate.authority))
        send(way, tmp_path, STATION, LINES)
        assert len(server.messages) == 1


def test_a_password_never_goes_through_an_open_line(tmp_path):
    with mail_server() as server:
        with pytest.raises(SendFailed, match="STARTTLS"):
            send(mail(server.port, security="starttls", user="dai"), tmp_path, STATION, LINES)
        assert not any("AUTH" in line for line in server.lines)
    far = replace(mail(25, user="dai"), host="thu.phuong.vn")
    with pytest.raises(SendFailed, match="không mã hóa"):
        send(far, tmp_path, STATION, LINES)


@pytest.mark.parametrize(
    ("refuse", "password", "words"),
    [
        ("", "khác", "không nhận tên đăng nhập hoặc mật khẩu"),
        ("550 no such user", SECRET, "không nhận địa chỉ người nhận"),
        ("451 later", SECRET, "báo lỗi 451"),
    ],
)
def test_a_mail_server_that_refuses_says_why(refuse, password, words, tmp_path):
    with mail_server() as server:
        server.refuse, server.password = refuse, password
        with pytest.raises(SendFailed, match=words):
            send(mail(server.port, user="dai"), tmp_path, STATION, LINES)


def test_a_mail_server_that_is_slow_or_gone_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(notify_send, "WAIT_S", 0.2)
    with mail_server() as server:
        server.slow_s = 1.0
        with pytest.raises(SendFailed, match="không trả lời"):
            send(mail(server.port), tmp_path, STATION, LINES)
    with pytest.raises(SendFailed, match="không kết nối"):
        send(mail(server.port), tmp_path, STATION, LINES)


def test_a_webhook_posts_json_with_the_token_in_its_header(tmp_path):
    with hook() as service:
        send(post(f"{service.address}/bao"), tmp_path, STATION, LINES)
    assert json.loads(service.bodies[0]) == {"station": STATION, "text": "\n".join(LINES)}
    assert service.headers[0]["Authorization"] == f"Bearer {SECRET}"
    assert service.headers[0]["Content-Type"] == "application/json; charset=utf-8"


def test_telegram_gets_its_token_in_the_address_and_must_say_ok(tmp_path):
    with hook('{"ok": true}') as service:
        way = post(f"{service.address}/bot{{key}}/sendMessage", "telegram")
        send(way, tmp_path, STATION, LINES)
        assert service.calls == [f"/bot{SECRET}/sendMessage"]
        said = json.loads(service.bodies[0])
        assert said == {"chat_id": "-100123", "text": f"{STATION}\n" + "\n".join(LINES)}
        service.text = '{"ok": false, "error_code": 400}'
        with pytest.raises(SendFailed, match="mã 400"):
            send(way, tmp_path, STATION, LINES)


def test_zalo_answers_200_and_an_error_inside(tmp_path):
    with hook('{"error": 0, "message": "Success"}') as service:
        way = post(f"{service.address}/cs", "zalo")
        send(way, tmp_path, STATION, ["Lời “có ngoặc”\nhai dòng"])
        assert service.headers[0]["access_token"] == SECRET
        said = json.loads(service.bodies[0])
        assert said["recipient"] == {"user_id": "-100123"}
        assert said["message"]["text"].endswith("Lời “có ngoặc”\nhai dòng")
        service.text = '{"error": -216, "message": "Access token is invalid"}'
        with pytest.raises(SendFailed, match="mã -216"):
            send(way, tmp_path, STATION, LINES)


@pytest.mark.parametrize(("status", "text"), [(429, "{}"), (500, ""), (302, ""), (200, "<html>")])
def test_a_service_that_refuses_or_answers_nonsense_is_a_failure(status, text, tmp_path):
    with hook(text) as service:
        service.status = status
        with pytest.raises(SendFailed):
            send(post(f"{service.address}/x", "telegram"), tmp_path, STATION, LINES)
        assert service.calls == ["/x"]


def test_without_its_token_nothing_is_sent(tmp_path, monkeypatch):
    monkeypatch.delenv("BROADCASTER_KEY_WEBHOOK")
    with hook() as service:
        with pytest.raises(SendFailed, match="BROADCASTER_KEY_WEBHOOK"):
            send(post(f"{service.address}/bao"), tmp_path, STATION, LINES)
        assert service.calls == []


def test_no_log_and_no_failure_shows_a_secret_however_much_is_logged(tmp_path, caplog):
    with caplog.at_level(logging.DEBUG), hook('{"ok": true}') as service, mail_server() as server:
        way = post(f"{service.address}/bot{{key}}/sendMessage", "telegram")
        send(way, tmp_path, STATION, LINES)
        gone = post("http://127.0.0.1:1/bot{key}", "telegram")
        with pytest.raises(SendFailed) as unreachable:
            send(gone, tmp_path, STATION, LINES)
        with pytest.raises(SendFailed) as refused:
            send(mail(server.port, user="dai"), tmp_path, STATION, LINES)
    assert SECRET not in caplog.text + str(unreachable.value) + str(refused.value)


def test_a_long_message_is_cut_at_a_line_and_says_so():
    lines = [f"{number} " + "x" * 98 for number in range(40)]
    text = shortened(lines)
    assert len(text) <= LONGEST_TEXT
    assert text.endswith(f"\n{MORE}")
    assert all(line in lines for line in text.splitlines()[:-1])
    assert len(shortened(["y" * 5000])) <= LONGEST_TEXT
    assert shortened(lines[:3]) == "\n".join(lines[:3])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "thu vn"}, "host"),
        ({"port": 0}, "port"),
        ({"port": "25"}, "port"),
        ({"security": "ssl3"}, "security"),
        ({"sender": "dai"}, "sender"),
        ({"recipients": ""}, "recipients"),
        ({"recipients": "a@b.vn, không phải"}, "recipients"),
        ({"recipients": " ".join(f"a{n}@b.vn" for n in range(21))}, "recipients"),
        ({"sender": "a@b.vn\r\nBcc: c@d.vn"}, "sender"),
    ],
)
def test_mail_settings_that_make_no_sense_are_refused(wrong, field):
    with pytest.raises(Invalid) as refused:
        notify_ways.email(MAIL | wrong)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"preset": "fax"}, "preset"),
        ({"url": "http://vi-du.vn/bao"}, "url"),
        ({"url": "https://a:b@vi-du.vn"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"header": "X: 1\nY: 2"}, "header"),
        ({"body": '{"text": "cố định"}'}, "body"),
        ({"body": '{"text": {text}'}, "body"),
        ({"preset": "telegram", "target": ""}, "target"),
    ],
)
def test_webhook_settings_that_make_no_sense_are_refused(wrong, field):
    with pytest.raises(Invalid) as refused:
        notify_ways.webhook({"preset": "generic", "url": "https://vi-du.vn/bao"} | wrong)
    assert refused.value.field == field


def test_presets_are_whole_by_themselves():
    for name, preset in notify_ways.PRESETS.items():
        way = notify_ways.webhook({"preset": name, "url": preset.url or "https://vi-du.vn", "target": "1"})
        assert json.loads(notify_ways.filled_body(way, STATION, "Lời"))
