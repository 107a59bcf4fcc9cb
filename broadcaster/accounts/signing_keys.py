"""The keys with which people sign: entered by the station, confirmed for approvers, ended.

The station's key signs each entry, so a row that was put into the database by hand is not believed. Whose
key is new signs nothing that is heard until another approver has confirmed it; where there is no other, the
station does, and says so. Every step is in the audit trail, and people are told of it (`playout.noticing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts import sessions
from broadcaster.accounts.pen import NewKey, Pen, fingerprint
from broadcaster.accounts.permissions import PERMISSIONS, Actor, Permission, Role, require
from broadcaster.errors import NotFound, Refused
from broadcaster.records import audit
from broadcaster.store import station_key
from broadcaster.store.models import Person, PersonKey
from broadcaster.store.start_list import canonical

HOW = {
    "first_account": "khi lập tài khoản đầu tiên",
    "link": "khi đặt mật khẩu bằng liên kết",
    "typed": "khi nhập mật khẩu",
    "before": "khi nhập mật khẩu lần đầu sau khi nâng cấp",
}
"""How a key came to be, in words; `before` is said only of people who had their password before keys came."""
MADE, CONFIRMED, ENDED, NOT_OPENED = "key_made", "key_confirmed", "key_ended", "key_not_opened"
FRESH_FOR = timedelta(days=7)
"""A new key of an approver stands on the front page for so long."""


def enter(session: Session, person: Person, new: NewKey, how: str, now: datetime) -> Pen:
    """Make `new` the key of `person`; the one before ends. Returns the pen with its number."""
    end_living(session, person, "replaced", now)
    row = PersonKey(
        person_id=person.id, public=new.pen.public, wrapped=new.wrapped, how=how, made_at=now, register=b""
    )
    row.register = station_key.of_session(session).sign(_entry(row))
    session.add(row)
    session.flush()
    told = fingerprint(row.public)
    audit.note(session, person, MADE, _subject(person), now, how=how, fingerprint=told)
    if how == "before" and may_approve(person):
        _confirm(session, row, None, now)
    return Pen(new.pen.public, new.pen.private, row.id)


def living(session: Session, person_id: int) -> PersonKey | None:
    """Return the person's key of today, whether or not it is believed."""
    query = select(PersonKey).where(PersonKey.person_id == person_id, PersonKey.ended_at.is_(None))
    return session.scalar(query.order_by(PersonKey.id.desc()).limit(1))


def end_living(session: Session, person: Person, reason: str, now: datetime) -> None:
    """End the person's key, if there is one: what it signed stays signed, its private part is gone.

    Browsers that hold it open ask for the password again, and get the next one.
    """
    sessions.drop_pens(session, person.id)
    query = select(PersonKey).where(PersonKey.person_id == person.id, PersonKey.ended_at.is_(None))
    for row in session.scalars(query).all():
        row.ended_at, row.end_reason, row.wrapped = now, reason, {}
        told = fingerprint(row.public)
        audit.note(session, person, ENDED, _subject(person), now, reason=reason, fingerprint=told)
    session.flush()


def is_entered(session: Session, row: PersonKey) -> bool:
    """Return whether this station has entered the key: as it is, for this person."""
    return station_key.of_session(session).vouches(row.register, _entry(row))


def is_confirmed(session: Session, row: PersonKey) -> bool:
    """Return whether the key is entered and known to be an approver's."""
    if row.confirmed_at is None or row.confirmation is None or not is_entered(session, row):
        return False
    if not station_key.of_session(session).vouches(row.confirmation, _confirmation(row)):
        return False
    if row.confirmed_by is None:
        return True
    other = session.get(PersonKey, row.confirmed_by)
    signature = row.confirmer_signature or b""
    return (
        other is not None
        and other.person_id != row.person_id
        and is_entered(session, other)
        and station_key.verify(other.public, signature, _confirmation(row))
    )


def confirm(session: Session, actor: Actor, pen: Pen, key_id: int, now: datetime) -> PersonKey:
    """Say that this key is that of the approver it names; both have compared its fingerprint.

    Raises NotPermitted, NotFound, or Refused: the own key, an ended or foreign one, or one that is itself
    not confirmed.
    """
    require(actor, Permission.APPROVE)
    row = session.get(PersonKey, key_id)
    if row is None or row.ended_at is not None or not is_entered(session, row):
        raise NotFound("Khóa ký này không còn dùng; hãy tải lại trang.")
    if row.person_id == actor.id:
        raise Refused("Khóa ký của bạn phải do một người duyệt khác xác nhận.")
    if not may_approve(row.person):
        raise Refused(f"{row.person.name} không có vai trò Duyệt nên khóa ký chưa cần xác nhận.")
    require_usable(session, actor, pen, now)
    if not is_confirmed(session, row):
        _confirm(session, row, pen, now, actor)
    return row


