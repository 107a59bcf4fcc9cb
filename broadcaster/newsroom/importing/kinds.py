"""What a file is, told by its first bytes; its name only decides between text and web page."""

from __future__ import annotations

import unicodedata
from pathlib import PureWindowsPath

from broadcaster.newsroom.importing.values import LARGEST_FILE_BYTES, Unreadable

LONGEST_NAME = 60
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""Word puts a document with a password into an OLE container with this stream (MS-OFFCRYPTO, 2.3.4)."""
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_SOUNDS = (b"RIFF", b"ID3", b"OggS", b"fLaC")
_WEB_NAMES = (".html", ".htm", ".xhtml")
_WEB_STARTS = (b"<!doctype html", b"<html", b"<?xml")
_PDF_WITHIN = 1024
"""Readers accept the mark of a PDF anywhere in the first kilobyte (ISO 32000-1, annex H)."""


def shown(name: str) -> str:
    """Return `name` without folders and control characters, short enough for a sentence."""
    last = PureWindowsPath(unicodedata.normalize("NFC", name)).name
    clean = "".join(each for each in last if each.isprintable()).strip()
    return clean if len(clean) <= LONGEST_NAME else f"{clean[: LONGEST_NAME - 1]}…"


def kind_of(name: str, content: bytes) -> str:
    """Return `docx`, `pdf`, `html` or `text`; raises Unreadable for everything else."""
    title = shown(name) or "tệp này"
    _check_size(title, content)
    if content.startswith(_ZIP):
        return "docx"
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return "pdf"
    if reason := _foreign(content):
        raise Unreadable(f"Không lấy được chữ từ “{title}”: {reason}")
    return _written(name, content)


def _check_size(title: str, content: bytes) -> None:
    if not content:
        raise Unreadable(f"Tệp “{title}” trống, không có nội dung nào; hãy chọn tệp khác.")
    if len(content) > LARGEST_FILE_BYTES:
        size = f"{len(content) / 1_000_000:.0f}"
        raise Unreadable(
            f"Tệp “{title}” nặng {size} MB, nhiều nhất là {LARGEST_FILE_BYTES // 1_000_000} MB; "
            "hãy bỏ bớt ảnh trong tệp, hoặc chép riêng phần chữ rồi dán vào."
        )


def _foreign(content: bytes) -> str:
    """Return why these bytes are no text, as the second half of a sentence."""
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            return "tệp được đặt mật khẩu; hãy mở bằng Word, bỏ mật khẩu rồi lưu lại."
        return "đây là tệp Office đời cũ (.doc, .xls); hãy mở bằng Word và lưu lại thành .docx."
    if content.startswith(b"{\\rtf"):
        return "đây là tệp RTF; hãy mở bằng Word và lưu lại thành .docx."
    if content.startswith(_PICTURES):
        return "đây là ảnh, không phải chữ; hãy dùng tệp Word gốc hoặc gõ lại nội dung."
    if content.startswith(_SOUNDS):
        return "đây là tệp âm thanh; hãy đưa vào ở trang Bản thu."
    return ""


def _written(name: str, content: bytes) -> str:
    start = content[:512].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\0", b"").lower()
    is_web = name.lower().endswith(_WEB_NAMES) or start.startswith(_WEB_STARTS)
    return "html" if is_web else "text"
