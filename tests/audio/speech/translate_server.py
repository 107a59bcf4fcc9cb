"""A small Google Translate on the loopback: speaks its protocol, and misbehaves in every way that it can."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs

from tests.audio.sounds import as_mp3, sine

CERTIFICATE = (
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
)


class TranslateServer(ThreadingHTTPServer):
    """`mode` says how it answers: ok, a status number, html, nothing, hang, drip, half, torn, redirect."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mode = "ok"
        self.asked: list[str] = []
        self.asked_at: list[float] = []
        self.released = threading.Event()
        """Ends hanging answers, so that a test ends too."""
        self.scheme = "http"

    def url(self, tld: str = "com", path: str = "") -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/{path}"

    def use_tls(self, folder: Path) -> None:
        """Serve with a certificate that nobody vouches for."""
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        subprocess.run([*CERTIFICATE, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is what half of the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: TranslateServer
    spoken: ClassVar[dict[str, bytes]] = {}

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        [[[_, parameters, *_]]] = json.loads(parse_qs(body)["f.req"][0])
        text = json.loads(parameters)[0]
        self.server.asked.append(text)
        self.server.asked_at.append(time.monotonic())
        mode = self.server.mode
        if mode.isdigit():
            self._answer(int(mode), b"sorry")
        elif mode == "hang":
            self.server.released.wait(30)
        elif mode == "redirect":
            self.send_response(302)
            self.send_header("Location", self.server.url(path="elsewhere"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._answer(200, self._body(mode, text), is_slow=mode == "drip")

    def do_GET(self) -> None:
        """What a redirection leads to: sound, but not from whom it was asked."""
        self._answer(200, self._body("ok", "xin chào"))

    def _body(self, mode: str, text: str) -> bytes:
        if mode == "html":
            return b"<!doctype html><html><body>Dang nhap wifi</body></html>"
        if mode == "nothing":
            return b'[["wrb.fr","jQ1olc",null,null,null,[3],"generic"]]'
        sound = mp3_for(text)
        if mode == "half":
            sound = sound[: len(sound) // 2 + 1]
        if mode == "torn":
            sound = b"\0" * 500
        packed = json.dumps([base64.b64encode(sound).decode()])
        return b")]}'\n\n123\n" + json.dumps([["wrb.fr", "jQ1olc", packed, None]]).encode() + b"\n25\n[]"

    def _answer(self, status: int, body: bytes, is_slow: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        step = 400 if is_slow else len(body)
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.wfile.flush()
            if is_slow:
                self.server.released.wait(0.1)

    def log_message(self, *_: object) -> None:
        pass


def mp3_for(text: str) -> bytes:
    """Return 0.25 s of tone for each word, as MP3 at the service's own rate."""
    seconds = 0.25 * len(text.split())
    key = f"{seconds}"
    if key not in _Handler.spoken:
        _Handler.spoken[key] = as_mp3(sine(300, seconds, 0.4, 24_000))
    return _Handler.spoken[key]


@contextmanager
def running(server: TranslateServer) -> Iterator[TranslateServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
