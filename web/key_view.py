"""The keys with which approvers sign, as people compare them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from broadcaster.accounts import pen, signing_keys
from broadcaster.accounts.permissions import Permission
from broadcaster.store.models import PersonKey
from web.context import may, me, now, reading


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key of an approver."""

    key_id: int
    name: str
    code: str
    """What two people read to each other."""
    made_at: datetime
    how: str
    is_known: bool
    """Entered by this station; else nothing that it signs is heard."""
    is_confirmed: bool
    confirmed_at: datetime | None
    confirmed_by: str
    """Empty: the station, there being no other approver then."""
    is_mine: bool
    was_before: bool
    """They were known as an approver before there were keys."""

    @property
    def waits(self) -> bool:
        return self.is_known and not self.is_confirmed


def lines() -> list[KeyLine]:
    """Return the living key of every approver, newest first."""
    return [_line(row) for row in signing_keys.of_approvers(reading())]


def fresh() -> list[KeyLine]:
    """Return the new keys that approvers and administrators should know of."""
    if not (may(Permission.APPROVE) or may(Permission.MANAGE_PEOPLE)):
        return []
    return [_line(row) for row in signing_keys.fresh(reading(), now())]


def waits_for() -> str:
    """Return who has to confirm the key of the approver who looks, as words; empty: nobody."""
    names = signing_keys.waits_for(reading(), me().id) if may(Permission.APPROVE) else []
    return " hoặc ".join(names)


def may_confirm(line: KeyLine, known: list[KeyLine]) -> bool:
    """Return whether the person who looks can confirm this key: an approver whose own is."""
    has_own = any(each.is_mine and each.is_confirmed for each in known)
    return line.waits and has_own and not line.is_mine and may(Permission.APPROVE)


def _line(row: PersonKey) -> KeyLine:
    session = reading()
    other = session.get(PersonKey, row.confirmed_by) if row.confirmed_by is not None else None
    return KeyLine(
        key_id=row.id,
        name=row.person.name,
        code=pen.fingerprint(row.public),
        made_at=row.made_at,
        how=signing_keys.HOW.get(row.how, ""),
        is_known=signing_keys.is_entered(session, row),
        is_confirmed=signing_keys.is_confirmed(session, row),
        confirmed_at=row.confirmed_at,
        confirmed_by=other.person.name if other is not None else "",
        is_mine=row.person_id == me().id,
        was_before=row.how == "before",
    )
