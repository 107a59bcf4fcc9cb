"""The page of a furnished station, and visitors of every role who press its buttons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from broadcaster.accounts import sessions
from broadcaster.accounts.permissions import Actor, Permission, Role
from broadcaster.settings import Settings
from broadcaster.store import Store
from tests.broadcaster.conftest import migrated_file, store  # noqa: F401
from tests.broadcaster.moments import NOW
from tests.clocks import FakeClock
from tests.desk import Desk
from tests.keys import has_own, pen_of
from web import create_app, listening

ALL_ROLES = tuple(Role)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Visitor:
    """One browser. `post` brings the anti-forgery token of a page, as a real form does."""

    def __init__(self, app: Flask, desk: Desk) -> None:
        self.client = app.test_client()
        self._desk = desk
        self.actor: Actor | None = None

    def enter(self, actor: Actor) -> Visitor:
        """Sign in without a password: hashing one takes 0.1 s."""
        with self._desk.store.write() as rows:
            signs = actor.may(Permission.APPROVE) and not has_own(rows, actor)
            held = pen_of(rows, actor) if signs else None
            token = sessions.begin(rows, actor.id, self._desk.clock.now(), held)
        with self.client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        self.actor = actor
        return self

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, *, follow: bool = False, **fields: Any) -> TestResponse:
        fields.setdefault("csrf_token", self.token())
        answer = self.client.post(path, data=fields)
        while follow and answer.status_code == 307:  # a browser sends the same form again
            answer = self.client.post(answer.location, data=fields)
        if follow and answer.location:
            answer = self.client.get(answer.location, follow_redirects=True)
        return answer

    def token(self) -> str:
        page = self.client.get("/doi-mat-khau" if self.actor else "/dang-nhap", follow_redirects=True).text
        found = TOKEN.search(page)
        assert found is not None, "no form on the page"
        return unescape(found[1])


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:  # noqa: F811
    made = Desk(store, clock)
    made.furnish()
    return made


@pytest.fixture
def settings(store: Store) -> Settings:  # noqa: F811
    return Settings(folder=store.folder)


def compile_addresses_once() -> None:
    """Each app compiles what builds its 400 addresses: 80 ms, for 850 tests that have an app of their own."""
    compile_anew, kept = Rule._compile_builder, {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = rule.rule, tuple(sorted((rule.defaults or {}).items())), append_unknown
        if key not in kept:
            kept[key] = compile_anew(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = compiled


compile_addresses_once()


class Compiled(BytecodeCache):
    """Templates that a test of this process has compiled: each test has an app of its own."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture
def app(settings: Settings, desk: Desk, clock: FakeClock) -> Iterator[Flask]:
    made = create_app(settings, desk.store, clock)
    made.jinja_env.bytecode_cache = COMPILED
    yield made
    listening.close(made)


@pytest.fixture
def visitor(app: Flask, desk: Desk) -> Callable[..., Visitor]:
    """`visitor()` is nobody yet; `visitor(actor)` and `visitor("officer", "operator")` are signed in."""

    def make(*who: Actor | str) -> Visitor:
        made = Visitor(app, desk)
        if not who:
            return made
        if isinstance(who[0], Actor):
            return made.enter(who[0])
        roles = [Role(str(each)) for each in who]
        login = f"nguoi{len(roles)}{'.'.join(roles)}"[:40]
        return made.enter(desk.person(login, *roles))

    return make


@pytest.fixture
def officer(visitor: Callable[..., Visitor], desk: Desk) -> Visitor:
    return visitor(desk.officer)


@pytest.fixture
def approver(visitor: Callable[..., Visitor], desk: Desk) -> Visitor:
    return visitor(desk.approver)


@pytest.fixture
def operator(visitor: Callable[..., Visitor], desk: Desk) -> Visitor:
    """Also an administrator."""
    return visitor(desk.operator)
