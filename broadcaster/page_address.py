"""Whether the page can listen where it is told to; asked before the processes start."""

from __future__ import annotations

import errno
import socket
import time

LAST_WEB_S = 3.0
"""The web process of a station that was just killed may hold its port this long."""

_REASONS = {
    errno.EADDRINUSE: "cổng này đang có chương trình khác dùng; hãy tắt chương trình đó hoặc chọn cổng khác "
    "bằng --port",
    errno.EACCES: "cổng dưới 1024 cần quyền quản trị; hãy chọn cổng khác bằng --port",
    errno.EADDRNOTAVAIL: "máy này không có địa chỉ đó; hãy dùng --host 127.0.0.1 hoặc --host 0.0.0.0",
}


def why_not(host: str, port: int, patience_s: float | None = None) -> str | None:
    """Return the sentence that says why the page cannot be opened there, or None when it can."""
    deadline = time.monotonic() + (LAST_WEB_S if patience_s is None else patience_s)
    while error := _attempt(host, port):
        if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
            reason = _REASONS.get(error.errno or 0, _REASONS[errno.EADDRNOTAVAIL])
            return f"Không mở được trang ở {host}:{port}: {reason}."
        time.sleep(0.1)
    return None


def _attempt(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        return error
    return None
