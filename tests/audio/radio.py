"""Other stations for a relay to listen to: live in real time, cut, stalled, silent, ended, or none at all.

One tiny server on loopback with a page for each.
"""

from __future__ import annotations

import io
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import numpy as np

from tests.audio.speech.translate_server import CERTIFICATE
from tests.contracts.listeners import hum
from tests.sound_server import RATE_HZ, Samples

PROGRAMME_S = 12.0
SEGMENT_S = 1.0
WINDOW = 4
"""Segments that a playlist shows."""
Answer = Callable[["_Handler"], None]


@cache
def programme() -> Samples:
    """What the station sends, over and over: noise that is like no other."""
    return hum(PROGRAMME_S, 77)


@cache
def encoded(codec: str, form: str, is_silent: bool = False) -> tuple[bytes, ...]:
    """Return the packets of one round of the programme, each playable where the one before ends."""
    sound = np.zeros_like(programme()) if is_silent else programme()
    out = io.BytesIO()
    options = {"mp3": {"write_xing": "0", "id3v2_version": "0"}}.get(form, {})
    with av.open(out, "w", format=form, options=options) as container:
        stream = container.add_stream(codec, rate=RATE_HZ, layout="mono")
        stream.bit_rate = 64_000
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return tuple(_frames(out.getvalue(), form))


def _frames(data: bytes, form: str) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size = 192 if form == "mp3" else (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        yield data[at : at + size]
        at += size


class Radio(ThreadingHTTPServer):
    """`air` is what a live stream does now: "on", "off", or "stalled": the line stays, nothing comes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.air = "on"
        self.left = 0
        """Listeners of an endless stream who have gone."""
        self.burst_s = 0.0
        self.asked: list[tuple[float, str]] = []
        """Moment and path of each request."""
        self.since_s = time.monotonic()
        """The playlists count their segments from here."""
        self.frozen_s: float | None = None
        """The moment at which the playlist stopped moving."""
        self.scheme = "http"
        self.pages: dict[str, Answer] = {}

    def url(self, path: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}{path}"

    def times_asked(self, path: str) -> int:
        return sum(1 for _, each in self.asked if each == path)

    def secure(self, folder: Path) -> None:
        """Serve with a certificate that nobody vouches for."""
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        subprocess.run([*CERTIFICATE, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"

    def segment_number(self) -> int:
        """Return the number of the newest segment that is complete."""
        now_s = self.frozen_s if self.frozen_s is not None else time.monotonic()
        return int((now_s - self.since_s) / SEGMENT_S) + WINDOW

    def handle_error(self, request: object, client_address: object) -> None:
        """A listener that leaves is what half of the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Radio

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append((time.monotonic(), path))
        answer = self.server.pages.get(path) or PAGES.get(path)
        if answer is not None:
            answer(self)
        elif path.startswith("/segment-"):
            self.send(200, "audio/aac", segment(int(path.split("-")[1].partition(".")[0])))
        else:
            self.send(404, "text/plain", b"no such mount")

    def send(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.begin(status, kind, **{"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def begin(self, status: int, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def stream(self, packets: tuple[bytes, ...], packet_s: float, burst_s: float = 0.0) -> None:
        """Send in real time after a burst, as the station's state allows."""
        next_s, number = time.monotonic() - burst_s, 0
        while self.server.air != "off":
            if self.server.air == "stalled":
                time.sleep(0.02)
                next_s = time.monotonic()
                continue
            self.wfile.write(packets[number % len(packets)])
            number += 1
            next_s += packet_s
            time.sleep(max(0.0, next_s - time.monotonic()))
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        pass


def segment(number: int) -> bytes:
    """Return one second of the programme as AAC."""
    packets = encoded("aac", "adts")
    per_segment = round(SEGMENT_S * RATE_HZ / 1024)
    first = number * per_segment
    return b"".join(packets[(first + each) % len(packets)] for each in range(per_segment))


def playlist(radio: Radio, is_ended: bool = False, more: str = "") -> bytes:
    newest = radio.segment_number()
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SEGMENT_S:.0f}"]
    lines += [f"#EXT-X-MEDIA-SEQUENCE:{newest - WINDOW + 1}", *filter(None, [more])]
    for number in range(newest - WINDOW + 1, newest + 1):
        lines += [f"#EXTINF:{SEGMENT_S:.3f},", f"segment-{number}.aac"]
    return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if is_ended else []), ""]).encode()


