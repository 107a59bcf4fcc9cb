"""Roman numerals as Vietnamese documents use them: chapters, terms, quarters, alarm levels."""

from __future__ import annotations

import re

_SHAPE = re.compile(r"(X{0,3}|XL|LX{0,3}|XC)(IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def roman_value(written: str) -> int | None:
    """Return the value of a well-formed numeral up to 99, else None."""
    if not written or not _SHAPE.fullmatch(written):
        return None
    values = [_VALUES[letter] for letter in written]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))
