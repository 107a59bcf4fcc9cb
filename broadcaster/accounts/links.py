"""Links that work once: to make the first account, and to set a password. The store keeps only their hash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from argon2 import PasswordHasher
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from broadcaster.accounts import lockout, passwords, pen, people, sessions, signing_in, signing_keys
from broadcaster.accounts.permissions import Actor, Permission, Role, require
from broadcaster.errors import Refused
from broadcaster.records import audit
from broadcaster.store.db import Store
from broadcaster.store.models import OneTimeLink

FIRST_ACCOUNT = "first_account"
SET_PASSWORD = "set_password"  # noqa: S105 - the name of a purpose
FIRST_ACCOUNT_LASTS = timedelta(minutes=30)
SET_PASSWORD_LASTS = timedelta(hours=24)
FIRST_ROLES = (Role.OFFICER, Role.OPERATOR, Role.ADMIN)
"""Whoever sets the station up writes and runs it; approving is another person's, until they say otherwise."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an open link is for. `login` and `name` are empty for the first account."""

    purpose: str
    person_id: int | None
    login: str
    name: str
    expires_at: datetime


def first_account(session: Session, now: datetime) -> str:
    """Return the secret of a new link, good for 30 minutes; older ones end. Refused once anybody exists."""
    if not people.is_nobody_here(session):
        raise Refused("Trạm đã có người dùng; hãy đăng nhập, hoặc dùng lệnh: broadcaster user passwd.")
    return _make(session, FIRST_ACCOUNT, None, now, FIRST_ACCOUNT_LASTS)


def invite(session: Session, actor: Actor, person_id: int, now: datetime) -> str:
    """Return the secret of a link by which this person sets a password within 24 hours; older ones end."""
    require(actor, Permission.MANAGE_PEOPLE)
    person = people.get(session, person_id)
    if not person.is_active:
        raise Refused(f"Tài khoản của {person.name} đang bị khóa; hãy mở lại trước khi gửi liên kết.")
    audit.note(session, actor, "link_made", f"person {person.id}", now)
    return _make(session, SET_PASSWORD, person.id, now, SET_PASSWORD_LASTS)


def look_up(session: Session, secret: str, now: datetime) -> Invitation:
    """Return what `secret` opens; raises Refused when it is unknown, used or expired."""
    link = session.get(OneTimeLink, sessions.hash_of(secret))
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise _closed()
    if link.person_id is None:
        if not people.is_nobody_here(session):
            raise _closed()
        return Invitation(link.purpose, None, "", "", link.expires_at)
    person = people.get(session, link.person_id)
    if not person.is_active:
        raise _closed()
    return Invitation(link.purpose, person.id, person.login, person.name, link.expires_at)


def create_first_account(
    store: Store,
    secret: str,
    login: str,
    name: str,
    password: str,
    now: datetime,
    roles: Iterable[Role] = FIRST_ROLES,
    hasher: PasswordHasher = passwords.HASHER,
) -> str:
    """Make the first person, always an administrator too, and return the token of their browser.

    Raises Refused (the link) or Invalid (field `login`, `name` or `password`); the link then stays open.
    """
    with store.read() as session:
        _require_purpose(look_up(session, secret, now), FIRST_ACCOUNT)
    login, name = people.checked_login(login), people.checked_name(name)
    typed = passwords.check(password, login, name)
    kept, key = passwords.hashed(typed, hasher), pen.new(typed, hasher)
    with store.write() as session:
        _use(session, secret, now)
        if not people.is_nobody_here(session):
            raise _closed()
        person = people.create(session, login, name, {*roles, Role.ADMIN}, now)
        person.password_hash = kept
        audit.note(session, person, "first_account_made", f"person {person.id}", now, roles=person.roles)
        held = signing_keys.enter(session, person, key, "first_account", now)
        return sessions.begin(session, person.id, now, held)


def set_password(
    store: Store,
    secret: str,
    password: str,
    now: datetime,
    hasher: PasswordHasher = passwords.HASHER,
) -> str:
    """Set the password of the person the link was made for, and return the token of their browser.

    Nobody has typed the old password, so its signing key ends and a new one begins: approvers are told.
    Ends their other browsers and their account's lock-out. Raises Refused or Invalid (field `password`).
    """
    with store.read() as session:
        invitation = look_up(session, secret, now)
    _require_purpose(invitation, SET_PASSWORD)
    typed = passwords.check(password, invitation.login, invitation.name)
    kept, key = passwords.hashed(typed, hasher), pen.new(typed, hasher)
    with store.write() as session:
        _use(session, secret, now)
        person = people.get(session, invitation.person_id or 0)
        if not person.is_active:
            raise _closed()
        signing_in.set_password(session, person, kept, now)
        lockout.forgive(session, lockout.subjects(person.login, "")[:1])
        audit.note(session, person, "password_set", f"person {person.id}", now)
        held = signing_keys.enter(session, person, key, "link", now)
        return sessions.begin(session, person.id, now, held)


def _make(session: Session, purpose: str, person_id: int | None, now: datetime, lasts: timedelta) -> str:
    secret = sessions.new_token()
    older = select(OneTimeLink).where(OneTimeLink.purpose == purpose, OneTimeLink.person_id == person_id)
    for link in session.scalars(older.where(OneTimeLink.used_at.is_(None))):
        link.expires_at = min(link.expires_at, now)
    session.add(
        OneTimeLink(
            token_hash=sessions.hash_of(secret),
            purpose=purpose,
            person_id=person_id,
            created_at=now,
            expires_at=now + lasts,
        )
    )
    return secret


def _use(session: Session, secret: str, now: datetime) -> None:
    """Close the link; raises Refused when another was quicker."""
    statement = (
        update(OneTimeLink)
        .where(OneTimeLink.token_hash == sessions.hash_of(secret))
        .where(OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
        .values(used_at=now)
    )
    if cast(CursorResult[Any], session.execute(statement)).rowcount != 1:
        raise _closed()


def _require_purpose(invitation: Invitation, purpose: str) -> None:
    if invitation.purpose != purpose:
        raise _closed()


def _closed() -> Refused:
    return Refused("Liên kết này không còn dùng được (đã dùng hoặc hết hạn); hãy xin một liên kết mới.")
