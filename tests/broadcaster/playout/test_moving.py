"""Moving into another programme, and taking back what was moved, removed or replaced."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broadcaster.errors import Refused
from broadcaster.playout import moving, requesting, running_order, wishes
from broadcaster.store.models import Airing
from tests.broadcaster.playout.test_programmes import DAY, MONDAY, act, add, at, change, plan, put_in


def only(desk) -> str:
    (airing_id,) = planned(desk)
    return airing_id


def planned(desk) -> list[str]:
    with desk.store.read() as session:
        return [row.id for row in session.query(Airing).filter(Airing.state == "planned")]


def moments(desk):
    return [moment for moment, *_ in plan(desk)]


def test_tonights_bulletin_moves_into_tomorrows_programme_and_back(desk):
    programme = add(desk)
    put_in(desk, desk.approved("Tin"), programme)
    old = only(desk)
    new = act(desk, moving.move_to_programme, old, programme, at(MONDAY + DAY), "").id
    assert moments(desk) == [at(MONDAY + DAY)]
    with desk.store.write() as session:
        moving.undo(session, desk.operator, old, desk.clock.now(), new)
    assert moments(desk) == [at()]


def test_no_room_no_move_and_nothing_is_lost(desk):
    programme = add(desk, longest_s=60)
    put_in(desk, desk.approved("Dài", 50), programme, MONDAY + DAY)
    put_in(desk, desk.approved("Tin", 30), programme)
    with desk.store.read() as session:
        first = session.query(Airing).filter(Airing.planned_at == at()).one().id
    with pytest.raises(Refused, match="không còn đủ chỗ"):
        act(desk, moving.move_to_programme, first, programme, at(MONDAY + DAY), "")
    assert moments(desk) == [at(), at(MONDAY + DAY)]


def test_a_removed_airing_comes_back_once_and_the_history_keeps_that_it_was_gone(desk):
    programme = add(desk)
    put_in(desk, desk.approved("Tin"), programme)
    old = only(desk)
    act(desk, running_order.remove, old, "Nhầm")
    act(desk, moving.undo, old)
    assert moments(desk) == [at()]
    assert desk.history()[-1].reason.startswith("Nhầm")
    with pytest.raises(Refused, match="đã ở lại chỗ cũ"):
        act(desk, moving.undo, old)


def test_what_came_back_stays_when_its_programme_is_edited(desk):
    programme = add(desk)
    put_in(desk, desk.approved("Tin"), programme)
    old = only(desk)
    act(desk, running_order.remove, old, "Nhầm")
    act(desk, moving.undo, old)
    change(desk, programme, starts_at=at(hour=18).time())
    assert moments(desk) == [at(hour=18)]


def test_what_was_replaced_comes_back_with_what_replaced_it(desk):
    there = act(desk, requesting.request_at, desk.approved("Cũ"), at(hour=9), []).id
    other = act(desk, requesting.request_at, desk.approved("Mới"), at(hour=15), []).id
    with desk.store.write() as session:
        now = desk.clock.now()
        moving.remove_for(session, desk.operator, [there], "Mới", now)
        new = running_order.move(session, desk.operator, other, at(hour=9), "", now).id
        moving.undo(session, desk.operator, other, now, new, [there])
    assert [(moment, title) for moment, _, title in plan(desk)] == [
        (at(hour=9), "Cũ"),
        (at(hour=15), "Mới"),
    ]


def test_a_moment_that_has_passed_is_not_taken_back(desk):
    act(desk, requesting.request_at, desk.approved("Tin"), at(hour=9), [])
    old = only(desk)
    act(desk, running_order.remove, old, "Nhầm")
    desk.clock.step((at(hour=10) - desk.clock.now()).total_seconds())
    with pytest.raises(Refused, match="đã qua"):
        act(desk, moving.undo, old)


def test_a_move_is_held_against_the_limits_without_the_place_it_leaves(desk):
    from tests.broadcaster.playout.test_programmes import limit

    act(desk, requesting.request_at, desk.approved("Tin"), at(hour=9), [])
    limit(desk, "sessions", {"most": 1})
    act(desk, running_order.move, only(desk), at(hour=15), "")
    assert moments(desk) == [at(hour=15)]


def test_wishes_of_a_bulletin_are_listed_with_what_they_still_plan(desk):
    number = desk.approved("Tin")
    put_in(desk, number, add(desk), MONDAY, MONDAY + DAY)
    act(desk, requesting.request_at, number, at(MONDAY + 2 * DAY, 9), [])
    with desk.store.read() as session:
        found = [(request.way, len(times)) for request, times in wishes.standing(session, number)]
    assert found == [("programme", 2), ("at", 1)]


def test_a_series_renewed_on_its_second_day_may_go_on_as_long_as_the_first(desk):
    from tests.broadcaster.playout.test_programmes import storm

    storm(desk, desk.approved("Bão"), most=48, hours=23)
    for hours in (22, 23):
        desk.clock.step(hours * 3600)
        with desk.store.write() as session:
            now = desk.clock.now()
            (request,) = wishes.standing_series(session, now)
            until = now + timedelta(hours=23)
            most = wishes.turns_until(request, until)
            assert wishes.renew_series(session, desk.operator, request.id, until, most, now)
