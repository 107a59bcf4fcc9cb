"""Ten years of a busy ward, a million rows: what an inspector waits for. Made once, see `decade`."""

from __future__ import annotations

import statistics
import time as stopwatch
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from broadcaster.records import chain, history
from broadcaster.records.history import HistoryEntry, HistoryFilter
from broadcaster.store import Store, facts
from broadcaster.store.models import Airing, History
from tests.benchmarks.decade import FIRST, ROWS, STEP, TOPICS, folder_of_a_decade
from tests.broadcaster.records.conftest import ENTRY

PAGE_S, VERIFY_S, INSERT_S = 0.050, 30.0, 0.005
TIMES = 15
HEAD = "chain_head:history"
MIDDLE = (FIRST + ROWS // 2 * STEP, ROWS // 2)
YEAR = {"first_date": date(2021, 1, 1), "last_date": date(2021, 12, 31)}
WEEK = {"first_date": date(2021, 3, 1), "last_date": date(2021, 3, 7)}
SEARCHES: dict[str, HistoryFilter] = {
    "newest": HistoryFilter(),
    "common word": HistoryFilter(words="phuong"),
    "prefix": HistoryFilter(words="tuy"),
    "three words": HistoryFilter(words="đường dây nóng"),
    "phrase": HistoryFilter(words='"cai cach"'),
    "rare phrase": HistoryFilter(words='"chiến dịch hè"'),
    "phrase of years ago": HistoryFilter(words='"khai bao dich"'),
    "word of years ago, topic": HistoryFilter(words="dịch tễ", topic=TOPICS[2]),
    "nothing": HistoryFilter(words="xyzzy"),
    "no such phrase of common words": HistoryFilter(words='"phường đường nước sạch"'),
    "a topic": HistoryFilter(topic=TOPICS[1]),
    "rare result": HistoryFilter(results=frozenset({"failed"})),
    "phrase, topic, year": HistoryFilter(words='"cải cách"', topic=TOPICS[0], **YEAR),
    "common word, week": HistoryFilter(words="phường", **WEEK),
    "rare phrase, week": HistoryFilter(words='"chiến dịch hè"', **WEEK),
    "rare phrase, year": HistoryFilter(words='"chiến dịch hè"', **YEAR),
    "phrase of another topic": HistoryFilter(words='"một cửa liên thông"', topic=TOPICS[1]),
    "phrase of another topic, year": HistoryFilter(words='"một cửa liên thông"', topic=TOPICS[1], **YEAR),
    "phrase, rare result, programme": HistoryFilter(
        words='"một cửa"', results=frozenset({"failed"}), programme="Bản tin sáng"
    ),
    "word, kind, week": HistoryFilter(words="số", kind="emergency", **WEEK),
    "kind that never was": HistoryFilter(kind="emergency"),
    "word, kind that never was": HistoryFilter(words="phường", kind="emergency"),
    "word, result that never was": HistoryFilter(words="phường", results=frozenset({"cancelled"})),
}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = Store(folder_of_a_decade())
    yield opened
    opened.close()


def timed(work: Callable[[], object]) -> float:
    start = stopwatch.perf_counter()
    work()
    return stopwatch.perf_counter() - start


def first_and_median(work: Callable[[], object]) -> tuple[float, float]:
    return timed(work), statistics.median(timed(work) for _ in range(TIMES))


def search_slow(session: Session, limit_s: float) -> list[str]:
    """Print how long each search takes, its newest page and one from the middle; return what is too slow."""
    slow = []
    for name, filters in SEARCHES.items():
        for place, before in (("newest", None), ("middle", MIDDLE)):
            found: list[int] = []
            first, median = first_and_median(
                lambda filters=filters, before=before, found=found: found.append(
                    len(history.find(session, filters, before))
                )
            )
            print(f"{name:32} {place:7} {found[0]:3} rows  {median * 1e3:8.2f} ms (first {first * 1e3:.1f})")
            slow += [f"{name}, {place}"] if median > limit_s else []
    return slow


@pytest.mark.benchmark
def test_every_page_of_the_history_comes_at_once(store: Store) -> None:
    print()
    with store.read() as session:
        assert search_slow(session, PAGE_S) == []


@pytest.mark.benchmark
def test_the_whole_chain_is_checked_in_half_a_minute(store: Store) -> None:
    start, busy = stopwatch.perf_counter(), stopwatch.process_time()
    with store.read() as session:
        assert chain.verify(session) == []
    wall_s, busy_s = stopwatch.perf_counter() - start, stopwatch.process_time() - busy
    print(f"\nverify: {wall_s:.1f} s, {busy_s:.1f} s of one processor")
    assert wall_s <= VERIFY_S


@pytest.mark.benchmark
def test_the_row_of_an_airing_is_found_by_its_number(store: Store) -> None:
    with store.read() as session:
        row = session.get_one(History, ROWS // 3)
        first, median = first_and_median(lambda: history.of_airing(session, row.airing_id))
    print(f"\nof an airing: {median * 1e3:.2f} ms (first {first * 1e3:.1f})")
    assert median <= PAGE_S


@pytest.mark.benchmark
def test_one_more_row_is_written_in_five_milliseconds(store: Store) -> None:
    rows = insertions(store)
    try:
        first, *warm = [timed(lambda: next(rows)) for _ in range(100)]
        median = statistics.median(warm)
        print(f"\ninsert: {median * 1e3:.2f} ms, longest {max(warm) * 1e3:.1f} (first {first * 1e3:.1f})")
        assert median <= INSERT_S
    finally:
        take_back(store)


def insertions(store: Store) -> Iterator[None]:
    """Write one more row with words never said before at each step, its airing given."""
    with store.write() as session:
        facts.put(session, "before_inserts", facts.get(session, HEAD))
        airings = [_airing(session, number) for number in range(200)]
    for number, airing in enumerate(airings):
        spoken = f"{ENTRY['spoken']} lần thứ {number}"
        planned = FIRST + (ROWS + number) * STEP
        values = {**ENTRY, "spoken": spoken, "airing_id": airing, "planned_at": planned}
        with store.write() as session:
            history.add(session, HistoryEntry(**values), planned + timedelta(minutes=1))
        yield


def _airing(session: Session, number: int) -> str:
    at = FIRST + (ROWS + number) * STEP
    row = Airing(request_id=1, planned_at=at, part=ROWS + number + 1, bulletin_id=1, deadline=at)
    session.add(row)
    session.flush()
    return row.id


def take_back(store: Store) -> None:
    """Leave the million as it was."""
    with store.write() as session:
        session.execute(delete(History).where(History.id > ROWS))
        later = Airing.planned_at >= FIRST + ROWS * STEP
        session.execute(delete(Airing).where(later, Airing.part > ROWS))
        facts.put(session, HEAD, facts.get(session, "before_inserts"))
