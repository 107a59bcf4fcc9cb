"""Dates, months, weekdays and what surrounds them."""

from __future__ import annotations

import re

from broadcaster.text.numerals import read_integer, read_month, read_ordinal
from broadcaster.text.place import LIKELY, UNSURE, Piece, Place, Rule, piece
from broadcaster.text.tables import context

DAY = r"(?:3[01]|[12]\d|0?[1-9])"
MONTH = r"(?:1[0-2]|0?[1-9])"
YEAR = r"(?:1[6-9]|20|21)\d\d"
_S = r"\s?/\s?"
_DASH = r"\s?[-–]\s?"
_FULL = re.compile(rf"({DAY})\s?([/.\-–])\s?({MONTH})\s?\2\s?({YEAR}|\d\d(?=\D|$))(?![\d/])")
_MIXED_FULL = re.compile(rf"({DAY})[-–]({MONTH})/({YEAR})(?![\d/])")
_DAYS = re.compile(rf"({DAY}){_DASH}({DAY})\s?[/.]\s?({MONTH})(?:\s?[/.]\s?({YEAR}))?(?![\d/])")
_DAY_LIST = re.compile(rf"((?:{DAY}\s?[,;]\s?){{1,8}})({DAY}){_S}({MONTH})(?:{_S}({YEAR}))?(?![\d/])")
_SHORT = re.compile(
    rf"({DAY})\s?([/.\-–])\s?({MONTH})(?![\d/%]|[.,]\d|\s?(?:%|°|ha\b|kg\b|km\b|tấn\b|tạ\b|triệu|tỷ\b|mét|m\b|m2))"
)
_MONTH_YEAR = re.compile(rf"({MONTH})\s?([/.\-–])\s?({YEAR})(?![\d/])")
_MONTHS = re.compile(rf"({MONTH}){_DASH}({MONTH})(?:\s?[/-]\s?({YEAR}))?(?![\d/])")
_SMALL = re.compile(r"\d{1,2}(?![\d.,/-]\d|\d)")

_DAY_WORD = re.compile(r"(?:ngày|mùng|mồng|hôm|rằm)\s*:?\s*$")
_PART_OF_DAY = re.compile(r"(?:sáng|trưa|chiều|tối|đêm|dịp|lễ)\s*$")
_STRONG = re.compile(rf"{context('date_strong')}\s*(?:ngày)?\s*[:(,]?\s*$")
_WEAK = re.compile(rf"{context('date_weak')}\s*[:(]?\s*$")
_DATE_BEHIND = re.compile(rf"\s*\)?\s*{context('date_behind')}")
_OF_WHOLE = re.compile(rf"\s*{context('whole')}")
_COUNTED = re.compile(rf"\s*{context('counted')}(?![^\W_])")
_PARTS = re.compile(rf"{context('parts')}\s*$")
SCALE_WORD = re.compile(r"(?:tỷ lệ|tỉ lệ|bản đồ|quy hoạch|chi tiết|phân khu|pha)[^.;]{0,12}$")
_HOLIDAYS = {
    ("1", "1"), ("9", "1"), ("3", "2"), ("27", "2"), ("8", "3"), ("26", "3"), ("30", "4"), ("1", "5"),
    ("7", "5"),
    ("15", "5"), ("19", "5"), ("1", "6"), ("21", "6"), ("28", "6"), ("11", "7"), ("27", "7"),
    ("19", "8"), ("2", "9"),
    ("10", "10"), ("13", "10"), ("14", "10"), ("20", "10"), ("9", "11"), ("18", "11"), ("20", "11"),
    ("22", "12"),
    ("10", "3"), ("6", "1"), ("25", "12"), ("24", "12"), ("12", "9"), ("2", "4"), ("7", "4"),
    ("31", "5"), ("5", "6"), ("7", "11"),
}  # fmt: skip
"""Days that bulletins name without a word before them."""


def _year(written: str) -> str:
    return read_integer(written if len(written) == 4 else f"20{written}")


def _day_month(day: str, month: str) -> str:
    return f"{read_integer(day)} tháng {read_month(month)}"


_DAY_CHAIN = re.compile(r"(?:ngày|mùng|mồng)\s*:?\s*(?:\d{1,2}\s*(?:,|;|&|và|hoặc|đến|-|–|\s)\s*)*$")


