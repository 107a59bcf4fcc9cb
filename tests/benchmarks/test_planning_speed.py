"""Planning fourteen days for fifty programmes and two thousand wishes, from nothing and once more."""

from __future__ import annotations

import time as stopwatch
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from broadcaster.playout import planning, programmes
from broadcaster.playout.programmes import Frame
from broadcaster.store import Store, facts
from broadcaster.store.migrate import migrate
from broadcaster.store.models import Airing, Programme, Request
from schedules.clock import LOCAL
from tests.clocks import FakeClock
from tests.desk import Desk

MONDAY = date(2026, 11, 23)
PROGRAMMES, WISHES = 50, 2000


@pytest.mark.benchmark
def test_fourteen_days_for_fifty_programmes_and_two_thousand_wishes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    migrate(store)
    desk = Desk(store, FakeClock(datetime(2026, 11, 23, 3, 0, tzinfo=LOCAL)))
    desk.furnish()
    _wish(desk)
    now = desk.clock.now()
    seconds = [_plan(store, now + timedelta(days=day)) for day in (0, 0, 1)]
    with store.read() as session:
        airings = session.scalar(select(func.count()).select_from(Airing))
    first, again, next_day = seconds
    print(f"\n{airings} airings: first {first:.3f} s, again {again:.4f} s, one day later {next_day:.3f} s")
    store.close()


def _plan(store: Store, now: datetime) -> float:
    start = stopwatch.perf_counter()
    with store.write() as session:
        planning.plan_ahead(session, now)
    return stopwatch.perf_counter() - start


def _wish(desk: Desk) -> None:
    """Fifty programmes, each on some days; every wish is for one date of one programme."""
    numbers = [desk.approved(f"Tin {number}", 5) for number in range(100)]
    with desk.store.write() as session:
        now = desk.clock.now()
        for number in range(PROGRAMMES):
            at = time(5 + number % 16, number % 60)
            frame = Frame(f"Chương trình {number}", range(7), at, longest_s=600)
            programmes.add(session, desk.operator, frame, now)
        session.flush()
        rows = session.scalars(select(Programme)).all()
        for number in range(WISHES):
            programme, day = rows[number % PROGRAMMES], MONDAY + timedelta(days=number // PROGRAMMES % 14)
            session.add(
                Request(
                    bulletin_id=numbers[number % 100],
                    way="programme",
                    programme=programme,
                    zones=list(programme.zones),
                    first_date=day,
                    last_date=day,
                    late_window_s=300,
                    created_by=desk.officer.id,
                    created_at=now,
                )
            )
        facts.put(session, planning.PLANNED_UNTIL, now.isoformat())
