"""Amounts: numbers as they are written, ranges of them, and the units behind them."""

from __future__ import annotations

import re

from broadcaster.text.numerals import (
    read_count,
    read_decimal,
    read_digits,
    read_fraction_digits,
    read_integer,
)
from broadcaster.text.place import UNSURE, Piece, Place, Rule, piece
from broadcaster.text.tables import UNITS, context

_GROUPED = r"\d{1,3}(?:\.\d{3}){1,6}(?!\d)|\d{1,3}(?:,\d{3}){2,6}(?!\d)"
NUMBER = (
    rf"(?:\d{{1,18}}\.\d{{1,2}}(?![\d,])(?!\.\d)|(?:{_GROUPED}|\d{{1,18}}(?!\d))(?:,\d{{1,6}}(?!\d)(?!,\d))?)"
)
"""12 · 1.250 · 1.250,5 · 1,481,544 · 2.5; a comma before one run of digits is the decimal mark."""
_LETTER = r"[^\W\d_]"
_NEVER_BEHIND = {"A", "C"}
"""House numbers and classes (51A, lớp 6C) far more often than amperes."""
_GLUED_ONLY = {"V", "W", "w", "s", "k", "K", "°", "ph"}
_LONGEST_UNIT = max(map(len, UNITS))
_DASH = r"\s?[-–]\s?"
_RANGE = re.compile(rf"({NUMBER})(?P<unit>{_LETTER}{{1,4}}[23²³]?|%|‰|°C?)?{_DASH}({NUMBER})(?![-–/]\d)")
_ONE = re.compile(NUMBER)
_BLANK_GROUPS = re.compile(r"[1-9]\d{0,2}(?: \d{3}){1,5}(?![\d.,]\d|\d)")
_HEAD = re.compile(rf"{context('head')}\s$")
_COUNTED_AFTER = re.compile(r"\s*(?:%|[^\W\d_])")
_SCORE = re.compile(r"(?:tỷ số|tỉ số|thắng|thua|hòa|hoà|kết quả)(?: [^\d]{1,20})?\s*$")
_SCORE_RIGHT_BEFORE = re.compile(
    r"(?:tỷ số|tỉ số|luân lưu|thắng|thua|hòa|hoà)(?: (?:là|chung cuộc|cách biệt|đậm|sít sao|chung))?\s*$"
    r"|(?:thắng|thua|hòa|hoà|gặp) đội [^.;,:]{1,28}$"
)
_FUNCTION_WORD = re.compile(
    r"\s(?:trong|ở|sau|trước|ngay|khi|và|để|qua|nhờ|tại|cho|của|với|thì|nghiêng|vào|ngày|lúc|trên|từ|rồi|nhưng|cả)(?![^\W_])"
)
_DECIMAL_AFTER = re.compile(rf"\s?{context('measured')}", re.IGNORECASE)
_COUNTER = re.compile(rf"{context('web_counter')}[^.;]{{0,20}}$")
_LIST_PAIR = re.compile(r"([1-9]\d?),([1-9]\d?)")
_LISTED_HEAD = re.compile(
    r"(?<![^\W_])(?:điều|khoản|tổ|thôn|khu phố|kp|ấp|xóm|đội|khối|lớp|tdp|tổ dân phố|chi bộ|cụm)\s$"
)
_POINT_BEFORE = re.compile(rf"{context('version')}\s*$")


def say_number(written: str, point: str = "phẩy") -> str:
    """Return a number as written in Vietnam in words; `point` is said for a dot before the last digits."""
    written = written.replace(" ", "")
    if written.count(",") > 1:
        return read_integer(written.replace(",", "").replace(".", ""))
    whole, _, fraction = written.partition(",")
    if "." in whole and len(whole.rpartition(".")[2]) != 3:
        head, _, tail = whole.partition(".")
        return f"{read_integer(head)} {point} {read_fraction_digits(tail)}"
    whole = whole.replace(".", "")
    return read_decimal(whole, fraction) if fraction else read_count(whole)


def unit_behind(place: Place, position: int) -> tuple[str, str, int] | None:
    """Return a unit written right behind an amount: as written, in words, and where it ends."""
    text = place.text
    spaced = text[position : position + 1] == " "
    start = position + spaced
    for end in range(min(start + _LONGEST_UNIT, len(text)), start, -1):
        written = text[start:end]
        if written not in UNITS or (end < len(text) and text[end].isalnum() and text[end - 1].isalnum()):
            continue
        if written in _NEVER_BEHIND or (spaced and written in _GLUED_ONLY):
            return None
        return written, UNITS[written], end
    return None