def _wants_day_word(place: Place, position: int) -> bool:
    return not _DAY_WORD.search(place.before(position)) and not _DAY_CHAIN.search(place.before(position))


def read_full(match: re.Match[str], place: Place) -> Piece | None:
    day, mark, month, year = match.groups()
    if len(year) == 2 and (mark != "/" or not _is_date_place(place, match.start())):
        return None
    return _full(match, place, (day, month, year))


def read_mixed_full(match: re.Match[str], place: Place) -> Piece:
    return _full(match, place, (match[1], match[2], match[3]))


def _full(match: re.Match[str], place: Place, parts: tuple[str, str, str]) -> Piece:
    day, month, year = parts
    head = "ngày " if _wants_day_word(place, match.start()) else ""
    return piece(match, "date", f"{head}{_day_month(day, month)} năm {_year(year)}")


def read_days(match: re.Match[str], place: Place) -> Piece | None:
    """Read 10-15/8: two days of one month."""
    first, second, month, year = match.groups()
    if int(first) >= int(second):
        return None
    tail = f" năm {_year(year)}" if year else ""
    return piece(match, "date_range", f"{read_integer(first)} đến {_day_month(second, month)}{tail}")


def read_day_list(match: re.Match[str], place: Place) -> Piece | None:
    """Read 10,11,12/8 after "ngày": days of one month, not decimals."""
    if not _DAY_WORD.search(place.before(match.start())):
        return None
    days = ", ".join(read_integer(day) for day in re.findall(r"\d+", match[1]))
    tail = f" năm {_year(match[4])}" if match[4] else ""
    return piece(match, "date_range", f"{days}, {_day_month(match[2], match[3])}{tail}")


def read_month_year(match: re.Match[str], place: Place) -> Piece | None:
    month, mark, year = match.groups()
    before = place.before(match.start())
    if before.rstrip().endswith("tháng"):
        return piece(match, "date", f"{read_month(month)} năm {_year(year)}")
    if before.rstrip().endswith(("quý", "kỳ", "đợt", "khóa", "vụ", "tuần")):
        return piece(match, "date", f"{read_integer(month)} năm {_year(year)}")
    if mark != "/" or (match[0] == "1/2000" and SCALE_WORD.search(before)):
        return None
    if _month_listed(place, match.start()):
        return piece(match, "month", f"{read_month(month)} năm {_year(year)}")
    return Piece(match.start(), match.end(), "date", f"tháng {read_month(month)} năm {_year(year)}", LIKELY)


def read_months(match: re.Match[str], place: Place) -> Piece | None:
    if not place.before(match.start()).rstrip().endswith("tháng"):
        return None
    tail = f" năm {_year(match[3])}" if match[3] else ""
    return piece(match, "month", f"{read_month(match[1])} đến {read_month(match[2])}{tail}")


def _is_date_place(place: Place, position: int) -> bool:
    if _STRONG.search(place.before(position)) or _WEAK.search(place.before(position)):
        return True
    said = place.last_said()
    return said is not None and said.kind in ("date", "time", "date_range") and position - said.end <= 4


def read_short(match: re.Match[str], place: Place) -> Piece | None:
    """Read 12/11 where it is a day and a month; None where it is something else."""
    day, mark, month = match.groups()
    if mark == "/":
        return _slashed(match, place)
    if mark == ".":
        return _dotted(match, place)
    if not _STRONG.search(place.before(match.start())) and not _follows_date(place, match.start()):
        return None
    if int(day) > int(month) or _is_holiday(day, month):
        return piece(match, "date", _day_month(day, month))
    if not _DAY_WORD.search(place.before(match.start())):
        return None
    as_range = f"{read_integer(day)} đến {read_integer(month)}"
    choices = (as_range, _day_month(day, month))
    return Piece(
        match.start(), match.end(), "date_range", as_range, UNSURE, choices, "hai ngày, hay ngày và tháng?"
    )


def _follows_date(place: Place, position: int) -> bool:
    said = place.last_said()
    return said is not None and said.kind == "date" and bool(_LIST_GAP.fullmatch(place.gap(position)))


def _is_holiday(day: str, month: str) -> bool:
    return (day.lstrip("0"), month.lstrip("0")) in _HOLIDAYS


