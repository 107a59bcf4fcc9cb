from __future__ import annotations

import contextlib
import dataclasses
from datetime import date, datetime, time, timedelta

import pytest

from broadcaster.accounts.permissions import Role
from broadcaster.errors import Invalid, NotPermitted, Refused
from broadcaster.newsroom import approval
from broadcaster.playout import airings, day, planning, programmes, requesting, running_order
from broadcaster.playout.programmes import Frame
from broadcaster.store import facts
from broadcaster.store.models import Airing, Bulletin
from schedules.clock import LOCAL

MONDAY = date(2026, 11, 23)
EVENING = Frame(name="Buổi chiều", days=range(7), starts_at=time(17, 0))


def add_programme(desk, frame=EVENING):
    with desk.store.write() as session:
        return programmes.add(session, desk.operator, frame, desk.clock.now()).id


def put_in(desk, number, programme_id, first=MONDAY, last=None):
    with desk.store.write() as session:
        rows = requesting.request_in_programme(
            session, desk.officer, number, programme_id, first, last, desk.clock.now()
        )
        return [row.id for row in rows]


def states(desk):
    with desk.store.read() as session:
        return sorted((row.planned_at, str(row.state)) for row in session.query(Airing))


def test_a_bulletin_stands_in_tonights_programme_at_its_second(desk):
    put_in(desk, desk.approved("Tin"), add_programme(desk))
    assert states(desk) == [(datetime(2026, 11, 23, 17, 0, tzinfo=LOCAL), "planned")]


def test_a_bulletin_for_many_days_is_planned_fourteen_days_ahead(desk):
    put_in(desk, desk.approved("Tin"), add_programme(desk), MONDAY, MONDAY + timedelta(days=60))
    assert len(states(desk)) == 14
    desk.clock.step(86400)
    with desk.store.write() as session:
        assert planning.plan_ahead(session, desk.clock.now()) == 1


def test_a_bulletin_asked_for_twice_stands_once_in_a_programme(desk):
    number, programme = desk.approved("Tin"), add_programme(desk)
    put_in(desk, number, programme, MONDAY, MONDAY + timedelta(days=1))
    with pytest.raises(Invalid, match="đã có trong chương trình"):
        put_in(desk, number, programme, MONDAY)
    assert len(put_in(desk, number, programme, MONDAY, MONDAY + timedelta(days=4))) == 3
    assert len(states(desk)) == 5


def test_a_bulletin_taken_off_a_day_may_be_put_there_again(desk):
    number, programme = desk.approved("Tin"), add_programme(desk)
    (airing,) = put_in(desk, number, programme)
    with desk.store.write() as session:
        running_order.remove(session, desk.operator, airing, "trời mưa", desk.clock.now())
    assert len(put_in(desk, number, programme)) == 1


def test_a_bulletin_is_planned_once_at_one_moment_and_waits_once_to_be_played_next(desk):
    number, at = desk.approved("Tin"), desk.clock.now() + timedelta(hours=2)
    for refused in (False, True):
        with desk.store.write() as session, _maybe(refused, "đã có trong lịch phát lúc"):
            requesting.request_at(session, desk.operator, number, at, [], desk.clock.now())
    for refused in (False, True):
        with desk.store.write() as session, _maybe(refused, "đang chờ phát ngay rồi"):
            requesting.request_next(session, desk.operator, number, [], desk.clock.now())


def _maybe(refused, words):
    return pytest.raises(Refused, match=words) if refused else contextlib.nullcontext()


def test_no_day_outside_the_bulletins_validity_is_planned(desk):
    number, programme, now = desk.approved("Tin"), add_programme(desk), desk.clock.now()
    with desk.store.write() as session:
        bulletin = session.get(Bulletin, number)
        bulletin.valid_from, bulletin.valid_until = MONDAY + timedelta(days=1), MONDAY + timedelta(days=3)
    for first, last in ((0, 1), (2, 4), (5, 5)):
        with pytest.raises(Invalid, match="có hiệu lực"):
            put_in(desk, number, programme, MONDAY + timedelta(days=first), MONDAY + timedelta(days=last))
    with desk.store.write() as session, pytest.raises(Invalid, match="đến hết ngày 26/11/2026"):
        requesting.request_at(session, desk.operator, number, now + timedelta(days=4), [], now)
    assert len(put_in(desk, number, programme, MONDAY + timedelta(days=1), MONDAY + timedelta(days=3))) == 3


