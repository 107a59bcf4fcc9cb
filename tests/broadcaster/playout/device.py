"""An amplifier's relay on the loopback network, which also misbehaves as such devices do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Relay:
    """It knows `/on`, `/off` and `/state`; `calls` are the paths in the order in which they came."""

    def __init__(self) -> None:
        self.is_on = False
        self.calls: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.status = 200
        self.slow_s = 0.0
        self.is_stuck = False
        """It answers well and does nothing."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def orders(self) -> list[str]:
        return [path for path in self.calls if path != "/state"]

    def answer(self, path: str) -> tuple[int, str]:
        self.calls.append(path)
        time.sleep(self.slow_s)
        if self.status == 200 and not self.is_stuck and path in ("/on", "/off"):
            self.is_on = path == "/on"
        return self.status, "relay=ON" if self.is_on else "relay=OFF"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class Hook(Relay):
    """A service that takes messages: each POST is answered with `status` and `text`."""

    def __init__(self, text: str = "{}") -> None:
        self.text = text
        super().__init__()

    def answer(self, path: str) -> tuple[int, str]:
        self.calls.append(path)
        time.sleep(self.slow_s)
        return self.status, self.text


@contextmanager
def hook(text: str = "{}") -> Iterator[Hook]:
    made = Hook(text)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def relay() -> Iterator[Relay]:
    made = Relay()
    try:
        yield made
    finally:
        made.close()


def _handler(device: Relay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            device.headers.append(dict(self.headers))
            device.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            status, text = device.answer(self.path)
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", "/on")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # the other side may give up waiting
                super().handle()

    return Handler
