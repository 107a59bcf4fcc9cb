"""Done, owed and late are counted from rows of the history that were heard, and from nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from broadcaster.records import history, plan_progress
from broadcaster.records.plan_counting import Heard
from broadcaster.records.plan_progress import Standing
from broadcaster.store.models import Plan, PlanQuota, PlanTopic
from tests.broadcaster.moments import NOW, TODAY

CCHC = "Cải cách hành chính"


def at(month: int, day: int, hour: int = 10) -> datetime:
    """A moment in 2026 by UTC; ten o'clock there is 17:00 at the station."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture
def add_plan(session, add_row):
    """`add_plan(("Cải cách hành chính", 1, "items", "month"))` puts a plan for 2026 in force."""

    def add(
        *topics, first: date = date(2026, 1, 1), last: date = date(2026, 12, 31), state="in_force", **more
    ):
        plan = Plan(
            number="02/KH-UBND", about="Tuyên truyền", first_date=first, last_date=last, state=state,
            created_by=1, created_at=NOW, **more,
        )  # fmt: skip
        session.add(plan)
        session.flush()
        for place, (name, amount, unit, per) in enumerate(topics):
            topic = PlanTopic(plan_id=plan.id, place=place, name=name, topics=[name])
            topic.quotas.append(quota(first, amount, unit, per))
            session.add(topic)
        session.flush()
        session.refresh(plan)
        return plan

    return add


def quota(first: date, amount: int, unit: str = "items", per: str = "month") -> PlanQuota:
    return PlanQuota(from_date=first, amount=amount, unit=unit, per=per, created_by=1, created_at=NOW)


@pytest.fixture
def monthly(add_plan):
    return add_plan((CCHC, 1, "items", "month"))


def topic_of(session, plan: Plan, today: date = TODAY):
    return plan_progress.of(session, plan.id, today).topics[0]


def behind(session, trace):
    return history.find(session, history.HistoryFilter(trace=trace))


def test_done_owed_and_late_of_a_year(session, monthly, add_row):
    for month in (1, 3, 4, 6, 7, 8, 9, 10):
        add_row(at(month, 12), topic=CCHC, bulletin_id=month)
    topic = topic_of(session, monthly)
    assert [each.standing for each in topic.periods][9:] == [Standing.MET, Standing.OWED, Standing.COMING]
    assert (topic.done, topic.quota, topic.percent) == (8, 12, 66)
    assert topic.owed == 1
    assert topic.late_words == "thiếu tin tháng 2, tháng 5"


@pytest.mark.parametrize(
    "changes",
    [
        {"result": "cut"},
        {"result": "missed"},
        {"on_loudspeaker": False},
        {"topic": "Y tế"},
        {"details": {"drill": True}},
    ],
    ids=str,
)
def test_what_nobody_heard_to_the_end_on_a_loudspeaker_does_not_count(session, monthly, add_row, changes):
    add_row(at(11, 2), **{"topic": CCHC, **changes})
    assert topic_of(session, monthly).done == 0


def test_a_topic_is_the_same_without_diacritics_and_case(session, monthly, add_row):
    add_row(at(11, 2), topic="CẢI CÁCH  hành chính", bulletin_id=7)
    add_row(at(11, 3), topic="cai cach hanh chinh", bulletin_id=8)
    topic = topic_of(session, monthly)
    assert topic.done == 2
    assert topic.heard_as == ("CẢI CÁCH  hành chính", "cai cach hanh chinh")


def test_one_bulletin_aired_again_is_one_item_in_a_month_and_one_in_the_next(session, monthly, add_row):
    for moment in (at(9, 2), at(9, 3), at(9, 30), at(10, 1)):
        add_row(moment, topic=CCHC, bulletin_id=5)
    september, october = topic_of(session, monthly).periods[8:10]
    assert [(each.done, each.airings) for each in (september, october)] == [(1, 3), (1, 1)]


def test_months_end_at_midnight_of_the_station(session, monthly, add_row):
    add_row(at(9, 30, hour=16), topic=CCHC, bulletin_id=1)  # 23:00 on the 30th
    add_row(at(9, 30, hour=17), topic=CCHC, bulletin_id=2)  # 00:00 on the 1st
    assert [each.done for each in topic_of(session, monthly).periods[8:10]] == [1, 1]


