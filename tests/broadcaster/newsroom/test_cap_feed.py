"""Feeds of warnings on a loopback server that answers well, badly, slowly, and elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from broadcaster.newsroom import cap_feed
from broadcaster.newsroom.cap_feed import Unanswered, messages
from tests.broadcaster.newsroom.cap_files import BOMB, cap


class Centre(ThreadingHTTPServer):
    """`pages` by path: (status, headers, body); `asked` holds the paths that were asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []
        self.is_slow = False
        self.stop = threading.Event()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def put(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        self.pages[path] = (status, headers, body)
        return self.base + path


class _Handler(BaseHTTPRequestHandler):
    server: Centre

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for place in range(0, len(body), 100) if self.server.is_slow else ():
            if self.server.stop.wait(0.2):
                return
            self.wfile.write(body[place : place + 100])
            self.wfile.flush()
        if not self.server.is_slow:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def centre() -> Iterator[Centre]:
    server = Centre()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.stop.set()
    server.shutdown()
    thread.join()
    server.server_close()


def atom(*links: str) -> bytes:
    entries = "".join(
        f'<entry><link rel="alternate" href="{link}.html" type="text/html"/>'
        f'<link href="{link}" type="application/cap+xml"/></entry>'
        for link in links
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()


def rss(*links: str) -> bytes:
    items = "".join(f"<item><link>{link}</link></item>" for link in links)
    return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()


@pytest.mark.parametrize("feed", [atom, rss])
def test_a_feed_leads_to_its_messages(centre, feed):
    first, second = centre.put("/1.xml", cap("VN-1")), centre.put("/2.xml", cap("VN-2"))
    address = centre.put("/feed", feed("/1.xml", second))
    assert [link for link, _ in messages(address)] == [first, second]
    assert [link for link, _ in messages(address, frozenset({first}))] == [second]


def test_an_address_may_be_a_message_itself(centre):
    address = centre.put("/one.xml", cap())
    assert list(messages(address)) == [(address, cap())]


def test_a_message_that_is_gone_does_not_keep_the_others_away(centre):
    second = centre.put("/2.xml", cap("VN-2"))
    address = centre.put("/feed", atom("/1.xml", "/2.xml"))
    assert [link for link, _ in messages(address)] == [second]


def test_no_other_host_is_asked(centre):
    elsewhere = "http://127.0.0.2:1/x.xml"
    address = centre.put("/feed", atom(elsewhere, "file:///etc/passwd"))
    assert list(messages(address)) == []
    moved = centre.put("/moved", b"", 302, Location=elsewhere)
    with pytest.raises(Unanswered, match="máy khác"):
        list(messages(moved))


def test_a_redirection_on_the_same_host_is_followed_a_few_times(centre):
    centre.put("/new", cap())
    assert len(list(messages(centre.put("/old", b"", 301, Location="/new")))) == 1
    with pytest.raises(Unanswered, match="quá nhiều lần"):
        list(messages(centre.put("/round", b"", 302, Location="/round")))


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"", 503, "503"),
        (b"<html>", 200, "không đúng"),
        (BOMB, 200, "không đúng"),
        (b"x" * 600_000, 200, "quá dài"),
    ],
)
def test_a_bad_answer_is_one_sentence(centre, body, status, sentence):
    with pytest.raises(Unanswered, match=sentence):
        list(messages(centre.put("/feed", body, status)))


def test_nobody_there_is_one_sentence():
    with pytest.raises(Unanswered, match="Không nối được"):
        list(messages("http://127.0.0.1:1/feed"))


def test_a_slow_answer_has_a_deadline(centre, monkeypatch):
    monkeypatch.setattr(cap_feed, "DEADLINE_S", 0.5)
    centre.is_slow = True
    with pytest.raises(Unanswered, match="quá chậm"):
        list(messages(centre.put("/feed", b"x" * 200_000)))


def test_a_flood_is_read_on_in_the_next_round(centre):
    links = [centre.put(f"/{number}.xml", cap(f"VN-{number}")) for number in range(30)]
    address = centre.put("/feed", atom(*links))
    first = [link for link, _ in messages(address)]
    assert len(first) == cap_feed.MOST_MESSAGES
    assert [link for link, _ in messages(address, frozenset(first))] == links[cap_feed.MOST_MESSAGES :]
