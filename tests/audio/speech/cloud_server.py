"""FPT.AI, Viettel AI, Zalo AI and a service with base64, played on the loopback by what their path says."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

from audio.speech import services
from audio.speech.services import Body, Reply, Service
from tests.audio.speech.translate_server import TranslateServer, mp3_for

KEY = "khoa-bi-mat-123"


class CloudServer(TranslateServer):
    """`mode` as for TranslateServer; also `error` (a JSON error) and `elsewhere` (a foreign address)."""

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = _Handler
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.fetched: list[dict[str, str]] = []
        self.not_yet = 1
        """How many times a file's address answers 404 before the file is there."""
        self.elsewhere = "http://192.168.1.1/loa.mp3"

    def service(self, name: str) -> Service:
        """Return the preset `name` (or `base64`), its address being ours."""
        made = BASE64 if name == "base64" else services.known()[name]
        quick = replace(made.answer, poll_s=0.02)
        return replace(made, url=self.url(path=name), pace_s=0.0, answer=quick)


BASE64 = replace(
    services.known()["zalo"],
    name="base64",
    title="Đài riêng",
    body=Body("json", {"input": {"text": "{text}"}, "voice": "{voice}", "rate": "{speed}"}),
    answer=Reply("base64", "/audio/0", "/error/code", "/error/text"),
)


class _Handler(BaseHTTPRequestHandler):
    server: CloudServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.headers.append(dict(self.headers))
        self.server.bodies.append(body)
        self.server.asked.append(text_in(self.path, body))
        mode = self.server.mode
        if mode.isdigit():
            self._answer(int(mode), b'{"message": "sorry"}')
        elif mode == "hang":
            self.server.released.wait(30)
        elif mode == "redirect":
            self.send_response(302)
            self.send_header("Location", self.server.url(path="file.mp3"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif mode == "html":
            self._answer(200, b"<!doctype html><html><body>Dang nhap wifi</body></html>")
        else:
            self._answer(200, self._body(mode))

    def do_GET(self) -> None:
        self.server.fetched.append(dict(self.headers))
        if self.server.not_yet > 0:
            self.server.not_yet -= 1
            self._answer(404, b"")
        else:
            self._answer(200, self._sound())

    def _body(self, mode: str) -> bytes:
        kind = self.path.strip("/")
        if mode == "error":
            return json.dumps(error_of(kind)).encode()
        if mode == "nothing":
            return b"" if kind == "viettel" else b"{}"
        if kind == "viettel":
            return self._sound()
        if kind == "base64":
            return json.dumps({"audio": [base64.b64encode(self._sound()).decode()]}).encode()
        there = self.server.elsewhere if mode == "elsewhere" else self.server.url(path="file.mp3")
        found = {"error": 0, "async": there} if kind == "fpt" else {"error_code": 0, "data": {"url": there}}
        return json.dumps(found).encode()

    def _sound(self) -> bytes:
        sound = mp3_for(self.server.asked[-1])
        return {"half": sound[: len(sound) // 2 + 1], "torn": b"\0" * 500}.get(self.server.mode, sound)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        promised = len(body) + (1000 if self.server.mode == "broken off" else 0)
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        step = 100 if self.server.mode == "drip" else max(len(body), 1)
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.wfile.flush()
            if self.server.mode == "drip":
                self.server.released.wait(0.1)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def text_in(path: str, body: bytes) -> str:
    match path.strip("/"):
        case "zalo":
            return parse_qs(body.decode())["input"][0]
        case "viettel":
            return str(json.loads(body)["text"])
        case "base64":
            return str(json.loads(body)["input"]["text"])
    return body.decode()


def error_of(kind: str) -> dict[str, object]:
    said = f"hết hạn mức cho {KEY}"
    return {
        "fpt": {"error": 3, "message": said},
        "zalo": {"error_code": 155, "error_message": said},
        "viettel": {"code": 403, "vi_message": said},
        "base64": {"error": {"code": "quota", "text": said}},
    }[kind]