def _live(handler: _Handler, kind: str, packets: tuple[bytes, ...], packet_s: float) -> None:
    if handler.server.air == "off":
        handler.send(404, "text/plain", b"no source")
        return
    handler.begin(200, kind)
    handler.stream(packets, packet_s, handler.server.burst_s)


def _endless(handler: _Handler, packets: tuple[bytes, ...]) -> None:
    handler.begin(200, "audio/mpeg")
    try:
        while True:
            handler.wfile.write(b"".join(packets))
    finally:
        handler.server.left += 1


def _shoutcast(handler: _Handler) -> None:
    handler.wfile.write(b"ICY 200 OK\r\nicy-name: dai\r\nContent-Type: audio/mpeg\r\n\r\n")
    handler.stream(encoded("libmp3lame", "mp3"), 0.024, handler.server.burst_s)


def _hls(handler: _Handler, **more: object) -> None:
    body = playlist(handler.server, **more)  # type: ignore[arg-type]
    handler.send(200, "application/vnd.apple.mpegurl", body)


def _redirect(to: str) -> Answer:
    def answer(handler: _Handler) -> None:
        handler.begin(302, "text/plain", Location=to, Content_Length="0")

    return answer


def _text(kind: str, body: str) -> Answer:
    return lambda handler: handler.send(200, kind, body.encode())


PAGES: dict[str, Answer] = {
    "/live.mp3": lambda h: _live(h, "audio/mpeg", encoded("libmp3lame", "mp3"), 0.024),
    "/live.aac": lambda h: _live(h, "audio/aacp", encoded("aac", "adts"), 1024 / RATE_HZ),
    "/silent.mp3": lambda h: _live(h, "audio/mpeg", encoded("libmp3lame", "mp3", True), 0.024),
    "/icy": _shoutcast,
    "/endless.mp3": lambda h: _endless(h, encoded("libmp3lame", "mp3")),
    "/file.mp3": lambda h: h.send(200, "audio/mpeg", b"".join(encoded("libmp3lame", "mp3"))),
    "/live.m3u8": _hls,
    "/ended.m3u8": lambda h: _hls(h, is_ended=True),
    "/locked.m3u8": lambda h: _hls(h, more='#EXT-X-KEY:METHOD=AES-128,URI="key"'),
    "/master.m3u8": _text(
        "application/vnd.apple.mpegurl",
        "#EXTM3U\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360,CODECS="avc1.42e01e,mp4a.40.2"\nvideo.m3u8\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2"\nlive.m3u8\n',
    ),
    "/nghe.m3u": _text("audio/x-mpegurl", "#EXTM3U\n#EXTINF:-1,Dai\n{live}\n"),
    "/page": _text("text/html", "<!doctype html><title>Dai</title>Nghe truc tuyen"),
    "/page-as-audio": _text("audio/mpeg", "<html>captive portal</html>"),
    "/noise": lambda h: h.send(200, "application/octet-stream", bytes(range(256)) * 4000, Content_Length=""),
    "/concat": _text("application/octet-stream", "ffconcat version 1.0\nfile /etc/passwd\n"),
    "/denied": lambda h: h.send(401, "text/plain", b""),
    "/broken": lambda h: h.send(503, "text/plain", b""),
    "/round": _redirect("/round"),
    "/to-file": _redirect("file:///etc/passwd"),
    "/moved": _redirect("/live.mp3"),
    "/nothing": lambda h: h.begin(200, "audio/mpeg"),
    "/gone": lambda h: h.connection.shutdown(socket.SHUT_RDWR),
    "/gibberish": lambda h: h.wfile.write(b"SSH-2.0-OpenSSH\r\n"),
    "/mute": lambda h: time.sleep(1.5),
}


@contextmanager
def serving(secure_in: Path | None = None) -> Iterator[Radio]:
    radio = Radio()
    if secure_in is not None:
        radio.secure(secure_in)
    live = radio.url("/live.mp3")
    radio.pages["/nghe.m3u"] = _text("audio/x-mpegurl", f"#EXTM3U\n#EXTINF:-1,Dai\n{live}\n")
    radio.pages["/nghe.pls"] = _text("audio/x-scpls", f"[playlist]\nNumberOfEntries=1\nFile1={live}\n")
    thread = threading.Thread(target=radio.serve_forever, args=(0.05,), name="radio", daemon=True)
    thread.start()
    try:
        yield radio
    finally:
        radio.air = "off"
        radio.shutdown()
        radio.server_close()
        thread.join(5)
