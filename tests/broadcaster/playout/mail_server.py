"""A small mail server on loopback for one test: takes messages, or refuses them as real ones do."""

from __future__ import annotations

import base64
import email
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from email.policy import SMTP


class MailServer:
    """RFC 5321 as far as a sender needs it. `messages` came in whole; `lines` is all that was said to it."""

    def __init__(self, context: ssl.SSLContext | None = None, *, is_tls: bool = False) -> None:
        """With a `context` it offers STARTTLS, or speaks TLS at once."""
        self.messages: list[Message] = []
        self.recipients: list[list[str]] = []
        self.logins: list[str] = []
        self.lines: list[str] = []
        self.password = ""
        self.refuse = ""
        """The answer to RCPT or AUTH instead of the usual one, e.g. `550 no`."""
        self.slow_s = 0.0
        self.context = context
        self.is_tls = is_tls
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@contextmanager
def mail_server(context: ssl.SSLContext | None = None, *, is_tls: bool = False) -> Iterator[MailServer]:
    made = MailServer(context, is_tls=is_tls)
    try:
        yield made
    finally:
        made.close()


def _handler(server: MailServer) -> type[socketserver.BaseRequestHandler]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                talk = _Talk(server, self.request)
                try:
                    talk.run()
                finally:
                    talk.close()

    return Handler


class _Talk:
    """One connection."""

    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.is_secure = False
        self.to: list[str] = []
        if server.is_tls:
            self._wrap()
        self.file = self.connection.makefile("rb")

    def close(self) -> None:
        self.file.close()
        self.connection.close()

    def run(self) -> None:
        time.sleep(self.server.slow_s)
        self._say("220 loa")
        while line := self.file.readline():
            words = line.decode().strip()
            self.server.lines.append(words)
            if self._obey(words) == "bye":
                return

    def _obey(self, words: str) -> str | None:
        verb = words.split(maxsplit=1)[0].upper() if words else ""
        answers = {"RCPT": self._rcpt, "AUTH": self._auth, "DATA": self._data, "STARTTLS": self._start_tls}
        if verb in answers:
            return answers[verb](words)
        if verb in ("EHLO", "HELO"):
            can_start = self.server.context is not None and not self.is_secure
            extras = ["AUTH PLAIN", *(["STARTTLS"] if can_start else [])]
            return self._say("250-loa", *(f"250-{each}" for each in extras), "250 SMTPUTF8")
        if verb == "QUIT":
            self._say("221 bye")
            return "bye"
        return self._say("250 ok")

    def _rcpt(self, words: str) -> None:
        if self.server.refuse.startswith("55"):
            self._say(self.server.refuse)
        else:
            self.to.append(words.partition("<")[2].rstrip(">"))
            self._say("250 ok")

    def _auth(self, words: str) -> None:
        user, password = base64.b64decode(words.split()[2]).decode().split("\0")[1:]
        self.server.logins.append(user)
        self._say("235 ok" if password == self.server.password else "535 no")

    def _data(self, _words: str) -> None:
        if self.server.refuse.startswith("4"):
            self._say(self.server.refuse)
            return
        self._say("354 go on")
        lines = iter(self.file.readline, b".\r\n")
        self.server.messages.append(email.message_from_bytes(b"".join(lines), policy=SMTP))
        self.server.recipients.append(self.to)
        self._say("250 taken")

    def _start_tls(self, _words: str) -> None:
        self._say("220 go on")
        self.file.close()
        self._wrap()
        self.file = self.connection.makefile("rb")

    def _wrap(self) -> None:
        assert self.server.context is not None
        self.is_secure = True
        # The handshake by hand: a failure inside wrap_socket would leave the new socket open.
        self.connection = self.server.context.wrap_socket(
            self.connection, server_side=True, do_handshake_on_connect=False
        )
        try:
            self.connection.do_handshake()
        except OSError:
            self.connection.close()
            raise

    def _say(self, *lines: str) -> None:
        self.connection.sendall("".join(f"{line}\r\n" for line in lines).encode())
