"""An independent reader: number words back to values. Shares nothing with the code under test."""

from __future__ import annotations

ONES = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4,
    "năm": 5, "lăm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
}  # fmt: skip


def _below_thousand(words: list[str]) -> int:
    total = 0
    if "trăm" in words:
        at = words.index("trăm")
        assert at == 1, words
        total += ONES[words[0]] * 100
        words = words[2:]
        if words[:1] == ["linh"]:
            assert len(words) == 2, words
            return total + ONES[words[1]]
    if "mươi" in words:
        at = words.index("mươi")
        assert at == 1 and ONES[words[0]] > 1, words
        total += ONES[words[0]] * 10
        words = words[2:]
        assert words not in (["một"], ["năm"], ["bốn"]), "mốt, lăm and tư follow mươi"
    elif words[:1] == ["mười"]:
        total += 10
        words = words[1:]
        assert words not in (["mốt"], ["tư"], ["năm"]), words
    assert len(words) <= 1, words
    return total + (ONES[words[0]] if words else 0)


def _by_places(words: list[str], places: list[tuple[str, int]]) -> int:
    if not words:
        return 0
    if not places:
        return _below_thousand(words)
    (name, worth), *smaller = places
    if name not in words:
        return _by_places(words, smaller)
    at = len(words) - 1 - words[::-1].index(name)
    return _by_places(words[:at], smaller) * worth + _by_places(words[at + 1 :], smaller)


def integer(spoken: str) -> int:
    return _by_places(spoken.split(), [("tỷ", 10**9), ("triệu", 10**6), ("nghìn", 1000)])


def digits(spoken: str) -> str:
    return "".join(str(ONES[word]) for word in spoken.replace(",", "").split())


def decimal(spoken: str) -> tuple[int, str]:
    """Return the whole part and the digits behind "phẩy"; two digits may be said as a number."""
    whole, _, tail = spoken.partition(" phẩy ")
    words = tail.split()
    if any(word in ("mươi", "mười") for word in words):
        return integer(whole), str(integer(tail))
    return integer(whole), digits(tail)


def date(spoken: str) -> tuple[int, int, int]:
    assert spoken.startswith("ngày ") and spoken.count("ngày") == 1, spoken
    day, _, rest = spoken.removeprefix("ngày ").partition(" tháng ")
    month, _, year = rest.partition(" năm ")
    if month == "" or " năm " not in rest:  # "tháng năm năm …"
        raise AssertionError(spoken)
    if rest.startswith("năm năm "):
        month, year = "năm", rest.removeprefix("năm năm ")
    assert month != "bốn", "month 4 is tháng tư"
    return integer(day), integer(month), integer(year)


def clock(spoken: str) -> tuple[int, int]:
    hour, _, minute = spoken.partition(" giờ")
    minute = minute.strip().removesuffix(" phút")
    return integer(hour), integer(minute) if minute else 0
