"""Readings by scope: built in, then the station's, then one bulletin's; later ones win."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from broadcaster.text.tables import tables_version
from broadcaster.text.values import ReadingEntry

_CONTEXT_WORDS = 2


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The readings in force. Immutable: adding gives a new one with another version."""

    entries: tuple[ReadingEntry, ...] = ()
    _by_first: dict[str, tuple[ReadingEntry, ...]] = field(default_factory=dict, compare=False, repr=False)

    def with_readings(self, entries: Iterable[ReadingEntry]) -> Lexicon:
        """Return a lexicon in which `entries` hold too; a later entry beats an earlier one."""
        added = tuple(entry for entry in entries if entry.written.strip())
        merged = (*self.entries, *added)
        return replace(self, entries=merged, _by_first=_grouped(merged))

    @property
    def version(self) -> str:
        """Return a short name of exactly these readings, for the approval's record."""
        digest = hashlib.sha256(tables_version().encode())
        for entry in self.entries:
            digest.update(f"\x1e{entry.written}\x1f{entry.spoken}\x1f{entry.context or ''}".encode())
        return digest.hexdigest()[:16]

    @property
    def is_built_in(self) -> bool:
        return not self.entries

    def candidates(self, first: str) -> tuple[ReadingEntry, ...]:
        """Return the decided readings whose writing begins with the character `first`, best first."""
        return self._by_first.get(first, ())


def _grouped(entries: tuple[ReadingEntry, ...]) -> dict[str, tuple[ReadingEntry, ...]]:
    """Group by first character: longest writing first, "once" before "always", newest first."""
    groups: dict[str, list[ReadingEntry]] = {}
    for entry in reversed(entries):
        groups.setdefault(entry.written[0], []).append(entry)
    return {
        first: tuple(sorted(group, key=lambda entry: (-len(entry.written), entry.context is None)))
        for first, group in groups.items()
    }


def context_at(text: str, start: int, end: int) -> str:
    """Return the words on either side of a place, as a `ReadingEntry.context` for "only here"."""
    left = text[max(0, start - 60) : start].lower().split()[-_CONTEXT_WORDS:]
    right = text[end : end + 60].lower().split()[:_CONTEXT_WORDS]
    return f"{' '.join(left)} | {' '.join(right)}"


def holds_at(context: str, text: str, start: int, end: int) -> bool:
    """Tell whether a "once" reading still belongs here: one side's words are the same."""
    here_left, _, here_right = context_at(text, start, end).partition("|")
    left, _, right = context.partition("|")
    sides = list(_sides((left, right), (here_left, here_right)))
    return any(sides) if sides else True


def _sides(decided: tuple[str, str], here: tuple[str, str]) -> Iterator[bool]:
    for old, new in zip(decided, here, strict=True):
        if old.strip():
            yield old.strip() == new.strip()


BUILT_IN = Lexicon()
"""The tables of this package alone."""