def require_usable(session: Session, actor: Actor, pen: Pen, now: datetime) -> PersonKey:
    """Return the row of `pen`; raises Refused unless the actor may sign approvals with it.

    The key of the only approver of a station is confirmed by its first use.
    """
    row = living(session, actor.id)
    if row is None or row.public != pen.public or row.id != pen.key_id or not is_entered(session, row):
        raise Refused("Khóa ký của bạn đã thay đổi; hãy đăng xuất, đăng nhập lại rồi duyệt.")
    if is_confirmed(session, row):
        return row
    if others := waits_for(session, actor.id):
        raise Refused(
            f"Khóa ký của bạn ({fingerprint(row.public)}) còn mới; hãy nhờ người duyệt khác "
            f"({', '.join(others)}) xác nhận ở trang Khóa ký, rồi duyệt lại."
        )
    _confirm(session, row, None, now)
    return row


def waits_for(session: Session, person_id: int) -> list[str]:
    """Return the names of whom one must confirm the person's key before it signs anything; often nobody.

    Where nobody else is confirmed yet, a first key is taken as it is; one that came in place of a confirmed
    key is what a stolen administrator's account would bring, so another approver must begin.
    """
    row = living(session, person_id)
    if row is None or is_confirmed(session, row):
        return []
    others = [each for each in of_approvers(session) if each.person_id != person_id]
    confirmed = [each for each in others if is_confirmed(session, each)]
    if not confirmed and _came_in_place_of_confirmed(session, person_id):
        confirmed = [each for each in others if not _came_in_place_of_confirmed(session, each.person_id)]
    return [each.person.name for each in confirmed]


def _came_in_place_of_confirmed(session: Session, person_id: int) -> bool:
    query = select(PersonKey.id).where(
        PersonKey.person_id == person_id,
        PersonKey.end_reason == "replaced",
        PersonKey.confirmed_at.is_not(None),
    )
    return session.scalar(query.limit(1)) is not None


def confirmed_approvers(session: Session) -> list[PersonKey]:
    """Return the living confirmed keys of those who may approve now."""
    return [row for row in of_approvers(session) if is_confirmed(session, row)]


def of_approvers(session: Session) -> list[PersonKey]:
    """Return the living keys of those who may approve now, newest first."""
    query = select(PersonKey).join(Person, Person.id == PersonKey.person_id)
    rows = session.scalars(query.where(PersonKey.ended_at.is_(None), Person.is_active))
    return sorted((row for row in rows if may_approve(row.person)), key=lambda row: -row.id)


def fresh(session: Session, now: datetime) -> Iterator[PersonKey]:
    """Yield what approvers should look at: keys that are new, wait to be confirmed, or were by nobody."""
    for row in of_approvers(session):
        if not is_confirmed(session, row) or (row.how != "before" and now - _began(row) < FRESH_FOR):
            yield row


def _began(row: PersonKey) -> datetime:
    """Return since when a key is new: an old one that the station itself confirmed is new from then."""
    by_station = row.confirmed_at if row.confirmed_by is None else None
    return by_station or row.made_at


def may_approve(person: Person) -> bool:
    roles = (Role(name) for name in person.roles if name in set(Role))
    return any(Permission.APPROVE in PERMISSIONS[role] for role in roles)


def _confirm(
    session: Session, row: PersonKey, pen: Pen | None, now: datetime, by: Actor | None = None
) -> None:
    row.confirmed_at, row.confirmed_by = now, pen.key_id if pen else None
    said = _confirmation(row)
    row.confirmer_signature = pen.sign(said) if pen else None
    row.confirmation = station_key.of_session(session).sign(said)
    session.flush()
    told, who = fingerprint(row.public), by.name if by else ""
    audit.note(session, by, CONFIRMED, _subject(row.person), now, fingerprint=told, by=who, how=row.how)


def _entry(row: PersonKey) -> bytes:
    return canonical(
        {
            "what": "person key 1",
            "person": row.person_id,
            "public": row.public.hex(),
            "how": row.how,
            "made_at": row.made_at.astimezone(UTC).isoformat(),
        }
    )


def _confirmation(row: PersonKey) -> bytes:
    at = row.confirmed_at.astimezone(UTC).isoformat() if row.confirmed_at else ""
    return canonical(
        {
            "what": "approver key 1",
            "person": row.person_id,
            "public": row.public.hex(),
            "confirmed_by": row.confirmed_by,
            "confirmed_at": at,
        }
    )


def _subject(person: Person) -> str:
    return f"person {person.id}"
