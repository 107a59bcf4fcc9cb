"""Bytes to text, and the refusal of what was typed with fonts from before Unicode."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable

from broadcaster.newsroom.importing.values import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNICODE = re.compile(r"[ăĂđĐơƠưƯĩĨũŨ\u1ea0-\u1ef9]")
"""Letters that only Unicode text has: most Vietnamese words that are not ASCII hold one."""
_TCVN3 = re.compile(
    "[A-Za-z][\u00a1-\u00af\u00b5-\u00b9\u00bb-\u00be]|[\u00a1-\u00af\u00b5-\u00b9\u00bb-\u00be][A-Za-z]"
    "|[a-z][\u00c6-\u00df]"
)
"""TCVN 5712:1993 (.VnTime) puts its letters where Unicode has signs and capitals: hoµ, ViÖt, lËp."""
_VNI = re.compile("[AEIOUYaeiouyôöÔÖ][ùøûõïáàåãäéèúüëêâ]|[ñöÑÖ]", re.IGNORECASE)
"""VNI writes the tone as a letter of its own behind the vowel: uûy ban nhaân daân."""
_ENOUGH_WORDS = 4


def decode(content: bytes) -> str:
    """Return the text of a pasted or uploaded file; raises Unreadable when it is not Unicode."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _as(content, encoding)
    if guessed := _unmarked_utf16(content):
        return _as(content, guessed)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse_legacy([content.decode("latin-1")])
        raise Unreadable(_NOT_UNICODE) from error


_NOT_UNICODE = (
    "Chữ trong tệp không theo bảng mã Unicode nên không đọc được; "
    "hãy mở tệp, chọn Lưu thành với mã hóa UTF-8, rồi nhập lại."
)


def _as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise Unreadable(_NOT_UNICODE) from error


def _unmarked_utf16(content: bytes) -> str:
    """Return the UTF-16 that a text without a mark is in: its blanks and line ends have a zero byte."""
    head = content[:4000]
    for encoding, blank in (("utf-16-le", b" \0"), ("utf-16-be", b"\0 ")):
        if head.count(0) > len(head) // 20 and blank in head and len(content) % 2 == 0:
            low = head[1::2] if encoding == "utf-16-le" else head[::2]
            if low.count(0) > len(low) // 3:
                return encoding
    return ""


def refuse_legacy(texts: Iterable[str]) -> None:
    """Raise Unreadable when a text was typed with TCVN3 (.VnTime) or VNI fonts: read aloud it is nonsense."""
    for text in texts:
        if font := legacy_font(text):
            words = " ".join(text.split()[:6])[:60]
            raise Unreadable(
                f"Đoạn “{words}” được gõ bằng phông chữ cũ {font}, không phải Unicode nên không đọc được; "
                "hãy chuyển mã sang Unicode (ví dụ bằng UniKey: Ctrl+Shift+F9) rồi nhập lại."
            )


def legacy_font(text: str) -> str:
    """Return `TCVN3` or `VNI` when the words that are not ASCII look so, else an empty text."""
    words = [word for word in text.split() if not word.isascii()]
    if len(words) < _ENOUGH_WORDS or sum(bool(_UNICODE.search(word)) for word in words) > len(words) // 4:
        return ""
    for font, pattern, share in (("VNI", _VNI, 0.6), ("TCVN3", _TCVN3, 0.25)):
        if sum(bool(pattern.search(word)) for word in words) >= share * len(words):
            return font
    return ""


def plain(text: str) -> str:
    """Return `text` in NFC, one kind of line end, without characters that nobody sees."""
    joined = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", joined.translate(_UNSEEN))


_UNSEEN: dict[int, str | None] = {
    **dict.fromkeys([*range(9), *range(11, 32), 127], ""),
    **dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF], ""),
    **dict.fromkeys([0x0B, 0x0C, 0x85, 0x2028, 0x2029], "\n"),
    0x00A0: " ",
}
