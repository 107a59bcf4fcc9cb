"""Slowing down who guesses passwords: failures in a row, by account and by address, kept in the store.

A try is counted before the password is looked at and forgiven when it was right, so that many tries sent at
once count as many.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from broadcaster.errors import SignInFailed
from broadcaster.store.models import SignInFailure

FREE_TRIES = 5
LOCKS_MIN = (1, 2, 5, 15, 60)
"""Minutes of lock-out after the fifth failure in a row, the sixth …; the last for all further ones."""
FORGOTTEN_AFTER = timedelta(hours=24)


def subjects(login: str, address: str) -> tuple[str, str]:
    """Return what is counted. The login is hashed: people also type their password into that field."""
    name = hashlib.sha256(login.encode("utf-8", "replace")).hexdigest()
    return f"login:{name}", f"address:{_network(address)}"


def count_try(session: Session, counted: Iterable[str], now: datetime) -> None:
    """Count one more try; raises SignInFailed, and counts nothing, while one of them is locked out."""
    _forget_old(session, now)
    rows = {subject: session.get(SignInFailure, subject) for subject in counted}
    until = max((row.locked_until for row in rows.values() if row and row.locked_until), default=now)
    if until > now:
        raise SignInFailed(
            f"Đã sai quá nhiều lần; hãy thử lại sau {_minutes(until - now)} phút, "
            "hoặc nhờ người quản trị cấp liên kết đặt lại mật khẩu."
        )
    for subject, row in rows.items():
        _count(session, subject, row, now)


def forgive(session: Session, counted: Iterable[str]) -> None:
    """Forget the failures: the password was right, or an administrator's link proved the person."""
    session.execute(delete(SignInFailure).where(SignInFailure.subject.in_(list(counted))))


def lock_length(failures: int) -> timedelta:
    """Return how long the account or address is shut after so many failures in a row."""
    if failures < FREE_TRIES:
        return timedelta(0)
    return timedelta(minutes=LOCKS_MIN[min(failures - FREE_TRIES, len(LOCKS_MIN) - 1)])


def _count(session: Session, subject: str, row: SignInFailure | None, now: datetime) -> None:
    if row is None:
        row = SignInFailure(subject=subject, count=0, last_at=now)
        session.add(row)
    row.count += 1
    row.last_at = now
    row.locked_until = now + lock_length(row.count) if row.count >= FREE_TRIES else None


def _forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < now - FORGOTTEN_AFTER))


def _network(address: str) -> str:
    """Return the address as one visitor holds it: an IPv6 visitor has a whole /64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def _minutes(wait: timedelta) -> int:
    return -(-int(wait.total_seconds()) // 60) or 1
