"""One table says who may do what."""

from __future__ import annotations

import pytest

from broadcaster.accounts.permissions import (
    CONSOLE,
    PERMISSION_NAMES,
    PERMISSIONS,
    ROLE_NAMES,
    Actor,
    Permission,
    Role,
    require,
)
from broadcaster.errors import NotPermitted


def actor(*roles: Role) -> Actor:
    return Actor(1, "A", frozenset(roles))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, {"read"}),
        (Role.OFFICER, {"read", "write", "request"}),
        (Role.APPROVER, {"read", "approve", "stop_all", "alert", "verify", "correct"}),
        (Role.OPERATOR, {"read", "request", "operate", "stop_all", "alert", "live"}),
        (Role.ADMIN, {"read", "stop_all", "live", "manage_people", "configure", "verify"}),
    ],
)
def test_each_role_may_do_exactly_this(role, may):
    assert {each.value for each in Permission if actor(role).may(each)} == may


def test_whoever_holds_two_roles_may_do_what_either_may():
    both = actor(Role.OFFICER, Role.OPERATOR)
    assert both.permissions == PERMISSIONS[Role.OFFICER] | PERMISSIONS[Role.OPERATOR]


def test_without_a_role_nothing_is_permitted():
    assert not any(actor().may(each) for each in Permission)


def test_a_refusal_names_the_act_and_the_role_that_may():
    with pytest.raises(NotPermitted, match=r"quyền duyệt bản tin.*vai trò Duyệt"):
        require(actor(Role.OFFICER), Permission.APPROVE)


def test_the_command_line_may_manage_people_and_may_not_approve():
    assert CONSOLE.may(Permission.MANAGE_PEOPLE)
    assert not CONSOLE.may(Permission.APPROVE)


def test_every_role_and_permission_has_its_vietnamese_name():
    assert set(ROLE_NAMES) == set(PERMISSIONS) == set(Role)
    assert set(PERMISSION_NAMES) == set(Permission)
