"""The people of the station: who they are and which roles they hold. Nobody is ever deleted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts import sessions, signing_keys
from broadcaster.accounts.permissions import ROLE_NAMES, Actor, Permission, Role, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.records import audit
from broadcaster.store.models import Person

LONGEST_LOGIN = 40
LONGEST_NAME = 80
_LOGIN = re.compile(r"[\w.@+-]+")


def add(
    session: Session, actor: Actor, login: str, name: str, roles: Iterable[Role], now: datetime
) -> Person:
    """Return a new person without a password; `links.invite` lets them set one.

    Raises Invalid (field `login`, `name` or `roles`).
    """
    require(actor, Permission.MANAGE_PEOPLE)
    person = create(session, login, name, roles, now)
    audit.note(session, actor, "person_added", _subject(person), now, login=person.login, roles=person.roles)
    return person


def create(session: Session, login: str, name: str, roles: Iterable[Role], now: datetime) -> Person:
    """Return a new person, asking nobody's permission: only for `add` and the link of the first account."""
    person = Person(
        login=_free_login(session, login),
        name=checked_name(name),
        roles=_checked_roles(roles),
        is_active=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def rename(session: Session, actor: Actor, person_id: int, name: str, now: datetime) -> Person:
    require(actor, Permission.MANAGE_PEOPLE)
    person = get(session, person_id)
    before, person.name = person.name, checked_name(name)
    audit.note(session, actor, "person_renamed", _subject(person), now, before=before, after=person.name)
    return person


def set_roles(session: Session, actor: Actor, person_id: int, roles: Iterable[Role], now: datetime) -> Person:
    """Give a person exactly `roles`, from their next request on; refused when it leaves no administrator."""
    require(actor, Permission.MANAGE_PEOPLE)
    person = get(session, person_id)
    wanted = _checked_roles(roles)
    if Role.ADMIN not in wanted:
        _keep_one_admin(session, person)
    could_approve = signing_keys.may_approve(person)
    before, person.roles = person.roles, wanted
    if could_approve and not signing_keys.may_approve(person):
        signing_keys.end_living(session, person, "no_approver", now)
    audit.note(session, actor, "roles_set", _subject(person), now, before=before, after=wanted)
    return person


def deactivate(session: Session, actor: Actor, person_id: int, now: datetime) -> Person:
    """End a person's access, and every browser of theirs; what they wrote and signed stays."""
    require(actor, Permission.MANAGE_PEOPLE)
    person = get(session, person_id)
    _keep_one_admin(session, person)
    person.is_active = False
    sessions.end_all(session, person.id, now)
    signing_keys.end_living(session, person, "deactivated", now)
    audit.note(session, actor, "person_deactivated", _subject(person), now)
    return person


def reactivate(session: Session, actor: Actor, person_id: int, now: datetime) -> Person:
    require(actor, Permission.MANAGE_PEOPLE)
    person = get(session, person_id)
    person.is_active = True
    audit.note(session, actor, "person_reactivated", _subject(person), now)
    return person


def get(session: Session, person_id: int) -> Person:
    """Raises NotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(f"Không có người dùng số {person_id}.")
    return person


def by_login(session: Session, login: str) -> Person | None:
    return session.scalar(select(Person).where(Person.login == folded_login(login)))


def everyone(session: Session) -> list[Person]:
    """Return all people, the active ones first, by name."""
    return list(session.scalars(select(Person).order_by(Person.is_active.desc(), Person.name, Person.id)))


def is_nobody_here(session: Session) -> bool:
    """Return True until the first account is made."""
    return session.scalar(select(Person.id).limit(1)) is None


def actor_of(person: Person) -> Actor:
    """Return who acts when `person` does; a role that this version does not know grants nothing."""
    known = frozenset(Role(name) for name in person.roles if name in set(Role))
    return Actor(person.id, person.name, known)


def folded_login(login: str) -> str:
    """Return the one form in which a login is kept and compared."""
    return unicodedata.normalize("NFC", login).strip().lower()


def checked_name(name: str) -> str:
    """Return the name in NFC with single spaces; raises Invalid."""
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise Invalid(f"Hãy nhập họ tên, nhiều nhất {LONGEST_NAME} ký tự.", field="name")
    return tidy


def checked_login(login: str) -> str:
    """Return the folded login; raises Invalid."""
    folded = folded_login(login)
    if not _LOGIN.fullmatch(folded) or len(folded) > LONGEST_LOGIN:
        raise Invalid(
            f"Tên đăng nhập gồm chữ, số và các dấu . _ - @ +, viết liền, nhiều nhất {LONGEST_LOGIN} ký tự.",
            field="login",
        )
    return folded


def _free_login(session: Session, login: str) -> str:
    folded = checked_login(login)
    if by_login(session, folded) is not None:
        raise Invalid(f"Tên đăng nhập “{folded}” đã có người dùng; hãy chọn tên khác.", field="login")
    return folded


def _checked_roles(roles: Iterable[Role]) -> list[str]:
    wanted = set(roles)
    if not wanted or not wanted <= set(Role):
        raise Invalid(f"Hãy chọn ít nhất một vai trò: {', '.join(ROLE_NAMES.values())}.", field="roles")
    return [role.value for role in Role if role in wanted]


def _keep_one_admin(session: Session, leaving: Person) -> None:
    """Raise Refused when nobody else could manage people any more: an administrator who can sign in."""
    others = select(Person).where(
        Person.id != leaving.id, Person.is_active, Person.password_hash.is_not(None)
    )
    if Role.ADMIN in leaving.roles and not any(
        Role.ADMIN in other.roles for other in session.scalars(others)
    ):
        raise Refused(
            f"{leaving.name} là người quản trị cuối cùng; hãy cấp vai trò Quản trị cho một người khác trước."
        )


def _subject(person: Person) -> str:
    return f"person {person.id}"
