"""Short forms in words: what the text defines, what its neighbours decide, what the tables know."""

from __future__ import annotations

import re

from broadcaster.text.codes import read_road_mark
from broadcaster.text.letters import spell
from broadcaster.text.place import LIKELY, SURE, UNSURE, Piece, Place
from broadcaster.text.syllables import is_syllable
from broadcaster.text.tables import ABBREVIATIONS, AMBIGUOUS, UPPER, Meaning
from broadcaster.text.values import Certainty

_CHUNK = re.compile(r"[^\s\"“”()<>\[\]{}|;:!?]{1,24}")
_ENDS = re.compile(r"[^\W_]+\.?")
_WITH_BLANK = tuple(sorted((key for key in ABBREVIATIONS if " " in key), key=len, reverse=True))
_LETTER = re.compile(r"[^\W_]")
_TAKES_DOT = {"TP", "Tp", "tp", "TX", "Tx", "tx", "TT", "KP", "Kp", "kp", "TDP", "TS", "ThS", "Ths", "BS",
    "GS", "PGS", "KT", "TM", "TL", "TUQ",
              "QL", "ĐT", "HL", "ĐH", "SĐT", "sđt", "Cty", "CTy", "DS", "STT", "CT", "BV"}  # fmt: skip
_CERTAINTIES = {"s": SURE, "l": LIKELY, "u": UNSURE}
_PLACE_MARK = re.compile(rf"([PQHXĐTpqhx])\.\s?(?=[{UPPER}]|\d)")
_PLACES = {"P": "phường", "Q": "quận", "H": "huyện", "X": "xã", "Đ": "đường", "T": "tỉnh"}
_PROVINCE_BEFORE = re.compile(r"[,–-]\s*$")
_CAPITAL_WORD = re.compile(rf"[{UPPER}][^\W\d_]*\s$")
_PERSON = re.compile(
    r"(?<![^\W\d_])(?:ông|bà|anh|chị|em|cháu|đối tượng|nạn nhân|bị can|bị cáo|bé|chủ|tên|cụ) "
    r"(?:[^\W\d_]+ ){1,4}$"
)
_COMRADE = re.compile(r"[Đđ]/[Cc]\.?(?![^\W_])|[ĐD][Cc]\.?(?=:)")
_SEVERAL = re.compile(r"(?:các|những|hai|ba|mời|gồm)\s*$")
_ADDRESS_BEHIND = re.compile(r"\s*:|\s*(?:số|thôn|tổ|khu|đường|ấp|xóm|phố|ngõ|hẻm|xã|phường)\b|\s*\d")


def read_short_form(place: Place, position: int) -> Piece | None:
    """Return the reading of the longest known short form at `position`."""
    if found := _comrade(place, position) or _place_mark(place, position) or read_road_mark(place, position):
        return found
    for key in _WITH_BLANK:
        if place.text.startswith(key, position) and not _LETTER.match(place.text, position + len(key)):
            return Piece(position, position + len(key), "abbreviation", ABBREVIATIONS[key])
    chunk = _CHUNK.match(place.text, position)
    return _longest(place, position, chunk[0]) if chunk else None


def _longest(place: Place, position: int, chunk: str) -> Piece | None:
    ends = (
        {len(chunk)}
        | {match.end() for match in _ENDS.finditer(chunk)}
        | {match.end() - 1 for match in _ENDS.finditer(chunk)}
    )
    for length in sorted(ends, reverse=True):
        written = chunk[:length]
        is_known = written in place.definitions or written in AMBIGUOUS or written in ABBREVIATIONS
        if (
            is_known
            and not _LETTER.match(place.text, position + length)
            and (found := _known(place, position, written))
        ):
            return found
    return None


def _known(place: Place, position: int, written: str) -> Piece | None:
    end = position + len(written)
    if written in place.definitions:
        return Piece(
            position, end, "abbreviation", place.definitions[written], why="văn bản này đã giải thích"
        )
    if is_syllable(written) and _among_capitals(place, position, end):
        return None
    if written in AMBIGUOUS:
        return _by_context(place, position, end, AMBIGUOUS[written])
    return _dotted(place, Piece(position, end, "abbreviation", ABBREVIATIONS[written]), written)


