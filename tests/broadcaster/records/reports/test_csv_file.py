"""The figures as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

from broadcaster.records.history_csv import safe
from broadcaster.records.reports import files
from broadcaster.records.reports.period import Unit, unit_of
from tests.broadcaster.records.reports.happened import YEAR
from tests.broadcaster.records.reports.test_counting import plain

WHOLE = unit_of(Unit.YEAR, date(YEAR, 1, 1))


def table(report) -> list[dict[str, str]]:
    target = io.BytesIO()
    files.write(report, "csv", target)
    text = target.getvalue().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_totals_agree_with_a_plain_count(report_of, happened):
    _, kept, sounded, _, owed = plain(happened.between(WHOLE.first, WHOLE.last))
    total = table(report_of(WHOLE))[0]
    assert total["Phần"] == "Tổng"
    assert int(total["Tin, bài"]) == len({row["bulletin_id"] for row in kept})
    assert int(total["Lượt phát"]) == len(kept)
    assert float(total["Thời lượng (giây)"]) == sum(row["seconds_heard"] for row in sounded)
    assert int(total["Chưa đạt"]) == len(owed) - sum(row in kept for row in owed)


def test_every_part_adds_up(report_of):
    rows = table(report_of(WHOLE))
    for part in ("Theo chủ đề", "Theo loại tin", "Theo nguồn", "Theo chương trình", "Theo thời gian"):
        found = [row for row in rows if row["Phần"] == part]
        for column in ("Lượt phát", "Chưa đạt"):
            assert sum(int(row[column]) for row in found) == int(rows[0][column]), (part, column)


def test_no_cell_can_be_run_as_a_formula(report_of):
    for row in table(report_of(WHOLE)):
        assert not row["Tên"].startswith(("=", "+", "-", "@"))
    assert safe("=1+1") == "'=1+1"
    assert safe(-3) == -3


def test_as_json_it_holds_the_same_figures(report_of):
    report = report_of(WHOLE)
    target = io.BytesIO()
    files.write(report, "json", target)
    told = json.loads(target.getvalue())
    assert told["heard"]["airings"] == report.heard.airings
    assert told["period"] == {"first": "2026-01-01", "last": "2026-12-31", "unit": "year"}
    topics = [(row["name"], row["heard"]["airings"]) for row in told["groups"][0]["rows"]]
    assert topics == [(row.name, row.heard.airings) for row in report.groups[0].rows]
