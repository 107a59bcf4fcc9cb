"""Every act of a person, and what the program did by itself. Never a password, a token or a link in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.records import chain
from broadcaster.store.models import Audit

PROGRAM = "Chương trình"
"""Who acted when nobody did."""


class Named(Protocol):
    """Whoever acts: an actor or a person row."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...


def note(
    session: Session, actor: Named | None, act: str, subject: str, now: datetime, **detail: Any
) -> Audit:
    """Write down that `actor` (None: the program) did `act` to `subject`, e.g. `bulletin 12`.

    `detail` holds plain JSON values. Inside a write transaction, so that act and note stand or fall together.
    """
    row = Audit(
        at=now,
        person_id=(actor.id or None) if actor else None,
        person=actor.name if actor else PROGRAM,
        act=act,
        subject=subject,
        detail=detail,
    )
    chain.link(session, row)
    return row


def latest(session: Session, before: int | None = None, limit: int = 50, subject: str = "") -> list[Audit]:
    """Return the newest rows first; `before` is the id of the last row already seen."""
    statement = select(Audit).order_by(Audit.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Audit.id < before)
    if subject:
        statement = statement.where(Audit.subject == subject)
    return list(session.scalars(statement))


def last_id(session: Session) -> int:
    """Return the id of the newest row: what a form shows is known up to there. 0: there is none."""
    return session.scalar(select(func.max(Audit.id))) or 0


def after(session: Session, row_id: int, subject: str, acts: Collection[str]) -> list[Audit]:
    """Return what was done to `subject` after row `row_id`, oldest first."""
    newer = Audit.id > row_id, Audit.subject == subject, Audit.act.in_(acts)
    return list(session.scalars(select(Audit).where(*newer).order_by(Audit.id)))