def _dotted(match: re.Match[str], place: Place) -> Piece | None:
    if _DAY_WORD.search(place.before(match.start())):
        return piece(match, "date", _day_month(match[1], match[3]))
    return None


def _slashed(match: re.Match[str], place: Place) -> Piece | None:
    day, _, month = match.groups()
    before, after = place.before(match.start()), place.after(match.end())
    date = piece(match, "date", _day_month(day, month))
    if _DAY_WORD.search(before) or _PART_OF_DAY.search(before) or _DATE_BEHIND.match(after):
        return date
    if _COUNTED.match(after) or _OF_WHOLE.match(after):
        return None
    if _STRONG.search(before) or _is_date_place(place, match.start()):
        return date
    if _PARTS.search(before) and not _is_holiday(day, month):
        return None
    padded = day[0] == "0" or month[0] == "0"  # nobody writes a part of a whole as 05/9
    if padded or int(day) > int(month) or _is_holiday(day, month):
        return date._replace(certainty=LIKELY, why="ngày và tháng")
    return None


def is_counted(after: str) -> bool:
    """Tell whether what follows a/b are things that can be counted: a out of b."""
    return bool(_COUNTED.match(after))


def is_whole(after: str) -> bool:
    """Tell whether what follows a/b is a whole that has parts."""
    return bool(_OF_WHOLE.match(after))


def asks_parts(before: str) -> bool:
    return bool(_PARTS.search(before))


_LIST_GAP = re.compile(r"\s*(?:[,;&+]|và|hoặc|đến|tới|-|–|/)\s*(?:và\s*)?")
_LIST_END = re.compile(r"\s*(?:[,.;:)/&+–-]|và\b|năm\b|đến\b|hằng\b|hàng\b|tới\b|tuần\b|hoặc\b|âm\b|\(|$)")


def _month_listed(place: Place, position: int) -> bool:
    said = place.last_said()
    return said is not None and said.kind == "month" and bool(_LIST_GAP.fullmatch(place.gap(position)))


def read_small(match: re.Match[str], place: Place) -> Piece | None:
    """Read a month after "tháng" and a rank after "thứ", and the lists that follow them."""
    before = place.before(match.start())
    if before.rstrip().endswith("tháng"):
        return piece(match, "month", read_month(match[0]))
    if before.rstrip().endswith("thứ"):
        return piece(match, "ordinal", read_ordinal(match[0]))
    return _listed(match, place)


def _listed(match: re.Match[str], place: Place) -> Piece | None:
    said = place.last_said()
    if (
        said is None
        or said.kind not in ("month", "ordinal")
        or not _LIST_GAP.fullmatch(place.gap(match.start()))
    ):
        return None
    if not _LIST_END.match(place.after(match.end())):
        return None
    return piece(match, said.kind, read_month(match[0]))


_WEEKDAY_LIST = re.compile(r"[2-7](?:\s?,\s?[2-7]){1,5}(?!\d|[.,/-]\d)")


def read_weekday_list(match: re.Match[str], place: Place) -> Piece | None:
    """Read the days of "thứ 3,5,7", which are no decimals."""
    if not place.before(match.start()).rstrip().endswith("thứ"):
        return None
    days = ", ".join(read_ordinal(day) for day in re.findall(r"\d", match[0]))
    return piece(match, "ordinal", days)


_ORDINAL_RANGE = re.compile(r"(\d{1,2})\s?[-–]\s?(\d{1,2})(?![\d/.,])")


def read_ordinal_range(match: re.Match[str], place: Place) -> Piece | None:
    if not place.before(match.start()).rstrip().endswith("thứ"):
        return None
    return piece(match, "ordinal", f"{read_ordinal(match[1])} đến {read_ordinal(match[2])}")


DATE_RULES: tuple[Rule, ...] = (
    (_MONTHS, read_months),
    (_FULL, read_full),
    (_MIXED_FULL, read_mixed_full),
    (_DAYS, read_days),
    (_DAY_LIST, read_day_list),
    (_MONTH_YEAR, read_month_year),
    (_WEEKDAY_LIST, read_weekday_list),
    (_ORDINAL_RANGE, read_ordinal_range),
    (_SHORT, read_short),
    (_SMALL, read_small),
)
