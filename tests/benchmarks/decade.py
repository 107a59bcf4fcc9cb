"""Ten years of a busy ward in the history: a million chained rows over ten thousand texts, made fast.

`folder_of_a_decade()` makes them once, in $BROADCASTER_DECADE or the folder for temporary files, and finds
them again in later runs for as long as the migrations stay what they are.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, Dialect, Table, insert, text
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.orm import Session

from broadcaster.records import row_text
from broadcaster.records.chain import GENESIS
from broadcaster.records.fold import fold
from broadcaster.store import Store, facts
from broadcaster.store.migrate import SCRIPTS, migrate
from broadcaster.store.models import Airing, Bulletin, History, HistoryWords, Person, Request, Zone
from broadcaster.store.models import Output as OutputRow

ROWS = 1_000_000
TEXTS = 10_000
CACHE = "BROADCASTER_DECADE"
FIRST = datetime(2016, 11, 22, 22, 30, tzinfo=UTC)
STEP = timedelta(days=3650) / 1_000_000
TOPICS = ("Cải cách hành chính", "Y tế", "An ninh", "Văn hóa", "Nông nghiệp", "Giáo dục", "Thông báo")
PROGRAMMES = ("Bản tin sáng", "Bản tin chiều", "Thông báo trưa", "")
RESULTS = ("played",) * 94 + ("cut",) * 2 + ("missed",) * 3 + ("failed",)
WORDS = """
    thông báo lịch tiêm chủng trạm y tế phường đường dây nóng cải cách hành chính hồ sơ trực
    tuyến người dân khu phố tổ dân phố vệ sinh môi trường phòng cháy chữa cháy nghĩa vụ quân sự
    bầu cử bảo hiểm xã hội thuế đất nước sạch điện cắt sửa chữa họp chi bộ hội phụ nữ đoàn thanh
    niên người cao tuổi học sinh khai giảng mưa bão ngập lụt sơ tán dịch sốt xuất huyết diệt
    lăng quăng căn cước công dân định danh chữ ký số thanh toán
""".split()  # noqa: SIM905 - a hundred lines otherwise
ALSO: tuple[tuple[str, Callable[[int], bool]], ...] = (
    (" chiến dịch hè tình nguyện", lambda number: number % 500 == 0),
    (" một cửa liên thông", lambda number: number % (2 * len(TOPICS)) == 0),
    (" khai báo dịch tễ", lambda number: number % 10 == 3),
)
"""Phrases of twenty texts, of half of the first topic, and of a thousand aired in two years only."""
BATCH = 5000


class Rows(NamedTuple):
    """Values in the order of the tables' columns."""

    airing: list[tuple[Any, ...]]
    history: list[tuple[Any, ...]]
    last_hash: str


def folder_of_a_decade(rows: int = ROWS) -> Path:
    """Return the data folder of a station with `rows` rows of history, making it when there is none."""
    place = Path(os.environ.get(CACHE) or Path(tempfile.gettempdir()) / "ward-decade")
    folder = place / f"{rows}-{_shape()}"
    if not folder.exists():
        fresh = folder.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        store = Store(fresh)
        migrate(store)
        fill(store, rows)
        store.close()
        fresh.rename(folder)
    return folder


def fill(store: Store, rows: int, texts: int = TEXTS, seed: int = 1) -> None:
    """Write `rows` airings with their history, chained, into an empty migrated SQLite store."""
    chance = random.Random(seed)
    said = [_text(chance, number) for number in range(texts)]
    with store.write() as session:
        furnish(session, said)
        session.execute(text("INSERT INTO history_words_fts(history_words_fts) VALUES ('rebuild')"))
    store.engine.dispose()
    with closing(sqlite3.connect(store.folder / "station.db", isolation_level=None)) as connection:
        last = _load(connection, chance, said, rows)
    with store.write() as session:
        facts.put(session, "chain_head:history", {"id": rows, "hash": last})


def furnish(session: Session, said: Sequence[tuple[str, str]]) -> None:
    """Write what the rows point at."""
    for each in (
        Person(id=1, login="a", name="Người soạn", roles=[], created_at=FIRST),
        OutputRow(id=1, name="Loa", kind="file"),
        Zone(id=1, name="Khu phố 1", output_id=1),
        Bulletin(id=1, title="B", author_id=1, created_at=FIRST, changed_at=FIRST),
        Request(id=1, bulletin_id=1, way="at", created_by=1, created_at=FIRST),
    ):
        session.add(each)
        session.flush()
    session.execute(insert(HistoryWords), [_words(number, *each) for number, each in enumerate(said, 1)])


