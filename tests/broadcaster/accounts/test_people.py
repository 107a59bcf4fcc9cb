"""People are added, renamed, given roles and taken off, never deleted; one administrator always stays."""

from __future__ import annotations

import pytest

from broadcaster.accounts import people, sessions
from broadcaster.accounts.permissions import CONSOLE, Role
from broadcaster.errors import Invalid, NotFound, NotPermitted, Refused
from broadcaster.records import audit
from tests.broadcaster.moments import NOW


def acts(session) -> list[str]:
    return [row.act for row in reversed(audit.latest(session))]


def test_an_administrator_adds_a_colleague(session, as_role):
    added = people.add(session, as_role("admin"), " Hoa.VH ", "Nguyễn  Thị Hoa", [Role.OFFICER], NOW)
    assert (added.login, added.name, added.roles) == ("hoa.vh", "Nguyễn Thị Hoa", ["officer"])
    assert (added.password_hash, added.is_active) == (None, True)
    assert people.by_login(session, "HOA.vh") is added
    assert acts(session) == ["person_added"]


@pytest.mark.parametrize("role", ["officer", "approver", "operator", "viewer"])
def test_nobody_else_manages_people(session, as_role, role):
    other, someone = as_role("admin"), as_role(role)
    for act in (
        lambda: people.add(session, someone, "x", "X", [Role.VIEWER], NOW),
        lambda: people.rename(session, someone, other.id, "X", NOW),
        lambda: people.set_roles(session, someone, someone.id, [Role.ADMIN], NOW),
        lambda: people.deactivate(session, someone, other.id, NOW),
        lambda: people.reactivate(session, someone, other.id, NOW),
    ):
        with pytest.raises(NotPermitted, match="quản lý người dùng"):
            act()
    assert acts(session) == []


@pytest.mark.parametrize(
    ("login", "name", "roles", "field"),
    [
        ("", "Hoa", [Role.VIEWER], "login"),
        ("hai chữ", "Hoa", [Role.VIEWER], "login"),
        ("a" * 41, "Hoa", [Role.VIEWER], "login"),
        ("hoa", "  ", [Role.VIEWER], "name"),
        ("hoa", "x" * 81, [Role.VIEWER], "name"),
        ("hoa", "Hoa", [], "roles"),
        ("hoa", "Hoa", ["boss"], "roles"),
    ],
)
def test_what_cannot_be_taken_is_named(session, login, name, roles, field):
    with pytest.raises(Invalid) as refused:
        people.add(session, CONSOLE, login, name, roles, NOW)
    assert refused.value.field == field


def test_two_people_cannot_share_a_login(session):
    people.add(session, CONSOLE, "hoa", "Hoa", [Role.VIEWER], NOW)
    with pytest.raises(Invalid, match="đã có người dùng"):
        people.add(session, CONSOLE, "HOA", "Hoa khác", [Role.VIEWER], NOW)


def test_roles_hold_from_the_next_request_on(session, as_role):
    admin, officer = as_role("admin"), as_role("officer")
    token = sessions.begin(session, officer.id, NOW)
    people.set_roles(session, admin, officer.id, [Role.OPERATOR, Role.APPROVER], NOW)
    _, person = sessions.live(session, token, NOW)
    assert people.actor_of(person).roles == {Role.APPROVER, Role.OPERATOR}
    assert audit.latest(session)[0].detail == {"before": ["officer"], "after": ["approver", "operator"]}


def test_the_last_administrator_stays(session, as_role):
    admin = as_role("admin", name="Lan")
    as_role("officer")
    with pytest.raises(Refused, match="Lan là người quản trị cuối cùng"):
        people.deactivate(session, admin, admin.id, NOW)
    with pytest.raises(Refused, match="cuối cùng"):
        people.set_roles(session, admin, admin.id, [Role.OFFICER], NOW)
    assert people.get(session, admin.id).is_active


def test_an_administrator_who_cannot_sign_in_does_not_count(session, as_role):
    admin, gone, invited = as_role("admin"), as_role("admin"), as_role("admin")
    people.deactivate(session, admin, gone.id, NOW)
    people.get(session, invited.id).password_hash = None
    with pytest.raises(Refused, match="cuối cùng"):
        people.deactivate(session, admin, admin.id, NOW)


def test_one_of_two_administrators_may_go(session, as_role):
    first, second = as_role("admin"), as_role("admin")
    people.set_roles(session, first, first.id, [Role.OFFICER], NOW)
    assert people.actor_of(people.get(session, first.id)).roles == {Role.OFFICER}
    with pytest.raises(Refused, match="cuối cùng"):
        people.deactivate(session, second, second.id, NOW)


def test_deactivating_ends_every_browser_and_keeps_the_person(session, as_role):
    admin, officer = as_role("admin"), as_role("officer")
    tokens = [sessions.begin(session, officer.id, NOW) for _ in range(2)]
    people.deactivate(session, admin, officer.id, NOW)
    assert [sessions.live(session, token, NOW) for token in tokens] == [None, None]
    people.reactivate(session, admin, officer.id, NOW)
    assert [sessions.live(session, token, NOW) for token in tokens] == [None, None]
    assert acts(session) == ["person_deactivated", "person_reactivated"]


def test_a_rename_is_kept_with_the_name_before(session, as_role):
    admin = as_role("admin", name="Lan")
    people.rename(session, admin, admin.id, "Lan Anh", NOW)
    assert audit.latest(session)[0].detail == {"before": "Lan", "after": "Lan Anh"}


def test_everyone_is_listed_active_people_first(session, as_role):
    admin, gone = as_role("admin", name="Bình"), as_role("viewer", name="An")
    people.deactivate(session, admin, gone.id, NOW)
    assert [person.name for person in people.everyone(session)] == ["Bình", "An"]


def test_somebody_who_is_not_there_is_not_found(session):
    with pytest.raises(NotFound, match="số 99"):
        people.rename(session, CONSOLE, 99, "X", NOW)


def test_a_role_of_a_later_version_grants_nothing(session, as_role):
    person = people.get(session, as_role("viewer").id)
    person.roles = ["viewer", "wizard"]
    assert people.actor_of(person).roles == {Role.VIEWER}
