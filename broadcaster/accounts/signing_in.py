"""In and out of the page with a password. Hashing takes 0.1 s and stays outside of every transaction."""

from __future__ import annotations

from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from broadcaster.accounts import lockout, passwords, people, sessions
from broadcaster.accounts.permissions import Actor
from broadcaster.accounts.sessions import is_confirmed, require_confirmed
from broadcaster.errors import SignInFailed
from broadcaster.records import audit
from broadcaster.store.db import Store
from broadcaster.store.models import Person

__all__ = [
    "change_password",
    "confirm_password",
    "is_confirmed",
    "require_confirmed",
    "sign_in",
    "sign_out",
    "who",
]

_WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


def sign_in(
    store: Store,
    login: str,
    password: str,
    address: str,
    now: datetime,
    hasher: PasswordHasher = passwords.HASHER,
) -> str:
    """Return the token of a newly signed-in browser, good for 12 hours.

    Raises SignInFailed with the same sentence, after a similar time, whether or not the login exists.
    """
    login = people.folded_login(login)
    with store.read() as session:
        person = people.by_login(session, login)
    _try_password(store, login, person, password, address, now, hasher)
    with store.write() as session:
        person = people.by_login(session, login)
        if person is None or not person.is_active:
            raise SignInFailed(_WRONG)
        audit.note(session, person, "signed_in", f"person {person.id}", now, address=address)
        return sessions.begin(session, person.id, now)


def who(session: Session, token: str, now: datetime) -> Actor | None:
    """Return who is behind `token` with the roles of this moment; None when signed out, expired or gone."""
    found = sessions.live(session, token, now)
    return None if found is None else people.actor_of(found[1])


def confirm_password(
    store: Store,
    token: str,
    password: str,
    address: str,
    now: datetime,
    hasher: PasswordHasher = passwords.HASHER,
) -> None:
    """Note that the person at this browser just proved to be themselves. Raises SignInFailed."""
    person = _signed_in(store, token, now)
    _try_password(store, person.login, person, password, address, now, hasher)
    with store.write() as session:
        found = sessions.live(session, token, now)
        if found is None:
            raise SignInFailed(_EXPIRED)
        found[0].confirmed_at = now
        audit.note(session, person, "password_confirmed", f"person {person.id}", now)


def change_password(
    store: Store,
    token: str,
    old: str,
    new: str,
    address: str,
    now: datetime,
    hasher: PasswordHasher = passwords.HASHER,
) -> str:
    """Set a new password, sign every browser of the person out, and return a new token for this one.

    Raises SignInFailed (wrong old password) or Invalid (field `password`).
    """
    person = _signed_in(store, token, now)
    typed = passwords.check(new, person.login, person.name)
    _try_password(store, person.login, person, old, address, now, hasher)
    kept = passwords.hashed(typed, hasher)
    with store.write() as session:
        person = people.get(session, person.id)
        set_password(session, person, kept, now)
        audit.note(session, person, "password_changed", f"person {person.id}", now)
        return sessions.begin(session, person.id, now)


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End this browser's sign-in; nothing happens when it already ended."""
    found = sessions.live(session, token, now)
    sessions.end(session, token, now)
    if found is not None:
        audit.note(session, found[1], "signed_out", f"person {found[1].id}", now)


def set_password(session: Session, person: Person, kept: str, now: datetime) -> None:
    """Keep a new hash and end all that the old password opened. Who calls it checks and notes."""
    person.password_hash = kept
    sessions.end_all(session, person.id, now)


_EXPIRED = "Phiên đăng nhập đã hết hạn; hãy đăng nhập lại."


def _signed_in(store: Store, token: str, now: datetime) -> Person:
    with store.read() as session:
        found = sessions.live(session, token, now)
    if found is None:
        raise SignInFailed(_EXPIRED)
    return found[1]


def _try_password(
    store: Store,
    login: str,
    person: Person | None,
    password: str,
    address: str,
    now: datetime,
    hasher: PasswordHasher,
) -> None:
    """Raise SignInFailed unless `password` opens the account of `person` (None: there is none)."""
    counted = lockout.subjects(login, address)
    with store.write() as session:
        lockout.count_try(session, counted, now)
    kept = person.password_hash if person is not None and person.is_active else None
    if not passwords.matches(kept, password, hasher):
        with store.write() as session:
            subject = f"person {person.id}" if person is not None else "unknown login"
            audit.note(session, None, "sign_in_failed", subject, now, address=address)
        raise SignInFailed(_WRONG)
    fresh = passwords.hashed(password, hasher) if kept and passwords.needs_rehash(kept, hasher) else None
    with store.write() as session:
        lockout.forgive(session, counted)
        if fresh is not None and person is not None:
            people.get(session, person.id).password_hash = fresh
