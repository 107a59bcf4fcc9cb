"""Opening the page to other machines: off until somebody wants it, then by https only."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace

import pytest

from broadcaster import certificates
from broadcaster.accounts import configuring
from broadcaster.store import facts
from tests.broadcaster.moments import NOW
from web import entrance
from web.entrance import Entrance, View
from web.visitors import Visitors


@pytest.fixture
def entrance_of(app, desk, clock):
    """An entrance whose door opens to nothing; what is behind it is tested elsewhere."""
    made: list[Entrance] = []

    def make(known):
        made.append(Entrance(known, desk.store, clock, ("127.0.0.1", 9), Visitors(app)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def want(desk, *, is_open):
    with desk.store.write() as rows:
        configuring.configure(rows, desk.operator, NOW, **{facts.LAN: is_open})


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_new_station_is_closed_to_other_machines(entrance_of, settings):
    assert entrance_of(settings).look() == View()
    assert not (settings.folder / "https").exists()


def test_an_administrator_opens_and_closes_it_while_it_runs(entrance_of, settings, desk):
    made = entrance_of(replace(settings, https_port=0))
    want(desk, is_open=True)
    seen = made.look()
    assert seen.is_open
    assert is_listening(seen.port)
    assert all(address.startswith("https://") for address in seen.addresses)
    want(desk, is_open=False)
    assert made.look() == View()
    assert not is_listening(seen.port)


def test_the_settings_open_it_whatever_the_page_says(entrance_of, settings):
    assert entrance_of(replace(settings, lan=True, https_port=0)).look().is_open


def test_it_shows_the_certificate_it_tells_of(entrance_of, settings):
    seen = entrance_of(replace(settings, lan=True, https_port=0)).look()
    shown = ssl.get_server_certificate(("127.0.0.1", seen.port), timeout=10)
    assert certificates.fingerprint(ssl.PEM_cert_to_DER_cert(shown)) == seen.certificate.sha256


def test_names_of_the_station_come_first_among_its_addresses(entrance_of, settings):
    known = replace(settings, lan=True, https_port=0, hosts=("loa.phuong.vn",))
    seen = entrance_of(known).look()
    assert seen.addresses[0] == f"https://loa.phuong.vn:{seen.port}"
    assert "loa.phuong.vn" in seen.certificate.names


def test_a_port_that_is_taken_is_told_and_tried_again(entrance_of, settings):
    with socket.create_server(("", 0)) as taken:
        made = entrance_of(replace(settings, lan=True, https_port=taken.getsockname()[1]))
        seen = made.look()
        assert (seen.is_wanted, seen.is_open) == (True, False)
        assert str(taken.getsockname()[1]) in seen.fault
    assert made.look().is_open


def test_a_given_certificate_that_cannot_be_used_is_told(entrance_of, settings):
    made = entrance_of(replace(settings, lan=True, https_port=0, certificate="/khong/co.pem"))
    seen = made.look()
    assert not seen.is_open
    assert "/khong/co.pem" in seen.fault


def test_a_certificate_that_comes_to_its_end_is_renewed_without_closing(entrance_of, settings, clock):
    made = entrance_of(replace(settings, lan=True, https_port=0))
    first = made.look()
    clock.advance(350 * 86_400)
    later = made.look()
    assert later.port == first.port
    assert later.certificate.sha256 != first.certificate.sha256


# --- the page, once it is open ---


@pytest.fixture
def opened(app, settings, desk, clock):
    made = Entrance(replace(settings, lan=True), desk.store, clock, ("127.0.0.1", 9), Visitors(app))
    made.view = View(is_wanted=True, is_open=True, port=8443)
    entrance.install(app, made)
    return app.test_client()


@pytest.mark.parametrize(
    ("host", "path", "where"),
    [
        ("192.168.1.20:8080", "/dang-nhap?tiep=/", "https://192.168.1.20:8443/dang-nhap?tiep=/"),
        ("loa.phuong.vn", "/", "https://loa.phuong.vn:8443/"),
        ("[fd00::2]:8080", "/", "https://[fd00::2]:8443/"),
    ],
)
def test_another_machine_that_comes_by_http_is_led_to_https(opened, host, path, where):
    answer = opened.get(path, headers={"Host": host}, environ_base={"REMOTE_ADDR": "192.168.1.7"})
    assert (answer.status_code, answer.location) == (307, where)


def test_this_machine_itself_stays_with_http(opened):
    assert opened.get("/dang-nhap").status_code == 200


def test_over_https_the_cookie_is_secure_and_of_this_host_alone(opened):
    answer = opened.get(
        "/dang-nhap", base_url="https://192.168.1.20:8443", environ_base={"REMOTE_ADDR": "192.168.1.7"}
    )
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-phien=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Strict-Transport-Security" not in answer.headers


def test_over_http_the_cookie_is_another_one(opened):
    assert opened.get("/dang-nhap").headers["Set-Cookie"].startswith("phien=")
