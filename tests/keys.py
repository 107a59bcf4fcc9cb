"""Signing keys for people of a test who never typed a password: real keys, entered and confirmed really."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from broadcaster.accounts import people, signing_keys
from broadcaster.accounts.pen import NewKey, Pen, of_private
from broadcaster.accounts.permissions import Actor

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def has_own(session: Session, actor: Actor) -> bool:
    """Return whether `actor` has a key that a password opens: it is left alone."""
    row = signing_keys.living(session, actor.id)
    return row is not None and bool(row.wrapped)


def pen_of(session: Session, actor: Actor) -> Pen:
    """Return the pen of `actor`, an approver whom everybody knows; their key is made at the first call."""
    pen = of_private(hashlib.sha256(f"person {actor.id}".encode()).digest())
    row = signing_keys.living(session, actor.id)
    if row is None or row.public != pen.public:
        signing_keys.enter(session, people.get(session, actor.id), NewKey(pen, {}), "before", LONG_AGO)
        row = signing_keys.living(session, actor.id)
    assert row is not None
    return Pen(pen.public, pen.private, row.id)
