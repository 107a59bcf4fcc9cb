"""Letters with numbers: roads and their marks, certificates, cards, seed varieties, H5N1."""

from __future__ import annotations

import re

from broadcaster.text.letters import spell
from broadcaster.text.numerals import read_count, read_digits
from broadcaster.text.place import LIKELY, SURE, Piece, Place
from broadcaster.text.tables import ABBREVIATIONS, UPPER

_CODE = re.compile(rf"([{UPPER}]{{1,6}})([.-]?)(\d{{1,5}})((?:\.\d{{1,3}})?[{UPPER}a-c]?\d{{0,3}})(?![^\W_])")
_NUMBERED = {"P": "phường", "Q": "quận", "KP": "khu phố", "TDP": "tổ dân phố", "QL": "quốc lộ",
    "TL": "tỉnh lộ", "HL": "hương lộ",
             "ĐT": "đường tỉnh", "ĐH": "đường huyện", "T": "thứ", "BĐ": "báo động",
             "KV": "khu vực"}  # fmt: skip
_DEVICE_BEFORE = re.compile(
    r"(?:trạm|trạm biến áp|tba|máy|máy biến áp|mba|lộ|tòa|toà|nhà|cột|kênh|cống|tuyến|xe|khối|lô|dãy|ga|thửa"
    r"|block|cầu|cảng|cao tốc|cầu thang|mương|phao|cọc|mốc|ký hiệu|kí hiệu)\s*(?:số\s*)?$"
)
_ROAD_MARK = re.compile(r"(?:[Kk][Mm]\.? ?(\d{1,4})(?: ?\+ ?(\d{1,3}))?|K(\d{1,4})\+(\d{1,3}))(?!\d|[.,]\d)")
_SERIAL = re.compile(r"([A-ZĐ]{1,3})( ?)(\d(?: ?\d){4,14})(?!\d|[.,]\d|[^\W_])")
_SERIAL_BEFORE = re.compile(
    r"(?:(?<!tổng )số|seri|sê ri|phát hành|vào sổ|thẻ|hộ chiếu|chứng chỉ|hiệu|bhyt|gcn\w{0,6}"
    r"|mã(?: \w{1,6}){0,2})"
    r"\s*(?:là)?\s*[:(]?\s*$"
)
_CARD_DIGITS = 10
"""So many digits behind capitals are a card or an account, whatever stands before."""
_SEED = re.compile(r"([A-ZĐ]{1,5})([ -]?)(\d{1,6})([A-Z]?)(?![^\W_]|[.,]\d)")
_SEED_WORDS = (
    "lúa|ngô|bắp|lai|thuần|mới|nếp|tẻ|thơm|gồm|là|như|và|hoặc|chủ lực|ngắn ngày|trung ngày"
    "|chất lượng(?: cao)?|cao sản|năng suất cao|nguyên chủng|xác nhận|đậu tương|lạc|mía|sắn|chính"
)
_SEED_NAMES = (
    r"[a-zđ]{1,5}[ -]?\d{1,6}[a-z]?"
    r"|(?:đài thơm|khang dân|bắc thơm|hương thơm|thiên ưu|nhị ưu|thái xuyên|hà phát|dự hương|nếp|lộc trời"
    r"|nàng hoa)(?: số)? \d{1,4}"
)
_SEED_BEFORE = re.compile(
    r"(?<![^\W_])(?:giống|lúa|ngô|bắp|đậu tương|đậu|lạc|mía|sắn|mì|khoai|dưa|hạt lai)"
    rf"(?:[\s,;:(]+(?:{_SEED_WORDS}|{_SEED_NAMES})){{0,6}}[\s,;:(]*$"
)


def read_road_mark(place: Place, position: int) -> Piece | None:
    """Read Km12+500 on a road and K12+500 on a dike."""
    match = _ROAD_MARK.match(place.text, position)
    if not match:
        return None
    kilometres, metres = match[1] or match[3], match[2] or match[4]
    tail = f" cộng {read_count(metres)}" if metres else ""
    return Piece(position, match.end(), "address", f"ki lô mét {read_count(kilometres)}{tail}")


def read_serial(place: Place, position: int) -> Piece | None:
    """Read BK 123456 on a certificate and HT3790123456789 on a card: letters, then digit by digit."""
    match = _SERIAL.match(place.text, position)
    if not match:
        return None
    letters, blank, digits = match.groups()
    few = len(digits.replace(" ", "")) < (_CARD_DIGITS if blank else 6)
    if few and not _SERIAL_BEFORE.search(place.before(position)):
        return None
    groups = digits.split() if " " in digits else re.findall(r"\d{1,3}", digits)
    said = f"{spell(letters)}, {', '.join(read_digits(group) for group in groups)}"
    return Piece(position, match.end(), "digits", said, SURE, why="số của giấy tờ: đọc từng chữ, từng số")


def read_seed(place: Place, position: int) -> Piece | None:
    """Read OM 5451, ST25, ĐT100 behind "giống" and in the list that follows it."""
    match = _SEED.match(place.text, position)
    if not match or not _SEED_BEFORE.search(place.before(position)):
        return None
    letters, _, digits, tail = match.groups()
    number = read_digits(digits) if digits[0] == "0" or len(digits) > 3 else read_count(digits)
    said = f"{spell(letters)} {number} {spell(tail)}".strip()
    return Piece(position, match.end(), "code", said, SURE, why="ký hiệu giống cây trồng")


def read_code(place: Place, position: int) -> Piece | None:
    """Return letters with a number glued to them: Q1, QL1A, B2, H5N1, CT01."""
    match = _CODE.match(place.text, position)
    if not match:
        return None
    letters, mark, digits, tail = match.groups()
    if mark == "-" and (letters not in _NUMBERED or len(letters) == 1):
        return None
    number = (
        read_digits(digits)
        if digits[0] == "0" and len(digits) > 1 and letters not in _NUMBERED
        else read_count(digits)
    )
    if letters in _NUMBERED and _is_numbered(place, position, letters, digits):
        said = f"{_NUMBERED[letters]} {number} {spell(tail)}".strip()
        kind = "ordinal" if letters == "T" else "abbreviation"
        return Piece(
            position, match.end(), kind, _weekday(letters, digits, said), LIKELY if letters in "PQT" else SURE
        )
    if letters in ABBREVIATIONS and (len(letters) > 2 or letters in ("TW", "TƯ")):
        return Piece(
            position, match.end(), "abbreviation", f"{ABBREVIATIONS[letters]} {number} {spell(tail)}".strip()
        )
    said = f"{spell(letters)} {number} {'chấm ' if '.' in tail else ''}{spell(tail)}".strip()
    return Piece(
        position, match.end(), "code", said, LIKELY if len(letters) > 2 else SURE, why="ký hiệu chữ và số"
    )


def _is_numbered(place: Place, position: int, letters: str, digits: str) -> bool:
    if len(letters) == 1 and _DEVICE_BEFORE.search(place.before(position)):
        return False
    if letters == "T":
        return digits in ("2", "3", "4", "5", "6", "7") or (
            digits.lstrip("0").isdecimal() and place.text[position + 1 + len(digits) :][:1] == "/"
        )
    return letters not in ("P", "Q") or len(digits) <= 2


def _weekday(letters: str, digits: str, said: str) -> str:
    return "thứ tư" if letters == "T" and digits == "4" else said