def test_planning_twice_changes_nothing(desk):
    put_in(desk, desk.approved("Tin"), add_programme(desk), MONDAY, MONDAY + timedelta(days=60))
    before = states(desk)
    with desk.store.write() as session:
        assert planning.plan_ahead(session, desk.clock.now()) == 0
    assert states(desk) == before


def test_after_a_long_outage_the_slots_inside_it_get_their_rows(desk):
    put_in(desk, desk.approved("Tin"), add_programme(desk), MONDAY, MONDAY + timedelta(days=60))
    desk.clock.step(30 * 86400)
    with desk.store.write() as session:
        planning.plan_ahead(session, desk.clock.now())
    assert len(states(desk)) == 44


def test_a_changed_programme_moves_what_is_coming_and_keeps_a_removed_date_empty(desk):
    programme_id = add_programme(desk)
    first, second, *_ = put_in(desk, desk.approved("Tin"), programme_id, MONDAY, MONDAY + timedelta(days=2))
    with desk.store.write() as session:
        running_order.remove(session, desk.operator, second, "Có lễ", desk.clock.now())
        changed = Frame(name="Buổi chiều", days=range(7), starts_at=time(17, 30))
        programmes.edit(session, desk.operator, programme_id, changed, desk.clock.now())
    planned = [moment.astimezone(LOCAL) for moment, state in states(desk) if state == "planned"]
    assert [(moment.day, moment.hour, moment.minute) for moment in planned] == [(23, 17, 30), (25, 17, 30)]
    assert desk.row(first).state == "superseded"


def change(desk, programme_id, **fields):
    with desk.store.write() as session:
        frame = dataclasses.replace(EVENING, **fields)
        programmes.edit(session, desk.operator, programme_id, frame, desk.clock.now())


def test_a_renamed_programme_keeps_its_coming_airings_and_their_order(desk):
    programme_id = add_programme(desk)
    first = put_in(desk, desk.approved("Một"), programme_id)
    second = put_in(desk, desk.approved("Hai"), programme_id)
    with desk.store.write() as session:
        running_order.move_up(session, desk.operator, *second, desk.clock.now())
    change(desk, programme_id, name="Buổi tối")
    with desk.store.read() as session:
        (block,) = day.day_view(session, MONDAY, desk.clock.now()).blocks
    assert (block.name, [item.airing_id for item in block.items]) == ("Buổi tối", [*second, *first])


def test_new_zones_and_a_new_late_window_of_a_programme_hold_for_what_is_coming(desk):
    school = desk.add_zone("Trường học")
    programme_id = add_programme(desk)
    put_in(desk, desk.approved("Tin"), programme_id, MONDAY, MONDAY + timedelta(days=60))
    change(desk, programme_id, zone_ids=[school], late_window_s=900)
    desk.clock.step(86400)
    with desk.store.write() as session:
        planning.plan_ahead(session, desk.clock.now())
        rows = session.query(Airing).all()
        assert len(rows) == 15
        assert {row.deadline - row.planned_at for row in rows} == {timedelta(seconds=900)}
        assert {zone.id for row in rows for zone in row.zones} == {school}


def test_a_programme_moved_and_moved_back_is_planned_again(desk):
    programme_id = add_programme(desk)
    put_in(desk, desk.approved("Tin"), programme_id, MONDAY, MONDAY + timedelta(days=2))
    before = states(desk)
    change(desk, programme_id, starts_at=time(17, 30))
    change(desk, programme_id)
    assert [each for each in states(desk) if each[1] == "planned"] == before


def test_an_ended_programme_cancels_its_coming_airings_with_the_reason(desk):
    programme_id = add_programme(desk)
    (airing_id,) = put_in(desk, desk.approved("Tin"), programme_id)
    with desk.store.write() as session:
        programmes.end(session, desk.operator, programme_id, "Hết mùa", desk.clock.now())
    assert (desk.row(airing_id).state, desk.row(airing_id).cause) == ("cancelled", "programme_ended")
    assert "Hết mùa" in desk.history()[0].reason


def test_three_fifteen_in_the_morning_is_refused(desk):
    number = desk.approved("Tin")
    with desk.store.write() as session:
        facts.put(session, facts.ALLOWED_HOURS, None)
        with pytest.raises(Refused, match="03:15"):
            programmes.add(session, desk.operator, Frame("Đêm", range(7), time(3, 15)), desk.clock.now())
        at = datetime(2026, 11, 24, 3, 15, tzinfo=LOCAL)
        with pytest.raises(Refused, match="05:00"):
            requesting.request_at(session, desk.operator, number, at, [], desk.clock.now())


