"""Text as it is searched: without diacritics, lower case, single spaces."""

from __future__ import annotations

import unicodedata

_D = str.maketrans({"đ": "d", "Đ": "d"})
"""Unicode gives đ no decomposition, so no library folds it."""


def fold(text: str) -> str:
    """Return `text` without diacritics, in lower case: `Đường Lê Lợi` and `duong le loi` become one."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_D))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def like_patterns(words: str) -> list[str]:
    r"""Return one LIKE pattern (escape character `\`) for each folded word of `words`."""
    escape = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})
    return [f"%{word.translate(escape)}%" for word in fold(words).split()]