def _kind(unit: str) -> str:
    words = UNITS.get(unit, "")
    if unit in ("%", "‰"):
        return "percent"
    return "money" if any(part in words for part in ("đồng", "đô la", "ơ rô", "triệu", "yên")) else "quantity"


def read_range(match: re.Match[str], place: Place) -> Piece | None:
    """Read two numbers with a dash between: "đến", but a score after its words."""
    low, high = match[1], match[3]
    if match["unit"] and not _is_one_measure(match["unit"], place, match.end()):
        return None
    before, after = place.before(match.start()), place.after(match.end())
    if _is_score(before, after):
        return piece(match, "score", f"{say_number(low)} {say_number(high)}", "tỷ số")
    spoken = f"{say_number(low)}{_middle_unit(match['unit'], place, match.end())} đến {say_number(high)}"
    unit = unit_behind(place, match.end())
    if unit:
        return Piece(match.start(), unit[2], _kind(unit[0]), f"{spoken} {unit[1]}", why="khoảng")
    if _COUNTED_AFTER.match(after) or before.strip():
        return piece(match, "range", spoken, "khoảng từ … đến …")
    choices = (spoken, f"{say_number(low)} {say_number(high)}")
    return Piece(match.start(), match.end(), "range", spoken, UNSURE, choices, "không rõ là khoảng hay tỷ số")


def _is_score(before: str, after: str) -> bool:
    counted = _COUNTED_AFTER.match(after)
    if _SCORE_RIGHT_BEFORE.search(before) and (not counted or _FUNCTION_WORD.match(after)):
        return True
    return bool(_SCORE.search(before) and not counted)


_MEASURES = tuple(
    frozenset(group.split())
    for group in (
        "mm cm dm m km",
        "mg g kg yến tạ tấn",
        "ml l lít",
        "nghìn triệu tỷ k tr",
        "m2 ha km2",
        "s phút h",
    )
)


def _is_one_measure(unit: str, place: Place, end: int) -> bool:
    """Tell whether "6kg-1 tấn" is a range; 220V-50Hz is none."""
    if unit not in UNITS:
        return False
    behind = unit_behind(place, end)
    return behind is None or behind[0] == unit or any({unit, behind[0]} <= group for group in _MEASURES)


def _middle_unit(unit: str | None, place: Place, end: int) -> str:
    if not unit:
        return ""
    behind = unit_behind(place, end)
    return "" if behind and behind[0] == unit else f" {UNITS.get(unit, unit)}"


def read_blank_groups(match: re.Match[str], place: Place) -> Piece | None:
    if _HEAD.search(place.before(match.start())):
        return None
    return _with_unit(match, place, read_integer(match[0].replace(" ", "")))


def read_number(match: re.Match[str], place: Place) -> Piece | None:
    """Read one number, with the unit behind it."""
    written = match[0]
    before, after = place.before(match.start()), place.after(match.end())
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", written):
        return _three_after_comma(match, place, before, after)
    if (pair := _LIST_PAIR.fullmatch(written)) and _is_list(pair, before, place, match.end()):
        return piece(
            match, "number", f"{read_count(pair[1])}, {read_count(pair[2])}", "hai số cách nhau dấu phẩy"
        )
    measured = unit_behind(place, match.end()) is not None and not _POINT_BEFORE.search(before)
    point = "chấm" if "." in written and not measured and _is_version(before, after) else "phẩy"
    return _with_unit(match, place, say_number(written, point))


def _is_list(pair: re.Match[str], before: str, place: Place, end: int) -> bool:
    return bool(
        _LISTED_HEAD.search(before) and int(pair[1]) < int(pair[2]) and unit_behind(place, end) is None
    )


def _is_version(before: str, after: str) -> bool:
    return bool(_POINT_BEFORE.search(before)) or not _DECIMAL_AFTER.match(after)


def _with_unit(match: re.Match[str], place: Place, spoken: str) -> Piece:
    unit = unit_behind(place, match.end())
    if unit and not (_is_clock_letter(unit[0], match, place) or _is_name_letter(unit[0], match, place)):
        return Piece(match.start(), unit[2], _kind(unit[0]), f"{spoken} {unit[1]}")
    return piece(match, "number", spoken)


