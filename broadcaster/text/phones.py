"""Numbers said digit by digit: telephones, short numbers, accounts and identity numbers, number plates."""

from __future__ import annotations

import re

from broadcaster.text.letters import spell
from broadcaster.text.numerals import read_digits
from broadcaster.text.place import Piece, Place, Rule, piece
from broadcaster.text.tables import context

_NEXT_DIGIT = r"(?: ?[.\-–] ?| )?\d"
_PHONE = re.compile(
    rf"(?:\(\s?(?:\+84|0\d{{1,3}})\s?\)(?:{_NEXT_DIGIT}){{6,9}}|\+\s?84(?:{_NEXT_DIGIT}){{8,10}}|0(?:{_NEXT_DIGIT}){{8,10}})(?!\d|[.,]\d|/\d{{1,6}}(?!\d))"
)
_SERVICE = re.compile(r"1[89]00[ .\-]?\d{2,4}(?:[ .\-]\d{2,4}){0,2}(?!\d|[.,/]\d)")
_SHORT_KNOWN = {
    "111",
    "112",
    "113",
    "114",
    "115",
    "116",
    "117",
    "118",
    "119",
    "1022",
    "1080",
    "1068",
    "1789",
    "18001",
}
_SHORT = re.compile(r"\d{3,12}(?!\d|[.,/%]\d|%|\s?[-–]\s?\d{1,3}(?!\d))")
_LINK = r"(?:\s|số|ngay|đến|tới|qua|theo|là|:|\(|cho|điện|và|hoặc|máy|của|ngay số|vào)*"
_STRONG = re.compile(rf"{context('phone_strong')}\.?{_LINK}$")
_EXTENSION = re.compile(rf"(?:máy lẻ|nhánh|phím|đầu số|tổng đài|số lẻ|số máy|tin nhắn|điện thoại){_LINK}$")
_WEAK = re.compile(rf"{context('phone_weak')}\.?{_LINK}$")
_COUNTED = re.compile(rf"\s?{context('phone_counted')}(?![^\W_])")
_IDENTITY = re.compile(rf"{context('identity')}\s*(?:số|là|:|\(|cá nhân|thuế|dự án|\s)*$")
_IDENTITY_SHAPE = re.compile(r"\d{2,}(?:[ .\-]\d+){0,6}(?!\d)")
_PLATE = re.compile(
    r"(\d{2})\s?[-–]?\s?([A-ZĐ]{1,2}\d?)\s?([-–. ]?)\s?(\d{3}\.\d{2}|\d{4,5})(?![\d.,/]\d|\d)"
)
_PLATE_BEFORE = re.compile(r"(?:biển|bks|xe|số|ô tô|mô tô|máy|kiểm soát|tải|khách)[^.;]{0,14}$")
_EMERGENCY = re.compile(rf"{context('emergency')}[^\d.;\n]{{0,40}}$")
_AFTER_PHONE = re.compile(r"\s*(?:[,;/&()–-]|hoặc|và|hay|,\s*hoặc)\s*\(?")


def _say_groups(written: str) -> str:
    groups = re.findall(r"\d+", written)
    if len(groups) == 1 and len(groups[0]) >= 9:
        whole = groups[0]
        groups = [whole[:4], whole[4:7], whole[7:]]
    said = ", ".join(read_digits(group) for group in groups)
    return f"cộng {said}" if "+" in written else said


def read_phone(match: re.Match[str], place: Place) -> Piece | None:
    digits = re.sub(r"\D", "", match[0])
    asked = digits[0] == "0" and _STRONG.search(place.before(match.start()))
    if not asked and not _is_phone(match[0], digits):
        return None
    return piece(match, "phone", _say_groups(match[0]))


def _is_phone(written: str, digits: str) -> bool:
    if "+" in written:
        return 10 <= len(digits) <= 12
    if digits[0] != "0" or digits[1] not in "235789" or not 10 <= len(digits) <= 11:
        return len(digits) == len(written) and 9 <= len(digits) <= 11
    groups = re.findall(r"\d+", written)
    return digits[1] == "2" or all(len(group) >= 2 for group in groups)


def read_service(match: re.Match[str], place: Place) -> Piece | None:
    before = place.before(match.start())
    after = place.after(match.end())
    if before.rstrip().endswith("năm") and " " in match[0]:
        return None
    if match[0].isdecimal() and (_COUNTED.match(after) or not (before + after).strip()):
        return None
    return piece(match, "phone", _say_groups(match[0]))


def read_short(match: re.Match[str], place: Place) -> Piece | None:
    """Read 113 after "công an", 102 after "máy lẻ", and what follows another telephone number."""
    digits, before, after = match[0], place.before(match.start()), place.after(match.end())
    if _COUNTED.match(after):
        return None
    known = digits in _SHORT_KNOWN or len(digits) >= 7
    if (_STRONG.search(before) and (known or len(digits) >= 5 or _EXTENSION.search(before))) or (
        known and _WEAK.search(before)
    ):
        return piece(match, "phone", _say_groups(digits))
    said = place.last_said()
    if known and said and said.kind == "phone" and _AFTER_PHONE.fullmatch(place.gap(match.start())):
        return piece(match, "phone", _say_groups(digits))
    if digits in _SHORT_KNOWN and _EMERGENCY.search(before):
        return piece(match, "phone", read_digits(digits))
    return None


def read_identity(match: re.Match[str], place: Place) -> Piece | None:
    digits = re.sub(r"\D", "", match[0])
    if (
        len(digits) < 5
        or _COUNTED.match(place.after(match.end()))
        or not _IDENTITY.search(place.before(match.start()))
    ):
        return None
    return piece(match, "digits", _say_groups(match[0]), "số định danh: đọc từng số")


def read_plate(match: re.Match[str], place: Place) -> Piece | None:
    province, series, mark, number = match.groups()
    dashed = mark.strip() in ("-", "–") or "." in number
    if not dashed and not _PLATE_BEFORE.search(place.before(match.start())):
        return None
    said = f"{read_digits(province)} {spell(series)}, {read_digits(number.replace('.', ''))}"
    return piece(match, "plate", said)


PHONE_RULES: tuple[Rule, ...] = (
    (_PLATE, read_plate),
    (_IDENTITY_SHAPE, read_identity),
    (_PHONE, read_phone),
    (_SERVICE, read_service),
    (_SHORT, read_short),
)
BRACKET_PHONE_RULES: tuple[Rule, ...] = ((_PHONE, read_phone),)
