"""The history taken away: the same rows in every form, oldest first, whatever stands in them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import docx
import pytest
from openpyxl import load_workbook

from broadcaster.errors import Refused
from broadcaster.records import history_files, history_word, long_sheet
from broadcaster.records.history import HistoryFilter
from tests.broadcaster.moments import NOW

TITLES = ("=1+1", "Tiêm chủng <đợt 2> & \x0b“nhắc lại”", "Họp tổ dân phố")


@pytest.fixture
def rows(add_row):
    """Three rows, written newest first."""
    return [
        add_row(title=title, planned_at=NOW + timedelta(minutes=place), seconds_heard=60.5 + place)
        for place, title in reversed(list(enumerate(TITLES)))
    ]


def taken(session, form: str, filters: HistoryFilter | None = None) -> io.BytesIO:
    target = io.BytesIO()
    history_files.write(session, filters or HistoryFilter(), form, target)
    target.seek(0)
    return target


def test_every_form_holds_the_same_rows_oldest_first(session, rows):
    in_json = [row["title"] for row in json.load(taken(session, "json"))]
    in_csv = [
        row[3].removeprefix("'") for row in csv.reader(io.StringIO(taken(session, "csv").read().decode()))
    ]
    in_excel = [row[3] for row in load_workbook(taken(session, "xlsx")).active.iter_rows(values_only=True)]
    in_word = [row.cells[4].text for row in docx.Document(taken(session, "docx")).tables[0].rows]
    assert in_json == list(TITLES)
    assert in_csv == ["Tiêu đề", *TITLES]
    assert in_excel == in_word == ["Tiêu đề", *(title.replace("\x0b", "") for title in TITLES)]


def test_a_spreadsheet_gets_dates_and_numbers_that_it_can_count_with(session, rows):
    sheet = load_workbook(taken(session, "xlsx")).active
    heading = [cell.value for cell in sheet[1]]
    row = dict(zip(heading, sheet[2], strict=True))
    assert row["Giờ theo lịch"].value == NOW.replace(tzinfo=None) + timedelta(hours=7)
    assert row["Thời lượng đã phát (giây)"].value == 60.5
    assert (row["Tiêu đề"].value, row["Tiêu đề"].data_type) == ("=1+1", "s")
    assert (sheet.freeze_panes, sheet.auto_filter.ref.split(":")[0]) == ("B2", "A1")


def test_word_says_which_rows_were_corrected(session, add_row):
    first, second = add_row(), add_row()
    second.corrects_id = first.id
    session.flush()
    told = [row.cells[7].text for row in docx.Document(taken(session, "docx")).tables[0].rows][1:]
    assert told == ["đã phát (đã đính chính bằng dòng 2)", "đã phát (đính chính dòng 1)"]


def test_a_history_without_rows_still_has_its_headings(session):
    before = HistoryFilter(last_date=date(2020, 1, 1))
    assert json.load(taken(session, "json", before)) == []
    assert load_workbook(taken(session, "xlsx", before)).active.max_row == 1
    assert len(docx.Document(taken(session, "docx", before)).tables[0].rows) == 1


@pytest.mark.parametrize(
    ("form", "room", "way_out"), [("docx", history_word, "Excel"), ("xlsx", long_sheet, "CSV")]
)
def test_more_rows_than_a_file_holds_are_refused_before_anything_is_written(
    session, rows, monkeypatch, form, room, way_out
):
    monkeypatch.setattr(room, "MOST_ROWS", 2)
    target = io.BytesIO()
    with pytest.raises(Refused, match=way_out):
        history_files.write(session, HistoryFilter(), form, target)
    assert target.getvalue() == b""


def test_rows_are_read_in_pieces_and_none_is_lost_between_them(session, rows, monkeypatch):
    from broadcaster.records import history

    monkeypatch.setattr(history, "CHUNK", 2)
    assert len(json.load(taken(session, "json"))) == 3
    monkeypatch.setattr(history, "CHUNK", 3)
    assert len(json.load(taken(session, "json"))) == 3
