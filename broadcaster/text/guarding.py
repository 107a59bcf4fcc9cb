"""The last look before an engine: what it would mumble never reaches it."""

from __future__ import annotations

import re

from broadcaster.text.values import Sentence

_DIGIT = re.compile(r"\d+")
_SYMBOL = re.compile(r"[^\w\s,.;:?!-]")
_WORD = re.compile(r"[^\W\d_]+")
_VOWEL = re.compile(
    r"[aeiouyàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE
)
_CODE = re.compile(r"[A-ZĐ]{2,}")
LONGEST_WORD = 30
"""Nothing longer is a word that can be said."""


def guard(sentence: Sentence | str) -> str | None:
    """Return what must not reach an engine, as a Vietnamese sentence, or None when all is readable."""
    text = sentence if isinstance(sentence, str) else sentence.text
    if digit := _DIGIT.search(text):
        return f"Còn chữ số “{digit[0]}” chưa có cách đọc."
    if symbol := _SYMBOL.search(text):
        return f"Còn ký hiệu “{symbol[0]}” chưa có cách đọc."
    for word in _WORD.findall(text):
        if not _VOWEL.search(word) or _CODE.fullmatch(word) or len(word) > LONGEST_WORD:
            return f"Còn chữ “{word}” chưa có cách đọc."
    return None
