"""The page of reports: its figures and where they lead, its words, and the files."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from broadcaster import history_file
from broadcaster.errors import Refused
from broadcaster.records.history import HistoryFilter
from broadcaster.records.reports import template
from broadcaster.records.reports.period import between
from broadcaster.records.tracing import Trace
from broadcaster.store import Store
from tests.broadcaster.records.conftest import adder
from tests.broadcaster.records.reports.happened import AFTER, YEAR, Happened, fill
from tests.broadcaster.records.reports.test_counting import plain
from tests.clocks import FakeClock
from tests.desk import Desk
from web import report_files

WHOLE = f"tu={YEAR}-01-01&den={YEAR}-12-31"
LAST = date(YEAR, 12, 31)
NUMBER = re.compile(r'<a class="figure-link" href="([^"]+)"[^>]*>([\d.]+)</a>')


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(AFTER)


@pytest.fixture(scope="module")
def year(tmp_path_factory, migrated_file) -> tuple[Path, Happened]:
    """The small year in a file, to be copied."""
    folder = tmp_path_factory.mktemp("year")
    shutil.copy(migrated_file, folder / "station.db")
    made = Store(folder)
    with made.write() as session:
        happened = fill(session, adder(session), rows=90)
    made.close()
    return folder / "station.db", happened


@pytest.fixture
def happened(year) -> Happened:
    return year[1]


@pytest.fixture
def store(tmp_path, year):
    """The small year, at the station of the pages."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(year[0], folder / "station.db")
    opened = Store(folder)
    yield opened
    opened.close()


@pytest.fixture
def desk(store, clock) -> Desk:
    made = Desk(store, clock)
    made.furnish()
    return made


def rows_behind(visitor, address: str) -> int:
    """Return how many rows the history has under an address of the page, as its table for a spreadsheet."""
    path = unescape(address).replace("/nhat-ky?", "/nhat-ky/tai-ve.csv?")
    text = visitor.get(path).get_data(as_text=True)
    return len(list(csv.reader(io.StringIO(text, newline="")))) - 1


def texts_on(page: str) -> dict[str, str]:
    return {
        name: unescape(text).strip("\r\n")
        for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    }


def test_totals_on_the_page_agree_with_a_plain_count(officer, happened):
    page = officer.get(f"/bao-cao?{WHOLE}").text
    rows = [row for row in happened.rows if row["planned_at"].year == YEAR]
    _, kept, _, _, owed = plain(rows)
    shown = re.findall(r'class="figure-number" href="[^"]+">([^<]+)</a>', page)
    assert shown[0] == str(len({row["bulletin_id"] for row in kept}))
    assert shown[1] == str(len(kept))
    percent = round(100 * sum(row in kept for row in owed) / len(owed), 1)
    assert shown[3] == f"{percent:.1f}%".replace(".", ",").replace(",0%", "%")


def test_figures_of_the_schedule_and_causes_lead_to_exactly_their_rows(officer):
    page = officer.get(f"/bao-cao?{WHOLE}").text
    part = page[page.index('id="theo-lich"') : page.index('id="nhom-topic"')]
    found = NUMBER.findall(part)
    assert len(found) > 12
    for address, words in found:
        assert rows_behind(officer, address) == int(words.replace(".", "")), address


def test_the_history_says_which_rows_it_shows(officer):
    page = officer.get(f"/nhat-ky?tu={YEAR}-01-01&den={YEAR}-12-31&dat=co&chu_de=An+ninh").text
    assert "đã phát ra loa, chủ đề “An ninh”, từ ngày 01/01/2026 đến ngày 31/12/2026" in page


def test_without_a_period_it_is_this_month_and_a_wrong_one_is_explained(officer):
    this_month = officer.get("/bao-cao").text
    assert "<h1>Báo cáo tháng 1 năm 2027</h1>" in this_month
    assert "Kỳ báo cáo chưa kết thúc: số liệu tính đến 08:00 ngày 04/01/2027." in this_month
    page = officer.get("/bao-cao?tu=07/03/2026&den=06/03/2026").text
    assert "Ngày cuối phải từ ngày đầu trở đi." in page
    assert "Ngày chưa đúng" in officer.get("/bao-cao?tu=31/31/2026&den=06/03/2026").text


def test_an_officer_words_one_report_and_lets_it_go_again(officer, desk):
    address = f"/bao-cao/loi-van?{WHOLE}"
    kept = texts_on(officer.get(address).text)
    answer = officer.post(address, follow=True, **{**kept, "assessment": "Đài làm tốt."})
    assert "Đài làm tốt." in answer.text
    with desk.store.read() as session:
        own = template.own_words(session, between(date(YEAR, 1, 1), LAST))
    assert own.parts == {"assessment": "Đài làm tốt."}
    officer.post(f"/bao-cao/loi-van/bo?{WHOLE}")
    assert "Đài làm tốt." not in officer.get(f"/bao-cao?{WHOLE}").text


def test_the_template_is_previewed_then_kept(officer):
    fields = texts_on(officer.get("/bao-cao/mau").text)
    fields |= {"body": "TRUNG TÂM {TÊN ĐÀI}", "signer": "Nguyễn Văn A"}
    shown = officer.post("/bao-cao/mau", **fields, xem="1").text
    assert "Xem trước, chưa lưu" in shown
    assert "TRUNG TÂM ĐÀI TRUYỀN THANH PHƯỜNG BÌNH MINH" in shown
    assert "Nguyễn Văn A" not in officer.get(f"/bao-cao?{WHOLE}").text
    officer.post("/bao-cao/mau", **fields, luu="1")
    assert "Nguyễn Văn A" in officer.get(f"/bao-cao?{WHOLE}").text


