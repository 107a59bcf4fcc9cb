"""In and out of the page with a password. Hashing takes 0.1 s and stays outside of every transaction."""

from __future__ import annotations

from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from broadcaster.accounts import key_opening, lockout, passwords, pen, people, sessions
from broadcaster.accounts.key_opening import Opening
from broadcaster.accounts.pen import Pen
from broadcaster.accounts.permissions import Actor
from broadcaster.accounts.sessions import is_confirmed, require_confirmed
from broadcaster.errors import Refused, SignInFailed
from broadcaster.records import audit
from broadcaster.store.db import Store
from broadcaster.store.models import Person, PersonKey

__all__ = [
    "change_password",
    "confirm_password",
    "is_confirmed",
    "needs_password",
    "pen_for",
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
    opening = _opening(store, person, password, hasher)
    with store.write() as session:
        person = people.by_login(session, login)
        if person is None or not person.is_active:
            raise SignInFailed(_WRONG)
        audit.note(session, person, "signed_in", f"person {person.id}", now, address=address)
        return sessions.begin(session, person.id, now, opening.settle(session, person.id, now))


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
    """Note that the person at this browser just proved to be themselves, and take up their signing key.

    Raises SignInFailed.
    """
    person = _signed_in(store, token, now)
    _try_password(store, person.login, person, password, address, now, hasher)
    opening = _opening(store, person, password, hasher)
    with store.write() as session:
        found = sessions.live(session, token, now)
        if found is None:
            raise SignInFailed(_EXPIRED)
        sessions.hold(found[0], opening.settle(session, person.id, now), token, now)
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

    The signing key stays the same: who knows the old password seals it with the new one.
    Raises SignInFailed (wrong old password) or Invalid (field `password`).
    """
    person = _signed_in(store, token, now)
    typed = passwords.check(new, person.login, person.name)
    _try_password(store, person.login, person, old, address, now, hasher)
    opening = _opening(store, person, old, hasher)
    kept, held = passwords.hashed(typed, hasher), opening.fresh.pen if opening.fresh else opening.held
    wrapped = pen.wrapped(held, typed, hasher) if held else None
    with store.write() as session:
        person = people.get(session, person.id)
        held = opening.settle(session, person.id, now)
        set_password(session, person, kept, now)
        if held is not None and wrapped is not None:
            session.get_one(PersonKey, held.key_id).wrapped = wrapped
        audit.note(session, person, "password_changed", f"person {person.id}", now)
        return sessions.begin(session, person.id, now, held)


def pen_for(session: Session, token: str, now: datetime) -> Pen:
    """Return the signing key that lies ready in this browser; raises Refused when there is none to sign with.

    Ask `needs_password` first: that is told to a person by the form, not by an error.
    """
    require_confirmed(session, token, now)
    held = sessions.pen_of(session, token, now)
    if held is None:
        raise Refused(_NO_KEY)
    return held


def needs_password(session: Session, token: str, now: datetime) -> bool:
    """Return whether the password must be typed before something is signed in this browser.

    A key that the password has just failed to open is not asked for again: `pen_for` says what to do.
    """
    found = sessions.live(session, token, now)
    return found is None or found[0].open_key is None or not is_confirmed(session, token, now)


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


_NO_KEY = (
    "Khóa ký của bạn không mở được bằng mật khẩu này, có thể vì dữ liệu đã bị sửa; hãy báo người quản trị và "
    "xin liên kết đặt lại mật khẩu để có khóa mới."
)
_EXPIRED = "Phiên đăng nhập đã hết hạn; hãy đăng nhập lại."


def _signed_in(store: Store, token: str, now: datetime) -> Person:
    with store.read() as session:
        found = sessions.live(session, token, now)
    if found is None:
        raise SignInFailed(_EXPIRED)
    return found[1]


def _opening(store: Store, person: Person | None, password: str, hasher: PasswordHasher) -> Opening:
    """Return what the password opens, by the row as it was when the password was looked at."""
    if person is None:  # pragma: no cover - no password is right for nobody
        raise SignInFailed(_WRONG)
    return key_opening.open_with(store, person, password, hasher)


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
