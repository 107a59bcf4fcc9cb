"""Finding in the history by words: without diacritics, whole or only begun, or as a phrase in quotes.

Texts are indexed once however often they were aired (SQLite FTS5, PostgreSQL's text search), so ten years
of a busy ward are some ten thousand texts behind a million rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, bindparam, false, func, select, text
from sqlalchemy.orm import Session

from broadcaster.records.fold import fold
from broadcaster.store.models import History, HistoryWords

FEW = 400
"""With no more texts than this their airings are gathered; with more the history is walked, newest first."""
_INDEX = text("INSERT INTO history_words_fts(rowid, folded) VALUES (:id, :folded)")
_PHRASE = re.compile(r"""["“”„]([^"“”„]*)["“”„]?""")
_WORD = re.compile(r"\w+")


def keep(session: Session, words: str) -> int:
    """Return the number of the searchable text of `words`, making it when it is new."""
    folded = fold(words)
    sha256 = hashlib.sha256(folded.encode()).hexdigest()
    known = session.scalar(select(HistoryWords.id).where(HistoryWords.sha256 == sha256))
    if known is not None:
        return known
    row = HistoryWords(sha256=sha256, folded=folded)
    session.add(row)
    session.flush()
    if _is_sqlite(session):
        # A trigger could do it, but may not touch a virtual table where the schema is not trusted.
        session.execute(_INDEX, {"id": row.id, "folded": folded})
    return row.id


def said(session: Session, words: str) -> ColumnElement[bool] | None:
    """Return the condition under which a history row holds all of `words`; None when there are none.

    Each word may be only begun (“tuyên tr”); what stands in quotes must follow each other so.
    """
    asked = list(_terms(words))
    if not asked:
        return false() if words.strip() else None
    matching = _on_sqlite(asked) if _is_sqlite(session) else _on_postgresql(asked)
    few = matching.limit(FEW + 1).subquery()
    if (session.scalar(select(func.count()).select_from(few)) or 0) <= FEW:
        return History.words_id.in_(matching)
    # The sum keeps the database from gathering a hundred thousand rows through the index of texts.
    return (History.words_id + 0).in_(matching)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _terms(words: str) -> Iterator[tuple[str, ...]]:
    """Yield phrases of several words and single words, folded."""
    for phrase in _PHRASE.findall(words):
        if found := tuple(_WORD.findall(fold(phrase))):
            yield (*found, "")
    for word in _WORD.findall(fold(_PHRASE.sub(" ", words))):
        yield (word,)


def _on_sqlite(asked: list[tuple[str, ...]]) -> Select[int]:
    query = " AND ".join(_fts(term) for term in asked)
    rows = text("SELECT rowid AS id FROM history_words_fts WHERE history_words_fts MATCH :asked")
    found = rows.bindparams(bindparam("asked", query, unique=True)).columns(HistoryWords.id).subquery()
    return select(found.c.id)


def _fts(term: tuple[str, ...]) -> str:
    if term[-1] == "":
        return f'"{" ".join(term[:-1])}"'
    return f'"{term[0]}"*'


def _on_postgresql(asked: list[tuple[str, ...]]) -> Select[int]:
    query = " & ".join(_tsquery(term) for term in asked)
    vector = func.to_tsvector(text("'simple'"), HistoryWords.folded)
    return select(HistoryWords.id).where(vector.op("@@")(func.to_tsquery(text("'simple'"), query)))


def _tsquery(term: tuple[str, ...]) -> str:
    return " <-> ".join(term[:-1]) if term[-1] == "" else f"{term[0]}:*"
