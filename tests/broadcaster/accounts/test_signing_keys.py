"""The keys of people: opened by their password alone, entered by the station, confirmed by another one."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from broadcaster.accounts import (
    key_opening,
    links,
    passwords,
    pen,
    people,
    sessions,
    signing_in,
    signing_keys,
)
from broadcaster.accounts.pen import Pen
from broadcaster.accounts.permissions import CONSOLE, Actor, Role
from broadcaster.errors import NotFound, NotPermitted, Refused, StoreError
from broadcaster.records import audit
from broadcaster.store import Store, start_list, station_key
from broadcaster.store.models import PersonKey, SignIn
from tests.broadcaster.accounts.conftest import PASSWORD
from tests.broadcaster.moments import NOW, later
from tests.keys import pen_of

NEW = "gió thổi qua hàng cau"
HERE = "192.0.2.1"


@pytest.fixture
def sign_in(store, hoa, hasher):
    def sign(password: str = PASSWORD, now=NOW) -> str:
        return signing_in.sign_in(store, "hoa", password, HERE, now, hasher)

    return sign


def living(store: Store, person_id: int) -> PersonKey:
    with store.read() as session:
        row = signing_keys.living(session, person_id)
    assert row is not None
    return row


def held(store: Store, token: str, now=NOW) -> Pen | None:
    with store.read() as session:
        return sessions.pen_of(session, token, now)


def tamper(store: Store, **values: object) -> None:
    """Change every key as the database's owner can."""
    with store.write() as session:
        session.execute(update(PersonKey).values(**values))


def reset(store: Store, person_id: int, hasher, password: str = NEW) -> str:
    with store.write() as session:
        secret = links.invite(session, CONSOLE, person_id, NOW)
    return links.set_password(store, secret, password, NOW, hasher)


# --- opened by a password ---


def test_the_first_password_typed_makes_a_key_and_the_next_opens_the_same(store, hoa, sign_in):
    first, second = held(store, sign_in()), held(store, sign_in())
    assert first is not None and second is not None
    assert first.private == second.private
    assert living(store, hoa).public == first.public


def test_nothing_in_the_database_opens_the_key(store, hoa, sign_in):
    token = sign_in()
    private = held(store, token).private.hex()
    with store.engine.connect() as connection:
        raw = store.folder.joinpath("station.db").read_bytes()
        connection.rollback()
    assert bytes.fromhex(private) not in raw
    assert private.encode() not in raw
    assert token.encode() not in raw


def test_a_browser_forgets_the_key_after_a_quarter_of_an_hour(store, hoa, sign_in):
    token = sign_in()
    assert held(store, token, later(minutes=14)) is not None
    assert held(store, token, later(minutes=15)) is None
    with store.write() as session:
        sessions.forget_pens(session, later(minutes=15))
        assert session.scalars(update(SignIn).returning(SignIn.open_key).values(person_id=hoa)).all() == [
            None
        ]


def test_signing_out_wipes_the_key_of_that_browser(store, sign_in):
    token = sign_in()
    with store.write() as session:
        signing_in.sign_out(session, token, NOW)
        assert session.get(SignIn, sessions.hash_of(token)).open_key is None


def test_the_key_of_one_browser_is_not_opened_by_the_secret_of_another(store, sign_in):
    mine, other = sign_in(), sign_in()
    with store.write() as session:
        kept = session.get(SignIn, sessions.hash_of(mine)).open_key
        session.get(SignIn, sessions.hash_of(other)).open_key = kept
    assert held(store, other) is None


def test_a_changed_password_keeps_the_key(store, hoa, sign_in, hasher):
    before = held(store, sign_in())
    token = signing_in.change_password(store, sign_in(), PASSWORD, NEW, HERE, NOW, hasher)
    assert held(store, token).private == before.private
    assert held(store, sign_in(NEW)).private == before.private


def test_a_link_makes_a_new_key_and_the_old_one_is_gone(store, hoa, sign_in, hasher):
    before = living(store, held(store, sign_in()) and hoa)
    token = reset(store, hoa, hasher)
    after = living(store, hoa)
    assert after.public != before.public and after.how == "link"
    assert held(store, token).public == after.public
    with store.read() as session:
        old = session.get(PersonKey, before.id)
        assert old.ended_at == NOW and old.wrapped == {}


def test_the_cost_in_production_is_that_of_passwords(store):
    made = pen.new(PASSWORD)
    assert made.wrapped["kdf"] == "argon2id"
    assert made.wrapped["memory_kib"] >= 65_536 and made.wrapped["passes"] >= 3


# --- what the database's owner may try ---


@pytest.mark.parametrize(
    "wrapped",
    [{}, {"kdf": "argon2id"}, "other", {"salt": "zz", "sealed": ""}],
    ids=["emptied", "cut", "of another key", "rubbish"],
)
def test_a_replaced_private_part_opens_nothing_and_is_noted(store, hoa, sign_in, hasher, wrapped):
    sign_in()
    tamper(store, wrapped=pen.new(PASSWORD, hasher).wrapped if wrapped == "other" else wrapped)
    token = sign_in()
    assert held(store, token) is None
    with store.read() as session:
        assert audit.latest(session)[0].act == signing_keys.NOT_OPENED
        with pytest.raises(Refused, match="không mở được"):
            signing_in.pen_for(session, token, NOW)


