"""In and out with a password: guessing is slowed down, a sign-in ends in time, and nothing secret is kept."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from broadcaster.accounts import lockout, passwords, people, signing_in
from broadcaster.accounts.permissions import CONSOLE, Role
from broadcaster.errors import Invalid, Refused, SignInFailed
from broadcaster.records import audit
from broadcaster.store import Store
from broadcaster.store.models import SignIn, SignInFailure
from tests.broadcaster.accounts.conftest import PASSWORD
from tests.broadcaster.moments import NOW, later

HOME = "192.0.2.7"
NEW = "nắng vàng ngoài ngõ nhỏ"


@pytest.fixture
def sign_in(store, hoa, hasher):
    def call(login="hoa", password=PASSWORD, address=HOME, now=NOW) -> str:
        return signing_in.sign_in(store, login, password, address, now, hasher)

    return call


def fail(sign_in, times=1, **changes) -> str:
    """Fail `times` times and return the sentence of the last failure."""
    for _ in range(times):
        with pytest.raises(SignInFailed) as refused:
            sign_in(**{"password": "sai rồi, sai rồi", **changes})
    return str(refused.value)


def who(store, token, now=NOW):
    with store.read() as session:
        return signing_in.who(session, token, now)


def acts(store) -> list[tuple[str, str]]:
    with store.read() as session:
        return [(row.act, row.person) for row in reversed(audit.latest(session))]


# --- in ---


def test_login_and_password_open_the_page(store, sign_in, hoa):
    actor = who(store, sign_in(" HOA "))
    assert (actor.id, actor.name, actor.roles) == (hoa, "Hoa", {Role.OFFICER})
    assert acts(store) == [("signed_in", "Hoa"), ("key_made", "Hoa")]


def test_a_wrong_login_and_a_wrong_password_get_the_same_answer(sign_in):
    assert fail(sign_in) == fail(sign_in, login="ai-đó") == "Tên đăng nhập hoặc mật khẩu không đúng."


def test_a_login_that_does_not_exist_takes_as_long(store, hoa):
    dearer = PasswordHasher(time_cost=8, memory_cost=8 * 1024, parallelism=1)
    with store.write() as session:
        people.get(session, hoa).password_hash = passwords.hashed(PASSWORD, dearer)
    passwords.matches(None, "x", dearer)

    def seconds(login: str, address: str) -> float:
        started = time.perf_counter()
        with pytest.raises(SignInFailed, match="không đúng"):
            signing_in.sign_in(store, login, "sai rồi, sai rồi", address, NOW, dearer)
        return time.perf_counter() - started

    addresses = [f"192.0.2.{number}" for number in range(3)]
    known, unknown = (min(seconds(login, each) for each in addresses) for login in ("hoa", "nobody"))
    assert 0.25 < unknown / known < 4.0


def test_who_is_deactivated_or_has_no_password_yet_cannot_sign_in(store, sign_in, hoa):
    with store.write() as session:
        people.add(session, CONSOLE, "moi", "Mới", [Role.VIEWER], NOW)
        people.deactivate(session, CONSOLE, hoa, NOW)
    assert fail(sign_in, password=PASSWORD) == fail(sign_in, login="moi", password="")


def test_a_hash_of_an_older_cost_is_renewed_at_sign_in(store, sign_in, hoa, hasher):
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    with store.write() as session:
        people.get(session, hoa).password_hash = passwords.hashed(PASSWORD, older)
    sign_in()
    with store.read() as session:
        assert not passwords.needs_rehash(people.get(session, hoa).password_hash, hasher)
    sign_in()


def test_neither_token_nor_password_lies_in_the_store(store, sign_in):
    tokens = {sign_in(), sign_in()}
    fail(sign_in, login=PASSWORD)
    with store.engine.connect() as connection:
        kept = "\n".join(connection.connection.driver_connection.iterdump())
    assert len(tokens) == 2
    assert all(len(token) >= 43 and token not in kept for token in tokens)
    assert PASSWORD not in kept


# --- and out ---


def test_a_sign_in_ends_after_twelve_hours(store, sign_in):
    token = sign_in()
    assert who(store, token, later(hours=11, minutes=59)) is not None
    assert who(store, token, later(hours=12)) is None


def test_signing_out_ends_this_browser_only(store, sign_in):
    here, there = sign_in(), sign_in()
    with store.write() as session:
        signing_in.sign_out(session, here, NOW)
        signing_in.sign_out(session, here, NOW)
    assert who(store, here) is None
    assert who(store, there) is not None
    assert acts(store)[3:] == [("signed_out", "Hoa")]


@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 10_000])
def test_a_token_that_was_never_given_is_nobodys(store, hoa, token):
    assert who(store, token) is None


# --- changing the password ---


def test_a_new_password_ends_every_browser_but_the_one_it_was_typed_in(store, sign_in, hasher):
    here, there = sign_in(), sign_in()
    fresh = signing_in.change_password(store, here, PASSWORD, NEW, HOME, NOW, hasher)
    assert [who(store, token) is not None for token in (here, there, fresh)] == [False, False, True]
    fail(sign_in, password=PASSWORD)
    assert sign_in(password=NEW)
    assert ("password_changed", "Hoa") in acts(store)


def test_the_old_password_is_needed_for_a_new_one(store, sign_in, hasher):
    token = sign_in()
    with pytest.raises(SignInFailed):
        signing_in.change_password(store, token, "sai rồi, sai rồi", NEW, HOME, NOW, hasher)
    assert who(store, token) is not None


@pytest.mark.parametrize("weak", ["ngắn", "matkhau123", "đây là Hoa hoa"])
def test_a_weak_new_password_is_refused_by_the_same_rules(store, sign_in, hasher, weak):
    token = sign_in()
    if "Hoa" in weak:
        with store.write() as session:
            people.rename(session, CONSOLE, signing_in.who(session, token, NOW).id, "Hoa Hoa", NOW)
    with pytest.raises(Invalid) as refused:
        signing_in.change_password(store, token, PASSWORD, weak, HOME, NOW, hasher)
    assert refused.value.field == "password"


# --- typing the password again before signing ---


def test_after_fifteen_minutes_the_password_is_asked_for_again(store, sign_in, hasher):
    token, after = sign_in(), later(minutes=15)
    with store.read() as session:
        assert signing_in.is_confirmed(session, token, later(minutes=14, seconds=59))
        with pytest.raises(Refused, match="nhập lại mật khẩu"):
            signing_in.require_confirmed(session, token, after)
    signing_in.confirm_password(store, token, PASSWORD, HOME, after, hasher)
    with store.read() as session:
        signing_in.require_confirmed(session, token, later(minutes=29))
        assert not signing_in.is_confirmed(session, token, later(minutes=30))


def test_a_wrong_password_confirms_nothing_and_counts_as_a_failure(store, sign_in, hasher):
    token, after = sign_in(), later(minutes=20)
    for _ in range(5):
        with pytest.raises(SignInFailed, match="không đúng"):
            signing_in.confirm_password(store, token, "sai rồi, sai rồi", HOME, after, hasher)
    with pytest.raises(SignInFailed, match="quá nhiều lần"):
        signing_in.confirm_password(store, token, PASSWORD, HOME, after, hasher)
    with store.read() as session:
        assert not signing_in.is_confirmed(session, token, after)


def test_an_ended_browser_confirms_nothing(store, sign_in, hasher):
    token = sign_in()
    with pytest.raises(SignInFailed, match="hết hạn"):
        signing_in.confirm_password(store, token, PASSWORD, HOME, later(hours=13), hasher)


# --- lock-out ---


def test_after_five_failures_even_the_right_password_must_wait_a_minute(sign_in):
    fail(sign_in, 5)
    assert "thử lại sau 1 phút" in fail(sign_in, password=PASSWORD, now=later(seconds=59))
    assert sign_in(now=later(seconds=60))


def test_the_lock_out_grows_with_every_further_failure(sign_in):
    fail(sign_in, 5)
    now = NOW
    for minutes in (1, 2, 5, 15, 60, 60):
        assert f"sau {minutes} phút" in fail(sign_in, now=now)
        now += timedelta(minutes=minutes)
        assert fail(sign_in, now=now) == "Tên đăng nhập hoặc mật khẩu không đúng."


def test_tries_during_a_lock_out_do_not_prolong_it(sign_in):
    fail(sign_in, 5)
    fail(sign_in, 20, now=later(seconds=30))
    assert sign_in(now=later(seconds=61))


def test_a_right_password_forgives_the_failures(sign_in):
    for _ in range(3):
        fail(sign_in, 4)
        sign_in()


def test_failures_of_yesterday_are_forgotten(sign_in):
    fail(sign_in, 4)
    fail(sign_in, 4, now=later(hours=25))
    assert sign_in(now=later(hours=25))


def test_an_account_is_locked_for_every_address(sign_in):
    for number in range(5):
        fail(sign_in, address=f"192.0.2.{number}")
    assert "quá nhiều lần" in fail(sign_in, address="198.51.100.1", password=PASSWORD)


def test_an_address_is_locked_for_every_account(sign_in):
    for number in range(5):
        fail(sign_in, login=f"person{number}")
    assert "quá nhiều lần" in fail(sign_in, password=PASSWORD)
    assert sign_in(address="198.51.100.1")


def test_a_login_that_does_not_exist_is_locked_as_well(sign_in):
    for number in range(5):
        fail(sign_in, login="nobody", address=f"192.0.2.{number}")
    assert "quá nhiều lần" in fail(sign_in, login="nobody", address="198.51.100.1")


def test_one_ipv6_visitor_does_not_become_many(sign_in):
    for number in range(5):
        fail(sign_in, login=f"person{number}", address=f"2001:db8:1:2::{number}")
    assert "quá nhiều lần" in fail(sign_in, password=PASSWORD, address="2001:db8:1:2:ffff::1")


def test_a_lock_out_survives_a_restart(store, sign_in, hoa, hasher):
    fail(sign_in, 5)
    store.close()
    again = Store(store.folder)
    with pytest.raises(SignInFailed, match="quá nhiều lần"):
        signing_in.sign_in(again, "hoa", PASSWORD, HOME, NOW, hasher)
    again.close()


def test_a_try_counts_before_the_password_is_looked_at(store, sign_in):
    """So that a hundred tries sent at once are not a hundred free guesses."""
    counted = lockout.subjects("hoa", HOME)
    for _ in range(5):
        with store.write() as session:
            lockout.count_try(session, counted, NOW)
    assert "quá nhiều lần" in fail(sign_in, password=PASSWORD)


def test_failures_are_audited_without_what_was_typed(store, sign_in, hoa):
    fail(sign_in)
    fail(sign_in, login="gõ nhầm mật khẩu vào đây")
    with store.read() as session:
        rows = [(row.act, row.person_id, row.subject, row.detail) for row in audit.latest(session)]
    assert rows == [
        ("sign_in_failed", None, "unknown login", {"address": HOME}),
        ("sign_in_failed", None, f"person {hoa}", {"address": HOME}),
    ]


def test_old_failures_do_not_pile_up(store, sign_in):
    for number in range(4):
        fail(sign_in, login=f"person{number}", address=f"192.0.2.{number}")
    sign_in(now=later(hours=25))
    with store.read() as session:
        assert session.scalars(select(SignInFailure)).all() == []
        assert len(session.scalars(select(SignIn)).all()) == 1
