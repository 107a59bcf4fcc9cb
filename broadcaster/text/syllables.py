"""What a Vietnamese syllable can look like in writing."""

from __future__ import annotations

import re
import unicodedata

_ONSET = r"(?:b|ch?|d|đ|g|h|kh?|l|m|nh?|ph?|r|s|th?|tr|v|x)?"
_RHYMES = [
    "a",
    "ac",
    "ach",
    "ai",
    "am",
    "an",
    "ang",
    "anh",
    "ao",
    "ap",
    "at",
    "au",
    "ay",
    "ăc",
    "ăm",
    "ăn",
    "ăng",
    "ăp",
    "ăt",
    "âc",
    "âm",
    "ân",
    "âng",
    "âp",
    "ât",
    "âu",
    "ây",
    "e",
    "ec",
    "em",
    "en",
    "eng",
    "eo",
    "ep",
    "et",
    "ê",
    "êch",
    "êm",
    "ên",
    "ênh",
    "êp",
    "êt",
    "êu",
    "êng",
    "i",
    "ia",
    "ich",
    "iêc",
    "iêm",
    "iên",
    "iêng",
    "iêp",
    "iêt",
    "iêu",
    "im",
    "in",
    "inh",
    "ip",
    "it",
    "iu",
    "iêng",
    "o",
    "oa",
    "oac",
    "oach",
    "oai",
    "oam",
    "oan",
    "oang",
    "oanh",
    "oao",
    "oap",
    "oat",
    "oay",
    "oăc",
    "oăm",
    "oăn",
    "oăng",
    "oăt",
    "oc",
    "oe",
    "oen",
    "oeo",
    "oet",
    "oi",
    "om",
    "on",
    "ong",
    "ooc",
    "oong",
    "op",
    "ot",
    "ô",
    "ôc",
    "ôi",
    "ôm",
    "ôn",
    "ông",
    "ôp",
    "ôt",
    "ôông",
    "ơ",
    "ơi",
    "ơm",
    "ơn",
    "ơp",
    "ơt",
    "u",
    "ua",
    "uân",
    "uâng",
    "uât",
    "uâc",
    "uây",
    "uê",
    "uêch",
    "uên",
    "uênh",
    "uêu",
    "uc",
    "ui",
    "um",
    "un",
    "ung",
    "uôc",
    "uôi",
    "uôm",
    "uôn",
    "uông",
    "uôt",
    "up",
    "ut",
    "uơ",
    "uy",
    "uya",
    "uych",
    "uyên",
    "uyêt",
    "uynh",
    "uyt",
    "uyu",
    "uyp",
    "uyn",
    "ư",
    "ưa",
    "ưc",
    "ưi",
    "ưng",
    "ươc",
    "ươi",
    "ươm",
    "ươn",
    "ương",
    "ươp",
    "ươt",
    "ươu",
    "ưt",
    "ưu",
    "ưm",
    "ưn",
    "uach",
    "uai",
    "uan",
    "uang",
    "uanh",
    "uat",
    "uau",
    "uay",
    "uăc",
    "uăm",
    "uăn",
    "uăng",
    "uăt",
    "uao",
    "ue",
    "uen",
    "ueo",
    "uet",
    "uo",
    "ua",
    "uac",
    "uap",
    "uơi",
    "uơn",
    "uit",
    "uinh",
]
_Y_RHYMES = "y yêm yên yêng yêt yêu"
_AFTER_I_LETTER = re.compile(r"[eêiy]")
_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_STOPPED = re.compile(r"(?:p|t|c|ch)$")
_SHAPE = re.compile(
    rf"q(?=u)(?:uy|uya|uyên|uyêt|uynh|uyt|uych|uyu|uyp|uêch|uênh|uyn)|"
    rf"(?:{_ONSET}|gi|gh|ng|ngh|qu)(?:{'|'.join(sorted({*_RHYMES, *_Y_RHYMES.split()}, key=len, reverse=True))})|gi|"
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


def is_word(word: str) -> bool:
    """Tell whether every hyphen-free part of `word` can be read as Vietnamese."""
    return is_syllable(word) or word.lower() in _SPOKEN_PARTS


_SPOKEN_PARTS = frozenset(
    [
        "ki",
        "lô",
        "mi",
        "li",
        "xăng",
        "ti",
        "héc",
        "ép",
        "phờ",
        "ét",
        "sì",
        "ích",
        "xì",
        "e",
        "lờ",
        "em",
        "mờ",
        "en",
        "nờ",
        "giê",
        "quy",
        "đê",
        "dét",
        "vê",
        "kép",
    ]
)


def has_marks(word: str) -> bool:
    """Tell whether `word` carries a letter or tone that only Vietnamese has."""
    return not word.isascii()