def test_a_row_that_asks_for_all_memory_opens_nothing(store, hoa, sign_in):
    sign_in()
    tamper(store, wrapped={**living(store, hoa).wrapped, "memory_kib": 1 << 30})
    assert held(store, sign_in()) is None


@pytest.mark.parametrize("column", ["public", "person_id", "how", "made_at", "register"])
def test_a_forged_entry_is_not_believed(store, hoa, sign_in, column):
    sign_in()
    forged = {
        "public": station_key.of(store.folder).public,
        "person_id": 1,
        "how": "before",
        "made_at": later(days=1),
        "register": b"\0" * 64,
    }
    tamper(store, **{column: forged[column]})
    with store.read() as session:
        row = session.get(PersonKey, 1)
        assert not signing_keys.is_entered(session, row)
        assert not signing_keys.is_confirmed(session, row)


def test_an_entry_of_another_stations_key_is_not_believed(store, hoa, sign_in):
    sign_in()
    (store.folder / station_key.FOLDER / station_key.FILE_NAME).unlink()
    with store.read() as session:
        assert not signing_keys.is_entered(session, session.get(PersonKey, 1))


# --- approvers ---


@pytest.fixture
def two(session, as_role):
    """Two approvers: the first is known, the second has just set a password by a link."""
    known, fresh = as_role("approver"), as_role("approver")
    new = signing_keys.enter(session, people.get(session, fresh.id), _cheap(), "link", NOW)
    return known, pen_of(session, known), fresh, new


