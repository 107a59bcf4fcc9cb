"""However few or old the airings of a word are, the newest of them come first and none is left out."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.records import history, search
from broadcaster.records.history import HistoryFilter
from broadcaster.store.models import History
from tests.broadcaster.moments import NOW, TODAY, later

SPOKEN = ("tiêm chủng", "cắt điện", "họp tổ dân phố", "tiêm phòng dại", "vệ sinh môi trường")
TOPICS = ("y tế", "thông báo", "")
WANTED = [
    HistoryFilter(words="tiem"),
    HistoryFilter(words='"tiêm chủng"'),
    HistoryFilter(words="to dan", topic="y tế"),
    HistoryFilter(words="xưa"),
    HistoryFilter(words="xua", first_date=TODAY - timedelta(days=300)),
    HistoryFilter(words="cat", results=frozenset({"missed"})),
    HistoryFilter(words="cat", last_date=TODAY - timedelta(days=100)),
    HistoryFilter(words="cắt", kind="emergency"),
    HistoryFilter(words="không có"),
]


@pytest.fixture
def told(add_row):
    """A year of airings, several at the same moment; some words were said in its first month only."""
    chance = random.Random(4)
    for days in chance.choices(range(365), k=120):
        spoken = chance.choice(SPOKEN) + (" xưa" if days > 330 else "")
        result = "missed" if chance.random() < 0.1 else "played"
        add_row(later(days=-days), title="Tin", spoken=spoken, topic=chance.choice(TOPICS), result=result)


def by_hand(session, filters: HistoryFilter) -> list[int]:
    """Return all that the filters leave, judged by the condition that exports use."""
    conditions = [*history._conditions(session, filters), search.said(session, filters.words)]
    query = select(History.id).where(*conditions)
    return list(session.scalars(query.order_by(History.planned_at.desc(), History.id.desc())))


def page_by_page(session, filters: HistoryFilter, limit: int) -> list[int]:
    """Every page is full but the last."""
    found, before, is_more = [], None, True
    while is_more:
        rows = history.find(session, filters, before, limit)
        found += [row.id for row in rows]
        is_more = len(rows) == limit
        before = history.key(rows[-1]) if rows else None
    return found


def test_pages_hold_every_row_once_and_newest_first(session, told, monkeypatch):
    for filters in WANTED:
        expected = by_hand(session, filters)
        for looked_at, limit in ((1, 3), (1, 50), (20, 3), (2000, 50)):
            monkeypatch.setattr(search, "LOOK_AT", looked_at)
            assert page_by_page(session, filters, limit) == expected


def test_airings_of_one_moment_are_all_found(session, add_row, monkeypatch):
    monkeypatch.setattr(search, "LOOK_AT", 1)
    for number in range(30):
        add_row(NOW, spoken=f"lời thứ {number}")
    assert page_by_page(session, HistoryFilter(words="lời"), 4) == list(range(30, 0, -1))
