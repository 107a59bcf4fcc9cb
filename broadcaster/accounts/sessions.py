"""Browsers that are signed in. The browser keeps a random token, the store only its hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from broadcaster.accounts import pen
from broadcaster.accounts.pen import Pen
from broadcaster.errors import Refused
from broadcaster.store.models import Person, PersonKey, SignIn

LASTS = timedelta(hours=12)
CONFIRMATION_LASTS = timedelta(minutes=15)
_TOKEN_BYTES = 32


def new_token() -> str:
    """Return 256 random bits in letters fit for an address or a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Return what is kept of a token; a plain hash suffices for 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin(session: Session, person_id: int, now: datetime, held: Pen | None = None) -> str:
    """Sign a browser in and return its token; the password was just typed, and opened the pen `held`."""
    token = new_token()
    forget_pens(session, now)
    session.add(
        SignIn(
            token_hash=hash_of(token),
            person_id=person_id,
            started_at=now,
            expires_at=now + LASTS,
            confirmed_at=now,
            open_key=pen.laid_ready(held, token) if held else None,
        )
    )
    return token


def hold(row: SignIn, held: Pen | None, token: str, now: datetime) -> None:
    """Note that the password was typed again in this browser, and opened the pen `held`."""
    row.confirmed_at = now
    row.open_key = pen.laid_ready(held, token) if held else {}


def pen_of(session: Session, token: str, now: datetime) -> Pen | None:
    """Return the pen that lies ready in this browser: for 15 minutes from the last password."""
    found = live(session, token, now)
    if found is None or not found[0].open_key or now - found[0].confirmed_at >= CONFIRMATION_LASTS:
        return None
    kept = found[0].open_key
    row = session.get(PersonKey, kept.get("key_id"))
    if row is None or row.person_id != found[1].id or row.ended_at is not None:
        return None
    return pen.taken_up(row.public, kept, token)


def forget_pens(session: Session, now: datetime) -> None:
    """Wipe the pens of browsers in which no password was typed for 15 minutes, or that were signed out."""
    is_over = or_(SignIn.ended_at.is_not(None), SignIn.confirmed_at <= now - CONFIRMATION_LASTS)
    session.execute(update(SignIn).where(SignIn.open_key.is_not(None), is_over).values(open_key=None))


def drop_pens(session: Session, person_id: int) -> None:
    """Wipe the pens of a person in every browser."""
    held = SignIn.person_id == person_id, SignIn.open_key.is_not(None)
    session.execute(update(SignIn).where(*held).values(open_key=None))


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
        update(SignIn).where(which, SignIn.ended_at.is_(None)).values(ended_at=now, open_key=None)  # type: ignore[arg-type]
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
