"""Vietnamese number words, made from digits as they are written; never through float or int arithmetic."""

from __future__ import annotations

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_LAST_AFTER_TENS = {"1": "mốt", "4": "tư", "5": "lăm"}
_PLACES = ("", "nghìn", "triệu")
LONGEST_CARDINAL = 18
"""More digits than this are no amount a listener can follow: they are read one by one."""


def read_digits(digits: str) -> str:
    """Return every digit by its name: "113" -> "một một ba"."""
    return " ".join(DIGITS[int(digit)] for digit in digits)


def _read_pair(tens: str, ones: str) -> str:
    if tens == "0":
        return DIGITS[int(ones)]
    head = "mười" if tens == "1" else f"{DIGITS[int(tens)]} mươi"
    if ones == "0":
        return head
    if tens == "1":
        return f"{head} {'lăm' if ones == '5' else DIGITS[int(ones)]}"
    return f"{head} {_LAST_AFTER_TENS.get(ones) or DIGITS[int(ones)]}"


def _read_triple(triple: str, is_first: bool) -> str:
    """Read three digits; inside a longer number the hundreds are said even when they are none."""
    hundreds, tens, ones = triple[0], triple[1], triple[2]
    if is_first and hundreds == "0":
        return _read_pair(tens, ones)
    head = f"{DIGITS[int(hundreds)]} trăm"
    if tens == "0":
        return head if ones == "0" else f"{head} linh {DIGITS[int(ones)]}"
    return f"{head} {_read_pair(tens, ones)}"


def _read_below_billion(digits: str, is_first: bool) -> list[str]:
    width = -(-len(digits) // 3) * 3
    padded = digits.zfill(width)
    words: list[str] = []
    for start in range(0, width, 3):
        triple = padded[start : start + 3]
        if triple == "000":
            continue
        place = _PLACES[(width - start) // 3 - 1]
        words.append(_read_triple(triple, is_first and not words and start == 0))
        if place:
            words.append(place)
    return words


def read_integer(digits: str) -> str:
    """Return the cardinal for a run of digits: "20050" -> "hai mươi nghìn không trăm năm mươi".

    Leading zeros are dropped; over `LONGEST_CARDINAL` digits come out one by one.
    """
    digits = digits.lstrip("0") or "0"
    if digits == "0":
        return DIGITS[0]
    if len(digits) > LONGEST_CARDINAL:
        return read_digits(digits)
    high, low = digits[:-9], digits[-9:]
    if not high:
        return " ".join(_read_below_billion(low, is_first=True))
    words = [*_read_below_billion(high, is_first=True), "tỷ", *_read_below_billion(low, is_first=False)]
    return " ".join(words)


def read_count(digits: str) -> str:
    """Return a counted number: one leading zero is silent ("02" -> "hai"), more are a code."""
    if len(digits) > 2 and digits[0] == "0":
        return read_digits(digits)
    return read_integer(digits)


def read_fraction_digits(digits: str) -> str:
    """Return what follows "phẩy": two digits as a number, a leading zero and longer runs digit by digit."""
    if len(digits) == 2 and digits[0] != "0":
        return read_integer(digits)
    return read_digits(digits)


def read_decimal(whole: str, fraction: str) -> str:
    return f"{read_integer(whole)} phẩy {read_fraction_digits(fraction)}"


def read_month(digits: str) -> str:
    month = read_integer(digits)
    return "tư" if month == "bốn" else month


def read_ordinal(digits: str) -> str:
    """Return what is said after "thứ": nhất, hai, ba, tư, then cardinals."""
    cardinal = read_integer(digits)
    return {"một": "nhất", "bốn": "tư"}.get(cardinal, cardinal)


def read_code_number(digits: str) -> str:
    """Return the number of a document: a leading zero is said ("05" -> "không năm")."""
    if digits[0] == "0" and len(digits) > 1:
        return read_digits(digits)
    return read_integer(digits)
