"""A link works once and not for long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from broadcaster.accounts import links, people, signing_in
from broadcaster.accounts.permissions import CONSOLE, Role
from broadcaster.errors import Invalid, NotPermitted, Refused, SignInFailed
from broadcaster.records import audit, chain
from tests.broadcaster.accounts.conftest import PASSWORD
from tests.broadcaster.moments import NOW, later

NEW = "nắng vàng ngoài ngõ nhỏ"


@pytest.fixture
def first_link(store) -> str:
    with store.write() as session:
        return links.first_account(session, NOW)


@pytest.fixture
def create(store, hasher):
    def call(secret, login="lan", name="Trần Thị Lan", password=PASSWORD, now=NOW) -> str:
        return links.create_first_account(store, secret, login, name, password, now, hasher=hasher)

    return call


@pytest.fixture
def invite(store, hoa):
    def call(now=NOW) -> str:
        with store.write() as session:
            return links.invite(session, CONSOLE, hoa, now)

    return call


def look_up(store, secret, now=NOW):
    with store.read() as session:
        return links.look_up(session, secret, now)


def who(store, token):
    with store.read() as session:
        return signing_in.who(session, token, NOW)


# --- the first account ---


def test_the_first_link_makes_an_administrator_who_is_signed_in(store, first_link, create):
    assert look_up(store, first_link).purpose == "first_account"
    actor = who(store, create(first_link))
    assert actor.name == "Trần Thị Lan"
    assert actor.roles == {Role.OFFICER, Role.OPERATOR, Role.ADMIN}
    with store.read() as session:
        assert [row.act for row in audit.latest(session)] == ["key_made", "first_account_made"]


def test_the_first_link_works_once(store, first_link, create):
    create(first_link)
    with pytest.raises(Refused, match="không còn dùng được"):
        create(first_link, login="ke-khac")
    with store.read() as session:
        assert len(people.everyone(session)) == 1


def test_the_first_link_ends_after_half_an_hour(store, first_link, create):
    assert look_up(store, first_link, later(minutes=29, seconds=59))
    with pytest.raises(Refused, match="hết hạn"):
        create(first_link, now=later(minutes=30))


def test_a_new_first_link_ends_the_older_one(store, first_link, create):
    with store.write() as session:
        newer = links.first_account(session, NOW)
    with pytest.raises(Refused):
        look_up(store, first_link)
    assert create(newer)


def test_there_is_no_first_link_once_somebody_is_there(store, first_link, create, hoa):
    with store.write() as session, pytest.raises(Refused, match="đã có người dùng"):
        links.first_account(session, NOW)
    with pytest.raises(Refused):
        create(first_link)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"password": "matkhau123"}, "password"), ({"login": ""}, "login"), ({"name": ""}, "name")],
)
def test_a_mistake_in_the_form_leaves_the_link_open(first_link, create, wrong, field):
    with pytest.raises(Invalid) as refused:
        create(first_link, **wrong)
    assert refused.value.field == field
    assert create(first_link)


# --- a colleague's password ---


def test_a_colleague_sets_their_password_and_is_signed_in(store, invite, hoa, hasher):
    secret = invite()
    found = look_up(store, secret)
    assert (found.purpose, found.login, found.name) == ("set_password", "hoa", "Hoa")
    assert who(store, links.set_password(store, secret, NEW, NOW, hasher)).id == hoa
    assert signing_in.sign_in(store, "hoa", NEW, "192.0.2.1", NOW, hasher)
    with pytest.raises(SignInFailed):
        signing_in.sign_in(store, "hoa", PASSWORD, "192.0.2.1", NOW, hasher)


def test_a_colleagues_link_works_once_and_for_a_day(store, invite, hasher):
    secret = invite()
    assert look_up(store, secret, later(hours=23, minutes=59))
    with pytest.raises(Refused):
        links.set_password(store, secret, NEW, later(hours=24), hasher)
    links.set_password(store, secret, NEW, NOW, hasher)
    with pytest.raises(Refused):
        links.set_password(store, secret, PASSWORD, NOW, hasher)


class Overtaken(PasswordHasher):
    """While it hashes for one browser, another one comes first."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.meanwhile = meanwhile

    def hash(self, password, **rest):
        kept = super().hash(password, **rest)
        self.meanwhile()
        return kept


def test_of_two_browsers_with_one_link_only_the_first_gets_in(store, invite, hasher):
    secret = invite()
    overtaken = Overtaken(lambda: links.set_password(store, secret, NEW, NOW, hasher))
    with pytest.raises(Refused):
        links.set_password(store, secret, PASSWORD, NOW, overtaken)
    assert signing_in.sign_in(store, "hoa", NEW, "192.0.2.1", NOW, hasher)


def test_of_two_browsers_only_the_first_makes_the_first_account(store, first_link, create):
    overtaken = Overtaken(lambda: create(first_link))
    with pytest.raises(Refused):
        links.create_first_account(store, first_link, "ke-khac", "Kẻ Khác", PASSWORD, NOW, hasher=overtaken)
    with store.read() as session:
        assert [person.login for person in people.everyone(session)] == ["lan"]


def test_a_newer_link_ends_the_older(store, invite):
    older, newer = invite(), invite()
    with pytest.raises(Refused):
        look_up(store, older)
    assert look_up(store, newer)


def test_a_reset_ends_browsers_and_the_accounts_lock_out(store, invite, hoa, hasher):
    token = signing_in.sign_in(store, "hoa", PASSWORD, "192.0.2.1", NOW, hasher)
    for number in range(5):
        with pytest.raises(SignInFailed):
            signing_in.sign_in(store, "hoa", "sai rồi, sai rồi", f"192.0.2.{number}", NOW, hasher)
    links.set_password(store, invite(), NEW, NOW, hasher)
    assert who(store, token) is None
    assert signing_in.sign_in(store, "hoa", NEW, "192.0.2.9", NOW, hasher)


def test_only_who_manages_people_makes_links(session, as_role):
    officer, viewer = as_role("officer"), as_role("viewer")
    with pytest.raises(NotPermitted):
        links.invite(session, officer, viewer.id, NOW)


def test_a_deactivated_person_gets_no_link_and_an_old_one_is_dead(store, invite, hoa, hasher):
    secret = invite()
    with store.write() as session:
        people.deactivate(session, CONSOLE, hoa, NOW)
        with pytest.raises(Refused, match="đang bị khóa"):
            links.invite(session, CONSOLE, hoa, NOW)
    with pytest.raises(Refused):
        links.set_password(store, secret, NEW, NOW, hasher)


def test_a_colleagues_link_makes_no_first_account(store, invite, create):
    with pytest.raises(Refused):
        create(invite())


@pytest.mark.parametrize("secret", ["", "x", "\ud800"])
def test_a_link_that_was_never_made_opens_nothing(store, secret):
    with pytest.raises(Refused):
        look_up(store, secret)


def test_no_secret_lies_in_the_store(store, first_link, create, hasher):
    token = create(first_link)
    with store.write() as session:
        secret = links.invite(session, CONSOLE, 1, NOW)
        assert chain.verify(session) == []
    with store.engine.connect() as connection:
        kept = "\n".join(connection.connection.driver_connection.iterdump())
    assert not [each for each in (first_link, token, secret, PASSWORD) if each in kept]
