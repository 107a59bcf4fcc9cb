"""What a slash between numbers means: part of a whole, so many out of so many, a house number, a scale."""

from __future__ import annotations

import re

from broadcaster.text.amounts import NUMBER, say_number, unit_behind
from broadcaster.text.dates import SCALE_WORD, asks_parts, is_counted, is_whole
from broadcaster.text.letters import spell
from broadcaster.text.numerals import read_count, read_integer
from broadcaster.text.place import LIKELY, UNSURE, Piece, Place, Rule, piece
from broadcaster.text.tables import context

_PATH = re.compile(r"\d{1,4}[A-ZĐa-eđ]?(?:\s?/\s?\d{1,4}[A-ZĐa-eđ]?(?![^\W\d_])){1,4}(?!\d)")
_PAIR = re.compile(rf"({NUMBER})\s?/\s?({NUMBER})")
_SCALE = re.compile(r"(\d{1,3})(?::| : )(\d{1,7}(?:\.\d{3}){0,2})(?![\d:]|\s?[hg]\d?)")
_HOUSE = re.compile(rf"{context('house')}\s*$|số nhà[^.;\n]{{0,36}}$")
_STREET_BEHIND = re.compile(
    r"\s*,?\s*(?:đường|phố|hẻm|ngõ|ấp|khu phố|kp|tổ(?! chức)|đ\.|quốc lộ|ql)(?![^\W_])",
    re.IGNORECASE,
)
_DAY_BEFORE = re.compile(
    r"(?:ngày|hôm|sáng|trưa|chiều|tối|đêm|mồng|mùng|lễ|dịp|kỷ niệm|thứ \w+|chủ nhật)[\s,(]*$"
)
_WHOLE_DATE = re.compile(r"\d{1,2}/(?:0?[1-9]|1[0-2])/(?:19|20)\d\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBERED = re.compile(r"(?:tuần|tuần thứ|đợt|kỳ|quý|khóa|khoá|lần|số|vụ|phiên|học kỳ)\s*$")
_RANK_BEFORE = re.compile(r"(?:hạng|xếp thứ|xếp|vị trí)\s*(?:thứ\s*)?$")
_ATTAINED = re.compile(r"(?:đạt|có|được|bằng)\s*$")
_PRESSURE = re.compile(r"\s?mmHg")
_LARGEST_PART = 10


def _path(place: Place, match: re.Match[str]) -> str:
    parts = re.split(r"\s?/\s?", match[0])
    return " trên ".join(_path_part(part) for part in parts)


def _path_part(part: str) -> str:
    digits = part.rstrip("ABCDEĐabcdeđFGHKLMNPQRSTUVXYZ")
    return f"{read_count(digits)} {spell(part[len(digits) :])}".strip() if digits else spell(part)


def read_house(match: re.Match[str], place: Place) -> Piece | None:
    """Read the number of a house in a lane: 12/3, 45/7/2, 12A/3."""
    before, after = place.before(match.start()), place.after(match.end())
    if not _HOUSE.search(before) and not _STREET_BEHIND.match(after):
        return None
    if before.rstrip().endswith(("đường", "phố")):
        return None
    if _DAY_BEFORE.search(before) or _WHOLE_DATE.fullmatch(match[0]):
        return None
    if before.rstrip().endswith(("tại", "nhà")) and not _STREET_BEHIND.match(after):
        return None
    return piece(match, "address", _path(place, match))


def read_pair(match: re.Match[str], place: Place) -> Piece | None:
    low, high = match[1], match[2]
    before, after = place.before(match.start()), place.after(match.end())
    if _YEAR.fullmatch(high) and (said := _with_year(low, high, before)):
        return piece(match, "number", said)
    parts = _parts(low, high)
    is_ratio = SCALE_WORD.search(before) or _RANK_BEFORE.search(before) or _PRESSURE.match(after)
    if is_ratio or not parts or (is_counted(after) and not _asks_parts_of(match, before, after)):
        return _out_of(match, place)
    if is_whole(after) or is_counted(after):
        return piece(match, "fraction", parts)
    return _undecided(match, place, parts)


def _with_year(low: str, high: str, before: str) -> str | None:
    """Read "đợt 1/2026" and the two halves of "năm học 2025/2026"."""
    if _YEAR.fullmatch(low) and int(high) == int(low) + 1:
        return f"{read_integer(low)} đến {read_integer(high)}"
    return f"{say_number(low)} năm {read_integer(high)}" if _NUMBERED.search(before) else None


def _asks_parts_of(match: re.Match[str], before: str, after: str) -> bool:
    """Tell whether "quá 2/3 đại biểu" is meant, not "đạt 3/5 chỉ tiêu", so many out of so many."""
    if not asks_parts(before) or not _is_simple(match[1], match[2]):
        return False
    return is_whole(after) or not _ATTAINED.search(before)


def _parts(low: str, high: str) -> str | None:
    """Return "ba phần tư" where the second number can be a number of parts."""
    if not (low.isdecimal() and high.isdecimal()) or int(low) >= int(high) or int(low) == 0:
        return None
    if int(high) > 100 or low[0] == "0" or high[0] == "0":
        return None
    whole = "tư" if high == "4" else read_integer(high)
    return f"{read_integer(low)} phần {whole}"


def _is_simple(low: str, high: str) -> bool:
    return int(high) <= 5 or int(high) == _LARGEST_PART


def _out_of(match: re.Match[str], place: Place) -> Piece:
    spoken = f"{say_number(match[1])} trên {say_number(match[2])}"
    unit = unit_behind(place, match.end())
    if unit:
        return Piece(match.start(), unit[2], "ratio", f"{spoken} {unit[1]}")
    return piece(match, "ratio", spoken)


def _undecided(match: re.Match[str], place: Place, parts: str) -> Piece:
    """Read a/b with no word that decides: a simple fraction is likely one where a quantity is asked for."""
    after, before = place.after(match.end()), place.before(match.start())
    out_of = f"{say_number(match[1])} trên {say_number(match[2])}"
    if _is_simple(match[1], match[2]) and asks_parts(before):
        return Piece(match.start(), match.end(), "fraction", parts, LIKELY, (parts, out_of), "phân số")
    if re.match(r"\s?[^\W\d_]", after):
        simple = _is_simple(match[1], match[2])
        spoken, other = (parts, out_of) if simple else (out_of, parts)
        return Piece(
            match.start(), match.end(), "fraction", spoken, LIKELY, (spoken, other), "phân số hay tỷ lệ"
        )
    choices = [parts, out_of]
    if int(match[1]) <= 31 and int(match[2]) <= 12:
        choices.append(
            f"{read_integer(match[1])} tháng {read_integer(match[2])}".replace("tháng bốn", "tháng tư")
        )
    return Piece(
        match.start(),
        match.end(),
        "fraction",
        parts,
        UNSURE,
        tuple(choices),
        "phân số, tỷ lệ hay ngày tháng?",
    )


def read_scale(match: re.Match[str], place: Place) -> Piece | None:
    spoken = f"{read_integer(match[1])} trên {say_number(match[2])}"
    if re.search(r"(?:tỷ số|tỉ số|thắng|thua|hòa)[^.;]{0,16}$", place.before(match.start())):
        return piece(match, "score", f"{read_integer(match[1])} {say_number(match[2])}")
    return piece(match, "ratio", spoken)


HOUSE_RULES: tuple[Rule, ...] = ((_PATH, read_house),)
RATIO_RULES: tuple[Rule, ...] = ((_PAIR, read_pair), (_SCALE, read_scale))
