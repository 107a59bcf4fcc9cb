"""What a request works with: the station's store, clock and settings, and who is asking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from flask import Flask, current_app, g
from flask_login import current_user

from broadcaster.accounts.permissions import Actor, Permission
from broadcaster.settings import Settings
from broadcaster.store import Session, Store
from schedules.clock import LOCAL, Clock

_KEY = "ward"


@dataclass(frozen=True, slots=True)
class Ward:
    """The one station that this web server shows."""

    settings: Settings
    store: Store
    clock: Clock


def install(app: Flask, ward: Ward) -> None:
    app.extensions[_KEY] = ward
    app.teardown_request(_close)


def ward() -> Ward:
    found: Ward = current_app.extensions[_KEY]
    return found


def now() -> datetime:
    return ward().clock.now()


def today() -> date:
    """Return the date on the station's clock, never the browser's."""
    return now().astimezone(LOCAL).date()


def reading() -> Session:
    """Return this request's reading session; it stays open until the page is made."""
    if "reading" not in g:
        g.open_sessions = ExitStack()
        g.reading = g.open_sessions.enter_context(ward().store.read())
    session: Session = g.reading
    return session


@contextmanager
def writing() -> Iterator[Session]:
    """Open a transaction; what this request read before it is read anew after it."""
    try:
        with ward().store.write() as session:
            yield session
    finally:
        if "reading" in g:
            g.reading.rollback()


def me() -> Actor:
    """Return who is signed in; only behind the gate, which lets nobody else in."""
    actor: Actor = current_user.actor
    return actor


def may(permission: Permission) -> bool:
    """Return True when the person who is signed in has `permission`."""
    return bool(current_user.is_authenticated) and me().may(permission)


def _close(_error: BaseException | None) -> None:
    open_sessions = g.pop("open_sessions", None)
    g.pop("reading", None)
    if open_sessions is not None:
        open_sessions.close()