def batches(
    chance: random.Random, said: list[tuple[str, str]], rows: int, dialect: Dialect
) -> Iterator[Rows]:
    """Yield airings and history as the driver of `dialect` takes them."""
    as_airing, as_history = _Binding(Airing.__table__, dialect), _Binding(History.__table__, dialect)
    made, last = _rows(chance, said, rows), GENESIS
    while some := list(islice(made, BATCH)):
        for row in some:
            row["previous_hash"] = last
            row["row_hash"] = last = row_text.row_hash(History, row)
        yield Rows([as_airing(_airing(row)) for row in some], [as_history(row) for row in some], last)


class _Binding:
    """Turns a row by name into a tuple of what a driver takes, in the order of the columns."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._writers = [
            (column.key, column.default.arg if column.default is not None else None, _bind(column, dialect))
            for column in table.columns
        ]

    def __call__(self, row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(
            None if (value := row.get(key, default)) is None else bind(value)
            for key, default, bind in self._writers
        )


def _bind(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    return column.type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)


def _load(
    connection: sqlite3.Connection, chance: random.Random, said: list[tuple[str, str]], rows: int
) -> str:
    """Without a journal and with the indexes made last: four times as fast."""
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
        "AND tbl_name IN ('airing', 'history')"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    connection.execute("BEGIN")
    last = GENESIS
    for some in batches(chance, said, rows, sqlite_dialect()):
        last = some.last_hash
        for table, values in ((Airing.__table__, some.airing), (History.__table__, some.history)):
            names, places = ", ".join(table.columns.keys()), ", ".join("?" * len(table.columns))
            connection.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", values)
    connection.execute("COMMIT")
    for _, again in indexes:
        connection.execute(again)
    connection.execute("PRAGMA journal_mode=WAL")
    return last


def _shape() -> str:
    """Return a word that changes with the migrations and with this file."""
    files = [*sorted((SCRIPTS / "versions").glob("[0-9]*.py")), Path(__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _rows(chance: random.Random, said: list[tuple[str, str]], count: int) -> Iterator[dict[str, Any]]:
    heard: Counter[int] = Counter()
    for number in range(count):
        words = chance.randrange(len(said)) if number % 10 else number // 100 % len(said)
        if words % 10 == 3 and not 400_000 <= number < 600_000:
            words += 1
        row = _row(chance, number + 1, FIRST + number * STEP, words, said[words][0])
        if row["seconds_heard"]:
            heard[words] += 1
            row["nth"] = heard[words]
        yield row


def _row(chance: random.Random, number: int, planned: datetime, words: int, title: str) -> dict[str, Any]:
    result, seconds = chance.choice(RESULTS), chance.uniform(20, 400)
    heard = seconds if result == "played" else seconds / 2 if result == "cut" else 0.0
    zone = {"zone": "Khu phố 1", "output": "Loa", "seconds_heard": heard, "level_dbfs": -20.5, "fault": ""}
    return {
        **dict.fromkeys(column.key for column in History.__table__.columns),
        "id": number,
        "written_at": planned + timedelta(seconds=seconds),
        "airing_id": uuid.UUID(int=chance.getrandbits(128)).hex,
        "result": result,
        "cause": "" if result == "played" else "power_off",
        "reason": "",
        "planned_at": planned,
        "started_at": planned if heard else None,
        "ended_at": planned + timedelta(seconds=heard),
        "seconds_planned": seconds,
        "seconds_heard": heard,
        "level_dbfs": -20.5 if heard else None,
        "on_loudspeaker": heard > 0,
        "zones": [zone],
        "programme": PROGRAMMES[number % len(PROGRAMMES)],
        "bulletin_id": words + 1,
        "title": title,
        "kind": "priority" if number % 9 == 0 else "routine",
        "topic": TOPICS[words % len(TOPICS)],
        "written_sha256": "ab" * 32,
        "spoken_sha256": "cd" * 32,
        "clip_sha256": "ef" * 32,
        "engine": "espeak-ng 1.52.0",
        "voice": "vi",
        "lexicon": "1",
        "author": "Người soạn",
        "approver": "Người duyệt",
        "approved_at": planned - timedelta(hours=5),
        "is_self_approved": False,
        "operator": "Người vận hành",
        "source": "recording" if number % 20 == 0 else "text",
        "words_id": words + 1,
    }


def _text(chance: random.Random, number: int) -> tuple[str, str]:
    title = f"{chance.choice(TOPICS)} số {number}"
    words = " ".join(chance.choices(WORDS, k=180))
    return title, words + "".join(also for also, which in ALSO if which(number))


def _airing(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["airing_id"],
        "request_id": 1,
        "planned_at": row["planned_at"],
        "part": row["id"],
        "bulletin_id": 1,
        "deadline": row["planned_at"],
        "state": row["result"],
        "ended_at": row["ended_at"],
    }


def _words(number: int, title: str, words: str) -> dict[str, Any]:
    return {"id": number, "sha256": f"{number:064d}", "folded": fold(f"{title} {words}")}
