"""A small year that holds everything a report must tell apart, written once; tests only read it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from broadcaster.records.reports import counting
from broadcaster.records.reports.period import Period
from broadcaster.records.reports.report import Report
from broadcaster.store import Store
from tests.broadcaster.records.conftest import adder
from tests.broadcaster.records.reports.happened import AFTER, Happened, fill


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[tuple[Store, Happened]]:
    folder = tmp_path_factory.mktemp("year")
    shutil.copy(migrated_file, folder / "station.db")
    opened = Store(folder)
    with opened.write() as session:
        happened = fill(session, adder(session))
    yield opened, happened
    opened.close()


@pytest.fixture
def happened(year: tuple[Store, Happened]) -> Happened:
    return year[1]


@pytest.fixture
def reading(year: tuple[Store, Happened]) -> Iterator[Session]:
    """The small year, to be read."""
    with year[0].read() as session:
        yield session


@pytest.fixture(scope="session")
def report_of(year: tuple[Store, Happened]) -> Callable[[Period], Report]:
    """`report_of(period)` is the report of a period of the small year, made early in the next."""

    @cache
    def make(period: Period) -> Report:
        with year[0].read() as session:
            return counting.make(session, period, AFTER)

    return make
