"""The page that tells how a phone reaches the station, and the switch that lets it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from broadcaster.accounts import configuring
from broadcaster.records import audit
from broadcaster.store import facts
from web import entrance
from web.entrance import Entrance
from web.visitors import Visitors

PAGE = "/cai-dat/ket-noi"


@pytest.fixture
def door(app, settings, desk, clock):
    made = Entrance(replace(settings, https_port=0), desk.store, clock, ("127.0.0.1", 9), Visitors(app))
    entrance.install(app, made)
    yield made
    made.close()


def test_it_is_shut_until_an_administrator_presses(door, operator, desk):
    assert "Trang chỉ mở được trên chính máy của đài" in operator.get(PAGE).text
    page = operator.post(PAGE, open="1", follow=True).text
    assert "Đã mở trang cho máy khác" in page
    assert door.view.is_open
    for address in door.view.addresses:
        assert address in page
    assert door.view.certificate.sha256 in page
    with desk.store.read() as rows:
        assert configuring.fact(rows, facts.LAN) is True
        assert audit.latest(rows)[0].act == "configured"


def test_it_is_shut_again_by_the_same_page(door, operator):
    operator.post(PAGE, open="1")
    assert "Đã đóng trang với máy khác" in operator.post(PAGE, open="0", follow=True).text
    assert not door.view.is_open


def test_others_read_how_but_see_no_switch(door, officer, operator):
    operator.post(PAGE, open="1")
    page = officer.get(PAGE).text
    assert "So dãy" in page
    assert "Đóng với máy khác" not in page
    assert officer.post(PAGE, open="0").status_code == 403


def test_the_certificate_to_install_is_the_authority_alone(door, officer, operator):
    assert officer.get(f"{PAGE}/tram-truyen-thanh.crt").status_code == 404
    operator.post(PAGE, open="1")
    with officer.get(f"{PAGE}/tram-truyen-thanh.crt") as answer:
        assert answer.mimetype == "application/x-x509-ca-cert"
        assert answer.data == door.view.certificate.authority.read_bytes()
        assert b"PRIVATE" not in answer.data


def test_a_port_that_cannot_be_had_is_told_there(door, operator, monkeypatch):
    monkeypatch.setattr("web.doorway._listen", _taken)
    assert "Không mở được cổng" in operator.post(PAGE, open="1", follow=True).text


def _taken(port):
    raise OSError("Address already in use")


def test_an_invitation_made_at_the_station_leads_a_phone_there(door, operator):
    before = operator.post("/cai-dat/nguoi-dung/1/lien-ket").text
    assert "chỉ mở được trên chính máy này" in before
    operator.post(PAGE, open="1")
    page = operator.post("/cai-dat/nguoi-dung/1/lien-ket").text
    assert f"{door.view.addresses[0]}/dat-mat-khau/" in page
    assert 'class="qr"' in page


def test_the_first_steps_say_how_the_approvers_phone_comes_in(door, operator):
    assert PAGE in operator.get("/cai-dat/bat-dau").text
    operator.post(PAGE, open="1")
    assert door.view.addresses[0] in operator.get("/cai-dat/bat-dau").text


def test_a_page_open_to_the_network_without_a_secret_is_warned_of(app, settings, desk, clock, operator):
    bare = replace(settings, host="0.0.0.0", https_port=0)
    made = Entrance(bare, desk.store, clock, ("127.0.0.1", 9), Visitors(app))
    entrance.install(app, made)
    assert "mà không mã hóa" in operator.get(PAGE).text
    assert "mà không mã hóa" not in operator.post(PAGE, open="1", follow=True).text
    made.close()


def test_behind_a_proxy_there_is_nothing_to_open(app, settings, desk, clock, operator):
    behind = replace(settings, https=True, trusted_proxies=1)
    entrance.install(app, Entrance(behind, desk.store, clock, ("127.0.0.1", 9), Visitors(app)))
    page = operator.get(PAGE).text
    assert "sau một máy chủ có kết nối an toàn riêng" in page
    assert "Mở cho máy khác trong mạng" not in page