def _dotted(place: Place, piece: Piece, written: str) -> Piece:
    """Take the full stop of "TP. Phan Thiết" into the short form."""
    head = place.text[piece.end : piece.end + 3]
    if written in _TAKES_DOT and re.match(rf"\.\s?[{UPPER}\d]", head):
        return piece._replace(end=piece.end + 1)
    return piece


def _by_context(place: Place, position: int, end: int, meanings: tuple[Meaning, ...]) -> Piece:
    before, after = place.before(position), place.after(end)
    choices = tuple(dict.fromkeys(meaning.spoken for meaning in meanings))
    fitting = next((meaning for meaning in meanings if meaning.fits(before, after)), meanings[-1])
    certainty: Certainty = _CERTAINTIES[fitting.certainty]
    why = "cùng chữ có nhiều nghĩa; cần chọn" if certainty is UNSURE else "theo các từ đứng cạnh"
    ordered = (fitting.spoken, *(choice for choice in choices if choice != fitting.spoken))
    piece = Piece(position, end, "abbreviation", fitting.spoken, certainty, ordered, why)
    return _dotted(place, piece, place.text[position:end])


_CAPITAL_NEIGHBOUR = re.compile(rf"(?:^|\s)([{UPPER}]{{2,}})[\s,]+$")
_CAPITAL_AFTER = re.compile(rf"[\s,]+([{UPPER}]{{2,}})(?![^\W_])")


def _among_capitals(place: Place, position: int, end: int) -> bool:
    """Tell whether a capital word stands in a heading, where every word is capital."""
    left = place.text[max(0, position - 14) : position]
    before = _CAPITAL_NEIGHBOUR.search(left[left.rfind("\n") + 1 :])
    after = _CAPITAL_AFTER.match(place.after(end))
    return any(
        match is not None and is_syllable(match[1]) and match[1] not in ABBREVIATIONS
        for match in (before, after)
    )


def among_capitals(place: Place, position: int, end: int) -> bool:
    return _among_capitals(place, position, end)


def _comrade(place: Place, position: int) -> Piece | None:
    match = _COMRADE.match(place.text, position)
    if not match:
        return None
    is_address = _ADDRESS_BEHIND.match(place.after(match.end())) and not _SEVERAL.search(
        place.before(position)
    )
    return Piece(position, match.end(), "abbreviation", "địa chỉ" if is_address else "đồng chí")


def _place_mark(place: Place, position: int) -> Piece | None:
    match = _PLACE_MARK.match(place.text, position)
    if not match or _is_initial(place, position):
        return None
    if match[1] == "T" and not _PROVINCE_BEFORE.search(place.before(position)):
        return None
    return Piece(position, position + 2, "abbreviation", _PLACES[match[1].upper()])


def _is_initial(place: Place, position: int) -> bool:
    """Tell whether a capital with a full stop ends a person's name: anh Nguyễn Văn P."""
    named = _CAPITAL_WORD.search(place.text[max(0, position - 10) : position])
    return bool(named and _PERSON.search(place.before(position)))


def spelled(place: Place, start: int, end: int) -> Piece:
    """Return an unknown short form letter by letter, for a person to decide."""
    written = place.text[start:end]
    if parts := _known_parts(written, place):
        return Piece(
            start, end, "abbreviation", parts, LIKELY, (parts, spell(written)), "ghép từ các chữ tắt đã biết"
        )
    said = spell(written)
    as_word = written.lower()
    choices = (said, as_word) if re.search(r"[aeiouyăâêôơư]", as_word) and len(written) > 2 else (said,)
    return Piece(
        start, end, "letters", said or as_word, UNSURE, choices, "chữ viết tắt chưa có trong từ điển"
    )


_LONGEST_SPLIT = 24


def _known_parts(written: str, place: Place) -> str | None:
    """Return "ban chỉ đạo phòng chống thiên tai" for BCĐPCTT: known forms, three letters or more each."""
    if not 5 <= len(written) <= _LONGEST_SPLIT:
        return None
    for cut in range(len(written) - 2, 2, -1):
        head, tail = written[:cut], written[cut:]
        if head in AMBIGUOUS or head not in ABBREVIATIONS:
            continue
        rest = ABBREVIATIONS.get(tail) if len(tail) >= 2 and tail not in AMBIGUOUS else None
        rest = rest or _known_parts(tail, place)
        if rest:
            return f"{ABBREVIATIONS[head]} {rest}"
    return None