def test_a_corrected_topic_counts_as_corrected(session, monthly, add_row):
    row = add_row(at(11, 2), topic="Y tế")
    assert topic_of(session, monthly).owed == 1
    _correct(session, row, topic=CCHC)
    assert topic_of(session, monthly).owed == 0
    other = add_row(at(10, 2), topic=CCHC)
    _correct(session, other, topic="Y tế")
    assert [each.period.name for each in topic_of(session, monthly).late][-1] == "tháng 10"


def _correct(session, row, **changes):
    from broadcaster.records import chain
    from broadcaster.store.models import History

    own = {"id", "corrects_id", "previous_hash", "row_hash"}
    values = {c.key: getattr(row, c.key) for c in History.__table__.columns if c.key not in own}
    chain.link(session, History(**{**values, **changes, "corrects_id": row.id}))


def test_airings_and_minutes_are_counted_too(session, add_plan, add_row):
    plan = add_plan((CCHC, 3, "airings", "month"), ("Y tế", 2, "minutes", "month"))
    for day in (2, 3):
        add_row(at(11, day), topic=CCHC, bulletin_id=1)
        add_row(at(11, day), topic="Y tế", seconds_heard=89.0)
    airings, minutes = plan_progress.of(session, plan.id, TODAY).topics
    assert (airings.current.done, airings.owed) == (2, 1)
    assert (minutes.current.done, minutes.owed) == (2, 0)


def test_a_change_of_quota_leaves_past_months_as_they_were(session, monthly, add_row):
    add_row(at(10, 2), topic=CCHC)
    monthly.topics[0].quotas.append(quota(date(2026, 11, 1), 4))
    session.flush()
    topic = topic_of(session, monthly)
    assert [each.period.quota for each in topic.periods] == [1] * 10 + [4] * 2
    assert topic.periods[9].standing is Standing.MET
    assert topic.owed == 4
    assert topic.demand.words == "ít nhất 4 tin, bài mỗi tháng"


def test_a_plan_of_next_year_owes_nothing_yet(session, add_plan):
    plan = add_plan((CCHC, 1, "items", "month"), first=date(2027, 1, 1), last=date(2027, 12, 31))
    topic = topic_of(session, plan)
    assert (topic.owed, topic.late, topic.current) == (0, (), None)
    assert plan_progress.in_force_on(session, TODAY) == []


def test_a_closed_plan_owes_nothing_more_but_keeps_what_was_late(session, add_plan):
    plan = add_plan((CCHC, 1, "items", "month"), state="closed", closed_on=date(2026, 3, 10))
    topic = topic_of(session, plan)
    assert [each.standing for each in topic.periods] == [Standing.LATE, Standing.LATE, Standing.FREE]
    assert topic.owed == 0


def test_what_was_heard_after_a_plan_was_closed_counts_neither_here_nor_behind(session, add_plan, add_row):
    plan = add_plan((CCHC, 3, "airings", "month"), state="closed", closed_on=date(2026, 3, 10))
    add_row(at(3, 10), topic=CCHC)
    add_row(at(3, 11), topic=CCHC)
    topic = topic_of(session, plan)
    assert topic.done == len(behind(session, topic.trace())) == 1


def test_no_minute_is_lost_to_fractions_that_add_up():
    assert Heard(seconds=sum([0.1] * 1800)).counted("minutes") == 3


def test_overlapping_plans_each_count_the_same_bulletin(session, add_plan, add_row):
    add_plan((CCHC, 1, "items", "month"))
    add_plan((CCHC, 2, "items", "quarter"), first=date(2026, 10, 1))
    add_row(at(11, 2), topic=CCHC)
    assert [plan.topics[0].done for plan in plan_progress.in_force_on(session, TODAY)] == [1, 1]


def test_a_report_of_some_months_sees_only_their_periods(session, monthly, add_plan, add_row):
    add_plan((CCHC, 1, "items", "month"), state="draft")
    for month in (2, 4, 5):
        add_row(at(month, 2), topic=CCHC, bulletin_id=month)
    (plan,) = plan_progress.between(session, date(2026, 4, 1), date(2026, 6, 30), TODAY)
    (topic,) = plan.topics
    assert (plan.name, topic.done, topic.quota, topic.percent) == ("Kế hoạch 02/KH-UBND", 2, 3, 66)
    assert topic.late_words == "thiếu tin tháng 6"


@pytest.fixture
def three_paces(add_plan, add_row):
    """A monthly topic, a quarterly one and a yearly one, each heard once in October and once in November."""
    plan = add_plan(
        ("Tháng", 1, "items", "month"), ("Quý", 3, "items", "quarter"), ("Năm", 3, "items", "year")
    )
    for place, topic in enumerate(plan.topics):
        for month in (10, 11):
            add_row(at(month, 5), topic=topic.name, bulletin_id=10 * place + month)
    return plan


