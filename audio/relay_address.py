"""Which addresses may be relayed: http and https, nothing that leads to a file or holds a secret."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

LONGEST_ADDRESS = 500
_SCHEMES = ("http", "https")
_KEPT = "%/:=&?~#+!$,;'@()*[]"
"""Signs that stand in an address as they are; everything beyond ASCII is written with percent signs."""
_HOST = re.compile(r"[0-9A-Za-z._:-]{1,253}")


class BadAddress(ValueError):
    """`str(error)` is one Vietnamese sentence."""


def checked_address(typed: str) -> str:
    """Return the address in the form in which it is kept and opened.

    Addresses inside the ward's own network are allowed. Raises BadAddress.
    """
    address = typed.strip()
    if len(address) > LONGEST_ADDRESS:
        raise BadAddress(
            f"Địa chỉ dài quá {LONGEST_ADDRESS} ký tự; hãy hỏi đơn vị có luồng địa chỉ ngắn hơn."
        )
    if not address or any(sign.isspace() or not sign.isprintable() for sign in address):
        raise BadAddress("Hãy dán địa chỉ của luồng, không có dấu cách, ví dụ http://dai.vn:8000/nghe.mp3.")
    parts = _split(address)
    if parts.scheme not in _SCHEMES:
        raise BadAddress("Địa chỉ phải bắt đầu bằng http:// hoặc https://; hãy dán lại cả địa chỉ.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress(
            "Địa chỉ có kèm tên và mật khẩu; hãy hỏi đơn vị có luồng một địa chỉ nghe không cần mật khẩu."
        )
    return urlunsplit((parts.scheme, _place(parts), _plain(parts.path) or "/", _plain(parts.query), ""))


def host_of(address: str) -> str:
    """Return what may stand in a log: no path and no query, which can hold somebody's key."""
    return urlsplit(address).hostname or ""


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise BadAddress("Địa chỉ này không đọc được; hãy kiểm tra tên máy chủ và số cổng.") from error
    return parts


def _place(parts: SplitResult) -> str:
    try:
        host = (parts.hostname or "").encode("idna").decode()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise BadAddress("Địa chỉ thiếu tên máy chủ hoặc tên không đúng; hãy kiểm tra chữ gõ.")
    name = f"[{host}]" if ":" in host else host
    return name if parts.port is None else f"{name}:{parts.port}"


def _plain(part: str) -> str:
    return quote(part, safe=_KEPT)
