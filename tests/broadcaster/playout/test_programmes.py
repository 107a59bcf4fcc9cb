"""Programmes with seasons, parts, changed dates and a signature; requests of every kind."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import approval, clips
from broadcaster.playout import (
    fitting,
    planning,
    programme_dates,
    programmes,
    requesting,
    running_order,
    schedule_signing,
    station_days,
    wishes,
)
from broadcaster.playout.programmes import Frame, PartFrame, SeasonFrame
from broadcaster.playout.readiness import Readiness, newest
from broadcaster.store import facts
from broadcaster.store.models import Airing, Bulletin, LimitRule, Programme, Request
from schedules.clock import LOCAL
from schedules.holidays import OwnKind
from schedules.recurrence import Series

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
WHOLE_WEEK = range(7)


def add(desk, **values) -> int:
    frame = Frame(**{"name": "Buổi chiều", "days": WHOLE_WEEK, "starts_at": time(17), **values})
    with desk.store.write() as session:
        return programmes.add(session, desk.operator, frame, desk.clock.now()).id


def change(desk, programme_id, **values):
    with desk.store.write() as session:
        before = programmes.frame_of(session.get(Programme, programme_id))
        kept = {name: getattr(before, name) for name in Frame.__dataclass_fields__}
        programmes.edit(session, desk.operator, programme_id, Frame(**{**kept, **values}), desk.clock.now())


def act(desk, what, *arguments, by=None):
    with desk.store.write() as session:
        return what(session, by or desk.operator, *arguments, desk.clock.now())


def put_in(desk, number, programme_id, first=MONDAY, last=None):
    return act(desk, requesting.request_in_programme, number, programme_id, first, last, by=desk.officer)


def plan(desk, state="planned"):
    """Return the local moment, section and title of each airing in `state`, in order."""
    with desk.store.read() as session:
        rows = session.query(Airing).filter(Airing.state == state)
        found = [(row.planned_at.astimezone(LOCAL), row.section, row.bulletin.title) for row in rows]
    return sorted(found)


def today(desk) -> date:
    return desk.clock.now().astimezone(LOCAL).date()


def at(day=MONDAY, hour=17, minute=0):
    return datetime.combine(day, time(hour, minute), LOCAL)


# --- when ---


def test_a_season_moves_the_start_and_nothing_else(desk):
    number = desk.approved("Tin")
    winter = SeasonFrame((11, 25), (2, 15), time(17, 30))
    put_in(desk, number, add(desk, seasons=[winter]), MONDAY, MONDAY + 2 * DAY)
    assert [moment for moment, *_ in plan(desk)] == [
        at(),
        at(MONDAY + DAY),
        at(MONDAY + 2 * DAY, 17, 30),
    ]


def test_one_date_is_cancelled_without_touching_the_rule_and_may_come_back(desk):
    programme = add(desk)
    put_in(desk, desk.approved("Tin"), programme, MONDAY, MONDAY + 2 * DAY)
    assert act(desk, programme_dates.cancel_date, programme, MONDAY + DAY, "Mất điện") == 1
    assert [moment for moment, *_ in plan(desk)] == [at(), at(MONDAY + 2 * DAY)]
    assert desk.history()[-1].reason.startswith("Mất điện")
    act(desk, programme_dates.restore_date, programme, MONDAY + DAY)
    assert len(plan(desk)) == 3


def test_one_date_starts_at_another_time_and_its_bulletins_go_with_it(desk):
    programme = add(desk)
    put_in(desk, desk.approved("Tin"), programme, MONDAY, MONDAY + DAY)
    act(desk, programme_dates.move_date, programme, MONDAY, time(18, 15), "Họp tổ dân phố")
    assert [moment for moment, *_ in plan(desk)] == [at(MONDAY, 18, 15), at(MONDAY + DAY)]
    act(desk, programme_dates.restore_date, programme, MONDAY)
    assert [moment for moment, *_ in plan(desk)] == [at(), at(MONDAY + DAY)]


def test_a_date_on_which_it_does_not_sound_cannot_be_cancelled(desk):
    programme = add(desk, days=[0])
    with pytest.raises(Invalid, match="không phát vào ngày 24/11/2026"):
        act(desk, programme_dates.cancel_date, programme, MONDAY + DAY, "x")
    with pytest.raises(Invalid, match="lý do"):
        act(desk, programme_dates.cancel_date, programme, MONDAY, " ")


def test_a_pause_takes_off_what_falls_into_it_and_gives_it_back(desk):
    programme = add(desk)
    put_in(desk, desk.approved("Tin"), programme, MONDAY, MONDAY + 3 * DAY)
    assert act(desk, programme_dates.pause, programme, MONDAY + DAY, MONDAY + 2 * DAY, "Nghỉ lễ") == 2
    assert [moment for moment, *_ in plan(desk)] == [at(), at(MONDAY + 3 * DAY)]
    with desk.store.read() as session:
        (rest,) = session.get(Programme, programme).pauses
    act(desk, programme_dates.resume, rest.id)
    assert len(plan(desk)) == 4


# --- parts ---


def parts_of(desk, *extra):
    opening, closing = desk.approved("Lời xướng", 8), desk.approved("Lời kết", 6)
    return [
        PartFrame("words", "Lời xướng", opening),
        *extra,
        PartFrame("queue", "Tin, bài"),
        PartFrame("queue", "Thông báo", longest_s=60, topics=("Thông báo",)),
        PartFrame("words", "Lời kết", closing),
    ]


def test_fixed_parts_stand_in_every_programme_and_the_queue_between_them(desk):
    programme = add(desk, parts=parts_of(desk))
    put_in(desk, desk.approved("Tin"), programme)
    evening = [(section, title) for moment, section, title in plan(desk) if moment == at()]
    assert evening == [(0, "Lời xướng"), (1, "Tin"), (3, "Lời kết")]
    assert len(plan(desk)) == 14 * 2 + 1


def test_a_priority_bulletin_still_comes_after_the_opening_words(room):
    programme = add(room, parts=parts_of(room), starts_at=time(5, 2))
    put_in(room, room.approved("Thường", 10), programme, today(room))
    put_in(room, room.approved("Ưu tiên", 10, "priority"), programme, today(room))
    room.boot()
    room.run_to(at(today(room), 5, 4))
    assert [row.title for row in room.history()] == ["Lời xướng", "Ưu tiên", "Thường", "Lời kết"]


def test_opening_words_around_nothing_are_not_said(room):
    add(room, parts=parts_of(room), starts_at=time(5, 2))
    room.boot()
    room.run_to(at(today(room), 5, 8))
    assert room.heard == []
    assert {(row.result, row.cause) for row in room.history()} == {("cancelled", "empty")}


def test_a_changed_part_replaces_what_it_planned(desk):
    programme = add(desk, parts=parts_of(desk))
    new = desk.approved("Lời xướng mới", 8)
    with desk.store.read() as session:
        frames = list(programmes.frame_of(session.get(Programme, programme)).parts)
    change(desk, programme, parts=[PartFrame("words", "Lời xướng", new), *frames[1:]])
    titles = [title for _, section, title in plan(desk) if section == 0]
    assert titles == ["Lời xướng mới"] * 14
    change(desk, programme, parts=[])
    assert plan(desk) == []


def test_a_bulletin_that_no_part_takes_is_refused_by_name(desk):
    programme = add(desk, parts=[PartFrame("queue", "Thông báo", topics=("Thông báo",))])
    with pytest.raises(Refused, match="không có phần nào nhận"):
        put_in(desk, desk.approved("Tin"), programme)


# --- what fits ---


def test_what_does_not_fit_moves_to_the_next_programme_with_the_reason(desk):
    programme = add(desk, longest_s=60)
    for title in ("Một", "Hai", "Ba"):
        put_in(desk, desk.approved(title, 25), programme)
    with desk.store.write() as session:
        assert fitting.settle(session, desk.clock.now()) == 1
        assert fitting.settle(session, desk.clock.now()) == 0
    assert [(moment, title) for moment, _, title in plan(desk)] == [
        (at(), "Hai"),
        (at(), "Một"),
        (at(MONDAY + DAY), "Ba"),
    ]
    with desk.store.read() as session:
        (moved,) = session.query(Airing).filter(Airing.state == "superseded")
    assert (
        moved.reason
        == "Không đủ thời lượng chương trình, thiếu 19 giây, nên chuyển sang buổi 17:00 24/11/2026."
    )


def test_what_is_longer_than_the_programme_is_dropped_with_the_reason(desk):
    put_in(desk, desk.approved("Dài", 90), add(desk, longest_s=60))
    with desk.store.write() as session:
        fitting.settle(session, desk.clock.now())
    assert plan(desk) == []
    assert desk.history()[-1].reason.startswith("Dài hơn cả chương trình 30 giây")


def test_the_next_programme_with_room_is_found(desk):
    add(desk, longest_s=60, starts_at=time(17))
    add(desk, name="Buổi tối", longest_s=60, starts_at=time(19))
    for number in range(3):
        act(desk, requesting.request_in_queue, desk.approved(f"Tin {number}", 40), by=desk.officer)
    assert [moment for moment, *_ in plan(desk)] == [at(), at(MONDAY, 19), at(MONDAY + DAY)]


def test_in_the_next_three_programmes_means_three_different_ones(desk):
    add(desk)
    number = desk.approved("Tin")
    with desk.store.write() as session:
        requesting.request_in_queue(session, desk.officer, number, desk.clock.now(), 3)
    assert [moment for moment, *_ in plan(desk)] == [at(), at(MONDAY + DAY), at(MONDAY + 2 * DAY)]


def test_where_nothing_has_room_the_officer_is_told(desk):
    add(desk, longest_s=60)
    with pytest.raises(Refused, match="không chương trình nào còn chỗ"):
        act(desk, requesting.request_in_queue, desk.approved("Dài", 90), by=desk.officer)


# --- often ---


def test_some_times_a_day_for_some_days(desk):
    number = desk.approved("Tin")
    with desk.store.write() as session:
        requesting.request_daily(
            session,
            desk.officer,
            number,
            (MONDAY, MONDAY + 2 * DAY),
            [time(18), time(9), time(12)],
            [],
            desk.clock.now(),
            days=[0, 2],
        )
    assert [moment for moment, *_ in plan(desk)] == [
        at(day, hour) for day in (MONDAY, MONDAY + 2 * DAY) for hour in (9, 12, 18)
    ]


def test_a_daily_wish_goes_on_past_the_horizon(desk):
    number = desk.approved("Tin")
    with desk.store.write() as session:
        dates = (MONDAY, MONDAY + 40 * DAY)
        requesting.request_daily(session, desk.officer, number, dates, [time(9)], [], desk.clock.now())
    assert len(plan(desk)) == 14
    desk.clock.step(5 * 86400)
    with desk.store.write() as session:
        assert planning.plan_ahead(session, desk.clock.now()) == 5


def storm(desk, number, most=12, hours=2):
    first = desk.clock.now() + timedelta(minutes=1)
    series = Series(first, timedelta(minutes=30), first + timedelta(hours=hours), most)
    return act(desk, requesting.request_series, number, series, [])


def test_a_storm_bulletin_comes_back_and_ends_by_itself_unless_renewed(desk):
    number = desk.approved("Bão")
    storm(desk, number)
    assert len(plan(desk)) == 5
    with desk.store.write() as session:
        (request,) = session.query(Request)
        until = request.until + timedelta(hours=1)
        wishes.renew_series(session, desk.operator, request.id, until, 12, desk.clock.now())
    assert len(plan(desk)) == 7


def test_a_series_ends_at_its_number_and_is_taken_back_with_a_reason(desk):
    storm(desk, desk.approved("Bão"), most=3)
    assert len(plan(desk)) == 3
    with desk.store.write() as session:
        (request,) = session.query(Request)
        assert wishes.end_request(session, desk.operator, request.id, "Bão tan", desk.clock.now()) == 3
    assert plan(desk) == []


def test_a_series_longer_than_a_day_is_refused(desk):
    with pytest.raises(Invalid, match="24 giờ"):
        storm(desk, desk.approved("Bão"), hours=25)


# --- limits ---


def limit(desk, code, values, **more):
    with desk.store.write() as session:
        session.add(LimitRule(code=code, values=values, created_at=desk.clock.now(), **more))


def test_a_limit_is_refused_with_its_source(desk):
    limit(desk, "sessions", {"most": 1}, source="Quy chế của phường")
    act(desk, requesting.request_at, desk.approved("Một"), at(MONDAY, 9), [])
    with pytest.raises(Refused, match=r"2 buổi phát; quy định tối đa 1 buổi mỗi ngày \(theo Quy chế"):
        act(desk, requesting.request_at, desk.approved("Hai"), at(MONDAY, 12), [])


def test_who_may_break_a_limit_gives_a_reason_that_the_request_keeps(desk):
    limit(desk, "days", {"days": [5, 6]}, overridden_by="operator")
    number = desk.approved("Tin")
    with pytest.raises(Refused, match="Người có vai trò Vận hành"):
        act(desk, requesting.request_at, number, at(MONDAY, 9), [], by=desk.officer)
    with pytest.raises(Refused, match="hãy ghi lý do vượt giới hạn"):
        act(desk, requesting.request_at, number, at(MONDAY, 9), [])
    with desk.store.write() as session:
        airing = requesting.request_at(
            session, desk.operator, number, at(MONDAY, 9), [], desk.clock.now(), override="Bầu cử"
        )
        (broken,) = airing.request.overrides
    assert (broken["reason"], broken["by"]) == ("Bầu cử", desk.operator.name)


def test_a_limit_that_only_warns_is_no_obstacle(desk):
    limit(desk, "days", {"days": [5, 6]}, forbids=False)
    act(desk, requesting.request_at, desk.approved("Tin"), at(MONDAY, 9), [])


def test_times_of_one_wish_count_together(desk):
    limit(desk, "sessions", {"most": 2})
    number = desk.approved("Tin")
    with desk.store.write() as session, pytest.raises(Refused, match="3 buổi phát"):
        times = [time(9), time(12), time(18)]
        requesting.request_daily(session, desk.officer, number, (MONDAY, MONDAY), times, [], desk.clock.now())


# --- signed ---


def seen(desk, programme_id):
    with desk.store.read() as session:
        words = schedule_signing.definition(session.get(Programme, programme_id))
        return schedule_signing.digest(words)


def require_signatures(desk):
    with desk.store.write() as session:
        facts.put(session, facts.SIGNED_SCHEDULE, True)


def test_an_unsigned_programme_does_not_sound_where_the_station_asks_for_a_signature(room):
    require_signatures(room)
    programme = add(room, starts_at=time(5, 2))
    put_in(room, room.approved("Tin"), programme, today(room))
    room.boot()
    room.run_to(at(today(room), 5, 8))
    assert [(row.result, row.cause) for row in room.history()] == [("missed", "programme_unsigned")]


def test_a_signed_programme_sounds_and_an_edit_asks_for_a_new_signature(room):
    require_signatures(room)
    programme = add(room, starts_at=time(5, 2))
    put_in(room, room.approved("Tin"), programme, today(room))
    act(room, schedule_signing.sign, programme, seen(room, programme), by=room.approver)
    room.boot()
    room.run_to(at(today(room), 5, 4))
    assert [row.result for row in room.history()] == ["played"]
    change(room, programme, longest_s=900)
    with room.store.read() as session:
        assert [each.id for each in schedule_signing.unsigned(session)] == [programme]


def test_nobody_signs_their_own_change_or_one_they_have_not_seen(desk):
    programme = add(desk)
    before = seen(desk, programme)
    with pytest.raises(Refused, match="vừa được sửa"):
        act(desk, schedule_signing.sign, programme, "0" * 64, by=desk.approver)
    both = desk.person("hai-vai", *desk.operator.roles, *desk.approver.roles)
    frame = Frame(name="Buổi chiều", days=WHOLE_WEEK, starts_at=time(17, 10))
    with desk.store.write() as session:
        programmes.edit(session, both, programme, frame, desk.clock.now())
    with pytest.raises(Refused, match="không thể tự ký"):
        act(desk, schedule_signing.sign, programme, seen(desk, programme), by=both)
    assert before != seen(desk, programme)


# --- the station's own days ---


def declare(desk, first, last, kind, name="Quốc tang"):
    return act(desk, station_days.add, first, last, name, kind)


def music(desk, title="Bài hát"):
    number = desk.approved(title)
    with desk.store.write() as session:
        session.get(Bulletin, number).is_music = True
    return number


def test_on_a_day_of_mourning_music_leaves_the_plan_and_news_stays(desk):
    programme = add(desk)
    put_in(desk, music(desk), programme, MONDAY, MONDAY + DAY)
    put_in(desk, desk.approved("Tin"), programme, MONDAY, MONDAY + DAY)
    declare(desk, MONDAY, MONDAY, OwnKind.ONLY_NEWS)
    assert [(moment, title) for moment, _, title in plan(desk)] == [
        (at(), "Tin"),
        (at(MONDAY + DAY), "Bài hát"),
        (at(MONDAY + DAY), "Tin"),
    ]
    assert desk.history()[-1].reason == "Quốc tang: chỉ phát tin, không phát nhạc."


def test_in_an_examination_week_only_priority_bulletins_are_taken(desk):
    declare(desk, MONDAY, MONDAY + 3 * DAY, OwnKind.QUIET, "Thi tốt nghiệp")
    with pytest.raises(Refused, match="Ngày 23/11/2026 là Thi tốt nghiệp"):
        act(desk, requesting.request_at, desk.approved("Tin"), at(), [])
    act(desk, requesting.request_at, desk.approved("Gấp", 10, "priority"), at(), [])


def test_the_calendar_knows_public_holidays_and_own_days(desk):
    declare(desk, date(2026, 8, 22), date(2026, 8, 22), OwnKind.WORKING, "Làm bù")
    with desk.store.read() as session:
        days = station_days.calendar(session, date(2026, 8, 22), date(2026, 9, 2))
    assert days[0].is_working and days[-1].public
    assert [each.name for each in days[0].own] == ["Làm bù"]


# --- just before air ---


def check(desk):
    chores = []
    Readiness(desk.store, desk.clock, chores.append).look()
    for chore in chores:
        with desk.store.write() as session:
            chore(session, desk.clock.now())
    with desk.store.read() as session:
        return [(row.minutes_before, row.title, row.problems) for row in newest(session, desk.clock.now())]


def test_what_is_missing_is_told_a_quarter_of_an_hour_and_two_minutes_before(room):
    number = room.approved("Tin")
    put_in(room, number, add(room, starts_at=time(5, 20)), today(room))
    act(room, requesting.request_at, room.draft("Nháp"), at(today(room), 5, 20), [])
    assert check(room) == []
    room.run(6 * 60, step_s=5)
    found = {title: (minutes, problems) for minutes, title, problems in check(room)}
    assert found["Buổi chiều"] == (15, [])
    assert found["Nháp"] == (15, ["“Nháp” chưa được duyệt nên sẽ không phát."])
    with room.store.read() as session:
        clip = approval.valid_approval(session, number, today(room)).clip_sha256
    clips.path_of(room.store.folder, clip).unlink()
    room.run(12.5 * 60, step_s=5)
    found = {title: (minutes, problems) for minutes, title, problems in check(room)}
    assert found["Buổi chiều"][0] == 2
    assert found["Buổi chiều"][1] == ["Bản thu của “Tin” bị mất hoặc đã thay đổi; hãy thu lại và duyệt lại."]


# --- by hand ---


def play_next(room, number, delay_s=10.0):
    with room.store.write() as session:
        now = room.clock.now()
        return requesting.request_next(session, room.operator, number, [], now, delay_s).id


@pytest.mark.parametrize("after_s", [2, 8])
def test_what_was_started_by_hand_can_be_taken_back_during_its_delay(room, after_s):
    airing = play_next(room, room.approved("Tin"))
    room.run(after_s)
    act(room, running_order.take_back, airing)
    room.run(10)
    assert room.heard == []
    assert room.history()[-1].seconds_heard == 0


def test_what_sounds_already_is_not_taken_back(room):
    airing = play_next(room, room.approved("Tin", 30))
    room.run(12)
    with pytest.raises(Refused, match="đã lên sóng"):
        act(room, running_order.take_back, airing)


def test_a_broken_limit_stands_in_the_history(room):
    limit(room, "days", {"days": [5, 6]}, overridden_by="operator")
    number = room.approved("Tin")
    with room.store.write() as session:
        now = room.clock.now()
        requesting.request_next(session, room.operator, number, [], now, override="Tìm trẻ lạc")
    room.run(20)
    (row,) = room.history()
    assert row.result == "played"
    assert [broken["reason"] for broken in row.details["overrides"]] == ["Tìm trẻ lạc"]
