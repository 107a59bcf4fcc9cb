"""What every room relies on, on each database that a station may keep its rows in."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Double,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Time,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

import broadcaster.store.migrate
from broadcaster import doctor
from broadcaster.errors import EditedMeanwhile, Refused, StoreError
from broadcaster.keeping import databases
from broadcaster.newsroom import approval, bulletins
from broadcaster.newsroom.bulletins import Draft
from broadcaster.playout import airings, requesting
from broadcaster.records import audit, chain, history, search
from broadcaster.records.chain import Break, Fault
from broadcaster.records.history import HistoryFilter
from broadcaster.records.reports import counting
from broadcaster.records.reports.period import Unit, unit_of
from broadcaster.settings import FILE_NAME
from broadcaster.store import Store, facts
from broadcaster.store.migrate import SEARCH_TABLES, config, migrate, newest_revision
from broadcaster.store.models import Airing, AiringState, Approval, Base, History, Person
from tests.broadcaster.moments import NOW, TODAY, later
from tests.broadcaster.playout.room import Room
from tests.broadcaster.records.conftest import AddRow, add_row
from tests.clocks import FakeClock
from tests.postgresql import Cluster

__all__ = ["add_row"]
KINDS = ("sqlite", "postgresql")
DEADLINE_S = 10.0


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    opened = Cluster()
    yield opened
    opened.close()


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def template(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database in the present shape, to be copied: migrating costs half a second."""
    folder = tmp_path_factory.mktemp("template")
    store = Store(folder, "" if kind == "sqlite" else request.getfixturevalue("cluster").url())
    migrate(store)
    store.close()
    return store.url


