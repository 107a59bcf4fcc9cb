"""Every route, walked with every role and with none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from broadcaster.accounts.permissions import PERMISSIONS, Role
from broadcaster.newsroom import plans
from broadcaster.newsroom.plan_frames import PlanFrame, TopicFrame
from broadcaster.playout import programmes, requesting
from broadcaster.playout.programmes import Frame
from tests.broadcaster.moments import NOW, TODAY
from tests.web.alarms import emergency_order
from web.access import ROUTES, WITHOUT_SESSION, Open, needed

PUBLIC = [name for name, access in ROUTES.items() if access is Open.TO_ALL]


@pytest.fixture
def things(desk):
    """One of everything that an address may name."""
    number = desk.approved("Vệ sinh môi trường")
    with desk.store.write() as rows:
        frame = Frame("Bản tin chiều", range(7), (NOW + timedelta(hours=9)).time())
        programme = programmes.add(rows, desk.operator, frame, NOW)
        airing = requesting.request_at(rows, desk.operator, number, NOW + timedelta(hours=1), (), NOW)
        requesting.request_in_programme(rows, desk.operator, number, programme.id, TODAY, None, NOW)
    order = emergency_order(desk)
    return {
        "bulletin_id": number,
        "request_id": 1,
        "number": 1,
        "programme_id": programme.id,
        "airing_id": airing.id,
        "person_id": desk.officer.id,
        "output_id": 1,
        "zone_id": 1,
        "switch_id": 1,
        "channel": "email",
        "reading_id": 1,
        "recording_id": 1,
        "trial": "0" * 16,
        "which": "goc",
        "width": 320,
        "row_id": 1,
        "live_id": "0" * 32,
        "order_id": order,
        "alert_id": 1,
        "message_id": 1,
        "source_id": 1,
        "task": "backup",
        "name": "ward-station-1.zip",
        "restoration_id": 1,
        "rule_id": 1,
        "day_id": 1,
        "pause_id": 1,
        "sha256": "0" * 64,
        "start": 0,
        "mark": "0" * 12,
        "plan_id": plan_of(desk),
        "topic_id": 1,
        "secret": "none",
        "day": TODAY.isoformat(),
        "complaint_id": 1,
        "key_id": 1,
        "filename": "style.css",
        "form": "csv",
    }


def plan_of(desk) -> int:
    frame = PlanFrame("Cải cách hành chính", TODAY, TODAY, topics=(TopicFrame("Cải cách hành chính"),))
    with desk.store.write() as rows:
        return plans.write(rows, desk.officer, frame, NOW).id


def requests(app: Flask, things):
    """Yield (endpoint, method, address) of all that can be asked."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values = {name: things[name] for name in rule.arguments if name in things}
            for method in sorted(rule.methods & {"GET", "POST"}):
                built = rule.build({**(rule.defaults or {}), **values})
                if built is not None:
                    yield rule.endpoint, method, built[1]


def test_every_route_stands_in_the_table_and_every_line_of_the_table_is_a_route(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ROUTES)


def test_every_route_can_be_asked_for(app, things):
    assert {endpoint for endpoint, _, _ in requests(app, things)} == set(ROUTES)


def test_only_signing_in_static_files_and_the_page_for_residents_are_open_to_all():
    for_residents = {name for name in PUBLIC if name.startswith("residents.")}
    assert for_residents >= WITHOUT_SESSION
    assert set(PUBLIC) - for_residents == {
        "static",
        "bootstrap.static",
        "sign_in.sign_in",
        "sign_in.first_account",
        "sign_in.set_password",
        "feed.calendar",
    }


def test_who_is_not_signed_in_changes_nothing_and_sees_nothing(app, things, visitor):
    nobody = visitor()
    for endpoint, method, address in requests(app, things):
        answer = nobody.client.open(address, method=method, buffered=True)
        if endpoint in PUBLIC:
            assert answer.status_code not in (401, 403, 500), address
        elif method == "GET":
            assert answer.status_code == 302, address
            assert answer.location.startswith("/dang-nhap"), address
        else:
            assert answer.status_code == 401, address


@pytest.mark.parametrize("role", list(Role))
def test_a_role_enters_exactly_what_the_table_allows(role, app, things, visitor):
    someone = visitor(role)
    token = someone.token()
    for endpoint, method, address in requests(app, things):
        if endpoint == "sign_in.sign_out":
            continue
        fields = {"csrf_token": token} if method == "POST" else None
        answer = someone.client.open(address, method=method, data=fields, buffered=True)
        permissions = needed(ROUTES[endpoint])
        if permissions and not permissions & PERMISSIONS[role]:
            assert answer.status_code == 403, (role, method, address)
        else:
            assert answer.status_code not in (403, 500), (role, method, address, answer.status_code)


def test_nothing_is_changed_without_the_token_of_a_page(app, things, visitor):
    everyone = visitor(*Role)
    for endpoint, method, address in requests(app, things):
        if method == "POST" and endpoint not in WITHOUT_SESSION:
            assert everyone.client.post(address).status_code == 400, endpoint


def test_a_route_that_is_missing_from_the_table_is_closed(app, visitor, monkeypatch):
    monkeypatch.delitem(ROUTES, "today.show")
    assert visitor(*Role).get("/").status_code == 403


def test_a_role_that_is_taken_away_counts_at_once(desk, visitor):
    from broadcaster.accounts import people

    someone = visitor(desk.officer)
    assert someone.get("/ban-tin/moi").status_code == 200
    with desk.store.write() as rows:
        people.set_roles(rows, desk.operator, desk.officer.id, [Role.VIEWER], NOW)
    assert someone.get("/ban-tin/moi").status_code == 403
    with desk.store.write() as rows:
        people.deactivate(rows, desk.operator, desk.officer.id, NOW)
    assert someone.get("/ban-tin/moi").status_code == 302
