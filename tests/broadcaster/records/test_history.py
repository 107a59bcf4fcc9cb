"""What was heard is written once, found again, and cannot be changed unseen."""

from __future__ import annotations

import csv
import io
import math
from contextlib import nullcontext
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from broadcaster.errors import Refused
from broadcaster.records import chain, history, search
from broadcaster.records.chain import Fault
from broadcaster.records.history import HistoryFilter, csv_lines
from broadcaster.records.tracing import Trace
from broadcaster.store.models import History
from tests.broadcaster.moments import NOW, TODAY, later


def titles(rows: list[History]) -> list[str]:
    return [row.title for row in rows]


def cells(rows: list[History]) -> list[dict[str, str]]:
    content = "".join(csv_lines(rows)).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(content)))


def test_an_airing_has_one_row_for_ever(session, add_row):
    row = add_row()
    with pytest.raises(Refused, match="đã có trong nhật ký"):
        add_row(airing_id=row.airing_id)
    assert history.of_airing(session, row.airing_id) is row


def test_rows_are_numbered_and_chained(session, add_row):
    rows = [add_row(), add_row(), add_row()]
    assert [row.id for row in rows] == [1, 2, 3]
    assert [row.previous_hash for row in rows[1:]] == [row.row_hash for row in rows[:-1]]
    assert chain.verify(session) == []


@pytest.mark.parametrize(
    "change",
    [
        "result = 'missed'",
        "seconds_heard = 61.49",
        "level_dbfs = NULL",
        "on_loudspeaker = 0",
        "zones = '[]'",
        "approver = author",
        "started_at = NULL",
        "approved_at = '2026-11-22 00:00:00.000000'",
        "is_self_approved = 1",
        "clip_sha256 = NULL",
    ],
)
def test_no_column_can_be_changed_unseen(session, add_row, change):
    for _ in range(3):
        add_row()
    session.execute(text(f"UPDATE history SET {change} WHERE id = 2"))
    found = chain.verify(session)
    assert [(each.chain, each.row_id, each.fault) for each in found] == [("history", 2, Fault.CHANGED)]


def test_what_only_helps_finding_is_not_part_of_the_chain(session, add_row):
    add_row()
    session.execute(text("UPDATE history SET words_id = NULL"))
    assert chain.verify(session) == []


def test_whole_numbers_and_silence_survive_the_database(session, add_row):
    silent = {"zone": "A", "output": "B", "seconds_heard": 12, "level_dbfs": -math.inf, "fault": "im lặng"}
    row = add_row(seconds_planned=12, seconds_heard=0, level_dbfs=-math.inf, zones=[silent], started_at=None)
    session.flush()
    session.expire_all()
    assert (row.level_dbfs, row.zones[0]["level_dbfs"]) == (None, None)
    assert chain.verify(session) == []


# --- finding ---


def test_the_newest_planned_moment_comes_first(session, add_row):
    add_row(NOW, title="second")
    add_row(later(days=-1), title="first, written down late")
    add_row(later(hours=1), title="third")
    assert titles(history.find(session)) == ["third", "second", "first, written down late"]


