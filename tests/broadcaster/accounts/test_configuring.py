from __future__ import annotations

import pytest

from broadcaster.accounts.configuring import configure, fact
from broadcaster.accounts.permissions import CONSOLE
from broadcaster.errors import Invalid, NotPermitted
from broadcaster.records import audit
from tests.broadcaster.moments import NOW


def test_a_station_that_set_nothing_has_the_defaults(session):
    assert fact(session, "self_approval") is False
    assert (fact(session, "station_name"), fact(session, "rate")) == ("", 1.0)


def test_what_is_set_is_kept_and_audited_with_what_was_before(session):
    configure(session, CONSOLE, NOW, station_name="Đài phường", self_approval=True)
    configure(session, CONSOLE, NOW, self_approval=False)
    assert (fact(session, "station_name"), fact(session, "self_approval")) == ("Đài phường", False)
    newest = audit.latest(session)[0]
    assert (newest.subject, newest.detail) == ("fact self_approval", {"before": True, "after": False})


def test_setting_what_is_set_already_is_no_act(session):
    configure(session, CONSOLE, NOW, self_approval=False)
    assert audit.latest(session) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("self_approval", "false"),
        ("self_approval", 0),
        ("rate", 3),
        ("rate", True),
        ("station_name", None),
        ("default_output", 0),
        ("chain_head:audit", {}),
    ],
)
def test_what_does_not_fit_is_named(session, key, value):
    with pytest.raises(Invalid) as refused:
        configure(session, CONSOLE, NOW, **{key: value})
    assert refused.value.field == key


@pytest.mark.parametrize("role", ["officer", "approver", "operator", "viewer"])
def test_only_the_administrator_configures(session, as_role, role):
    with pytest.raises(NotPermitted, match="cài đặt"):
        configure(session, as_role(role), NOW, self_approval=True)
