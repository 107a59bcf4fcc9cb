"""The package's own tables, read from the .tsv files beside this module."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "data"
_DOTTED = "".join(letter for letter in map(chr, range(0x1EA0, 0x1EFA)) if letter.isupper())
"""Capitals and small letters take turns in this part of Unicode: a range would hold both."""
UPPER = f"A-ZĐÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĨŨƠƯ{_DOTTED}"
"""For a character class: capitals."""


def _lines(name: str) -> Iterator[list[str]]:
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _pairs(name: str) -> dict[str, str]:
    return {row[0]: row[1] for row in _lines(name)}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that the same letters can mean, and the words around it that say so."""

    spoken: str
    before: str
    after: str
    certainty: str

    def fits(self, before: str, after: str) -> bool:
        """Tell whether the lower-case words before and the words after ask for this meaning."""
        if self.before and not _compiled(self.before).search(before):
            return False
        return not self.after or bool(_compiled(self.after).match(after))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("{U}", f"[{UPPER}]"))


def _meanings() -> dict[str, tuple[Meaning, ...]]:
    found: dict[str, list[Meaning]] = {}
    for written, *rest in _lines("ambiguous.tsv"):
        found.setdefault(written, []).append(Meaning(*rest))
    return {written: tuple(meanings) for written, meanings in found.items()}


@cache
def tables_version() -> str:
    """Return a fingerprint of the tables, part of every lexicon's version."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.glob("*.t*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


ABBREVIATIONS = _pairs("abbreviations.tsv")
AMBIGUOUS = _meanings()
DOCUMENT_PARTS = _pairs("document_parts.tsv")
UNITS = _pairs("units.tsv")
NET_LABELS = _pairs("net_labels.tsv")
LOANS = {row[0]: row[1] for row in _lines("loans.tsv")}
SOUNDS = {row[1].lower(): row[2] for row in _lines("loans.tsv") if len(row) > 2}
"""How an engine that knows only Vietnamese must see a word that is written as it is."""

_CONTEXTS = _pairs("contexts.tsv")


def context(name: str) -> str:
    """Return the words of one kind of neighbourhood as a group of a regular expression."""
    return f"(?:{_CONTEXTS[name]})"


def _words(name: str) -> frozenset[str]:
    return frozenset((_FOLDER / name).read_text(encoding="utf-8").split())


RHYMES = _words("rhymes.txt")
"""What can follow the first consonant of a syllable, without its tone."""
NEVER_LEVEL = _words("never_level.txt")
"""Syllables that Vietnamese writes only with a tone mark."""
CONFUSED = _pairs("confused.tsv")
NEVER_DOUBLED = _words("never_doubled.txt")
DEBRIS = tuple((row[0], row[1]) for row in _lines("debris.tsv"))
