"""Names of letters, and codes spelled with them."""

from __future__ import annotations

import re

from broadcaster.text.numerals import read_digits, read_integer

NAMES = {
    "a": "a", "ă": "á", "â": "ớ", "b": "bê", "c": "xê", "d": "đê", "đ": "đê", "e": "e", "ê": "ê",
    "f": "ép phờ", "g": "giê", "h": "hát", "i": "i", "j": "gi", "k": "ca", "l": "e lờ", "m": "em mờ",
    "n": "en nờ", "o": "o", "ô": "ô", "ơ": "ơ", "p": "pê", "q": "quy", "r": "e rờ", "s": "ét sì",
    "t": "tê", "u": "u", "ư": "ư", "v": "vê", "w": "vê kép", "x": "ích xì", "y": "i dài", "z": "dét",
}  # fmt: skip
"""Letter names as a newsreader says them; names and sounds (bờ, cờ) are never mixed."""

_PIECE = re.compile(r"[^\W\d_]|\d+")


def spell(code: str) -> str:
    """Return `code` letter by letter; digits in it as a number, or one by one after a zero.

    Letters without a Vietnamese name are left out: "" when nothing can be said.
    """
    return " ".join(filter(None, (_name(piece) for piece in _PIECE.findall(code))))


def _name(piece: str) -> str:
    if piece.isdecimal():
        digits = "".join(str(int(digit)) for digit in piece)
        return read_digits(digits) if digits[0] == "0" or len(digits) > 3 else read_integer(digits)
    return NAMES.get(piece.lower(), "")
