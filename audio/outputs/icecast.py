"""An Icecast server, as a source of our own: PyAV encodes, and an HTTP PUT of ours carries it.

Not PyAV's own `icecast://`: it passes no options on, so an Opus stream is announced as audio/mpeg (PyAV issue
1322), and it sends later by 90 ms.
"""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import sys
import time
from typing import Any

import av

from audio.outputs.encoding import Encoder
from audio.outputs.output import NoDevice, OutputError, Samples
from audio.outputs.paced import PacedOutput
from audio.outputs.ways import PASSWORD_VARIABLE, IcecastWay

_BLOCK_FRAMES = {"opus": 3 * 960, "mp3": 3 * 1152}
"""Three frames of the codec at a time: one by one costs twice the work, and 40 ms are little to Icecast."""
_CONNECT_S = 1.5
_ANSWER_S = 1.5
"""Together below the 4 s after which a player takes an open for hung."""
_SEND_S = 1.0
_BACKLOG_S = 0.5
"""So much sound may be under way unacknowledged; more is not handed over, because nobody takes it."""
_LONGEST_ANSWER = 8192
_LONGEST_PASSWORD = 200
_MUXERS: dict[str, tuple[str, str, dict[str, str]]] = {
    # One page for each 20 ms: with the default of 1 s a listener hears everything a second late.
    "opus": ("ogg", "audio/ogg", {"flush_packets": "1", "page_duration": "20000"}),
    "mp3": ("mp3", "audio/mpeg", {"flush_packets": "1", "write_xing": "0", "id3v2_version": "0"}),
}
_CODECS: dict[str, tuple[str, dict[str, str]]] = {
    "opus": ("libopus", {"frame_duration": "20"}),
    # Without the reservoir each frame can be decoded by itself, by a listener who comes late too.
    # Level 7 of LAME takes half the time of its default (253 instead of 578 µs for 40 ms).
    "mp3": ("libmp3lame", {"reservoir": "0", "compression_level": "7"}),
}


def icecast_output(way: IcecastWay, latency_s: float) -> PacedOutput:
    return PacedOutput(way.name, latency_s, lambda: _IcecastSink(way), _BLOCK_FRAMES[way.format])


class _IcecastSink:
    def __init__(self, way: IcecastWay) -> None:
        self._backlog = round(way.bitrate_kbps * 125 * _BACKLOG_S)
        self._socket = _put(way)
        muxer, _, options = _MUXERS[way.format]
        try:
            self._container = av.open(_Body(self._socket), "w", format=muxer, options=options)
            codec, codec_options = _CODECS[way.format]
            self._encoder = Encoder(
                self._container, codec, bit_rate=way.bitrate_kbps * 1000, options=codec_options
            )
        except BaseException:
            self._socket.close()
            raise

    def takes(self, wait_s: float) -> bool:
        if _unacknowledged(self._socket) <= self._backlog:
            return True
        time.sleep(wait_s)
        return False

    def send(self, samples: Samples) -> None:
        self._encoder.send(samples)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        # The end of the stream goes nowhere: writing it could wait for a server that does not answer.
        self._socket.close()
        with contextlib.suppress(OSError, av.FFmpegError):
            self._container.close()


class _Body:
    """The body of the request, as a file that PyAV writes."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def write(self, encoded: bytes) -> int:
        self._socket.sendall(encoded)
        return len(encoded)


def _put(way: IcecastWay) -> socket.socket:
    """Return a connection that takes the stream. Raises OutputError with the server's reason."""
    head = _head(way, _password(way))
    try:
        connection = socket.create_connection((way.host, way.port), timeout=_CONNECT_S)
    except (OSError, UnicodeError) as error:
        raise NoDevice(f"Không kết nối được {way.name}; hãy kiểm tra mạng, địa chỉ và máy chủ.") from error
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(_ANSWER_S)
        connection.sendall(head)
        _check(_answer(connection), way)
        connection.settimeout(_SEND_S)
    except OSError as error:
        connection.close()
        raise NoDevice(f"{way.name} không trả lời; hãy kiểm tra máy chủ.") from error
    except OutputError:
        connection.close()
        raise
    return connection


def _head(way: IcecastWay, password: str) -> bytes:
    pair = base64.b64encode(f"{way.user}:{password}".encode()).decode()
    lines = (
        f"PUT {way.mount} HTTP/1.1",
        f"Host: {way.host}:{way.port}",
        f"Authorization: Basic {pair}",
        "User-Agent: ward-station",
        f"Content-Type: {_MUXERS[way.format][1]}",
        "Ice-Public: 0",
        "Expect: 100-continue",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _answer(connection: socket.socket) -> int:
    """Return the status that the server answers before it takes the stream; 0 for what is no HTTP."""
    heard = b""
    until_s = time.monotonic() + _ANSWER_S
    while b"\r\n\r\n" not in heard and len(heard) < _LONGEST_ANSWER and time.monotonic() < until_s:
        part = connection.recv(1024)
        if not part:
            break
        heard += part
    words = heard.split(b"\r\n", 1)[0].split()
    return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit() else 0


def _check(status: int, way: IcecastWay) -> None:
    match status:
        case 100 | 200:
            return
        case 401:
            place = f"tệp {way.password_file}" if way.password_file else f"biến {PASSWORD_VARIABLE}"
            raise NoDevice(f"{way.name} không nhận mật khẩu nguồn; hãy sửa mật khẩu trong {place}.")
        case 403:
            raise NoDevice(f"{way.name} đang có nguồn khác phát hoặc đã hết chỗ; hãy ngắt nguồn kia.")
        case 0:
            raise NoDevice(f"{way.name} không trả lời như một máy chủ Icecast; hãy kiểm tra địa chỉ và cổng.")
        case _:
            raise NoDevice(f"{way.name} từ chối luồng (mã {status}); hãy kiểm tra cài đặt máy chủ.")


def _password(way: IcecastWay) -> str:
    """Read anew at each connection, so that a corrected one helps at once; stands in no log and no error."""
    if way.password_file is None:
        password = os.environ.get(PASSWORD_VARIABLE, "")
        if not password:
            raise NoDevice(
                f"Chưa có mật khẩu cho {way.name}; hãy đặt biến {PASSWORD_VARIABLE} hoặc chọn tệp mật khẩu."
            )
        return password
    try:
        if os.name == "posix" and way.password_file.stat().st_mode & 0o077:
            raise NoDevice(
                f"Người khác đọc được tệp mật khẩu {way.password_file}; hãy chạy chmod 600 cho tệp này."
            )
        with way.password_file.open("rb") as file:
            return file.readline(_LONGEST_PASSWORD).decode().strip()
    except (OSError, UnicodeError) as error:
        raise NoDevice(f"Không đọc được tệp mật khẩu {way.password_file}; hãy kiểm tra tệp này.") from error


def _unacknowledged(connection: socket.socket) -> int:
    """Return how many bytes the other side has not confirmed; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    import fcntl  # noqa: PLC0415 - not on Windows
    import termios  # noqa: PLC0415

    waiting: Any = bytearray(4)
    fcntl.ioctl(connection, termios.TIOCOUTQ, waiting)
    return int.from_bytes(waiting, sys.byteorder)
