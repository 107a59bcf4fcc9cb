"""A typed password, just proven right, opens its person's signing key, or makes the first one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from broadcaster.accounts import pen, people, signing_keys
from broadcaster.accounts.pen import NewKey, Pen
from broadcaster.accounts.pen import fingerprint as fingerprint_of
from broadcaster.records import audit
from broadcaster.store import start_list
from broadcaster.store.db import Store
from broadcaster.store.models import Person


@dataclass(frozen=True, slots=True)
class Opening:
    """What the password gave, found outside of any write transaction."""

    key_id: int | None
    """Of the living key; None: the person has none."""
    held: Pen | None
    """None: the key did not open, or there is none."""
    fresh: NewKey | None = None
    how: str = ""

    def settle(self, session: Session, person_id: int, now: datetime) -> Pen | None:
        """Write down what is new, and return the pen to be held."""
        row = signing_keys.living(session, person_id)
        if (row.id if row else None) != self.key_id:
            return None
        person = people.get(session, person_id)
        if self.fresh is not None:
            return signing_keys.enter(session, person, self.fresh, self.how, now)
        if self.held is None and row is not None:
            told = fingerprint_of(row.public)
            audit.note(session, person, signing_keys.NOT_OPENED, f"person {person_id}", now, fingerprint=told)
        return self.held


def open_with(store: Store, person: Person, password: str, hasher: PasswordHasher) -> Opening:
    """Return what `password`, which is `person`'s, opens. Takes about 0.1 s: never inside a transaction.

    A key that is not the station's own entry, or whose private part another one replaced, opens nothing.
    """
    with store.read() as session:
        row = signing_keys.living(session, person.id)
        is_entered = row is not None and signing_keys.is_entered(session, row)
        was_before = row is None and start_list.has(session, start_list.PEOPLE, person.id, digest_of(person))
    if row is None:
        return Opening(None, None, pen.new(password, hasher), "before" if was_before else "typed")
    held = pen.opened(row.id, row.public, row.wrapped, password) if is_entered else None
    return Opening(row.id, held)


def digest_of(person: Person) -> str:
    """Return what the list from before keys keeps of a person: the password was theirs, and who approved.

    Who was made an approver since is new as one, whatever else the row says.
    """
    what = "approver" if signing_keys.may_approve(person) else "other"
    return hashlib.sha256(f"{person.id}\0{person.login}\0{person.password_hash}\0{what}".encode()).hexdigest()
