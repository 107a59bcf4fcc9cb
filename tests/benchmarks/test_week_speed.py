"""The week page with three hundred airings: from the request to the last byte of the page."""

from __future__ import annotations

import statistics
import time as stopwatch
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from broadcaster.accounts import sessions
from broadcaster.playout import programmes, requesting
from broadcaster.playout.programmes import Frame
from broadcaster.settings import Settings
from broadcaster.store import Store
from broadcaster.store.migrate import migrate
from broadcaster.store.models import LimitRule
from schedules.clock import LOCAL
from tests.clocks import FakeClock
from tests.desk import Desk
from web import create_app, listening

MONDAY = date(2026, 11, 23)
TITLES, STARTS = 15, (time(5, 30), time(11), time(17))
"""15 bulletins in 3 programmes, on each of 7 days: 315 airings."""


@pytest.mark.benchmark
def test_a_week_of_three_hundred_airings(tmp_path: Path) -> None:
    store = Store(tmp_path)
    migrate(store)
    desk = Desk(store, FakeClock(datetime(2026, 11, 23, 4, 0, tzinfo=LOCAL)))
    desk.furnish()
    _fill(desk)
    app = create_app(Settings(folder=tmp_path), store, desk.clock)
    client = app.test_client()
    with store.write() as rows:
        token = sessions.begin(rows, desk.operator.id, desk.clock.now())
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    seconds, cpu = [], []
    for _ in range(12):
        asked.clear()
        start, busy = stopwatch.perf_counter(), stopwatch.process_time()
        page = client.get("/lich-phat").text
        seconds.append(stopwatch.perf_counter() - start)
        cpu.append(stopwatch.process_time() - busy)
    shown = page.count('class="air')
    middle, worst = statistics.median(seconds[1:]), max(seconds[1:])
    print(
        f"\n{shown} airings, {len(asked)} queries, {len(page) // 1024} KiB: "
        f"first {seconds[0] * 1000:.0f} ms, median {middle * 1000:.0f} ms, worst {worst * 1000:.0f} ms, "
        f"of which computing {statistics.median(cpu[1:]) * 1000:.0f} ms"
    )
    listening.close(app)
    store.close()
    assert shown >= 300


def _fill(desk: Desk) -> None:
    numbers = [desk.approved(f"Bản tin số {number} của phường", 5) for number in range(TITLES)]
    with desk.store.write() as session:
        now = desk.clock.now()
        session.add(LimitRule(code="minutes", values={"minutes": 120}, created_at=now))
        for start in STARTS:
            frame = Frame(f"Buổi {start:%H:%M}", range(7), start, longest_s=1800)
            programme = programmes.add(session, desk.operator, frame, now)
            for number in numbers:
                requesting.request_in_programme(
                    session, desk.operator, number, programme.id, MONDAY, MONDAY + timedelta(days=6), now
                )
