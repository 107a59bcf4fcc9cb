"""Words not read as they stand: short forms, Roman numerals, letters, loan words, capitals."""

from __future__ import annotations

import re

from broadcaster.text.abbreviations import among_capitals, read_short_form, spelled
from broadcaster.text.codes import read_code, read_seed, read_serial
from broadcaster.text.letters import NAMES, spell
from broadcaster.text.net import read_net
from broadcaster.text.numerals import read_integer, read_month
from broadcaster.text.place import LIKELY, SURE, UNSURE, Piece, Place
from broadcaster.text.roman import roman_value
from broadcaster.text.syllables import has_marks, is_syllable
from broadcaster.text.tables import ABBREVIATIONS, LOANS, NET_LABELS, UNITS, UPPER, context

_ROMAN = re.compile(r"[IVXL]{1,7}(?![^\W_])")
_ROMAN_BEFORE = re.compile(rf"{context('roman')}\s*(?:số)?\s*[:(]?\s*$")
_ROMAN_GAP = re.compile(r"\s*(?:[,;&/-]|–|và|hoặc|đến|tới)\s*")
_MONTH_CODE = re.compile(r"[Tt](1[0-2]|0?[1-9])\s?/\s?((?:19|20)\d\d)(?!\d)")
_INITIALS = re.compile(rf"[{UPPER}]\.(?:[{UPPER}]\.){{0,3}}[{UPPER}](?![^\W_])\.?")
_LETTER_BEFORE = re.compile(rf"{context('letter')}\s*[“\"(]?$")
_VOWELS = "aăâeêioôơuưy"
_NAME = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+){0,4}")
_HYPHENED = re.compile(r"[^\W\d_]{1,20}(?:-[^\W\d_]{1,20}){1,4}")
_UNIT_ALONE = re.compile(
    r"(?:m2|m3|m²|m³|km2|km²|km|kg|cm|mm|kWh|kwh|ha|kV|MW|ml|mg|cm2|cm3|VNĐ|VND|vnđ)(?![^\W_])"
)
_SPLITS_AT = range(2, 8)


def read_word(place: Place, position: int, end: int) -> Piece:
    """Return the reading of the word from `position` to `end`, and of what is glued to it."""
    word = place.text[position:end]
    for reader in (_initials, _written_number, _net, _roman, _month_code, _short_form, _unit_alone, _code):
        if found := reader(place, position, word):
            return found
    return _loan(place, position, end) or _letter(place, position, word) or _plain(place, position, end)


def _initials(place: Place, position: int, word: str) -> Piece | None:
    """Read the initials of a person whose name is kept back: L.V.T."""
    match = _INITIALS.match(place.text, position)
    if not match or match[0].rstrip(".") in ABBREVIATIONS:
        return None
    return Piece(position, match.end(), "letter", spell(match[0]), LIKELY, why="chữ đầu của tên")


def _net(place: Place, position: int, word: str) -> Piece | None:
    follows = place.text[position + len(word) : position + len(word) + 1]
    return read_net(place, position) if follows and follows in ".@:/-_0123456789+" else None


def _short_form(place: Place, position: int, word: str) -> Piece | None:
    return read_short_form(place, position)


def _written_number(place: Place, position: int, word: str) -> Piece | None:
    if len(word) > 5 or not word.isupper():
        return None
    return read_serial(place, position) or read_seed(place, position)


def _code(place: Place, position: int, word: str) -> Piece | None:
    return read_code(place, position)


def _month_code(place: Place, position: int, word: str) -> Piece | None:
    match = _MONTH_CODE.match(place.text, position)
    if not match:
        return None
    return Piece(position, match.end(), "date", f"tháng {read_month(match[1])} năm {read_integer(match[2])}")


def _unit_alone(place: Place, position: int, word: str) -> Piece | None:
    match = _UNIT_ALONE.match(place.text, position)
    return Piece(position, match.end(), "unit", UNITS[match[0]]) if match else None