def test_pages_hold_every_row_once_even_when_rows_are_added(session, add_row):
    for number in range(7):
        add_row(NOW + timedelta(minutes=number // 2), title=str(number))
    seen, before = [], None
    while page := history.find(session, before=before, limit=3):
        seen += titles(page)
        before = history.key(page[-1])
        add_row(later(days=1), title="newer")
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_a_walk_within_dates_meets_each_row_once_and_none_outside(session, add_row, monkeypatch):
    monkeypatch.setattr(history, "CHUNK", 2)
    for day in range(6):
        for hour in (1, 1, 14):
            add_row(later(days=day, hours=hour))
    first = TODAY + timedelta(days=1)
    within = HistoryFilter(first_date=first, last_date=first + timedelta(days=2))
    whole = history.find(session, within, limit=100)
    walked = history.walk(lambda: nullcontext(session), within, ("id", "planned_at"))
    assert [row.id for row in walked] == [row.id for row in reversed(whole)]
    assert len(whole) == 9
    assert history.find(session, within, before=(later(days=99), 0), limit=100) == whole


def test_dates_are_the_stations_own(session, add_row):
    add_row(later(hours=-8.001), title="23:59 of the day before")
    add_row(later(hours=-8), title="midnight")
    add_row(later(hours=15.999), title="23:59")
    add_row(later(hours=16), title="midnight of the day after")
    today = HistoryFilter(first_date=TODAY, last_date=TODAY)
    assert titles(history.find(session, today)) == ["23:59", "midnight"]


@pytest.mark.parametrize(
    "words", ["tiêm chủng", "TIEM CHUNG", "chung tiem", "tram y te phuong", "lich tram", "tiê"]
)
def test_words_are_found_in_title_and_spoken_text_without_diacritics(session, add_row, words):
    add_row(title="Lịch tiêm chủng")
    add_row(title="Chuyện khác", spoken="không có gì")
    assert titles(history.find(session, HistoryFilter(words=words))) == ["Lịch tiêm chủng"]


@pytest.mark.parametrize("words", ["tiêm phòng", "%", "_"])
def test_words_that_do_not_occur_find_nothing(session, add_row, words):
    add_row()
    assert history.find(session, HistoryFilter(words=words)) == []


@pytest.mark.parametrize(
    "narrow",
    [
        {"results": frozenset({"missed", "cut"})},
        {"topic": "môi trường"},
        {"programme": "Bản tin sáng"},
        {"kind": "emergency"},
    ],
)
def test_filters_narrow(session, add_row, narrow):
    add_row(title="other")
    add_row(title="wanted", result="cut", topic="môi trường", programme="Bản tin sáng", kind="emergency")
    assert titles(history.find(session, HistoryFilter(**narrow))) == ["wanted"]


def test_filters_work_together(session, add_row):
    add_row(title="wanted", topic="môi trường")
    add_row(title="wrong day", topic="môi trường", planned_at=later(days=3))
    add_row(title="wrong topic")
    both = HistoryFilter(topic="môi trường", last_date=date(2026, 11, 24))
    assert titles(history.find(session, both)) == ["wanted"]


# --- for a spreadsheet ---


def test_a_spreadsheet_sees_vietnamese_headings_and_local_times(add_row):
    row = cells([add_row(result="cut", reason="mất điện")])[0]
    assert (row["Ngày"], row["Giờ theo lịch"]) == ("23/11/2026", "23/11/2026 08:00:00")
    assert (row["Kết quả"], row["Lý do"], row["Ra loa"]) == ("bị cắt", "mất điện", "có")
    assert (row["Thời lượng đã phát (giây)"], row["Mức âm thanh (dBFS)"]) == ("61.5", "-18.2")
    assert (row["Người soạn"], row["Người duyệt"]) == ("Nguyễn Văn Soạn", "Trần Thị Duyệt")


def test_the_table_says_which_limits_were_passed_over_and_which_lexicon_read(add_row):
    passed = [{"rule": "Quá 22:00.", "reason": "Bão số 3", "by": "Hoa"}]
    row = add_row(details={"overrides": passed}, lexicon="a1b2")
    [told] = cells([row])
    assert told["Vượt giới hạn"] == "Quá 22:00. Lý do: Bão số 3 (Hoa)"
    assert told["Mã từ điển đọc"] == "a1b2"


def test_the_file_begins_with_a_byte_order_mark():
    assert "".join(csv_lines([])).encode().startswith(b"\xef\xbb\xbf\x53")


@pytest.mark.parametrize("title", ["=1+1", "+84", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_can_be_run_as_a_formula(add_row, title):
    row = add_row()
    row.title = title
    line = list(csv_lines([row]))[1]
    assert next(csv.reader(io.StringIO(line, newline="")))[3] == f"'{title}"


def test_quotes_commas_and_line_ends_stay_inside_their_cell(add_row):
    row = cells([add_row(title='Thông báo "số 5", ngày mai')])[0]
    assert row["Tiêu đề"] == 'Thông báo "số 5", ngày mai'


def test_a_zone_without_sound_is_named_with_its_fault(add_row):
    zones = [{"zone": "Khu 1", "fault": None}, {"zone": "Khu 2", "fault": "mất tiếng"}]
    assert cells([add_row(zones=zones)])[0]["Cụm loa"] == "Khu 1; Khu 2 (mất tiếng)"


def test_a_phrase_in_quotes_is_found_as_it_stands(session, add_row):
    add_row(title="Cải cách hành chính", spoken="đường lê lợi sửa")
    add_row(title="Hành chính cải cách", spoken="lợi lê")
    assert titles(history.find(session, HistoryFilter(words="“cai cach”"))) == [
        "Hành chính cải cách",
        "Cải cách hành chính",
    ]
    assert titles(history.find(session, HistoryFilter(words='"cải cách hành" duong'))) == [
        "Cải cách hành chính"
    ]
    assert history.find(session, HistoryFilter(words='"hanh cai"')) == []


def test_a_text_aired_often_is_kept_once(session, add_row):
    rows = [add_row(), add_row(), add_row(title="Khác")]
    assert rows[0].words_id == rows[1].words_id != rows[2].words_id


def test_many_texts_are_searched_from_the_newest(session, add_row, monkeypatch):
    monkeypatch.setattr(search, "FEW", 1)
    for number in range(4):
        add_row(NOW + timedelta(minutes=number), title=f"Tin số {number}")
    assert titles(history.find(session, HistoryFilter(words="tin so"), limit=2)) == ["Tin số 3", "Tin số 2"]


def test_the_first_and_the_last_day_that_can_be_typed_are_days_too(session, add_row):
    row = add_row()
    trace = Trace(date.min, date.max)
    for every in (HistoryFilter(first_date=date.min, last_date=date.max), HistoryFilter(trace=trace)):
        assert history.find(session, every) == [row]
