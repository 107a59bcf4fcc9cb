"""Who is signed in: the cookie holds a secret, the store knows whose it is and how long it holds."""

from __future__ import annotations

from flask import Flask, session
from flask_login import LoginManager, UserMixin, login_user, logout_user

from broadcaster.accounts import signing_in
from broadcaster.accounts.permissions import Actor
from web.context import now, ward


class SignedIn(UserMixin):  # type: ignore[misc]
    """One browser of one person; what Flask-Login calls the user."""

    def __init__(self, actor: Actor, token: str) -> None:
        self.actor = actor
        self.token = token

    def get_id(self) -> str:
        return self.token


def install(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None  # phones change their address while their owner walks
    manager.init_app(app)
    manager.user_loader(_load)


def remember(token: str) -> None:
    """Sign this browser in with the token that `signing_in.sign_in` gave."""
    user = _load(token)
    if user is not None:
        session.permanent = True
        login_user(user)


def forget() -> None:
    logout_user()
    session.clear()


def _load(token: str) -> SignedIn | None:
    with ward().store.read() as rows:
        actor = signing_in.who(rows, token, now())
    return None if actor is None else SignedIn(actor, token)
