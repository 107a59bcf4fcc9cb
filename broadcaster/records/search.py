"""Finding in the history by words: without diacritics, whole or only begun, or as a phrase in quotes.

Texts are indexed once however often they were aired (SQLite FTS5, PostgreSQL's text search), so ten years
of a busy ward are some ten thousand texts behind a million rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, literal_column, select, text
from sqlalchemy.orm import Session

from broadcaster.records.fold import fold
from broadcaster.store.models import History, HistoryWords

FEW = 400
"""With no more texts than this their airings are gathered; with more the history is walked, newest first."""
LOOK_AT = 2000
"""So many of the newest rows are asked one by one before their texts are (4 ms)."""
_INDEX = text("INSERT INTO history_words_fts(rowid, folded) VALUES (:id, :folded)")
_VECTOR: ColumnElement[Any] = literal_column("history_words.vector")
"""PostgreSQL keeps it beside the text; see migration 0019."""
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
    matching = _texts(session, words)
    if matching is None:
        return None
    few = matching.limit(FEW + 1).subquery()
    if (session.scalar(select(func.count()).select_from(few)) or 0) <= FEW:
        return History.words_id.in_(matching)
    # The sum keeps the database from gathering a hundred thousand rows through the index of texts.
    return (History.words_id + 0).in_(matching)


def newest(
    session: Session, words: str, conditions: Sequence[ColumnElement[bool]], limit: int
) -> ColumnElement[bool] | None:
    """Return a condition that, beside `conditions`, leaves the newest `limit` rows that hold all of `words`.

    None when there are no words. Words that are often said are met soon on the way back from the newest row.
    Others, said by few texts or years ago, are looked up by text: only those said last can hold the newest.
    """
    matching = _texts(session, words)
    if matching is None:
        return None
    on_the_way = _on_the_way(session, matching, conditions, limit)
    return _of_texts_said_last(session, matching, conditions, limit) if on_the_way is None else on_the_way


def _on_the_way(
    session: Session, matching: Select[int], conditions: Sequence[ColumnElement[bool]], limit: int
) -> ColumnElement[bool] | None:
    """Look at the newest rows only; None when it takes more than those."""
    looked_at = max(LOOK_AT, 4 * limit)
    newest_first = (History.planned_at.desc(), History.id.desc())
    walk = select(History.id, History.planned_at, History.words_id).where(*conditions)
    recent = walk.order_by(*newest_first).limit(looked_at).cte("recent")
    hits = select(recent.c.id).where(recent.c.words_id.in_(matching)).limit(limit)
    found = list(session.scalars(hits.order_by(recent.c.planned_at.desc(), recent.c.id.desc())))
    if len(found) < limit and session.scalar(select(func.count()).select_from(recent)) == looked_at:
        return None
    return History.id.in_(found)


def _of_texts_said_last(
    session: Session, matching: Select[int], conditions: Sequence[ColumnElement[bool]], limit: int
) -> ColumnElement[bool]:
    texts = matching.subquery("texts")
    of_text = select(History.planned_at).where(History.words_id == texts.c.id, *conditions)
    last = of_text.order_by(History.planned_at.desc(), History.id.desc()).limit(1).scalar_subquery()
    each = select(texts.c.id, last.label("last")).cte("each_text").prefix_with("MATERIALIZED")
    place = func.rank().over(order_by=each.c.last.desc()).label("place")
    ranked = select(each.c.id, each.c.last, place).where(each.c.last.is_not(None)).subquery("ranked")
    found = session.execute(select(ranked.c.id, ranked.c.last).where(ranked.c.place <= limit)).all()
    if not found:
        return false()
    aired = select(History.id).where(History.words_id.in_([row.id for row in found]))
    if len(found) >= limit:
        # Each of these texts has a row as new as that, so no row before it can be among the newest.
        aired = aired.where(History.planned_at >= min(row.last for row in found))
    return History.id.in_(aired)


def _texts(session: Session, words: str) -> Select[int] | None:
    """Return the numbers of the texts that hold all of `words`; None when there are no words."""
    asked = list(_terms(words))
    if not asked:
        return select(HistoryWords.id).where(false()) if words.strip() else None
    return _on_sqlite(asked) if _is_sqlite(session) else _on_postgresql(asked)


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
    return select(HistoryWords.id).where(_VECTOR.op("@@")(func.to_tsquery(text("'simple'"), query)))


def _tsquery(term: tuple[str, ...]) -> str:
    return " <-> ".join(term[:-1]) if term[-1] == "" else f"{term[0]}:*"