def based_on(page: str) -> str:
    return re.search(r'name="based_on"[^>]*value="(\d+)"', page)[1]


@pytest.mark.parametrize(
    ("address", "button", "other"),
    [("/bao-cao/mau", {"luu": "1"}, "Địa danh"), (f"/bao-cao/loi-van?{WHOLE}", {}, "II. Đánh giá")],
    ids=["template", "words"],
)
def test_who_saves_words_second_is_told_and_loses_nothing(officer, visitor, desk, address, button, other):
    second = visitor(desk.person("soan2", "officer"))
    opened = officer.get(address).text
    fields = {**texts_on(opened), **button, "based_on": based_on(opened)}
    part = "place" if button else "assessment"
    officer.post(address, **{**fields, part: "Một"})
    mine = {**fields, "closing": "Hết rồi."}
    answer = second.post(address, **mine).text
    told = unescape(answer)
    assert f"{desk.officer.name} đã lưu" in told
    assert f"Khác bản bạn nhập: {other}: “Một”" in told
    assert texts_on(answer)["closing"] == "Hết rồi."
    assert texts_on(officer.get(address).text)[part] == "Một"
    second.post(address, **{**mine, "based_on": based_on(answer)})
    assert texts_on(officer.get(address).text)["closing"] == "Hết rồi."
    assert texts_on(officer.get(address).text)[part] != "Một"


def test_an_unknown_place_is_shown_at_its_field_and_nothing_typed_is_lost(officer):
    fields = texts_on(officer.get("/bao-cao/mau").text)
    page = officer.post("/bao-cao/mau", **{**fields, "closing": "Hết {số gì}."}, luu="1").text
    assert "có chỗ điền {số gì} mà chương trình không biết" in page
    assert "Hết {số gì}." in page
    assert "Hết" not in officer.get(f"/bao-cao?{WHOLE}").text.split('class="paper"')[1]


def test_a_period_that_has_not_begun_has_no_report(officer):
    page = officer.get("/bao-cao?tu=2031-01-01&den=2031-03-31").text
    assert "Kỳ này chưa bắt đầu" in page
    assert "năm 2031" not in page
    assert "Kỳ sau ›" not in officer.get("/bao-cao").text
    assert "Kỳ sau ›" in officer.get("/bao-cao?tu=2025-01-01&den=2025-01-31").text


def test_files_are_written_beside_the_page(officer):
    answer = officer.get(f"/bao-cao/tai-ve.docx?{WHOLE}")
    assert answer.headers["Content-Disposition"].endswith('"bao-cao-2026-01-01_2026-12-31.docx"')
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    table = officer.get(f"/bao-cao/tai-ve.csv?{WHOLE}")
    assert table.data.startswith(b"\xef\xbb\xbf")


def test_the_history_is_taken_away_as_excel_with_just_the_rows_of_the_filters(officer):
    asked = f"first_date=01/01/{YEAR}&last_date=31/12/{YEAR}&words=v&result=played"
    shown = list(csv.reader(io.StringIO(officer.get(f"/nhat-ky/tai-ve.csv?{asked}").text, newline="")))
    answer = officer.get(f"/nhat-ky/tai-ve.xlsx?{asked}", buffered=True)
    rows = list(load_workbook(io.BytesIO(answer.data), read_only=True).active.values)
    assert len(rows) == len(shown) > 1
    assert ".xlsx" in answer.headers["Content-Disposition"]


def test_the_history_behind_a_figure_is_taken_away_as_word(officer):
    traced = f"/nhat-ky/tai-ve.docx?{WHOLE}&ket_qua=missed"
    book = Document(io.BytesIO(officer.get(traced, buffered=True).data))
    assert len(book.tables[0].rows) - 1 == rows_behind(officer, f"/nhat-ky?{WHOLE}&ket_qua=missed") > 0


def test_too_many_rows_for_word_are_told_on_the_page_of_the_history(officer, monkeypatch):
    def refuse(*_):
        raise Refused("Một tệp Word chỉ chứa được 5.000 dòng.")

    monkeypatch.setattr(report_files, "write_history", refuse)
    answer = officer.get("/nhat-ky/tai-ve.docx?topic=Y+tế", follow_redirects=True)
    assert "Một tệp Word chỉ chứa được 5.000 dòng." in answer.text
    assert answer.request.args["topic"] == "Y tế"


def test_what_is_asked_of_the_history_comes_over_to_the_process_that_writes_it():
    trace = Trace(LAST, LAST, topics=("Y tế", "Môi trường"), drill=None, alert=3)
    for filters in (
        HistoryFilter(),
        HistoryFilter(
            LAST, LAST, frozenset({"cut", "played"}), words="“cải cách”", bulletin_id=7, trace=trace
        ),
    ):
        assert history_file.understood(history_file.asked(filters)) == filters


def test_a_third_file_at_once_is_asked_to_wait(officer):
    for _ in range(report_files.MOST_AT_ONCE):
        assert report_files._free.acquire(blocking=False)
    try:
        page = officer.client.get(f"/bao-cao/tai-ve.pdf?{WHOLE}", follow_redirects=True).text
        assert "Đang lập hai tệp khác" in page
    finally:
        for _ in range(report_files.MOST_AT_ONCE):
            report_files._free.release()


def test_why_a_file_cannot_be_written_is_told(tmp_path):
    with pytest.raises(Refused, match="chưa có trạm nào"):
        report_files.write(tmp_path / "none", between(LAST, LAST), "csv")


def test_no_traceback_reaches_the_page():
    with pytest.raises(Refused, match="Không lập được tệp này"):
        report_files._tell("Traceback (most recent call last):\nAttributeError: no attribute 'plan'")
