"""The door for other machines: TLS on the ward's network, and behind it the server of the page.

waitress serves the page and speaks no TLS. cheroot, which does, shakes hands in the thread that accepts:
beside one connection that says nothing, the next answer took 9.8 s here. So TLS ends at this door, where
each connection is a task with its time limits, and goes on to waitress over a connection of its own:
waitress reads slow requests, buffers answers and limits sizes for all visitors alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import re
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Coroutine
from typing import Any

from web.visitors import Address, Visitors

logger = logging.getLogger(__name__)

HELLO_S = 5.0
"""A visitor gets this long for its first byte, and again for the handshake."""
GOODBYE_S = 2.0
FLUSH_S = 20.0
"""The end of an answer gets this long on a slow network."""
MOST = 120
MOST_OF_ONE = 32
"""Connections of one machine; a browser opens six."""
TLS_HANDSHAKE = b"\x16"
_PIECE_BYTES = 65_536
_LONGEST_HEAD_BYTES = 8192
_REQUEST = re.compile(rb"[A-Z]+ (/[!-~]*) HTTP/1\.[01]\r\n")
_HOST = re.compile(rb"\r\nHost: *([A-Za-z0-9.:\[\]-]+) *\r\n", re.IGNORECASE)


class Doorway:
    """Open or shut; `context` may be replaced while it is open and holds for the next visitor."""

    def __init__(self, port: int, inside: Address, visitors: Visitors, context: ssl.SSLContext) -> None:
        """`inside` is where the page's own server listens."""
        self.context = context
        self.port = port
        self._inside = inside
        self._visitors = visitors
        self._busy: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_open(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def open(self) -> None:
        """Listen on all networks from now on. Raises OSError when the port cannot be had."""
        listening = _listen(self.port)
        self.port = int(listening.getsockname()[1])
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listening, started), name="doorway", daemon=True
        )
        self._thread.start()
        started.wait(HELLO_S)

    def shut(self) -> None:
        if self._loop is not None and self._leave is not None and self.is_open:
            self._loop.call_soon_threadsafe(self._leave.set)
        if self._thread is not None:
            self._thread.join(2 * GOODBYE_S)

    def _run(self, listening: socket.socket, started: threading.Event) -> None:
        # Windows' own kind of loop cannot look at the first byte without taking it.
        with listening, asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._receive(listening, started))

    async def _receive(self, listening: socket.socket, started: threading.Event) -> None:
        self._loop, self._leave = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda _, told: logger.debug("%s", told.get("message")))
        visits: set[asyncio.Task[None]] = set()
        accepting = asyncio.create_task(self._accept(listening, visits))
        started.set()
        await self._leave.wait()
        for task in (accepting, *visits):
            task.cancel()
        await asyncio.wait((accepting, *visits), timeout=GOODBYE_S)

    async def _accept(self, listening: socket.socket, visits: set[asyncio.Task[None]]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                visitor, address = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(0.1)  # no descriptor is left: those inside must leave first
                continue
            task = asyncio.create_task(self._visit(visitor, (_plain(address[0]), address[1])))
            visits.add(task)
            task.add_done_callback(visits.discard)

    async def _visit(self, visitor: socket.socket, address: Address) -> None:
        """Let one visitor in, or show it the door; whatever it does, the others never wait for it."""
        if self._busy.total() >= MOST or self._busy[address[0]] >= MOST_OF_ONE:
            visitor.close()
            return
        self._busy[address[0]] += 1
        try:
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
                await self._receive_one(visitor, address)
        finally:
            self._busy[address[0]] -= 1
            self._busy += Counter()  # forget who has left

    async def _receive_one(self, visitor: socket.socket, address: Address) -> None:
        with contextlib.ExitStack() as closing:
            closing.enter_context(visitor)
            if await _first_byte(visitor) != TLS_HANDSHAKE:
                await _point_to_https(visitor)
                return
            closing.pop_all()  # from here on its transport closes it
        reader, writer = await self._shake_hands(visitor)
        try:
            await self._lead_inside(reader, writer, address)
        finally:
            await _close(writer)

    async def _shake_hands(self, visitor: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(_PIECE_BYTES, loop)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            visitor,
            ssl=self.context,
            ssl_handshake_timeout=HELLO_S,
            ssl_shutdown_timeout=GOODBYE_S,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _lead_inside(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address
    ) -> None:
        inner = _bound_beside(self._inside)
        own = inner.getsockname()[:2]
        self._visitors.note(own, address)
        try:
            inner_reader, inner_writer = await _connected(inner, self._inside)
            try:
                await _first_to_end(_carry(reader, inner_writer), _carry(inner_reader, writer))
            finally:
                await _close(inner_writer)
        finally:
            self._visitors.forget(own)


def _listen(port: int) -> socket.socket:
    try:
        listening = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    except (OSError, ValueError):  # this machine speaks IPv4 only, or the port is taken
        listening = socket.create_server(("", port))
    listening.setblocking(False)
    return listening


def _plain(address: str) -> str:
    """Return `192.168.1.20` for `::ffff:192.168.1.20`."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def _bound_beside(inside: Address) -> socket.socket:
    """Return a socket whose own address is known before it speaks."""
    inner = socket.socket(socket.AF_INET6 if ":" in inside[0] else socket.AF_INET, socket.SOCK_STREAM)
    inner.setblocking(False)
    inner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    inner.bind((inside[0], 0))
    return inner


async def _connected(
    inner: socket.socket, inside: Address
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        await asyncio.get_running_loop().sock_connect(inner, inside)
    except BaseException:
        inner.close()
        raise
    return await asyncio.open_connection(sock=inner)


async def _first_byte(visitor: socket.socket) -> bytes:
    """Return what the visitor will say first, without taking it."""
    loop, has_spoken = asyncio.get_running_loop(), asyncio.Event()
    visitor.setblocking(False)
    visitor.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    loop.add_reader(visitor, has_spoken.set)
    try:
        await asyncio.wait_for(has_spoken.wait(), HELLO_S)
    finally:
        loop.remove_reader(visitor)
    return visitor.recv(1, socket.MSG_PEEK)


async def _point_to_https(visitor: socket.socket) -> None:
    """Answer plain http with the same address by https; nothing of the request is looked at."""
    loop, head = asyncio.get_running_loop(), b""
    async with asyncio.timeout(HELLO_S):
        while b"\r\n\r\n" not in head and len(head) < _LONGEST_HEAD_BYTES:
            piece = await loop.sock_recv(visitor, _PIECE_BYTES)
            if not piece:
                return
            head += piece
        await loop.sock_sendall(visitor, _answer_to(head))
    visitor.shutdown(socket.SHUT_WR)


def _answer_to(head: bytes) -> bytes:
    request, host = _REQUEST.match(head), _HOST.search(head)
    rest = b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    if request is None or host is None:
        return b"HTTP/1.1 400 Bad Request\r\n" + rest
    where = b"Location: https://" + host[1] + request[1] + b"\r\n"
    return b"HTTP/1.1 307 Temporary Redirect\r\n" + where + rest


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE_BYTES):
        writer.write(piece)
        await writer.drain()


async def _first_to_end(*ways: Coroutine[Any, Any, None]) -> None:
    """Wait until one of the two directions has ended; the other one then has nobody to speak to."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _close(writer: asyncio.StreamWriter) -> None:
    """Let what is on its way arrive, but not for ever."""
    writer.close()
    try:
        async with asyncio.timeout(FLUSH_S):
            await writer.wait_closed()
    except TimeoutError:
        writer.transport.abort()
    except (OSError, ssl.SSLError):
        pass
