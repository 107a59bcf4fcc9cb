"""Reports over ten years of a busy ward: a month on the page, a year as a spreadsheet."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time as stopwatch
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import psutil
import pytest

from broadcaster.records.reports import counting
from broadcaster.records.reports.period import Unit, unit_of
from broadcaster.store import Store
from schedules.clock import LOCAL
from tests.benchmarks.decade import folder_of_a_decade

NOW = datetime(2026, 11, 22, 8, tzinfo=LOCAL)
MONTH_S, YEAR_S, MOST_MB = 0.300, 5.0, 300

pytestmark = pytest.mark.benchmark


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = Store(folder_of_a_decade())
    yield opened
    opened.close()


def test_a_month_is_counted_and_worded_while_one_looks(store):
    taken = []
    for month in range(1, 13):
        began = stopwatch.perf_counter()
        with store.read() as session:
            report = counting.make(session, unit_of(Unit.MONTH, date(2021, month, 1)), NOW)
        taken.append(stopwatch.perf_counter() - began)
    print(f"month of {sum(each.count for each in report.outcomes)} rows: {statistics.median(taken):.3f} s")
    assert statistics.median(taken) <= MONTH_S


@pytest.mark.parametrize("form", ["xlsx", "docx", "pdf", "csv"])
def test_a_year_becomes_a_file_with_little_memory(store, form, tmp_path):
    target = tmp_path / f"year.{form}"
    seconds, most_mb = _written(store.folder, form, target)
    print(f"year as {form}: {seconds:.1f} s, {most_mb:.0f} MB, {target.stat().st_size // 1024} KB")
    assert seconds <= YEAR_S
    assert most_mb < MOST_MB


def _written(folder: Path, form: str, target: Path) -> tuple[float, float]:
    about = ["--from", "2021-01-01", "--to", "2021-12-31", "--format", form, "--out", str(target)]
    began, most = stopwatch.perf_counter(), 0
    command = [sys.executable, "-m", "broadcaster", "--data", str(folder), "report", *about]
    with subprocess.Popen(command) as writer:
        process = psutil.Process(writer.pid)
        while writer.poll() is None:
            try:
                most = max(most, process.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            stopwatch.sleep(0.02)
    assert writer.returncode == 0
    return stopwatch.perf_counter() - began, most / 1e6
