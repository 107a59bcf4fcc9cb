"""Punctuation and signs: what is a pause, what is silent, what is a word."""

from __future__ import annotations

import re

from broadcaster.text.amounts import NUMBER, say_number
from broadcaster.text.dashes import NUMERIC, after_blanks, read_dash
from broadcaster.text.documents import NO_NUMBER_RULES
from broadcaster.text.phones import BRACKET_PHONE_RULES
from broadcaster.text.place import LIKELY, Piece, Place, first_reading
from broadcaster.text.tables import UNITS, context

SPOKEN_MARKS = {",", ".", ";", ":", "?", "!"}
_PAUSES = set('"“”()[]{}|→…<>•')
_SAID = {"&": "và", "%": "phần trăm", "‰": "phần nghìn", "=": "bằng", "≥": "lớn hơn hoặc bằng",
    "≤": "nhỏ hơn hoặc bằng",
         "±": "cộng trừ", "×": "nhân", "°": "độ", "@": "a còng", "÷": "chia", "≈": "khoảng", "§": "mục",
         "Ω": "ôm"}  # fmt: skip
_YEAR = re.compile(r"\s?((?:19|20)\d\d)(?![\d/])")
_DIGIT = re.compile(r"\s?\d")
_PER = re.compile(rf"\s?{context('per')}(?![^\W_])", re.IGNORECASE)
_PER_UNIT = re.compile(r"\s?(ng\.đ|[^\W_]{1,5})(?![^\W_])")
_NOT_PER = {"tr", "Tr", "k", "K", "A"}
_PER_TIME = {"h": "giờ", "giờ": "giờ", "s": "giây", "ngđ": "ngày đêm"}
_AMOUNT_BEFORE = re.compile(rf"{context('amount')}\s*$")
_PER_SHORT = re.compile(r"\s?[A-ZĐ]{2,6}(?![^\W_])")
_PER_ANY = re.compile(r"\s?[^\W\d_]{2}")
_PER_SEVERAL = re.compile(rf"\s?\d{{1,4}} {context('per')}(?![^\W_])", re.IGNORECASE)
_PAID = re.compile(
    r"\d(?:[\d.,]*)\s?(?:(?:nghìn|ngàn|triệu|tỷ) )?"
    r"(?:đồng|đ|vnđ|vnd|%|kg|g|gam|mg|ml|lít|m2|m3|tấn|tạ|con|kwh)(?:/[^\W\d_]{2,8}){0,2}$"
)
_SAME_THING = re.compile(r"\s?\d[\d.,]*\s([^\W\d_]+)")
_MOVING = re.compile(r"(?:km|m|m3|m³|lít|l|ki lô mét|mét|MB|GB)\s?$")
_END_MARK = re.compile(r"/\s?\.|\./\.?|/(?=\s*(?:$|\n))")
_CURRENCY = re.compile(rf"([$€£¥])\s?({NUMBER})")
_DAY_BEHIND = re.compile(r"\s?\d{1,2}/\d{1,2}(?!\d)")
_DOTS = re.compile(r"\.{2,}|(?:\. ){2,}\.|…+\.*")
_GOES_ON = re.compile(r"\s*[^\W\d_A-ZĐ]|\s*[(,;]")
"""Behind "anh Nguyễn Văn T." the sentence goes on with a small letter."""
_GREATER = re.compile(r"[<>]\s?=?\s?(?=\d)")


def read_mark(place: Place, position: int) -> Piece:
    """Return what the sign at `position` makes: a pause, a word, or nothing."""
    sign = place.text[position]
    reader = _READERS.get(sign)
    found = reader(place, position) if reader else None
    if found:
        return found
    if sign in SPOKEN_MARKS:
        return Piece(position, position + 1, "mark", sign)
    if sign in _SAID:
        return Piece(position, position + 1, "sign", _SAID[sign])
    return Piece(position, position + 1, "mark", "," if sign in _PAUSES else "")


def _dot(place: Place, position: int) -> Piece | None:
    if match := _DOTS.match(place.text, position):
        at_end = not place.after(match.end()).strip()
        return Piece(position, match.end(), "mark", "." if at_end else ",")
    if match := _END_MARK.match(place.text, position):
        return Piece(position, match.end(), "mark", ".")
    said = place.last
    if said and said.kind == "letter" and _GOES_ON.match(place.after(position + 1)):
        return Piece(position, position + 1, "mark", "")
    return None


def _slash(place: Place, position: int) -> Piece | None:
    if match := _END_MARK.match(place.text, position):
        return Piece(position, match.end(), "mark", ".")
    if found := first_reading(NO_NUMBER_RULES, place, position):
        return found
    said = place.last_said()
    after = place.after(position + 1)
    glued = said is not None and not place.text[said.end : position].strip()
    if said and glued and said.kind in ("roman", "number", "month", "ordinal") and _YEAR.match(after):
        return Piece(position, position + 1, "sign", "năm")
    if said and glued and said.kind == "time" and _DAY_BEHIND.match(after):
        return Piece(position, position + 1, "sign", "ngày")
    return _per(place, position, after) or _between(said if glued else None, after, position, place)