def _roman(place: Place, position: int, word: str) -> Piece | None:
    match = _ROMAN.match(place.text, position)
    value = roman_value(match[0]) if match else None
    if not match or value is None:
        return None
    before = place.before(position)
    follows = _follows_roman(place, position)
    if not (_ROMAN_BEFORE.search(before) or follows):
        if (
            len(match[0]) < 2
            or "L" in match[0]
            or (is_syllable(match[0]) and among_capitals(place, position, match.end()))
        ):
            return None
        return Piece(position, match.end(), "roman", read_integer(str(value)), LIKELY, why="số La Mã")
    if (
        is_syllable(match[0])
        and len(match[0]) > 1
        and among_capitals(place, position, match.end())
        and not follows
    ):
        return None
    said = read_integer(str(value))
    if value == 1 and before.endswith("thứ "):
        said = "nhất"
    return Piece(position, match.end(), "roman", "tư" if value == 4 and before.endswith("thứ ") else said)


def _follows_roman(place: Place, position: int) -> bool:
    said = place.last_said()
    return said is not None and said.kind == "roman" and bool(_ROMAN_GAP.fullmatch(place.gap(position)))


def _loan(place: Place, position: int, end: int) -> Piece | None:
    for pattern in (_HYPHENED, _NAME):
        match = pattern.match(place.text, position)
        said = LOANS.get(match[0].lower().replace("’", "'")) if match else None
        if match and said:
            kept = said.lower() == match[0].lower() and not match[0].isupper()
            return Piece(position, match.end(), "loan", match[0] if kept else said)
    return None


def _letter(place: Place, position: int, word: str) -> Piece | None:
    if word in "xX" and _is_between_numbers(place, position):
        return Piece(position, position + 1, "sign", "nhân")
    if len(word) != 1 or word.lower() not in NAMES or word.lower() in _VOWELS:
        return None
    known = _LETTER_BEFORE.search(place.before(position)) or word.isupper() or word in "đ"
    certainty = SURE if known else LIKELY
    return Piece(position, position + 1, "letter", NAMES[word.lower()], certainty, why="tên chữ cái")


def _is_between_numbers(place: Place, position: int) -> bool:
    said = place.last_said()
    behind = place.after(position + 1).lstrip()[:1].isdigit()
    return behind and said is not None and said.kind in ("number", "quantity", "money")


def _plain(place: Place, position: int, end: int) -> Piece:
    word = place.text[position:end]
    if is_syllable(word):
        return Piece(position, end, "word", word.lower() if len(word) > 1 and word.isupper() else word)
    if word.isupper() and not _is_capital_name(word):
        return spelled(place, position, end)
    if parted := _parted(word):
        return Piece(position, end, "word", parted, LIKELY, (parted, word), "có thể thiếu dấu cách")
    return _foreign(place, position, end)


def _is_capital_name(word: str) -> bool:
    return len(word) > 7 and any(letter in "AEIOUY" for letter in word)


def _parted(word: str) -> str | None:
    """Return "chính trên" for "chínhtrên": two syllables with a Vietnamese mark and no blank."""
    if not has_marks(word):
        return None
    for cut in _SPLITS_AT:
        head, tail = word[:cut], word[cut:]
        if len(tail) > 1 and is_syllable(head) and is_syllable(tail) and (has_marks(head) or has_marks(tail)):
            return f"{head} {tail}"
    return None


def _foreign(place: Place, position: int, end: int) -> Piece:
    word = place.text[position:end]
    if said := NET_LABELS.get(word.lower()) if len(word) > 4 else None:
        return Piece(position, end, "loan", said, LIKELY)
    said = word.lower() if word.isupper() else word
    letters = spell(word)
    pronounceable = any(letter in "aeiouyAEIOUY" for letter in word) or has_marks(word)
    choices = (said, letters) if pronounceable and letters else (letters,) if letters else (said,)
    return Piece(position, end, "foreign", choices[0], UNSURE, choices, "từ lạ: cần cách đọc")
