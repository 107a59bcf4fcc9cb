"""Addresses on the net, said by their parts."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from broadcaster.text.letters import spell
from broadcaster.text.numerals import read_count
from broadcaster.text.place import LIKELY, UNSURE, Piece, Place
from broadcaster.text.tables import LOANS, NET_LABELS

_LABEL = r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}"
_TOP = r"(?:vn|com|org|net|edu|gov|info|io|me|asia|html?)"
_MAIL = re.compile(rf"[A-Za-z0-9][\w.+-]{{0,63}}@{_LABEL}(?:\.{_LABEL}){{1,4}}")
_SITE = re.compile(
    rf"(?:[Hh]ttps?://)?(?:{_LABEL}\.){{1,5}}{_TOP}(?![\w@-])(?:[:/][^\s<>\"“”(),;]{{0,300}}(?<![.…]))?|[Hh]ttps?://[^\s<>\"“”]{{1,300}}"
)
_LONG_WORDS = 14
_FOR_LONG = "trang thông tin điện tử"
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+")
_TEXT_READ = 20_000


def read_net(place: Place, position: int) -> Piece | None:
    """Return the reading of a mail or web address at `position`, if one stands there."""
    text = place.text
    if match := _MAIL.match(text, position):
        name, _, site = match[0].partition("@")
        spoken = f"{_say_dotted(name, place)} a còng {_say_dotted(site, place)}"
        return _judged(match, "email", spoken, place, (spoken, "thư điện tử"))
    if match := _SITE.match(text, position):
        host, _, path = re.sub(r"^[Hh]ttps?://", "", match[0]).partition("/")
        spoken = _say_dotted(host.removeprefix("www."), place)
        if path.strip("/"):
            choices = (spoken, _FOR_LONG)
            return Piece(
                match.start(),
                match.end(),
                "url",
                spoken,
                UNSURE,
                choices,
                "địa chỉ dài: nên đọc tên trang hay bỏ?",
            )
        return _judged(match, "url", spoken, place, (spoken, _FOR_LONG))
    return None


def _judged(match: re.Match[str], kind: str, spoken: str, place: Place, choices: tuple[str, ...]) -> Piece:
    labels = re.findall(r"[A-Za-z0-9]+", match[0])
    is_known = all(
        _in_words(label.lower(), place) for label in labels if label.lower() not in ("http", "https", "www")
    )
    if is_known and len(spoken.split()) <= _LONG_WORDS:
        return Piece(match.start(), match.end(), kind, spoken, LIKELY, choices, "địa chỉ mạng")
    why = "địa chỉ dài, nghe khó nhớ" if is_known else "tên trong địa chỉ mạng chưa có cách đọc"
    return Piece(match.start(), match.end(), kind, spoken, UNSURE, choices, why)


def _say_dotted(dotted: str, place: Place) -> str:
    return " chấm ".join(_say_label(label, place) for label in dotted.split(".") if label)


def _say_label(label: str, place: Place) -> str:
    return " ".join(_say_piece(piece.lower(), place) for piece in re.findall(r"[A-Za-z]+|\d+", label))


def _say_piece(piece: str, place: Place) -> str:
    if piece.isdecimal():
        return read_count(piece)
    return _in_words(piece, place) or (piece if _VOWEL.search(piece) and len(piece) > 3 else spell(piece))


def _in_words(label: str, place: Place) -> str | None:
    """Return a label in words: from the table, or in the words of the text itself."""
    if label.isdecimal():
        return read_count(label)
    own = own_words(place)
    return NET_LABELS.get(label) or LOANS.get(label) or own.get(label) or _split(label, own)


def _split(label: str, own: dict[str, str]) -> str | None:
    """Return `label` cut into the fewest known labels."""
    best: list[tuple[int, str] | None] = [(0, "")] + [None] * len(label)
    for end in range(1, len(label) + 1):
        for start in range(max(0, end - 24), end - 1):
            head, part = best[start], label[start:end]
            said = NET_LABELS.get(part) or own.get(part)
            if head is None or said is None or part in _NOT_INSIDE:
                continue
            if best[end] is None or head[0] + 1 < (best[end] or (99, ""))[0]:
                best[end] = (head[0] + 1, f"{head[1]} {said}".strip())
    return best[-1][1] if best[-1] else None


_NOT_INSIDE = {"me", "io", "id", "vn", "com", "net", "org", "bit"}


def own_words(place: Place) -> dict[str, str]:
    """Return runs of two to four words of the text by their bare letters: thachha -> thạch hà."""
    return _own_words(place.text[:_TEXT_READ])


@cache
def _cached_words(text: str) -> dict[str, str]:
    words = [word.lower() for word in _WORDS.findall(text)]
    bare = [_bare(word) for word in words]
    found: dict[str, str] = {}
    for size in (2, 3, 4):
        for start in range(len(words) - size + 1):
            found.setdefault("".join(bare[start : start + size]), " ".join(words[start : start + size]))
    return found


def _own_words(text: str) -> dict[str, str]:
    if _cached_words.cache_info().currsize > 4:
        _cached_words.cache_clear()
    return _cached_words(text)


def _bare(word: str) -> str:
    letters = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
