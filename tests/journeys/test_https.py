"""Another machine comes to the station: by https alone, knowing its certificate by the fingerprint."""

from __future__ import annotations

import base64
import hashlib
import http.client
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from selenium.webdriver.common.by import By

from broadcaster import certificates, lan
from broadcaster.accounts import links
from broadcaster.accounts.permissions import Role
from broadcaster.store import Store
from schedules.clock import SystemClock
from tests.browser import browser
from tests.desk import Desk
from tests.journeys.stations import RunningStation, free_port
from tests.sound_server import eventually

pytestmark = pytest.mark.journey

PASSWORD = "loa vang sáng sớm"
HERE = (lan.addresses() or ("127.0.0.1",))[0]
"""As another machine would type it."""


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    station = RunningStation(tmp_path / "tram", {"BROADCASTER_HTTPS_PORT": str(free_port())})
    station.start()
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    lan_of_ward = desk.person("lan", *Role)
    with desk.store.write() as rows:
        secret = links.invite(rows, lan_of_ward, lan_of_ward.id, desk.clock.now())
    links.set_password(desk.store, secret, PASSWORD, desk.clock.now())
    desk.store.close()
    yield station
    station.stop()


def is_listening(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.connect_ex((host, port)) == 0


def test_a_phone_comes_in_by_the_fingerprint_and_by_https_alone(station, tmp_path):
    port = int(station._environment["BROADCASTER_HTTPS_PORT"])
    assert not is_listening(HERE, port)
    assert HERE == "127.0.0.1" or not is_listening(HERE, station.port)
    with browser() as office:
        office.sign_in(station.address, "lan", PASSWORD)
        office.wait_for("Hôm nay")
        office.open(f"{station.address}/cai-dat/ket-noi")
        office.press("Mở cho máy khác trong mạng")
        office.wait_for("đang mở, có mã hóa")
        shown = office.driver.find_element(By.CSS_SELECTOR, ".print-of").text.replace("\n", "")
        address = office.driver.find_element(By.CSS_SELECTOR, ".addresses b").text
        assert office.complaints() == []
    assert address == lan.at_port(HERE, port) or HERE == "127.0.0.1"
    der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((HERE, port), timeout=10))
    assert certificates.fingerprint(der) == shown
    _assert_plain_http_is_led_to_https(port)
    _assert_a_machine_with_the_authority_is_content(station, port)
    with browser(flags=(f"--ignore-certificate-errors-spki-list={_spki(der)}",)) as phone:
        phone.sign_in(lan.at_port(HERE, port), "lan", PASSWORD)
        phone.wait_for("Hôm nay")
        (cookie,) = phone.driver.get_cookies()
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("__Host-phien", True, True)
        phone.open(f"{lan.at_port(HERE, port)}/truc-tiep")
        assert phone.driver.execute_script("return isSecureContext && !!navigator.mediaDevices")
        assert phone.complaints() == []


def test_opened_by_the_settings_it_says_where(tmp_path):
    port = free_port()
    environment = {"BROADCASTER_LAN": "true", "BROADCASTER_HTTPS_PORT": str(port)}
    station = RunningStation(tmp_path / "tram", environment).start()
    try:
        assert f"Máy khác trong mạng: https://{HERE}:{port}" in station.welcome or not lan.addresses()
        eventually(lambda: is_listening("127.0.0.1", port), 10, "the door is open")
    finally:
        station.stop()


def _spki(der: bytes) -> str:
    """Return what Chromium takes to know one certificate by."""
    key = x509.load_der_x509_certificate(der).public_key()
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(public).digest()).decode()


def _assert_plain_http_is_led_to_https(port: int) -> None:
    connection = http.client.HTTPConnection(HERE, port, timeout=10)
    connection.request("GET", "/dang-nhap")
    answer = connection.getresponse()
    assert answer.status == 307
    assert answer.getheader("Location") == f"{lan.at_port(HERE, port)}/dang-nhap"
    connection.close()


def _assert_a_machine_with_the_authority_is_content(station: RunningStation, port: int) -> None:
    trusting = ssl.create_default_context(cafile=str(station.folder / "https" / "authority.crt"))
    with urllib.request.urlopen(f"{lan.at_port(HERE, port)}/dang-nhap", timeout=10, context=trusting) as page:
        assert page.status == 200
        assert "Strict-Transport-Security" not in page.headers
