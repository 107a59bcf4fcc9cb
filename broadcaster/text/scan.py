"""The walk over the text: every character ends up in exactly one token."""

from __future__ import annotations

import re

from broadcaster.text.amounts import AMOUNT_RULES
from broadcaster.text.dates import DATE_RULES
from broadcaster.text.definitions import find_definitions
from broadcaster.text.documents import DOCUMENT_RULES
from broadcaster.text.letters import NAMES
from broadcaster.text.lexicon import Lexicon, holds_at
from broadcaster.text.marks import read_mark
from broadcaster.text.net import read_net
from broadcaster.text.numerals import read_integer
from broadcaster.text.phones import PHONE_RULES
from broadcaster.text.place import Piece, Place, Rule, first_reading
from broadcaster.text.ratios import HOUSE_RULES, RATIO_RULES
from broadcaster.text.roman import roman_value
from broadcaster.text.syllables import is_syllable
from broadcaster.text.tables import ABBREVIATIONS, LOANS, UPPER
from broadcaster.text.times import TIME_RULES
from broadcaster.text.words import read_word

_ATOM = re.compile(
    r"(?P<blank>[^\S\n]+)|(?P<line>\n\s*)|(?P<word>[^\W\d_]+)|(?P<digit>\d)|(?P<mark>.)", re.DOTALL
)
DIGIT_RULES: tuple[Rule, ...] = (
    *PHONE_RULES,
    *DOCUMENT_RULES,
    *HOUSE_RULES,
    *TIME_RULES,
    *DATE_RULES,
    *RATIO_RULES,
    *AMOUNT_RULES,
)
"""In order: the first reader that takes what stands here has it."""

_GLUE = frozenset("./@_&’'0123456789²³")
_HYPHEN_FIRST = frozenset(key.partition("-")[0] for key in LOANS if "-" in key)
_LIST_NUMBER = re.compile(
    rf"(?:(\d{{1,2}}(?:\.\d{{1,2}}){{0,3}})\s?[.)/](?=\s*[^\d\s.,/)-])|(\d{{1,2}}(?:\.\d{{1,2}}){{1,3}})\.?(?=\s+[{UPPER}“\"])|(\d{{1,2}})\s?[-–](?=\s?[{UPPER}]))"
)
_LIST_ROMAN = re.compile(r"([IVX]{1,6})\s?(?:[.)]|/(?![a-zà-ỹđ])|[-–](?=\s))(?=\s*[^\s.])")
_LIST_LETTER = re.compile(r"([a-zđ])\s?[.)/](?=\s)|([a-zđ])\)|([A-GĐ])\s?[./)](?=\s)")
_URL_AT_DIGIT = re.compile(r"\d{1,9}[A-Za-z._-]{1,30}[.@]")
_PLAIN: dict[str, bool] = {}
_PLAIN_AT_MOST = 50_000


def scan(text: str, lexicon: Lexicon) -> list[Piece]:
    """Return the pieces of a cleaned text, in order and without gaps other than blanks."""
    defined = find_definitions(text)
    place = Place(text, defined.readings, defined.silent)
    decided = not lexicon.is_built_in
    position, length, match_atom, pieces = 0, len(text), _ATOM.match, place.pieces
    place.line_start = _first_letter(text, 0)
    while position < length:
        if decided and (found := _decided(place, position, lexicon)):
            pieces.append(found)
            position = found.end
            continue
        match = match_atom(text, position)
        if match is None:
            break
        position = _take(match, place, pieces)
    return pieces


def _take(match: re.Match[str], place: Place, pieces: list[Piece]) -> int:
    """Add what the atom makes to `pieces` and return where to go on."""
    kind, start, end = match.lastgroup, match.start(), match.end()
    if kind == "blank":
        return end
    if kind == "line":
        pieces.append(Piece(start, end, "line", "\n"))
        place.line_start = end
        return end
    if start == place.line_start and (found := _list_number(place, start)):
        pieces.extend(found)
        place.line_start = _first_letter(place.text, found[-1].end)
        return found[-1].end
    if kind == "word":
        piece = _word(match[0], place, start, end)
    elif kind == "digit":
        piece = _number(place, start)
    else:
        piece = read_mark(place, start)
    pieces.append(piece)
    return piece.end


def _word(word: str, place: Place, start: int, end: int) -> Piece:
    follows = place.text[end : end + 1]
    if (
        follows not in _GLUE
        or not follows
        or (follows in "./" and not place.text[end + 1 : end + 2].isalnum())
    ):
        plain = _PLAIN.get(word)
        if plain is None:
            plain = _is_plain(word)
        if plain and not (follows == "-" and word.lower() in _HYPHEN_FIRST):
            return Piece(start, end, "word", word)
    return read_word(place, start, end)


def _is_plain(word: str) -> bool:
    """Tell whether `word` is a syllable that nothing around can turn into something else."""
    if len(_PLAIN) >= _PLAIN_AT_MOST:
        _PLAIN.clear()
    lowered = word.lower()
    titled = word[0] + lowered[1:] == word
    single = len(word) == 1 and (word.isupper() or word not in "aeiouyôơêâăư")
    plain = titled and not single and is_syllable(word) and lowered not in LOANS and word not in ABBREVIATIONS
    _PLAIN[word] = plain
    return plain


def _number(place: Place, start: int) -> Piece:
    if _URL_AT_DIGIT.match(place.text, start) and (found := read_net(place, start)):
        return found
    found = first_reading(DIGIT_RULES, place, start)
    if found is None:  # the last amount rule takes any digits
        raise RuntimeError(f"no rule reads the digits at {start}")
    return found


def _first_letter(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace() and text[position] != "\n":
        position += 1
    return position


def _list_number(place: Place, start: int) -> list[Piece] | None:
    text = place.text
    if match := _LIST_NUMBER.match(text, start):
        number = match[1] or match[2] or match[3]
        said = " chấm ".join(read_integer(part) for part in number.split("."))
        return _with_pause(match, start + len(number), said)
    if (match := _LIST_ROMAN.match(text, start)) and (value := roman_value(match[1])):
        return _with_pause(match, start + len(match[1]), read_integer(str(value)))
    if match := _LIST_LETTER.match(text, start):
        return _with_pause(match, start + 1, NAMES[(match[1] or match[2] or match[3]).lower()])
    return None


def _with_pause(match: re.Match[str], end: int, said: str) -> list[Piece]:
    return [Piece(match.start(), end, "list", said), Piece(end, match.end(), "mark", ",")]


def _decided(place: Place, position: int, lexicon: Lexicon) -> Piece | None:
    """Return a person's reading when one holds here."""
    text = place.text
    for entry in lexicon.candidates(text[position]):
        end = position + len(entry.written)
        if not text.startswith(entry.written, position) or not _is_whole(text, position, end):
            continue
        if entry.context is None or holds_at(entry.context, text, position, end):
            return Piece(position, end, "decided", entry.spoken, why="người soạn đã chọn")
    return None


def _is_whole(text: str, start: int, end: int) -> bool:
    inside_left = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    inside_right = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not (inside_left or inside_right)