def _per(place: Place, position: int, after: str) -> Piece | None:
    """Read "/tháng" as "một tháng" behind an amount, "/h" as "trên giờ" behind a length."""
    before = place.before(position)
    if not _AMOUNT_BEFORE.search(before):
        return None
    if (match := _PER_UNIT.match(after)) and not _PER.match(after):
        unit = match[1]
        words = _PER_TIME.get(unit) or ("" if unit in _NOT_PER else UNITS.get(unit, ""))
        moving = unit in ("h", "s", "giờ") and _MOVING.search(before)
        if words:
            return Piece(
                position, position + 1 + match.end(), "rate", f"{'trên' if moving else 'một'} {words}"
            )
    word = _per_word(before, after)
    return None if word is None else Piece(position, position + 1, "rate", word)


def _per_word(before: str, after: str) -> str | None:
    """Return what the slash of a rate says: nothing where the text itself says "01"."""
    paid = _PAID.search(before) and _PER_ANY.match(after)
    if _PER.match(after) or _PER_SHORT.match(after) or paid:
        return "một"
    if re.match(r"\s?0?1\s+[^\W\d_]", after):
        return ""
    return "trên" if _PER_SEVERAL.match(after) else None


def _between(said: Piece | None, after: str, position: int, place: Place) -> Piece:
    if said and said.kind in NUMERIC and _DIGIT.match(after):
        return Piece(position, position + 1, "sign", "trên")
    same = _SAME_THING.match(after)
    if same and place.before(position).endswith(f" {same[1].lower()}"):
        return Piece(position, position + 1, "sign", "trên", why="số này trên số kia")
    return Piece(position, position + 1, "mark", "," if _DIGIT.match(after) else "")


def _plus(place: Place, position: int) -> Piece | None:
    if position == place.line_start:
        place.line_start = after_blanks(place, position + 1)
        return Piece(position, position + 1, "bullet", "")
    if found := first_reading(BRACKET_PHONE_RULES, place, position):
        return found
    said = place.last_said()
    after = place.after(position + 1)
    if said and _DIGIT.match(after) and (said.kind in NUMERIC or place.text[position - 1] == " " == after[0]):
        return Piece(position, position + 1, "sign", "cộng")
    letters = (
        place.text[position - 1 : position].isalpha() and place.text[position + 1 : position + 2].isalpha()
    )
    return Piece(position, position + 1, "sign" if letters else "mark", "cộng" if letters else "")


def _bullet(place: Place, position: int) -> Piece | None:
    if position != place.line_start:
        return None
    place.line_start = after_blanks(place, position + 1)
    return Piece(position, position + 1, "bullet", "")


def _bracket(place: Place, position: int) -> Piece | None:
    end = place.silent_brackets.get(position)
    if end is not None:
        return Piece(position, end, "defined", "", why="vừa đọc đủ chữ, không đọc lại chữ tắt")
    if repeated := _number_again(place, position):
        return repeated
    return first_reading(BRACKET_PHONE_RULES, place, position)


_IN_WORDS = re.compile(r"\((?:[Bb]ằng chữ|[Vv]iết bằng chữ)?\s*:?\s*([^()\n\d]{2,120}?)(?: chẵn)?\s*[./]*\)")


def _number_again(place: Place, position: int) -> Piece | None:
    """Return the silent bracket of "15 (mười lăm)", which only repeats the figure in words."""
    match = _IN_WORDS.match(place.text, position)
    said = place.last_said()
    if not match or not said or said.kind not in NUMERIC or place.text[said.end : position].strip():
        return None
    if _bare(match[1]) not in (_bare(said.spoken), _bare(said.spoken).removesuffix(" đồng")):
        return None
    return Piece(position, match.end(), "defined", "", why="số vừa đọc, không đọc lại bằng chữ")


def _bare(words: str) -> str:
    kept = (
        re.sub(r"[^\w\s]", " ", words.lower())
        .replace("ngàn", "nghìn")
        .replace("lẻ", "linh")
        .replace("tỉ", "tỷ")
    )
    return " ".join(kept.split())


_COINS = {"$": "đô la", "€": "ơ rô", "£": "bảng Anh", "¥": "yên"}


def _coin(place: Place, position: int) -> Piece | None:
    match = _CURRENCY.match(place.text, position)
    if not match:
        return None
    return Piece(position, match.end(), "money", f"{say_number(match[2])} {_COINS[match[1]]}")


def _compare(place: Place, position: int) -> Piece | None:
    match = _GREATER.match(place.text, position)
    if not match:
        return None
    said = "trên" if place.text[position] == ">" else "dưới"
    said += " hoặc bằng" if "=" in match[0] else ""
    return Piece(position, match.end(), "sign", said, LIKELY)


def _tilde(place: Place, position: int) -> Piece | None:
    return (
        Piece(position, position + 1, "sign", "khoảng") if _DIGIT.match(place.after(position + 1)) else None
    )


_READERS = {
    ".": _dot, "…": _dot, "/": _slash, "-": read_dash, "–": read_dash, "+": _plus, "*": _bullet, "•": _bullet,
    "(": _bracket,
    "$": _coin, "€": _coin, "£": _coin, "¥": _coin, "<": _compare, ">": _compare, "~": _tilde,
}  # fmt: skip
