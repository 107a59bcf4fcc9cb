"""What `broadcaster verify` checks and says: chains, seals, approvals, sound, a seal kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from broadcaster.newsroom import approval_check
from broadcaster.playout import aircheck_files
from broadcaster.records import integrity
from broadcaster.store import station_key


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences for a person: what is wrong, what was found to be good, what is missing but no damage."""

    wrong: tuple[str, ...]
    good: tuple[str, ...]
    notes: tuple[str, ...] = ()


def verify(session: Session, folder: Path, kept: str | None = None) -> Answer:
    """Check everything; `kept` is the text of a seal from outside, Invalid when it holds none."""
    public = station_key.of(folder).public
    compared = compare(session, folder, kept) if kept is not None else Answer((), ())
    seen = integrity.examine(session, public, folder)
    files = aircheck_files.examine(session, folder)
    wrong = [*integrity.sentences(session, seen), *approval_check.broken(session), *files.wrong]
    good = [] if wrong else ["Nhật ký toàn vẹn.", integrity.good_words(seen)]
    return Answer((*wrong, *compared.wrong), (*good, *compared.good), files.notes)


def compare(session: Session, folder: Path, kept: str) -> Answer:
    """Compare the rows with a seal from outside, and nothing else; Invalid when `kept` holds none."""
    found = integrity.against(session, kept, station_key.of(folder).public)
    return Answer((), found.sentences) if found.is_sound else Answer(found.sentences, ())
