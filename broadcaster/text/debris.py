"""What a pasted web page brings along: proposed for removal, never removed here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from broadcaster.text.syllables import is_syllable
from broadcaster.text.tables import DEBRIS, UPPER

_WORD = re.compile(r"[^\W\d_]+")
_LINE = re.compile(r"[^\n]*")
_SIGNATURE = re.compile(
    r"(?:TM|KT|TL|TUQ|T/M|Q)\.?\s*(?:ỦY BAN|UỶ BAN|UBND|CHỦ TỊCH|GIÁM ĐỐC|TRƯỞNG|BAN|ĐẢNG ỦY|HĐND|BCH|"
    r"BỘ TRƯỞNG)|"
    r"(?:PHÓ )?(?:CHỦ TỊCH|GIÁM ĐỐC|BÍ THƯ|TRƯỞNG BAN|TRƯỞNG PHÒNG)\s*$|"
    r"\(?(?:[Đđ]ã ký|[Kk]ý, đóng dấu|[Kk]ý tên)"
)
_RECEIVERS = re.compile(r"\s*(?:Nơi nhận|NƠI NHẬN)\s*:?")
_RECEIVER_LINE = re.compile(r"\s*(?:[-+•*]|Lưu\s*:|Như (?:trên|điều))")
_PAGE_NUMBER = re.compile(
    r"\s*(?:[-–]\s*\d{1,4}\s*[-–]|(?:[Tt]rang|[Pp]age)\s*\d+(?:\s*/\s*\d+)?|\d{1,3})\s*$"
)
_HEADER = re.compile(
    r"\s*(?:CỘNG HÒA|CỘNG HOÀ) XÃ HỘI CHỦ NGHĨA VIỆT NAM|\s*Độc lập\s*[-–]\s*Tự do\s*[-–]\s*Hạnh phúc"
)
_NAME_ONLY = re.compile(rf"(?:[{UPPER}](?:(?![{UPPER}])\w)+\s?){{2,4}}")
_LONGEST_NAME = 30
_WEATHER = re.compile(
    r"\s*(?:[+-]?\d{1,2}\s*°?\s*C?|°|C|(?:Cao|Thấp)\s*:\s*[+-]?\d{1,2}.*|Thỉnh thoảng có nắng)\s*$"
)
_COUNT_LINE = re.compile(r"\s*[•\-*]?\s*[^\W\d][^:\n]{2,40}:\s*\d[\d.,]*\s*$")
_STAMP = re.compile(
    r"\s*(?:(?:[Tt]hứ \S+|[Cc]hủ [Nn]hật)\s*,\s*)?(?:[Nn]gày\s*)?\d{1,2}[/-]\d{1,2}[/-]\d{4}\s*"
    r"(?:[,|-]\s*(?:\d{1,2}[:h]\d{2})?)?"
    r"\s*(?:\|\s*[^\d\n]{2,40})?(?:GMT\+7)?\s*$"
)
_LONG_LINE = 60
_MOSTLY_FOREIGN = 0.6


@dataclass(frozen=True, slots=True)
class Debris:
    """Lines that are probably not part of the bulletin."""

    start: int
    end: int
    kind: str
    """One of the keys of `_WHY`: 'counter', 'menu', 'share', 'receivers', 'signature' …"""
    written: str
    why: str


_WHY = {
    "counter": "bộ đếm của trang mạng",
    "menu": "thanh chọn, nhãn của trang mạng",
    "share": "nút chia sẻ, in, gửi của trang mạng",
    "page_number": "số trang",
    "receivers": "phần “Nơi nhận”",
    "signature": "phần ký tên",
    "header": "quốc hiệu, tiêu ngữ",
    "weather": "ô thời tiết của trang mạng",
    "stamp": "ngày đăng, người đăng",
    "foreign": "dòng tiếng nước ngoài của trang mạng",
}


def find_debris(text: str) -> tuple[Debris, ...]:
    """Return line by line what looks like layout and not like bulletin, in order."""
    lines = [(match.start(), match[0]) for match in _LINE.finditer(text) if match[0].strip()]
    kinds = [_kind(line) for _, line in lines]
    kinds = _spread(kinds, [line for _, line in lines])
    found = (
        Debris(start, start + len(line), kind, line, _WHY[kind])
        for (start, line), kind in zip(lines, kinds, strict=True)
        if kind
    )
    return tuple(found)


def _kind(line: str) -> str:
    if _HEADER.match(line):
        return "header"
    if _RECEIVERS.match(line):
        return "receivers"
    if _SIGNATURE.match(line.strip()):
        return "signature"
    if _PAGE_NUMBER.match(line):
        return "page_number"
    if _STAMP.match(line):
        return "stamp"
    return _listed(line) or ("foreign" if _is_foreign(line) else "")


def _listed(line: str) -> str:
    """Return the kind of a line that begins as web pages' labels do and holds little else."""
    plain = " ".join(line.strip(" •*-–|:\t").lower().split())
    for kind, label in DEBRIS:
        if plain == label or (plain.startswith(label) and len(plain) <= len(label) + _room(kind)):
            return "menu" if kind == "toolbar" else kind
    return ""


def _room(kind: str) -> int:
    return {"counter": 24, "menu": 16, "share": 16}.get(kind, 60)


def _is_foreign(line: str) -> bool:
    words = _WORD.findall(line)
    if not words or len(words) > 12 or not line.isascii() or "@" in line:
        return False
    foreign = sum(not is_syllable(word) and not word.isupper() for word in words)
    return foreign / len(words) >= _MOSTLY_FOREIGN


def _spread(kinds: list[str], lines: list[str]) -> list[str]:
    """Extend blocks: receivers run on below their heading, counters and labels gather at the page's end."""
    kinds = list(kinds)
    for index in range(1, len(kinds)):
        if not kinds[index]:
            kinds[index] = _goes_on(kinds[index - 1], lines[index])
    last = _last_of_body(lines, kinds)
    return [
        kind or ("menu" if index > last and len(lines[index].strip()) <= 40 else "")
        for index, kind in enumerate(kinds)
    ]


def _goes_on(above: str, line: str) -> str:
    if above == "receivers" and _RECEIVER_LINE.match(line):
        return "receivers"
    if above == "signature" and len(line) < _LONGEST_NAME and _NAME_ONLY.fullmatch(line.strip()):
        return "signature"
    if above in ("counter", "menu") and _COUNT_LINE.match(line):
        return "counter"
    return "weather" if above in ("counter", "weather") and _WEATHER.match(line) else ""


def _last_of_body(lines: list[str], kinds: list[str]) -> int:
    """Return the index of the last line long enough to be said, when debris follows it."""
    long = [index for index, line in enumerate(lines) if not kinds[index] and len(line.strip()) > _LONG_LINE]
    last = long[-1] if long else len(lines)
    return last if sum(bool(kind) for kind in kinds[last + 1 :]) >= 3 else len(lines)