def test_a_moment_that_has_passed_is_refused(desk):
    number = desk.approved("Tin")
    with desk.store.write() as session, pytest.raises(Invalid, match="đã qua"):
        requesting.request_at(session, desk.operator, number, desk.at(-60), [], desk.clock.now())


def test_a_programme_day_that_has_passed_is_refused(desk):
    number, programme_id = desk.approved("Tin"), add_programme(desk)
    with pytest.raises(Invalid, match="đã qua"):
        put_in(desk, number, programme_id, MONDAY - timedelta(days=3))


def test_what_is_not_approved_cannot_be_played_next(desk):
    number = desk.draft("Nháp")
    with desk.store.write() as session, pytest.raises(Refused, match="chưa được duyệt"):
        requesting.request_next(session, desk.operator, number, [], desk.clock.now())


def test_a_viewer_may_not_plan(desk):
    viewer, number = desk.person("xem", Role.VIEWER), desk.approved("Tin")
    with desk.store.write() as session, pytest.raises(NotPermitted):
        requesting.request_at(session, viewer, number, desk.at(60), [], desk.clock.now())


def test_withdrawing_a_bulletin_cancels_what_is_planned_of_it(desk):
    number = desk.approved("Tin")
    put_in(desk, number, add_programme(desk), MONDAY, MONDAY + timedelta(days=3))
    with desk.store.write() as session:
        approval.withdraw(session, desk.approver, number, "Sai số liệu", desk.clock.now())
        assert planning.withdraw_airings(session, desk.clock.now()) == 4
    assert {state for _, state in states(desk)} == {"cancelled"}


def test_the_day_shows_parts_one_after_another_and_empty_programmes_too(desk):
    evening, morning = add_programme(desk), add_programme(desk, Frame("Sáng mai", [1], time(5, 30)))
    put_in(desk, desk.approved("Một", seconds=60), evening)
    put_in(desk, desk.approved("Hai", seconds=30), evening)
    with desk.store.read() as session:
        today = day.day_view(session, MONDAY, desk.clock.now())
        tomorrow = day.day_view(session, MONDAY + timedelta(days=1), desk.clock.now())
    (block,) = today.blocks
    first, second = block.items
    assert (first.title, second.title) == ("Một", "Hai")
    assert (second.starts_at - first.starts_at).total_seconds() == pytest.approx(62)
    assert [(each.programme_id, each.items) for each in tomorrow.blocks] == [(morning, ()), (evening, ())]


def test_the_day_says_how_late_an_airing_will_be(desk):
    first, second = desk.approved("Một", seconds=380), desk.approved("Hai")
    with desk.store.write() as session:
        for number, in_s in ((first, 60), (second, 120)):
            requesting.request_at(session, desk.operator, number, desk.at(in_s), [], desk.clock.now())
    with desk.store.read() as session:
        blocks = day.day_view(session, MONDAY, desk.clock.now()).blocks
    assert [item.note for block in blocks for item in block.items] == [
        "",
        "Muộn hơn 5 phút 20 giây so với giờ đã đặt",
    ]


def test_a_priority_bulletin_stands_before_routine_ones(desk):
    evening = add_programme(desk)
    put_in(desk, desk.approved("Thường"), evening)
    put_in(desk, desk.approved("Ưu tiên", kind="priority"), evening)
    with desk.store.read() as session:
        (block,) = day.day_view(session, MONDAY, desk.clock.now()).blocks
    assert [item.title for item in block.items] == ["Ưu tiên", "Thường"]


def test_an_operator_changes_the_order(desk):
    evening = add_programme(desk)
    put_in(desk, desk.approved("Một"), evening)
    (second,) = put_in(desk, desk.approved("Hai"), evening)
    with desk.store.write() as session:
        running_order.move_up(session, desk.operator, second, desk.clock.now())
        with pytest.raises(Refused, match="đầu"):
            running_order.move_up(session, desk.operator, second, desk.clock.now())
    with desk.store.read() as session:
        (block,) = day.day_view(session, MONDAY, desk.clock.now()).blocks
    assert [item.title for item in block.items] == ["Hai", "Một"]