@pytest.mark.parametrize(
    ("first", "last", "judged", "going_on", "percent"),
    [
        ((2026, 10, 1), (2026, 10, 31), [(1, 1), (0, 0), (0, 0)], [None, (1, 3), (1, 3)], 100),
        ((2026, 11, 1), (2026, 11, 30), [(1, 1), (0, 0), (0, 0)], [None, (2, 3), (2, 3)], 100),
        ((2026, 12, 1), (2026, 12, 31), [(0, 1), (2, 3), (2, 3)], [None, None, None], 44),
        ((2026, 10, 1), (2026, 12, 31), [(2, 3), (2, 3), (2, 3)], [None, None, None], 66),
        ((2026, 7, 1), (2026, 9, 30), [(0, 3), (0, 3), (0, 0)], [None, None, (0, 3)], 0),
        ((2026, 1, 1), (2026, 12, 31), [(2, 12), (2, 12), (2, 3)], [None, None, None], 32),
    ],
)
def test_a_report_judges_only_periods_that_end_in_it(
    session, three_paces, first, last, judged, going_on, percent
):
    (plan,) = plan_progress.between(session, date(*first), date(*last), date(2027, 1, 4))
    assert [(each.done, each.quota) for each in plan.topics] == judged
    told = [
        (each.going_on.done, each.going_on.period.quota) if each.going_on else None for each in plan.topics
    ]
    assert told == going_on
    assert plan.percent == percent


def test_while_a_report_runs_it_judges_what_has_begun_and_ends_in_it(session, three_paces):
    (year,) = plan_progress.between(session, date(2026, 1, 1), date(2026, 12, 31), TODAY)
    assert [each.quota for each in year.topics] == [11, 12, 3]
    (month,) = plan_progress.between(session, date(2026, 11, 1), date(2026, 11, 30), TODAY)
    assert [each.quota for each in month.topics] == [1, 0, 0]
    assert [each.owed for each in month.topics] == [0, 0, 0]


def test_a_week_over_the_end_of_a_month_is_judged_by_the_next(session, add_plan, add_row):
    add_plan((CCHC, 1, "items", "week"))
    add_row(at(9, 29), topic=CCHC, bulletin_id=1)
    for month, weeks, done in ((9, 4, 0), (10, 4, 1)):
        first, last = date(2026, month, 1), date(2026, month, {9: 30, 10: 31}[month])
        (plan,) = plan_progress.between(session, first, last, TODAY)
        assert (plan.topics[0].quota, plan.topics[0].done) == (weeks, done)


def test_what_goes_on_after_a_report_opens_as_many_rows_as_it_says(session, add_plan, add_row):
    add_plan((CCHC, 2, "items", "half_year"))
    for month in (2, 5):
        add_row(at(month, 2), topic=CCHC, bulletin_id=month)
    (plan,) = plan_progress.between(session, date(2026, 3, 1), date(2026, 3, 31), TODAY)
    (topic,) = plan.topics
    assert (topic.quota, topic.late, topic.going_on.done) == (0, (), 1)
    assert len(behind(session, topic.trace(topic.going_on.period))) == 1


def test_nothing_goes_on_in_a_plan_that_was_closed(session, add_plan):
    add_plan((CCHC, 2, "items", "year"), state="closed", closed_on=date(2026, 3, 10))
    went_on = [
        plan_progress.between(session, date(2026, month, 1), date(2026, month, 28), TODAY)[0]
        .topics[0]
        .going_on
        for month in (2, 3)
    ]
    assert [each is None for each in went_on] == [False, True]


def test_the_rows_behind_a_figure_are_as_many_as_it_says(session, monthly, add_row):
    add_row(at(9, 2), topic=CCHC)
    add_row(at(9, 3), topic="cai cach hanh chinh")
    add_row(at(9, 4), topic=CCHC, on_loudspeaker=False)
    add_row(at(10, 4), topic=CCHC)
    topic = topic_of(session, monthly)
    september = topic.periods[8]
    assert len(behind(session, topic.trace(september.period))) == september.airings == 2


def test_a_plan_that_is_not_there_is_named(session):
    with pytest.raises(plan_progress.NotFound, match="số 9"):
        plan_progress.of(session, 9, TODAY)
