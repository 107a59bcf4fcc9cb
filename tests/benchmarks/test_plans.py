"""How long a plan of seven topics and twelve months takes to count from a million rows of history."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import pytest
from sqlalchemy.orm import Session

from broadcaster.records import plan_progress
from broadcaster.store import Store
from broadcaster.store.models import Plan, PlanQuota, PlanTopic
from tests.benchmarks.decade import TOPICS, folder_of_a_decade
from tests.broadcaster.moments import NOW

pytestmark = pytest.mark.benchmark

YEAR = date(2025, 1, 1), date(2025, 12, 31)
TODAY = date(2025, 11, 20)
TIMES = 15
LONGEST_ONE_S, LONGEST_ALL_S = 0.1, 0.5
"""Of processor time. One topic is the usual plan; every airing of the ward counted is the worst there is."""


class _Undo(Exception):
    pass


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """Plans for the length of this test only: the million rows serve others too."""
    store = Store(folder_of_a_decade())
    with suppress(_Undo), store.write() as opened:
        yield opened
        raise _Undo
    store.close()


def plan(session: Session, topics: tuple[str, ...]) -> int:
    made = Plan(
        number="02/KH-UBND", about="Đo", first_date=YEAR[0], last_date=YEAR[1], state="in_force",
        created_by=1, created_at=NOW,
    )  # fmt: skip
    session.add(made)
    session.flush()
    for place, name in enumerate(topics):
        quota = PlanQuota(
            from_date=YEAR[0], amount=1, unit="items", per="month", created_by=1, created_at=NOW
        )
        session.add(PlanTopic(plan_id=made.id, place=place, name=name, topics=[name], quotas=[quota]))
    session.flush()
    return made.id


@pytest.mark.parametrize(
    ("topics", "limit_s"), [(TOPICS[:1], LONGEST_ONE_S), (TOPICS, LONGEST_ALL_S)], ids=["one", "all"]
)
def test_a_year_plan_is_counted(session, topics, limit_s):
    number = plan(session, topics)
    took, found = [], None
    for _ in range(TIMES):
        start = time.process_time()
        found = plan_progress.of(session, number, TODAY)
        took.append(time.process_time() - start)
    airings = sum(each.airings for topic in found.topics for each in topic.periods)
    print(f"{len(topics)} topics, {airings} rows: median {statistics.median(took) * 1000:.0f} ms")
    assert airings > 10_000
    assert statistics.median(took) < limit_s