@pytest.fixture
def empty(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without tables."""
    store = Store(tmp_path / "empty", "" if kind == "sqlite" else request.getfixturevalue("cluster").url())
    yield store
    _throw_away(store, request)


@pytest.fixture
def store(kind: str, template: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    folder = tmp_path / "data"
    if kind == "sqlite":
        folder.mkdir()
        (folder / "station.db").write_bytes(Path(template.removeprefix("sqlite:///")).read_bytes())
        opened = Store(folder)
    else:
        opened = Store(folder, request.getfixturevalue("cluster").url(template))
    yield opened
    _throw_away(opened, request)


@pytest.fixture
def session(store):
    with store.write() as opened:
        yield opened


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    made = Room(tmp_path / "room", FakeClock(), ())
    made.store.close()
    made.store = store
    made.furnish()
    made.boot()
    return made


def _throw_away(store: Store, request: pytest.FixtureRequest) -> None:
    store.close()
    if store.engine.dialect.name == "postgresql":
        request.getfixturevalue("cluster").drop(store.url)


def second(store: Store) -> Store:
    """Return the same database as another process opens it, for PostgreSQL on another machine."""
    is_file = store.engine.dialect.name == "sqlite"
    return Store(store.folder if is_file else store.folder.parent / "second", store.url)


# --- shape ---


def differences(store: Store) -> list[object]:
    opts = {"compare_type": True, "include_name": lambda name, *_: not _is_for_search(name)}
    with store.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=opts), Base.metadata))


def _is_for_search(name: str | None) -> bool:
    return str(name).startswith(SEARCH_TABLES) or name in ("vector", "ix_history_words_vector")


def test_migrations_make_exactly_the_tables_of_the_models(store):
    assert differences(store) == []


def test_a_filled_database_is_brought_to_the_present_shape(empty):
    with empty.engine.begin() as connection:
        command.upgrade(config(connection), "0011")
        for table in ("person", "bulletin", "request"):
            put(connection, table, id=1)
        for number in (1, 2):
            at, airing = later(days=number).replace(tzinfo=None), f"airing{number}"
            put(connection, "airing", id=airing, part=number)
            words = {"title": "Tin", "folded": "tin tai tram y te", "zones": [{"zone": "A"}]}
            put(connection, "history", id=number, airing_id=airing, planned_at=at, **words)
    assert migrate(empty) == newest_revision()
    with empty.read() as session:
        rows = session.scalars(select(History).order_by(History.id)).all()
        assert [(row.title, row.zones, row.nth, row.planned_at) for row in rows] == [
            ("Tin", [{"zone": "A"}], None, later(days=number)) for number in (1, 2)
        ]
        assert [row.id for row in history.find(session, HistoryFilter(words="tram y te"))] == [2, 1]


def test_every_row_of_every_table_is_kept(empty, monkeypatch):
    """From the last shape before there were corrections, seals, keys, plans and complaints."""
    monkeypatch.setattr(broadcaster.store.migrate, "newest_revision", lambda: "0012")
    migrate(empty)
    fill(empty)
    before = contents(empty)
    monkeypatch.undo()
    migrate(empty)
    now = contents(empty)
    assert {table: {**now[table], **row} for table, row in before.items()} == now
    assert len(before) > 40


def fill(store: Store) -> None:
    """Put one row, all its columns filled, into every table."""
    with _unenforced(store) as connection:
        then = MetaData()
        then.reflect(connection)
        for name, table in then.tables.items():
            if name != "alembic_version" and not _is_for_search(name):
                some = {column.name: neutral(column) for column in table.columns if column.computed is None}
                connection.execute(insert(table).values(some))


def contents(store: Store) -> dict[str, dict[str, object]]:
    """Return the first row of every table that has one."""
    with store.engine.connect() as connection:
        then = MetaData()
        then.reflect(connection)
        names = [name for name in then.tables if name != "alembic_version" and not _is_for_search(name)]
        rows = {name: connection.execute(select(then.tables[name])).first() for name in names}
    return {name: dict(row._mapping) for name, row in rows.items() if row is not None}


def test_a_station_of_an_older_shape_goes_on_with_its_books(room, empty, monkeypatch):
    """Rows as the program wrote them then: what was added to the tables since stood in none."""
    number = room.approved("Tin")
    with room.store.write() as session:
        requesting.request_at(session, room.operator, number, room.at(60), (), room.clock.now())
    monkeypatch.setattr(history, "_nth", lambda *_: None)
    room.run(120, step_s=0.5)
    monkeypatch.setattr(broadcaster.store.migrate, "newest_revision", lambda: "0012")
    migrate(empty)
    carry(room.store, empty)
    monkeypatch.undo()
    assert migrate(empty) == newest_revision()
    with empty.write() as session:
        assert chain.verify(session) == []
        (row,) = session.scalars(select(History)).all()
        assert (row.title, row.result, row.nth, row.corrects_id) == ("Tin", "played", None, None)
        assert session.scalars(select(Approval.signature)).all() == [None]
        audit.note(session, None, "station.started", "station", NOW)
        assert chain.verify(session) == []


def test_the_doctor_tells_of_an_older_shape_and_goes_on(empty, monkeypatch):
    monkeypatch.setattr(broadcaster.store.migrate, "newest_revision", lambda: "0012")
    migrate(empty)
    monkeypatch.undo()
    if empty.engine.dialect.name == "postgresql":
        (empty.folder / FILE_NAME).write_text(f'database_url = "{empty.url}"', encoding="utf-8")
    monkeypatch.setattr(doctor, "CHECKS", {**doctor.station.CHECKS, **doctor.keeping.CHECKS})
    found = {each.name: each.words for each in doctor.examine(empty.folder)}
    assert found["bảng dữ liệu"] == "còn ở phiên bản 0012"
    assert "niêm phong" in found


def carry(source: Store, target: Store) -> None:
    """Copy every row, but only the columns that `target` has."""
    with source.engine.connect() as taking, _unenforced(target) as giving:
        then, now = MetaData(), MetaData()
        then.reflect(giving)
        now.reflect(taking)
        for name, table in then.tables.items():
            if name != "alembic_version" and not _is_for_search(name):
                kept = [now.tables[name].c[column.name] for column in table.columns if not column.computed]
                rows = [dict(row._mapping) for row in taking.execute(select(*kept))]
                if rows:
                    giving.execute(insert(table), rows)


@contextmanager
def _unenforced(store: Store) -> Iterator[Connection]:
    """A transaction in which a row may point at one that comes later."""
    is_file = store.engine.dialect.name == "sqlite"
    off = "PRAGMA foreign_keys=OFF" if is_file else "SET session_replication_role = replica"
    engine = create_engine(store.url, poolclass=NullPool)
    event.listen(engine, "connect", lambda connection, _: connection.execute(off).close())
    with engine.begin() as connection:
        yield connection


def put(connection: Connection, table: str, **values: object) -> None:
    """Write one row as the tables were then; columns that must have a value get a neutral one."""
    then = Table(table, MetaData(), autoload_with=connection)
    needed = {
        column.name: neutral(column)
        for column in then.columns
        if not column.nullable and column.server_default is None
    }
    connection.execute(insert(then).values(needed | values))


def neutral(column: Column[Any]) -> object:
    return NEUTRAL[column.type.as_generic().__class__]


NEUTRAL: dict[type, object] = {
    String: "",
    Text: "",
    Integer: 1,
    BigInteger: 1,
    Double: 0.0,
    Float: 0.0,
    Boolean: True,
    DateTime: NOW.replace(tzinfo=None),
    Date: TODAY,
    Time: NOW.time(),
    LargeBinary: b"key",
    JSON: [],
}


def test_a_copy_of_the_database_holds_its_rows(store, tmp_path):
    with store.write() as session:
        facts.put(session, "a", "a word of ours")
    made = databases.copy(store, tmp_path)
    if made.name == databases.SQLITE:
        kept = made.read_bytes()
    else:
        shown = ["pg_restore", "--data-only", "--table=station_fact", "--file=-", made]
        kept = subprocess.run(shown, check=True, stdout=subprocess.PIPE).stdout
    assert b"a word of ours" in kept
    assert made.stat().st_mode & 0o077 == 0


# --- transactions ---


def test_what_fails_leaves_nothing_behind(store):
    with pytest.raises(ZeroDivisionError), store.write() as session:
        facts.put(session, "a", 1)
        session.flush()
        raise ZeroDivisionError
    with store.read() as session:
        assert facts.get(session, "a") is None


@pytest.mark.parametrize("value", [False, 0, "", None, 1.5, "Đài “A”", ["a"], {"n": 1}])
def test_a_fact_comes_back_as_it_was_put(store, value):
    with store.write() as session:
        facts.put(session, "key", "before")
        facts.put(session, "key", value)
    with store.read() as session:
        assert facts.get(session, "key", "default") == value


def test_a_reader_sees_one_state_and_keeps_no_writer_waiting(store):
    with store.write() as session:
        facts.put(session, "a", 1)
    with store.read() as reading:
        assert facts.get(reading, "a") == 1
        with store.write() as session:
            facts.put(session, "a", 2)
            facts.put(session, "b", 2)
        reading.expire_all()
        assert (facts.get(reading, "a"), facts.get(reading, "b")) == (1, None)
    with store.read() as reading:
        assert facts.get(reading, "a") == 2


def test_two_stations_that_add_at_once_lose_no_addition(store):
    other = second(store)

    def add(place: Store) -> None:
        for _ in range(25):
            with place.write() as session:
                facts.put(session, "n", facts.get(session, "n", 0) + 1)

    with ThreadPoolExecutor() as pool:
        list(pool.map(add, (store, other, store, other)))
    with store.read() as session:
        assert facts.get(session, "n") == 100
    other.close()


def test_a_second_writer_is_told_that_the_store_is_busy(store, monkeypatch):
    monkeypatch.setattr("broadcaster.store.db.LOCK_WAIT_S", 0.1)
    other = second(store)
    told: list[str] = []

    def write() -> None:
        try:
            with other.write() as session:
                facts.get(session, "a")
        except StoreError as error:
            told.append(str(error))

    with store.write() as session:
        facts.put(session, "a", 1)
        session.flush()
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(DEADLINE_S)
    assert [("bận" in each) for each in told] == [True]
    other.close()


def test_a_key_given_twice_is_our_own_mistake_and_names_nobody(store):
    person = {"login": "an", "name": "Trần Thị An", "roles": [], "created_at": NOW}
    with pytest.raises(IntegrityError) as failed, store.write() as session:
        session.add_all([Person(**person), Person(**person)])
    assert "Trần" not in str(failed.value)


def test_a_watch_notices_what_another_process_commits(store):
    watch, other = store.changes(), second(store)
    watch.has_changed()
    assert not watch.has_changed()
    with store.read() as session:
        session.scalars(select(Person)).all()
    assert not watch.has_changed()
    with other.write() as session:
        facts.put(session, "a", 1)
        session.flush()
        assert not watch.has_changed()
    assert watch.has_changed()
    assert not watch.has_changed()
    watch.close()
    other.close()


def test_a_station_survives_its_database_for_a_while(cluster, tmp_path):
    """The server is started anew under an open watch and an open pool: both go on."""
    store = Store(tmp_path, cluster.url())
    migrate(store)
    watch = store.changes()
    watch.has_changed()
    with store.engine.connect() as connection:
        drop = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(text(f"{drop} AND datname = current_database()"))
    assert watch.has_changed()
    with store.write() as session:
        facts.put(session, "a", 1)
    assert watch.has_changed()
    assert not watch.has_changed()
    watch.close()
    store.close()
    cluster.drop(store.url)


def test_a_database_that_is_not_there_is_told_in_a_sentence(cluster, tmp_path):
    store = Store(tmp_path, f"postgresql://ward@/nowhere?host={cluster.folder}")
    with pytest.raises(StoreError, match="Không mở được kho dữ liệu"):
        migrate(store)
    store.close()


# --- records ---


def test_chains_hold_and_the_first_change_in_each_is_named(store, session, add_row: AddRow):
    for number in range(5):
        add_row(later(minutes=number), level_dbfs=None if number == 2 else -18.25, details={"x": [1.5, "đ"]})
        audit.note(session, None, "did", f"bulletin {number}", NOW, n=number, fraction=0.1, words="ợ “”")
    session.flush()
    assert chain.verify(session) == []
    session.execute(text("UPDATE history SET seconds_heard = 61.49 WHERE id = 4"))
    session.execute(text("DELETE FROM audit WHERE id = 3"))
    assert chain.verify(session) == [
        Break("history", 4, Fault.CHANGED),
        Break("audit", 3, Fault.MISSING),
    ]


def test_a_chain_is_the_same_in_every_database(session, add_row: AddRow):
    """A station that moves from one to the other takes its proof along."""
    row = audit.note(session, None, "did", "x", later(microseconds=1), z=[1.0, None, True], a={"ố": 1e-7})
    assert row.row_hash == "af725c81267a311dd7ee4a4e1ada655c1f91fd8a6a3f4dfc7b09c92a47d78dc1"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cai cach", [3, 1]),
        ("CẢI CÁCH", [3, 1]),
        ("đường", [2]),
        ("duong d", [2]),
        ("hanh chi", [3, 1]),
        ('"cải cách hành chính"', [1]),
        ('"cách hành" dân', [1]),
        ("xyz", []),
        ("!", []),
        ("a' | b & c:* \\", []),
    ],
)
def test_history_is_found_without_diacritics_by_begun_words_and_phrases(session, add_row, words, found):
    add_row(later(minutes=1), title="Cải cách hành chính", spoken="một cửa cho người dân")
    add_row(later(minutes=2), title="Đường dây nóng", spoken="gọi số một")
    add_row(later(minutes=3), title="Hành chính công", spoken="cải thiện và cách làm; cải cách thuế")
    assert [row.id for row in history.find(session, HistoryFilter(words=words))] == found


def test_words_of_long_ago_are_found_page_by_page(session, add_row: AddRow, monkeypatch):
    monkeypatch.setattr(search, "LOOK_AT", 2)
    for number in range(40):
        spoken = f"khai báo lần {number}" if number < 8 else "tin khác"
        add_row(later(minutes=number // 2), spoken=spoken, topic="y tế" if number % 2 else "khác")
    filters = HistoryFilter(words="khai bao", topic="y tế", first_date=TODAY, last_date=TODAY)
    first = history.find(session, filters, limit=3)
    rest = history.find(session, filters, before=history.key(first[-1]), limit=3)
    assert [row.id for row in (*first, *rest)] == [8, 6, 4, 2]


def test_pages_stay_where_they_are_while_rows_are_added(session, add_row: AddRow):
    for number in range(7):
        add_row(later(minutes=number // 3))
    first = history.find(session, limit=3)
    add_row(later(hours=1))
    rest = history.find(session, before=history.key(first[-1]), limit=10)
    assert [row.id for row in (*first, *rest)] == [7, 6, 5, 4, 3, 2, 1]


def test_an_airing_has_one_row_for_ever(session, add_row: AddRow):
    row = add_row()
    with pytest.raises(Refused):
        add_row(airing_id=row.airing_id)


# --- the station ---


def test_one_of_many_claims_wins(room):
    number = room.approved("Tin")
    with room.store.write() as session:
        airing = requesting.request_at(session, room.operator, number, room.at(60), (), room.clock.now())
    other = second(room.store)

    def claim(place: Store) -> bool:
        with place.write() as session:
            return airings.step(session, airing.id, AiringState.PLANNED, AiringState.CLAIMED)

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(claim, (room.store, other) * 3)) == [False] * 5 + [True]
    other.close()


def test_an_edit_ends_the_approval_and_the_later_of_two_savers_is_told(room):
    number, now = room.approved("Tin"), room.clock.now()
    first, later_one = (Draft(title=title, written="Nội dung mới.", kind="routine") for title in ("A", "B"))
    with room.store.write() as session:
        assert approval.standing_approval(session, number, TODAY) is not None
        bulletins.edit(session, room.officer, number, first, 1, now)
    with pytest.raises(EditedMeanwhile), room.store.write() as session:
        bulletins.edit(session, room.officer, number, later_one, 1, now)
    with room.store.read() as session:
        assert bulletins.get(session, number).title == "A"
        assert approval.standing_approval(session, number, TODAY) is None


def test_a_day_is_planned_sounded_cut_and_written_down(room):
    for title, in_s in (("Sáng", 60), ("Trưa", 90)):
        number = room.approved(title)
        with room.store.write() as session:
            requesting.request_at(session, room.operator, number, room.at(in_s), (), room.clock.now())
    room.run(62)
    room.pull_the_plug()
    room.clock.advance(5)
    room.boot()
    room.run(120, step_s=0.5)
    assert [(row.title, row.result) for row in room.history()] == [("Sáng", "cut"), ("Trưa", "played")]
    with room.store.read() as session:
        assert chain.verify(session) == []
        assert session.scalars(select(Airing.state)).all() == ["cut", "played"]


def test_a_report_and_the_rows_behind_its_figures_are_the_same(session, add_row: AddRow):
    heard = {"zone": "Khu phố 1", "output": "Loa 1", "seconds_heard": 61.48, "level_dbfs": -18.0, "fault": ""}
    silent = {**heard, "zone": "Khu phố 2", "seconds_heard": 0.0, "fault": "im lặng"}
    for number in range(6):
        missed = {"result": "missed", "cause": "power_off", "seconds_heard": 0.0, "zones": [silent]}
        add_row(later(hours=number), **(missed if number == 2 else {"zones": [heard, silent]}))
    add_row(later(hours=7), source="alert", kind="emergency", details={"alert": 1, "drill": True})
    report = counting.make(session, unit_of(Unit.MONTH, TODAY), later(days=9))
    assert (report.heard.airings, report.kept, report.owed) == (5, 5, 6)
    assert [cause.count for cause in report.causes] == [1]
    traces = {
        "heard": (report.heard_rows, 5),
        "zone": (report.heard_rows.but(zone="Khu phố 2", zone_heard=False), 5),
        "none heard there": (report.heard_rows.but(zone="Khu phố 2", zone_heard=True), 0),
        "drill": (report.heard_rows.but(drill=True, kept=None), 1),
    }
    for name, (trace, count) in traces.items():
        assert (name, len(history.find(session, HistoryFilter(trace=trace)))) == (name, count)
