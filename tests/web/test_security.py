"""What every answer carries, and what is refused before any page is asked."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from broadcaster.accounts import links
from broadcaster.store.models import SignInFailure
from tests.broadcaster.moments import NOW
from tests.web.conftest import Visitor
from web import create_app
from web.security import CONTENT_SECURITY, LARGEST_REQUEST_BYTES, is_known_host, is_only_here

PASSWORD = "hoa cúc vàng ngoài ngõ"


@pytest.mark.parametrize(
    "path", ["/", "/dang-nhap", "/khong-co-trang-nay", "/static/style.css", "/trang-thai"]
)
def test_every_answer_carries_the_guards(path, officer):
    with officer.get(path) as answer:
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_content_policy_allows_no_inline_code_and_no_other_host():
    assert "unsafe" not in CONTENT_SECURITY
    assert "http" not in CONTENT_SECURITY
    assert CONTENT_SECURITY.startswith("default-src 'none'")


def test_pages_are_never_kept_by_a_browser_or_proxy(officer):
    assert officer.get("/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("https", [False, True])
def test_the_cookie_is_shut_to_scripts_and_other_sites(https, settings, desk, clock):
    app = create_app(replace(settings, https=https), desk.store, clock)
    base = "https://localhost" if https else "http://localhost"
    cookie = app.test_client().get("/dang-nhap", base_url=base).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) is https


@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        ("localhost:8080", True),
        ("127.0.0.1", True),
        ("192.168.1.20:8080", True),
        ("[::1]:8080", True),
        ("loa.phuong.vn", True),
        ("LOA.phuong.vn.:443", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("loa.phuong.vn.evil.example:80", False),
    ],
)
def test_only_our_own_names_and_plain_addresses_are_answered(host, is_known):
    assert is_known_host(host, frozenset({"localhost", "loa.phuong.vn"})) is is_known


def test_an_address_of_this_machine_alone_is_told_from_one_in_the_ward():
    assert all(map(is_only_here, ["localhost", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080"]))
    assert not any(map(is_only_here, ["192.168.1.9:8080", "loa.phuong.vn", "[fe80::1]:80"]))


def test_a_foreign_name_is_refused_before_anything_else(visitor):
    assert visitor().get("/dang-nhap", headers={"Host": "evil.example"}).status_code == 400


def test_too_large_a_request_is_told_so_on_a_page(officer):
    answer = officer.post("/ban-tin/moi", title="Dài", written="a" * (LARGEST_REQUEST_BYTES + 1))
    assert answer.status_code == 413
    assert "quá lớn" in answer.text


def test_no_way_leads_to_another_site_after_signing_in(visitor, desk):
    _with_password(desk)
    for target in ("//evil.example", "https://evil.example/", "/\\evil.example", "evil"):
        someone = visitor()
        answer = someone.post("/dang-nhap", login="soan", password=PASSWORD, tiep=target)
        assert answer.status_code == 303
        assert answer.location == "/"


def test_the_address_of_a_visitor_is_taken_from_a_proxy_only_when_it_is_trusted(settings, desk, clock):
    for trusted, expected in ((0, "address:127.0.0.1"), (1, "address:203.0.113.7")):
        app = create_app(replace(settings, trusted_proxies=trusted), desk.store, clock)
        someone = Visitor(app, desk)
        someone.client.post(
            "/dang-nhap",
            data={"login": "soan", "password": "sai mật khẩu", "csrf_token": someone.token()},
            headers={"X-Forwarded-For": "203.0.113.7"},
        )
        with desk.store.read() as rows:
            counted = {row.subject for row in rows.query(SignInFailure)}
        assert expected in counted


def test_secrets_reach_no_log(visitor, desk, caplog):
    caplog.set_level(logging.DEBUG)
    with desk.store.write() as rows:
        secret = links.invite(rows, desk.operator, desk.officer.id, NOW)
    someone = visitor()
    someone.post(f"/dat-mat-khau/{secret}", new_password=PASSWORD, again=PASSWORD)
    someone.post("/dang-nhap", login="soan", password=PASSWORD)
    token = someone.client.get_cookie("phien")
    assert token is not None
    for kept in (secret, PASSWORD, token.value):
        assert kept not in caplog.text


def test_five_wrong_passwords_lock_the_door_with_a_sentence(visitor, desk):
    _with_password(desk)
    someone = visitor()
    for _ in range(5):
        assert someone.post("/dang-nhap", login="soan", password="sai mật khẩu").status_code == 401
    page = someone.post("/dang-nhap", login="soan", password=PASSWORD)
    assert page.status_code == 401
    assert "phút" in page.text


def test_an_error_nobody_foresaw_is_a_page_too(officer, app, monkeypatch, caplog):
    def fail():
        raise RuntimeError("the disk is gone")

    monkeypatch.setitem(app.view_functions, "health.show", fail)
    answer = officer.get("/tinh-trang")
    assert answer.status_code == 500
    assert "Trang gặp trục trặc" in answer.text
    assert "the disk is gone" not in answer.text
    assert "the disk is gone" in caplog.text


@pytest.mark.parametrize("page", ["ban-tin", "nhat-ky", "chuong-trinh", "cai-dat/cum-loa"])
def test_a_number_that_no_table_can_hold_is_no_page(page, visitor):
    assert visitor("admin", "officer", "operator").get(f"/{page}/99999999999999999999").status_code == 404


def test_the_secret_of_a_link_reaches_no_log_when_its_page_fails(visitor, app, monkeypatch, caplog):
    def fail(secret):
        raise RuntimeError("the disk is gone")

    monkeypatch.setitem(app.view_functions, "sign_in.set_password", fail)
    assert visitor().get("/dat-mat-khau/mot-bi-mat").status_code == 500
    assert "the disk is gone" in caplog.text
    assert "mot-bi-mat" not in caplog.text


def _with_password(desk):
    with desk.store.write() as rows:
        secret = links.invite(rows, desk.operator, desk.officer.id, NOW)
    links.set_password(desk.store, secret, PASSWORD, NOW)