def _cheap() -> pen.NewKey:
    return pen.new(PASSWORD, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def test_a_new_approver_signs_nothing_before_another_has_confirmed_the_key(session, two):
    known, known_pen, fresh, new = two
    with pytest.raises(Refused, match=known.name):
        signing_keys.require_usable(session, fresh, new, NOW)
    row = signing_keys.confirm(session, known, known_pen, new.key_id, NOW)
    assert signing_keys.is_confirmed(session, row)
    assert signing_keys.require_usable(session, fresh, new, NOW) is row


def test_the_only_approver_is_confirmed_by_the_station_and_it_is_noted(session, as_role):
    only = as_role("approver")
    new = signing_keys.enter(session, people.get(session, only.id), _cheap(), "link", NOW)
    assert signing_keys.is_confirmed(session, signing_keys.require_usable(session, only, new, NOW))
    assert audit.latest(session)[0].act == signing_keys.CONFIRMED


def test_a_key_in_place_of_a_confirmed_one_waits_for_an_approver_who_never_signed(session, as_role):
    first, second = as_role("approver"), as_role("approver")
    row, other = people.get(session, first.id), people.get(session, second.id)
    signing_keys.require_usable(session, first, signing_keys.enter(session, row, _cheap(), "link", NOW), NOW)
    others = signing_keys.enter(session, other, _cheap(), "link", NOW)
    stolen = signing_keys.enter(session, row, _cheap(), "link", NOW)
    with pytest.raises(Refused, match=second.name):
        signing_keys.require_usable(session, first, stolen, NOW)
    signing_keys.confirm(session, second, others, stolen.key_id, NOW)
    assert signing_keys.require_usable(session, first, stolen, NOW).id == stolen.key_id


def test_two_approvers_who_both_forgot_do_not_wait_for_each_other(session, as_role):
    both = [as_role("approver"), as_role("approver")]
    rows = [people.get(session, each.id) for each in both]
    for actor, row in zip(both, rows, strict=True):
        signing_keys.enter(session, row, _cheap(), "link", NOW)
        signing_keys._confirm(session, signing_keys.living(session, actor.id), None, NOW)
    new = [signing_keys.enter(session, row, _cheap(), "link", NOW) for row in rows]
    assert signing_keys.require_usable(session, both[0], new[0], NOW).id == new[0].key_id


def test_nobody_confirms_their_own_key_nor_with_an_unconfirmed_one(session, two, as_role):
    known, known_pen, fresh, new = two
    with pytest.raises(Refused, match="người duyệt khác"):
        signing_keys.confirm(session, fresh, new, new.key_id, NOW)
    third = as_role("approver")
    third_pen = signing_keys.enter(session, people.get(session, third.id), _cheap(), "link", NOW)
    with pytest.raises(Refused, match="còn mới"):
        signing_keys.confirm(session, fresh, new, third_pen.key_id, NOW)
    officer = as_role("officer")
    with pytest.raises(NotPermitted):
        signing_keys.confirm(session, officer, known_pen, new.key_id, NOW)
    with pytest.raises(NotFound):
        signing_keys.confirm(session, known, known_pen, 99, NOW)


@pytest.mark.parametrize("column", ["confirmed_by", "confirmed_at", "confirmation", "confirmer_signature"])
def test_a_confirmation_that_was_written_by_hand_is_not_believed(session, two, column):
    known, known_pen, _, new = two
    row = signing_keys.confirm(session, known, known_pen, new.key_id, NOW)
    forged = {"confirmed_by": None, "confirmed_at": later(days=1)}
    setattr(row, column, forged.get(column, b"\0" * 64))
    assert not signing_keys.is_confirmed(session, row)


def test_who_loses_the_role_or_the_account_loses_the_key(session, two):
    known, _, fresh, _ = two
    people.set_roles(session, CONSOLE, fresh.id, [Role.OFFICER], NOW)
    assert signing_keys.living(session, fresh.id) is None
    admin = people.create(session, "quan-tri", "Quản Trị", [Role.ADMIN], NOW)
    admin.password_hash = "kept"
    session.flush()
    people.deactivate(session, CONSOLE, known.id, NOW)
    assert signing_keys.living(session, known.id) is None


def test_new_keys_stand_for_a_week_and_those_that_wait_for_longer(session, two):
    known, known_pen, _, new = two
    assert [row.id for row in signing_keys.fresh(session, later(days=8))] == [new.key_id]
    signing_keys.confirm(session, known, known_pen, new.key_id, NOW)
    assert [row.id for row in signing_keys.fresh(session, later(days=6))] == [new.key_id]
    assert list(signing_keys.fresh(session, later(days=8))) == []


def test_an_old_key_that_nobody_but_the_station_confirmed_is_new_from_then(session, hasher):
    only = people.actor_of(people.create(session, "an", "An", [Role.APPROVER], NOW))
    fresh = pen.new(NEW, hasher)
    made = signing_keys.enter(session, people.get(session, only.id), fresh, "link", NOW)
    signing_keys.require_usable(session, only, made, later(days=30))
    assert [row.id for row in signing_keys.fresh(session, later(days=36))] == [made.key_id]
    assert list(signing_keys.fresh(session, later(days=38))) == []


def test_who_loses_the_role_for_a_while_types_the_password_again(store, hoa, sign_in):
    with store.write() as session:
        people.set_roles(session, CONSOLE, hoa, [Role.APPROVER], NOW)
    token = sign_in()
    with store.write() as session:
        people.set_roles(session, CONSOLE, hoa, [Role.OFFICER], NOW)
        people.set_roles(session, CONSOLE, hoa, [Role.APPROVER], NOW)
    with store.read() as session:
        assert signing_in.needs_password(session, token, NOW)


# --- people from before there were keys ---


def approver_from_before(store: Store, hoa: int) -> Actor:
    with store.write() as session:
        people.set_roles(session, CONSOLE, hoa, [Role.APPROVER], NOW)
        person = people.get(session, hoa)
        start_list.make(store.folder, {}, {hoa: key_opening.digest_of(person)})
        return people.actor_of(person)


def test_an_approver_from_before_keys_is_known_at_the_first_password(store, hoa, sign_in):
    actor = approver_from_before(store, hoa)
    with store.write() as session:
        pen_of(session, people.actor_of(people.create(session, "an", "An", [Role.APPROVER], NOW)))
    mine = held(store, sign_in())
    with store.write() as session:
        assert signing_keys.require_usable(session, actor, mine, NOW).how == "before"


def test_a_password_that_was_put_into_the_database_does_not_make_somebody_known(store, hoa, hasher):
    actor = approver_from_before(store, hoa)
    with store.write() as session:
        pen_of(session, people.actor_of(people.create(session, "an", "An", [Role.APPROVER], NOW)))
        people.get(session, hoa).password_hash = passwords.hashed(NEW, hasher)
    theirs = held(store, signing_in.sign_in(store, "hoa", NEW, HERE, NOW, hasher))
    with store.write() as session, pytest.raises(Refused, match="còn mới"):
        signing_keys.require_usable(session, actor, theirs, NOW)


def test_somebody_from_before_keys_who_was_made_an_approver_since_is_not_known_as_one(store, hoa, sign_in):
    with store.write() as session:
        person = people.get(session, hoa)
        assert not signing_keys.may_approve(person)
        start_list.make(store.folder, {}, {hoa: key_opening.digest_of(person)})
        pen_of(session, people.actor_of(people.create(session, "an", "An", [Role.APPROVER], NOW)))
        person.roles = [Role.APPROVER]  # as the database's owner can
        actor = people.actor_of(person)
    mine = held(store, sign_in())
    with store.write() as session, pytest.raises(Refused, match="còn mới"):
        signing_keys.require_usable(session, actor, mine, NOW)


def test_the_list_from_before_is_made_once_and_believed_as_it_was_made(store):
    start_list.make(store.folder, {7: "a"}, {})
    with pytest.raises(StoreError, match="không làm lại"):
        start_list.make(store.folder, {8: "b"}, {})
    file = store.folder / station_key.FOLDER / start_list.FILE_NAME
    with store.read() as session:
        assert start_list.has(session, start_list.APPROVALS, 7, "a")
        assert not start_list.has(session, start_list.APPROVALS, 7, "b")
    file.write_text(file.read_text().replace('"7"', '"9"'))
    with store.read() as session:
        assert not start_list.has(session, start_list.APPROVALS, 9, "a")
