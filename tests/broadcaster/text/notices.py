"""Notices as communes write them and all that a newsreader may say for each; data in notices.tsv.

Their readings were written by hand before any program read the sentences.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_TONES = {"\u0300": "2", "\u0301": "1", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_SAME_SOUND = re.compile(r"^(h|k|l|m|s|t|v|qu)y(\d?)$")
_EQUAL = {"ngan2": "nghin2", "le3": "linh"}


@dataclass(frozen=True, slots=True)
class Notice:
    written: str
    spoken: str
    alternatives: tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...]

    def allows(self, said: str) -> bool:
        """Tell whether `said` is this notice read rightly, in one of the accepted ways."""
        return _is_path(keys(self.spoken), self.alternatives, keys(said))


def keys(text: str) -> tuple[str, ...]:
    """Return the words of `text`; two spellings of one sound (hóa hoá, kỹ kĩ) get one key."""
    words = re.findall(r"[^\W_]+|[%/+°@]", unicodedata.normalize("NFC", text).lower())
    return tuple(_key(word) for word in words)


def _key(word: str) -> str:
    marks = unicodedata.normalize("NFD", word)
    letters = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    tone = "".join(_TONES[mark] for mark in marks if mark in _TONES)
    key = _SAME_SOUND.sub(r"\1i\2", letters + tone)
    return _EQUAL.get(key, key)


def _is_path(
    wanted: tuple[str, ...],
    alternatives: tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...],
    said: tuple[str, ...],
) -> bool:
    """Tell whether `said` is `wanted` with any of its stretches exchanged for their alternatives."""
    reached: list[set[int]] = [set() for _ in range(len(wanted) + 1)]
    reached[0].add(0)
    for at, word in enumerate(wanted):
        steps: list[tuple[int, tuple[str, ...]]] = [(at + 1, (word,))]
        for stretch, others in alternatives:
            if wanted[at : at + len(stretch)] == stretch:
                steps += [(at + len(stretch), other) for other in others]
        for behind, words in steps:
            reached[behind] |= {
                heard + len(words) for heard in reached[at] if said[heard : heard + len(words)] == words
            }
    return len(said) in reached[-1]


def _alternatives(cell: str) -> tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...]:
    parted = (item.partition(" => ") for item in cell.split(" || ") if item)
    return tuple(
        (keys(left), tuple(keys(other.replace("∅", "")) for other in right.split(" | ")))
        for left, _, right in parted
    )


def _load() -> tuple[Notice, ...]:
    lines = (Path(__file__).parent / "notices.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return tuple(Notice(written, spoken, _alternatives(cell)) for written, spoken, cell in rows)


NOTICES = _load()