_AT_TIME = re.compile(r"(?:từ|đến|lúc|vào|trước|sau|khoảng|hồi|sáng|chiều|tối)\s*$")


_MONEY_BEFORE = re.compile(
    r"(?:giá|phí|vé|chỉ|thu|tiền|lệ phí|từ|đến|phạt|còn|thêm|mức|nộp|góp)\s*(?:là|:)?\s*$"
)


def _is_name_letter(unit: str, match: re.Match[str], place: Place) -> bool:
    """Tell 5K and 4K, names, from 50K, a price."""
    return unit == "K" and len(match[0]) == 1 and not _MONEY_BEFORE.search(place.before(match.start()))


def _is_clock_letter(unit: str, match: re.Match[str], place: Place) -> bool:
    return unit == "g" and bool(_AT_TIME.search(place.before(match.start()))) and len(match[0]) <= 2


def _three_after_comma(match: re.Match[str], place: Place, before: str, after: str) -> Piece:
    """Read 23,069: thousands on a web counter, a decimal before a unit, otherwise a person decides."""
    whole, _, fraction = match[0].partition(",")
    as_decimal, as_thousands = read_decimal(whole, fraction), read_integer(whole + fraction)
    if _DECIMAL_AFTER.match(after):
        return _with_unit(match, place, as_decimal)
    if _COUNTER.search(before):
        return piece(match, "number", as_thousands, "số đếm của trang mạng")
    choices = (as_thousands, as_decimal)
    why = "dấu phẩy có thể là phần nghìn hoặc phần thập phân"
    return Piece(match.start(), match.end(), "number", as_thousands, UNSURE, choices, why)


def read_long_digits(match: re.Match[str], place: Place) -> Piece:
    return piece(match, "digits", read_digits(match[0]), "dãy số dài: đọc từng số")


_TIMES = re.compile(rf"({NUMBER})\s?(m|cm|mm|km)?\s?[xX×]\s?(?=\d)")


def read_times(match: re.Match[str], place: Place) -> Piece:
    """Read the first side of 10x15m, with the "nhân" behind it."""
    unit = f" {UNITS[match[2]]}" if match[2] else ""
    return piece(match, "quantity", f"{say_number(match[1])}{unit} nhân")


_MIXED = re.compile(r"(\d{1,3})(m(?![23](?!\d))|tr|km(?!2)|kg|tỷ)(\d{1,3})(?!\d|[^\W_])")


def read_mixed(match: re.Match[str], place: Place) -> Piece:
    """Read 1m65, 2tr5: the unit stands where the comma would."""
    unit = {"m": "mét", "tr": "triệu", "km": "ki lô mét", "kg": "ki lô", "tỷ": "tỷ"}[match[2]]
    tail = {"1": "mốt", "4": "tư", "5": "rưỡi"}.get(match[3]) or read_integer(match[3])
    return piece(match, "quantity", f"{read_integer(match[1])} {unit} {tail}")


_FORMULA = re.compile(r"\d{1,3}(?:-\d{1,3}){2,3}(?!\d|[/.,-]\d)")
_LATITUDE = re.compile(r"(\d{1,3}[.,]\d{1,2})\s?°?\s?([NEBĐ])(?![^\W_])")
_BEARINGS = {"N": "độ Vĩ Bắc", "B": "độ Vĩ Bắc", "E": "độ Kinh Đông", "Đ": "độ Kinh Đông"}


def read_formula(match: re.Match[str], place: Place) -> Piece:
    """Read 20-20-15, the make-up of a fertiliser: numbers with pauses, no range."""
    return piece(match, "number", ", ".join(read_integer(part) for part in match[0].split("-")))


def read_latitude(match: re.Match[str], place: Place) -> Piece:
    return piece(match, "quantity", f"{say_number(match[1])} {_BEARINGS[match[2]]}", "toạ độ")


AMOUNT_RULES: tuple[Rule, ...] = (
    (_FORMULA, read_formula),
    (_LATITUDE, read_latitude),
    (re.compile(r"\d{19,}"), read_long_digits),
    (_TIMES, read_times),
    (_RANGE, read_range),
    (_MIXED, read_mixed),
    (_BLANK_GROUPS, read_blank_groups),
    (_ONE, read_number),
)
