"""Some days before a month ends people are told once what it still lacks, and never at night."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from broadcaster.newsroom import plans
from broadcaster.newsroom.plan_frames import PlanFrame, TopicFrame
from broadcaster.playout import notify, plan_reminders, requesting
from broadcaster.store import facts
from broadcaster.store.models import Bulletin, Sending
from schedules.clock import LOCAL
from tests.clocks import FakeClock
from tests.desk import Desk

CCHC = "Cải cách hành chính"
NIGHT = datetime(2026, 11, 24, 1, 30, tzinfo=LOCAL)


@pytest.fixture
def desk(store):
    made = Desk(store, FakeClock(NIGHT))
    made.furnish()
    with store.write() as session:
        facts.put(session, facts.EMAIL, {"is_on": True})
        frame = PlanFrame(
            "CCHC", date(2026, 1, 1), date(2026, 12, 31), "02/KH-UBND", topics=(TopicFrame(CCHC),)
        )
        plan = plans.write(session, made.officer, frame, NIGHT)
        plans.put_in_force(session, made.officer, plan.id, NIGHT)
    return made


def told(desk) -> list[str]:
    with desk.store.read() as session:
        return [notice.text for notice in notify.latest(session) if notice.kind == "plan"]


def test_what_is_owed_is_told_once_a_period_and_by_day(desk):
    for night in range(3):
        plan_reminders.remind(desk.store, NIGHT + timedelta(days=night))
    assert told(desk) == [f"Kế hoạch 02/KH-UBND: {CCHC} còn thiếu 1 tin, bài của tháng 11, hạn 30/11."]
    with desk.store.read() as session:
        (sending,) = session.query(Sending).all()
        assert sending.try_at == NIGHT.replace(hour=7, minute=30)
        assert sending.text.startswith("07:30 Kế hoạch 02/KH-UBND")
    plan_reminders.remind(desk.store, NIGHT + timedelta(days=31))
    assert len(told(desk)) == 2


def test_a_month_that_has_just_begun_reminds_nobody(desk):
    assert "Không có" in plan_reminders.remind(desk.store, NIGHT - timedelta(days=10))
    assert told(desk) == []


def test_what_is_signed_and_placed_needs_no_reminder(desk):
    number = _about(desk, desk.approved("Một cửa"))
    with desk.store.write() as session:
        requesting.request_at(session, desk.operator, number, NIGHT + timedelta(days=1), (), NIGHT)
    plan_reminders.remind(desk.store, NIGHT)
    assert told(desk) == []


def test_a_draft_does_not_pay_but_is_named(desk):
    _about(desk, desk.draft("Một cửa"))
    plan_reminders.remind(desk.store, NIGHT)
    assert "đang có 1 bản tin chuẩn bị" in told(desk)[0]


def _about(desk, number: int) -> int:
    with desk.store.write() as session:
        session.get_one(Bulletin, number).topic = CCHC
    return number
