"""What a Vietnamese syllable can look like in writing."""

from __future__ import annotations

import re
import unicodedata

from broadcaster.text.tables import RHYMES

_ONSET = r"(?:b|ch?|d|đ|g|h|kh?|l|m|nh?|ph?|r|s|th?|tr|v|x)?"
_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_STOPPED = re.compile(r"(?:p|t|c|ch)$")
_RHYMES = sorted(RHYMES, key=len, reverse=True)
_SHAPE = re.compile(
    rf"q(?=u)(?:uy|uya|uyên|uyêt|uynh|uyt|uych|uyu|uyp|uêch|uênh|uyn)|"
    rf"(?:{_ONSET}|gi|gh|ng|ngh|qu)(?:{'|'.join(_RHYMES)})|gi|"
    rf"g(?:in|im|iêng|iên|iêc|iêm|iêt|iêu|inh|ip|it)"
)
_FAULTS = re.compile(
    r"^(?:c(?=[eêiy])|k(?=[aăâoôơuư](?!y))|g(?=[eê])|gh(?![eêi])|ng(?=[eêi])|ngh(?![eêi])|q(?!u)|p(?=[^h]))"
)
_KNOWN: dict[str, bool] = {}
_KNOWN_AT_MOST = 20_000


def bare_form(syllable: str) -> tuple[str, str]:
    """Return the lower-case syllable without its tone, and the tone: f s r x j or "" (level)."""
    tones = ""
    letters: list[str] = []
    for character in unicodedata.normalize("NFD", syllable.lower()):
        tone = _TONES.get(character)
        if tone is None:
            letters.append(character)
        else:
            tones += tone
    return unicodedata.normalize("NFC", "".join(letters)), tones


def is_syllable(word: str) -> bool:
    """Tell whether `word`, in any case, is spelled as one Vietnamese syllable can be."""
    known = _KNOWN.get(word)
    if known is None:
        if len(_KNOWN) >= _KNOWN_AT_MOST:
            _KNOWN.clear()
        known = _KNOWN[word] = len(word) <= 7 and _check(word)
    return known


def _check(word: str) -> bool:
    bare, tones = bare_form(word)
    if len(tones) > 1 or not _SHAPE.fullmatch(bare):
        return False
    if _FAULTS.match(bare) and bare not in _RARE:
        return False
    return not (_STOPPED.search(bare) and tones not in ("s", "j"))


_RARE = {"pa", "pô", "pi", "pê", "po", "pơ", "pin", "pan", "pích", "pha", "ka", "ki", "kon", "kông", "pich"}
"""Spelled against the rule, but read without trouble: pa nô, áp phích, pin, Kon Tum."""


def has_marks(word: str) -> bool:
    """Tell whether `word` carries a letter or tone that only Vietnamese has."""
    return not word.isascii()
