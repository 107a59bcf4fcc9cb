"""Numbers said digit by digit: telephones, short numbers, accounts and identity numbers, number plates."""

from __future__ import annotations

import re

from broadcaster.text.letters import spell
from broadcaster.text.numerals import read_digits
from broadcaster.text.place import Piece, Place, Rule, piece

_NEXT_DIGIT = r"(?: ?[.\-–] ?| )?\d"
_PHONE = re.compile(
    rf"(?:\(\s?(?:\+84|0\d{{1,3}})\s?\)(?:{_NEXT_DIGIT}){{6,9}}|\+\s?84(?:{_NEXT_DIGIT}){{8,10}}|0(?:{_NEXT_DIGIT}){{8,10}})(?!\d|[.,/]\d)"
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
_STRONG = re.compile(
    r"(?:số máy|điện thoại|đt|sđt|hotline|tổng đài|đường dây nóng|đường dây|máy lẻ|nhánh|phím|đầu số|số lẻ|fax|zalo|tel|alo|tin nhắn)"
    rf"\.?{_LINK}$"
)
_WEAK = re.compile(
    r"(?:gọi|cấp cứu|công an|cảnh sát(?: [^\W\d]+ [^\W\d]+)?|cứu hỏa|cứu hoả|pccc|chữa cháy|cứu nạn|cứu hộ|cứu thương|khẩn cấp|liên hệ"
    rf"|báo|liên lạc|trẻ em|nhắn tin|bấm|quay số|số)\.?{_LINK}$"
)
_COUNTED = re.compile(
    r"\s?(?:người|hộ|công dân|thanh niên|xã|phường|trường hợp|cán bộ|chiến sĩ|lượt|ca|vụ|đồng chí|học sinh|hội viên|đoàn viên|nghìn|"
    r"triệu|tỷ|ngàn|đồng|đ\b|%|km|m2|m²|kg|suất|đại biểu|thí sinh|lao động|tổ chức|doanh nghiệp|cơ sở|hồ sơ|tin|bài|cuộc|ngày|giờ|tân binh|"
    r"phương tiện|xe|đơn vị|thôn|tổ|khu|gia đình|trẻ|cháu|em|hecta|ha\b|tấn|mét|m\b|tờ|phiếu|bệnh nhân)(?![^\W_])"
)
_IDENTITY = re.compile(
    r"(?:tài khoản|stk|mã số|mst|mã hồ sơ|mã khách hàng|mã kh|cccd|cmnd|cmtnd|căn cước|công dân|định danh|chứng minh|nhân dân|seri|sê ri|"
    r"số thẻ|bhxh|bhyt|ngân hàng|mã pin|mã xác thực|mã xác nhận|mã otp|biên lai|mã qr|mã thẻ|mã đơn|mã bưu|bảo hiểm|mã)\s*(?:số|là|:|\(|cá nhân|thuế|dự án|\s)*$"
)
_IDENTITY_SHAPE = re.compile(r"\d{2,}(?:[ .\-]\d{2,}){0,6}(?!\d)")
_PLATE = re.compile(
    r"(\d{2})\s?[-–]?\s?([A-ZĐ]{1,2}\d?)\s?([-–. ]?)\s?(\d{3}\.\d{2}|\d{4,5})(?![\d.,/]\d|\d)"
)
_PLATE_BEFORE = re.compile(r"(?:biển|bks|xe|số|ô tô|mô tô|máy|kiểm soát|tải|khách)[^.;]{0,14}$")
_EMERGENCY = re.compile(
    r"(?:đường dây nóng|tổng đài|hotline|cấp cứu|pccc|phòng cháy|cứu nạn|khẩn cấp|gọi điện|điện thoại|trực ban)[^\d.;\n]{0,40}$"
)
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
    if not _is_phone(match[0], digits):
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
    if before.rstrip().endswith("năm") and " " in match[0]:
        return None
    return piece(match, "phone", _say_groups(match[0]))


def read_short(match: re.Match[str], place: Place) -> Piece | None:
    """Read 113 after "công an", 102 after "máy lẻ", and what follows another telephone number."""
    digits, before, after = match[0], place.before(match.start()), place.after(match.end())
    if _COUNTED.match(after):
        return None
    known = digits in _SHORT_KNOWN or len(digits) >= 7
    if _STRONG.search(before) or (known and _WEAK.search(before)):
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
