"""Numbers of documents and the short forms of law references."""

from __future__ import annotations

import re

from broadcaster.text.letters import spell
from broadcaster.text.numerals import read_code_number, read_integer
from broadcaster.text.place import LIKELY, UNSURE, Piece, Place, Rule, piece
from broadcaster.text.syllables import is_syllable
from broadcaster.text.tables import ABBREVIATIONS, AMBIGUOUS, DOCUMENT_PARTS, UPPER, context

_YEAR = r"(?:19|20)\d\d"
_PART = rf"[{UPPER}][A-Za-zĐđƯư&.]{{0,14}}\d{{0,4}}"
_CODE = rf"{_PART}(?:\s?[-–/.,+&]\s?{_PART}){{0,4}}"
_NUMBER = re.compile(rf"(\d{{1,6}}[a-zđA-ZĐ]?)(?:\s?/\s?({_YEAR}))?\s?([/–-])\s?({_CODE})(?![^\W_])")
_NUMBER_YEAR = re.compile(rf"(\d{{1,5}})\s?/\s?({_YEAR})(?![\d/]|[-–]\w)")
_NO_NUMBER = re.compile(rf"[ .…_]*/\s?({_CODE})(?![^\W_])")
_STANDARD = re.compile(rf"(?:(\d{{1,5}}(?:-\d{{1,2}})?)\s?:\s?({_YEAR})(?:/([{UPPER}]{{2,10}}))?)(?![\d:])")
_KIND = rf"{context('document_kind')}"
_NAMED = re.compile(
    rf"(?<![^\W_]){_KIND}(?: \(?[^\W\d_]{{1,8}}\)?,?){{0,8}}\s*(?:số)\s*:?\s*(?:[“\"(]\s*)?$"
    rf"|(?<![^\W_]){_KIND}(?: [^\W\d_]{{2,8}}){{0,3}}\s*:?\s*(?:[“\"(]\s*)?$"
)
_NUMBER_WORD = re.compile(rf"(?:số\s*:?|{_KIND})\s*$")
_LIST_GAP = re.compile(r"\s*(?:[,;&]|và|hoặc|,\s*và)\s*(?:số\s*)?")


def _say_part(part: str) -> str:
    """Return one part of a code in words; spelled when nobody has told us what it stands for."""
    part = part.strip()
    known = DOCUMENT_PARTS.get(part) or ABBREVIATIONS.get(part)
    if known or part in AMBIGUOUS:
        return known or AMBIGUOUS[part][0].spoken
    letters = part.rstrip("0123456789")
    if letters != part and letters in DOCUMENT_PARTS:
        return f"{DOCUMENT_PARTS[letters]} {read_integer(part[len(letters) :])}"
    return part.lower() if is_syllable(part) and not part.isascii() else spell(part)


def say_code(code: str) -> str:
    """Return KH-UBND as "kế hoạch ủy ban nhân dân"; a longest known stretch is taken whole."""
    known = DOCUMENT_PARTS.get(code) or ABBREVIATIONS.get(code)
    if known:
        return known
    return " ".join(filter(None, (_say_part(part) for part in re.split(r"\s?[-–/.,+&]\s?", code))))


def _looks_like_code(code: str, mark: str) -> bool:
    first = re.split(r"[-–/.,+&\s]", code)[0]
    if len(first) < 2 and "-" not in code and "/" not in code:
        return False
    if first.upper() != first and first not in DOCUMENT_PARTS:
        return False
    if mark in "-–" and "/" not in code and first not in DOCUMENT_PARTS:
        return False
    return first in DOCUMENT_PARTS or first in ABBREVIATIONS or not is_syllable(first)


def read_document(match: re.Match[str], place: Place) -> Piece | None:
    """Read 61/2018/NĐ-CP: the code is left out where its kind was just named."""
    number, year, mark, code = match.groups()
    if not _looks_like_code(code, mark):
        return None
    head = _say_document(number, year)
    full = f"{head} trên {say_code(code)}"
    if _is_named(place, match.start()):
        return Piece(
            match.start(), match.end(), "document", head, choices=(head, full), why="loại văn bản vừa nêu"
        )
    return Piece(match.start(), match.end(), "document", full, LIKELY, (full, head), "số và ký hiệu văn bản")


def _say_document(number: str, year: str | None) -> str:
    digits = number.rstrip("".join(letter for letter in number if not letter.isdecimal()))
    letter = spell(number[len(digits) :])
    said = f"{read_code_number(digits)} {letter}".strip()
    return f"{said} năm {read_integer(year)}" if year else said


def _is_named(place: Place, position: int) -> bool:
    if _NAMED.search(place.before(position)):
        return True
    said = place.last_said()
    return said is not None and said.kind == "document" and bool(_LIST_GAP.fullmatch(place.gap(position)))


def read_number_year(match: re.Match[str], place: Place) -> Piece | None:
    if not _NUMBER_WORD.search(place.before(match.start())) and not _is_named(place, match.start()):
        return None
    return piece(match, "document", _say_document(match[1], match[2]))


def read_standard(match: re.Match[str], place: Place) -> Piece | None:
    """Read the number behind TCVN, QCVN, ISO: 01:2021/BXD."""
    if not re.search(r"(?:tcvn|qcvn|iso|tcxdvn|haccp|ohsas)[ /a-z]{0,8}\s*$", place.before(match.start())):
        return None
    number = " ".join(read_code_number(part) for part in match[1].split("-"))
    owner = f" {say_code(match[3])}" if match[3] else ""
    return piece(match, "document", f"{number} năm {read_integer(match[2])}{owner}")


def read_no_number(match: re.Match[str], place: Place) -> Piece | None:
    """Read "Số:    /KH-UBND", a form whose number was not filled in."""
    if not re.search(r"số\s*:?\s*$", place.before(match.start())) or not _looks_like_code(match[1], "/"):
        return None
    said = say_code(match[1])
    return Piece(match.start(), match.end(), "document", said, UNSURE, (said,), "văn bản chưa có số")


DOCUMENT_RULES: tuple[Rule, ...] = (
    (_NUMBER, read_document),
    (_STANDARD, read_standard),
    (_NUMBER_YEAR, read_number_year),
)
NO_NUMBER_RULES: tuple[Rule, ...] = ((_NO_NUMBER, read_no_number),)
