"""Browsers that are signed in. The browser keeps a random token, the store only its hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.errors import Refused
from broadcaster.store.models import Person, SignIn

LASTS = timedelta(hours=12)
CONFIRMATION_LASTS = timedelta(minutes=15)
_TOKEN_BYTES = 32


def new_token() -> str:
    """Return 256 random bits in letters fit for an address or a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Return what is kept of a token; a plain hash suffices for 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin(session: Session, person_id: int, now: datetime) -> str:
    """Sign a browser in and return its token; the password was just typed."""
    token = new_token()
    session.add(
        SignIn(
            token_hash=hash_of(token),
            person_id=person_id,
            started_at=now,
            expires_at=now + LASTS,
            confirmed_at=now,
        )
    )
    return token


def live(session: Session, token: str, now: datetime) -> tuple[SignIn, Person] | None:
    """Return the signed-in browser and its person; None once ended, expired or deactivated."""
    statement = (
        select(SignIn, Person)
        .join(Person, Person.id == SignIn.person_id)
        .where(SignIn.token_hash == hash_of(token), SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .where(Person.is_active)
    )
    found = session.execute(statement).first()
    return None if found is None else (found[0], found[1])


def end(session: Session, token: str, now: datetime) -> None:
    """Sign one browser out; nothing happens when it already was."""
    _end(session, now, SignIn.token_hash == hash_of(token))


def end_all(session: Session, person_id: int, now: datetime) -> None:
    """Sign every browser of a person out."""
    _end(session, now, SignIn.person_id == person_id)


def _end(session: Session, now: datetime, which: object) -> None:
    session.execute(
        update(SignIn).where(which, SignIn.ended_at.is_(None)).values(ended_at=now)  # type: ignore[arg-type]
    )


def is_confirmed(session: Session, token: str, now: datetime, lasts: timedelta = CONFIRMATION_LASTS) -> bool:
    """Return whether the password was typed in this browser within `lasts`."""
    found = live(session, token, now)
    return found is not None and now - found[0].confirmed_at < lasts


def require_confirmed(session: Session, token: str, now: datetime) -> None:
    """Raise Refused when the password must be typed again before signing under something."""
    if not is_confirmed(session, token, now):
        minutes = int(CONFIRMATION_LASTS.total_seconds() // 60)
        raise Refused(f"Đã quá {minutes} phút từ lần nhập mật khẩu; hãy nhập lại mật khẩu để duyệt.")
