"""Written text brought into one form of Unicode, with the way back to where each character stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_VIETNAMESE = (
    "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư"
    "ẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊị"
    "ỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ"
)
_LETTERS = rf"\t\n -~{_VIETNAMESE}–…“”‘’°²³‰•"
_ORDINARY = re.compile(rf"[{_LETTERS}]*")
"""Texts of only these characters are already in their one form."""
_RUNS = re.compile(rf"(?P<plain>[{_LETTERS}]+(?![\u0300-\u036f]))|[{_LETTERS}]?[^{_LETTERS}]+")

_REPLACED = {
    "Ð": "Đ", "ð": "đ",  # Icelandic eth, which old fonts left in place of Đ
    "\r\n": "\n", "\r": "\n", "\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n",
    "\u00a0": " ", "\u202f": " ", "\u3000": " ", "\u205f": " ", "\u1680": " ",
    **{chr(code): " " for code in range(0x2000, 0x200B)},
    "\u00ad": "", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\ufe0f": "",
    "‐": "-", "‑": "-", "‒": "–", "—": "–", "―": "–", "−": "-", "－": "-",
    "´": "’", "`": "’", "′": "’", "″": "”", "＂": '"', "„": "“", "«": "“", "»": "”",
    "º": "°", "˚": "°", "℃": "°C", "㎡": "m²", "㎥": "m³", "℅": "c/o", "№": "số ",
    "∙": "•", "●": "•", "○": "•", "▪": "•", "■": "•", "□": "•", "◦": "•", "‣": "•", "►": "•", "➢": "•",
    "✓": "•", "✔": "•", "\uf0b7": "•", "\uf0a7": "•", "\uf0d8": "•", "\uf02d": "-", "\uf0fc": "•",
    "·": "•", "♦": "•", "◆": "•", "★": "•",
    "❖": "•", "☆": "•", "➤": "•", "✅": "•", "▶": "•",
    "½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⁄": "/", "∕": "/",
    "µ": "μ", "×": "×", "Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V", "Ⅵ": "VI", "Ⅶ": "VII",
    "Ⅷ": "VIII", "Ⅸ": "IX", "Ⅹ": "X", "¹": "1", "₂": "2", "₃": "3",
}  # fmt: skip
_MARKS_KEPT = 8
"""No letter carries more; runs of thousands (which Unicode sorting takes quadratic time for) are cut."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`text` in one form; `origins[i]` is where character i stood, None when nothing moved."""

    text: str
    origins: Sequence[int] | None
    length: int

    def start(self, position: int) -> int:
        if self.origins is None:
            return position
        return self.origins[position] if position < len(self.origins) else self.length

    def end(self, position: int) -> int:
        """Return where the piece ending before `position` ended in the text as given."""
        if self.origins is None or position == 0:
            return position
        return self.start(position) if position < len(self.origins) else self.length


def clean(written: str) -> Cleaned:
    """Return `written` as NFC with plain blanks, dashes, bullets and digits."""
    if _ORDINARY.fullmatch(written):
        return Cleaned(written, None, len(written))
    pieces: list[str] = []
    origins: list[int] = []
    for run in _RUNS.finditer(written):
        if run.lastgroup == "plain":
            pieces.append(run[0])
            origins.extend(range(run.start(), run.end()))
            continue
        for start, cluster in _clusters(run[0]):
            piece = _one_form(cluster)
            pieces.append(piece)
            origins.extend([run.start() + start] * len(piece))
    return Cleaned("".join(pieces), origins, len(written))


def _clusters(written: str) -> Iterator[tuple[int, str]]:
    """Yield each character with the marks that sit on it."""
    start = 0
    for position in range(1, len(written) + 1):
        if position < len(written) and unicodedata.combining(written[position]):
            continue
        if written[start : start + 2] == "\r\n" and position - start == 1:
            continue
        yield start, written[start:position]
        start = position


def _one_form(cluster: str) -> str:
    if len(cluster) == 1 and " " <= cluster <= "~":
        return cluster
    composed = unicodedata.normalize("NFC", cluster[: _MARKS_KEPT + 1])
    if composed in _REPLACED:
        return _REPLACED[composed]
    if len(composed) == 1:
        return _plain_character(composed)
    return composed if composed[0].isalpha() else _plain_character(composed[0])


def _plain_character(character: str) -> str:
    if character.isdecimal():
        return str(int(character))
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn") and character not in "\n\t":
        return ""
    wide = "！" <= character <= "～"
    return unicodedata.normalize("NFKC", character) if wide else character
