"""The door for other machines: TLS outside, the page's own server inside, and nobody waits for anybody."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from waitress.server import create_server

from broadcaster import certificates
from tests.sound_server import eventually
from web import doorway
from web.doorway import Doorway
from web.visitors import Visitors

BIG = bytes(range(256)) * 32_768
"""8 MB: more than all buffers on the way hold."""


def app(environ, start_response):
    body = environ["wsgi.input"].read()
    told = [environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_FOR", "-")]
    answer = BIG if environ["PATH_INFO"] == "/lon" else " ".join(told).encode()
    if body:
        answer = hashlib.sha256(body).hexdigest().encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificates.own(tmp_path_factory.mktemp("tram"), ("tram",), ("192.168.1.20",), _now())


@pytest.fixture(scope="module")
def door(certificate) -> Iterator[Doorway]:
    visitors = Visitors(app)
    server = create_server(visitors, host="127.0.0.1", port=0, threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    made = Doorway(0, ("127.0.0.1", int(server.effective_port)), visitors, certificates.context(certificate))
    made.open()
    yield made
    made.shut()
    server.task_dispatcher.shutdown()
    server.close()


@pytest.fixture
def trusting(certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate.authority))


@pytest.fixture
def ask(door, trusting):
    def asked(path="/", body=None, **headers):
        connection = http.client.HTTPSConnection("localhost", door.port, timeout=10, context=trusting)
        try:
            connection.request("POST" if body else "GET", path, body, headers)
            return connection.getresponse().read()
        finally:
            connection.close()

    return asked


def _now():
    from datetime import UTC, datetime

    return datetime.now(UTC)  # TLS itself looks at the machine's clock


def plain(door, request):
    """Return what the door says to a visitor that does not speak TLS."""
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as visitor:
        visitor.sendall(request)
        said = b""
        while piece := visitor.recv(4096):
            said += piece
        return said


def test_a_visitor_is_known_by_its_own_address_and_by_https(ask):
    assert ask() in (b"127.0.0.1 https -", b"::1 https -")


def test_nobody_passes_for_somebody_else(ask):
    assert b"203.0.113.7" not in ask(**{"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7"})


def test_one_that_says_nothing_holds_up_nobody(ask, door):
    with socket.create_connection(("127.0.0.1", door.port)) as silent:
        began = time.monotonic()
        ask()
        assert time.monotonic() - began < 2
        silent.sendall(b"\x16\x03\x01")  # a handshake that goes no further
        ask()
        assert time.monotonic() - began < 4


def test_large_answers_and_uploads_pass_whole(ask):
    assert ask("/lon") == BIG
    assert ask(body=BIG) == hashlib.sha256(BIG).hexdigest().encode()


def test_a_slow_reader_gets_everything(door, trusting):
    with (
        socket.create_connection(("127.0.0.1", door.port), timeout=20) as outside,
        trusting.wrap_socket(outside, server_hostname="localhost") as slow,
    ):
        slow.sendall(b"GET /lon HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        time.sleep(0.5)  # the buffers fill up; the point of the test
        got = 0
        while piece := slow.recv(65_536):
            got += len(piece)
        assert got > len(BIG)


def test_many_requests_use_one_connection(door, trusting):
    connection = http.client.HTTPSConnection("localhost", door.port, timeout=10, context=trusting)
    for _ in range(3):
        connection.request("GET", "/")
        assert connection.getresponse().read()
        assert connection.sock is not None
    connection.close()


def test_plain_http_is_pointed_to_https(door):
    said = plain(door, b"GET /dang-nhap?tiep=/ HTTP/1.1\r\nHost: 192.168.1.20:8443\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 307")
    assert b"\r\nLocation: https://192.168.1.20:8443/dang-nhap?tiep=/\r\n" in said


@pytest.mark.parametrize(
    "request_",
    [
        b"rac\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\r\nSet-Cookie: a HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_no_plain_request_is_refused(door, request_):
    said = plain(door, request_)
    assert said.startswith(b"HTTP/1.1 400")
    assert b"Location" not in said


def test_a_new_certificate_is_shown_to_the_next_visitor(ask, door, certificate, tmp_path):
    kept, other = door.context, certificates.own(tmp_path, ("tram",), (), _now() + timedelta(hours=1))
    door.context = certificates.context(other)
    try:
        shown = ssl.get_server_certificate(("127.0.0.1", door.port), timeout=10)
        assert certificates.fingerprint(ssl.PEM_cert_to_DER_cert(shown)) == other.sha256
    finally:
        door.context = kept
    assert ask()


def test_one_machine_cannot_take_all_places(ask, door, monkeypatch):
    monkeypatch.setattr(doorway, "MOST_OF_ONE", 3)
    eventually(lambda: door._busy.total() == 0, 10, "the visitors before have left")
    held = [socket.create_connection(("127.0.0.1", door.port)) for _ in range(3)]
    eventually(lambda: door._busy.total() == 3, 5)
    with pytest.raises(OSError):  # reset or closed, as the moment will have it
        ask()
    for each in held:
        each.close()
    eventually(lambda: door._busy.total() == 0, 10)
    assert ask()


def test_a_door_that_is_shut_gives_its_port_back(certificate):
    visitors = Visitors(app)
    first = Doorway(0, ("127.0.0.1", 9), visitors, certificates.context(certificate))
    first.open()
    with pytest.raises(OSError, match="in use"):
        Doorway(first.port, ("127.0.0.1", 9), visitors, certificates.context(certificate)).open()
    first.shut()
    assert not first.is_open
    again = Doorway(first.port, ("127.0.0.1", 9), visitors, certificates.context(certificate))
    again.open()
    again.shut()
