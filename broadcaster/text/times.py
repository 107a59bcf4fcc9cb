"""Times of the day."""

from __future__ import annotations

import re

from broadcaster.text.numerals import read_integer
from broadcaster.text.place import Piece, Place, Rule, piece

_MINUTE_MARK = r"(?:\s?(?:phút|ph|p|’|')(?![^\W_]))?"
_ROUND_CLOCK = re.compile(r"24\s?([hH]|giờ)?\s?/\s?(24|7)\s?([hH](?![^\W_])|giờ)?(?!\d|\s?/\s?\d)")
_HOURS_RANGE = re.compile(r"(\d{1,2})\s?[-–]\s?(\d{1,2})\s?[hHg](\d\d)?" + _MINUTE_MARK + r"(?![^\W_])")
_LETTER_TIME = re.compile(r"(\d{1,2})\s?[hHgG]\s?(\d{2})" + _MINUTE_MARK + r"(?![^\W_]|[.,/]\d)")
_WORD_TIME = re.compile(
    r"(\d{1,2}) ?giờ\s?(?:(\d{1,2})\s?(?:phút|ph|p|’|')(?![^\W_])|(\d{2})"
    r"(?!\s?(?:phần|người|hộ|ngày(?!\s*(?:\d|mùng|mồng))|km|ha|%|-|–)|\d|[.,/]\d))"
)
_COLON_TIME = re.compile(
    r"(\d{1,2})(?::| : )(\d{2})(?::(\d{2}))?(?:’|')?(?:\s?(?:giờ|h|phút)(?![^\W_]))?"
    r"(\s?(?:AM|PM|am|pm)(?![^\W_]))?(?![\d:])"
)
_BARE_HOUR = re.compile(
    r"(\d{1,2})\s?(?:[hH]|[gG](?=\s?[-–.,;)]|\s+(?:sáng|trưa|chiều|tối|đêm|ngày|đến|hôm)))(?![^\W_])"
)
_NETWORK = re.compile(r"[2-6]G")
"""4G, 5G: a generation of mobile networks, hours are written with a small letter or with minutes."""
_AT = re.compile(r"(?:từ|lúc|vào|khoảng|trước|sau|sáng|chiều|tối|hồi|đến|:|,)\s*$")
_PRIMES = re.compile(r"(\d{1,3})[’'](?![\w’'])")
_RATIO = re.compile(r"(?:tỷ lệ|tỉ lệ|tỷ số|tỉ số|tcvn|qcvn|iso|pha)[^.;]{0,12}$")


def _said(hour: str, minute: str | None) -> str | None:
    if int(hour) > 24 or (minute and int(minute) > 59):
        return None
    if not minute or int(minute) == 0:
        return f"{read_integer(hour)} giờ"
    return f"{read_integer(hour)} giờ {read_integer(minute)} phút"


def read_round_clock(match: re.Match[str], place: Place) -> Piece | None:
    first, whole, last = match[1], match[2], match[3]
    if not last and re.search(r"(?:ngày|lễ|từ|đến|kỷ niệm)\s*$", place.before(match.start())):
        return None
    head = "hai mươi tư giờ" if first and last else "hai mươi tư"
    tail = " giờ" if last else ""
    return piece(match, "time", f"{head} trên {read_integer(whole)}{tail}")


def read_hours_range(match: re.Match[str], place: Place) -> Piece | None:
    last = _said(match[2], match[3])
    if (
        last is None
        or int(match[1]) > 24
        or (match[0][-1] in "gG" and not _AT.search(place.before(match.start())))
    ):
        return None
    return piece(match, "time", f"{read_integer(match[1])} đến {last}")


def read_time(match: re.Match[str], place: Place) -> Piece | None:
    spoken = _said(match[1], match[2])
    return piece(match, "time", spoken) if spoken else None


def read_word_time(match: re.Match[str], place: Place) -> Piece | None:
    spoken = _said(match[1], match[2] or match[3])
    return piece(match, "time", spoken) if spoken else None


def read_colon_time(match: re.Match[str], place: Place) -> Piece | None:
    spoken = _said(match[1], match[2])
    if spoken is None or _RATIO.search(place.before(match.start())):
        return None
    if match[3] and int(match[3]) <= 59:
        minutes = "" if int(match[2]) else " không phút"
        spoken = f"{spoken}{minutes} {read_integer(match[3])} giây"
    half = {"am": " sáng", "pm": " chiều"}.get((match[4] or "").strip().lower(), "")
    return piece(match, "time", spoken + half)


def read_bare_hour(match: re.Match[str], place: Place) -> Piece | None:
    if _NETWORK.fullmatch(match[0]):
        return None
    spoken = _said(match[1], None) or f"{read_integer(match[1])} giờ"
    return piece(match, "time", spoken)


def read_primes(match: re.Match[str], place: Place) -> Piece | None:
    if re.search(r"[’'‘]", place.before(match.start())):
        return None
    return piece(match, "time", f"{read_integer(match[1])} phút")


TIME_RULES: tuple[Rule, ...] = (
    (_ROUND_CLOCK, read_round_clock),
    (_HOURS_RANGE, read_hours_range),
    (_LETTER_TIME, read_time),
    (_WORD_TIME, read_word_time),
    (_COLON_TIME, read_colon_time),
    (_BARE_HOUR, read_bare_hour),
    (_PRIMES, read_primes),
)