def test_a_moved_airing_says_where_it_went_and_sounds_once(desk):
    (old,) = put_in(desk, desk.approved("Tin"), add_programme(desk))
    with desk.store.write() as session:
        new = running_order.move(session, desk.operator, old, desk.at(30), "Họp chiều", desk.clock.now()).id
    assert (desk.row(old).state, desk.row(old).cause) == ("superseded", "moved")
    desk.run(45)
    assert desk.row(new).state == "played"
    assert [row.airing_id for row in desk.history()] == [new]


def test_removing_needs_a_reason(desk):
    (airing_id,) = put_in(desk, desk.approved("Tin"), add_programme(desk))
    with desk.store.write() as session, pytest.raises(Invalid, match="lý do"):
        running_order.remove(session, desk.operator, airing_id, "  ", desk.clock.now())


@pytest.mark.parametrize("act", ["remove", "move"])
def test_what_a_person_took_off_the_plan_first_is_not_missed_as_well(desk, act):
    (airing_id,) = put_in(desk, desk.approved("Tin"), add_programme(desk))
    with desk.store.write() as session:
        if act == "remove":
            running_order.remove(session, desk.operator, airing_id, "Có lễ", desk.clock.now())
        else:
            running_order.move(session, desk.operator, airing_id, desk.at(30), "Họp", desk.clock.now())
    before = (desk.row(airing_id).state, len(desk.history()))
    with desk.store.write() as session:
        assert not airings.miss(session, airings.get(session, airing_id), "late", "", desk.clock.now())
    assert (desk.row(airing_id).state, len(desk.history())) == before


def test_stopping_a_programme_drops_the_rest_of_it_today(desk):
    evening = add_programme(desk)
    (first,) = put_in(desk, desk.approved("Một", seconds=60), evening)
    (second,) = put_in(desk, desk.approved("Hai"), evening)
    desk.clock.advance_to(datetime(2026, 11, 23, 16, 59, 50, tzinfo=LOCAL))
    desk.run(20)
    with desk.store.write() as session:
        running_order.stop_programme(session, desk.operator, first, "Mất điện khu phố", desk.clock.now())
    desk.run(3)
    assert (desk.row(first).state, desk.row(second).state) == ("cut", "cancelled")


def test_playing_again_makes_a_new_occurrence(desk):
    number = desk.approved("Tin")
    with desk.store.write() as session:
        first = requesting.request_next(session, desk.operator, number, [], desk.clock.now()).id
    desk.run(15)
    with desk.store.write() as session:
        running_order.play_again(session, desk.operator, first, desk.clock.now())
    desk.run(15)
    assert [row.result for row in desk.history()] == ["played", "played"]


def test_a_later_part_may_be_as_late_as_the_first(desk):
    evening = add_programme(desk)
    put_in(desk, desk.approved("Một", seconds=400), evening)
    (second,) = put_in(desk, desk.approved("Hai"), evening)
    desk.clock.advance_to(datetime(2026, 11, 23, 16, 59, 50, tzinfo=LOCAL))
    desk.run(430, step_s=1)
    assert desk.row(second).state == "played"


def test_what_does_not_fit_the_programme_is_missed_with_that_reason(desk):
    evening = add_programme(desk, Frame("Ngắn", range(7), time(17, 0), longest_s=60, late_window_s=0))
    put_in(desk, desk.approved("Một", seconds=50), evening)
    (second,) = put_in(desk, desk.approved("Hai", seconds=30), evening)
    desk.clock.advance_to(datetime(2026, 11, 23, 16, 59, 50, tzinfo=LOCAL))
    desk.run(70)
    assert (desk.row(second).state, desk.row(second).cause) == ("missed", "no_room")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, datetime(2026, 11, 23, 17, 0, tzinfo=LOCAL)),
        ({"starts_at": time(5, 30)}, datetime(2026, 11, 24, 5, 30, tzinfo=LOCAL)),
        ({"days": [6]}, datetime(2026, 11, 29, 17, 0, tzinfo=LOCAL)),
        ({"first_date": date(2026, 12, 1)}, datetime(2026, 12, 1, 17, 0, tzinfo=LOCAL)),
        ({"first_date": date(2026, 11, 1), "last_date": date(2026, 11, 22)}, None),
    ],
)
def test_a_programme_tells_when_it_starts_next(changes, expected, desk):
    number = add_programme(desk, dataclasses.replace(EVENING, **changes))
    with desk.store.read() as session:
        programme = planning.living_programme(session, number)
        assert programmes.next_start(programme, desk.clock.now()) == expected
