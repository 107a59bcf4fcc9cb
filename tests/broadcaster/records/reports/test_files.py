"""What the files say, read back by other programs, against a plain count of the small year."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from openpyxl import load_workbook
from pypdf import PdfReader

from broadcaster.errors import Refused
from broadcaster.records.reports import drawing, excel_file, fonts, pdf_file, word_file
from broadcaster.records.reports.numbers import tenths
from broadcaster.records.reports.period import between
from broadcaster.records.reports.pieces import Bars, Chart
from broadcaster.records.reports.report import Group, Report
from broadcaster.store import Store
from tests.broadcaster.records.reports.happened import Happened

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
COMPUTED = ("Tổng hợp", "Phân loại", "Theo thời gian")


class Count:
    """The year counted row by row, without any of the program's own counting."""

    def __init__(self, happened: Happened) -> None:
        rows = [row for row in happened.between(FIRST, LAST) if not (row["details"] or {}).get("drill")]
        kept = [row for row in rows if row["result"] == "played" and row["on_loudspeaker"]]
        sounded = [row for row in rows if row["on_loudspeaker"] and row["result"] in ("played", "cut")]
        self.items = len({row["bulletin_id"] for row in kept})
        self.airings = len(kept)
        self.minutes = sum(row["seconds_heard"] for row in sounded) / 60
        self.ended = len(rows) + happened.superseded
        self.by_zone = {
            zone: sum(any(each["zone"] == zone and each["seconds_heard"] > 0 for each in row["zones"])
                      for row in kept)
            for zone in ("Khu phố 1", "Khu phố 2", "Tổ 3")
        }  # fmt: skip


@pytest.fixture
def count(happened: Happened) -> Count:
    return Count(happened)


@pytest.fixture(scope="module")
def report(report_of: Callable[..., Report]) -> Report:
    return report_of(between(FIRST, LAST))


def written(writer, *of) -> io.BytesIO:
    target = io.BytesIO()
    writer.write(*of, target)
    target.seek(0)
    return target


# --- Word ---


@pytest.fixture(scope="module")
def word(report):
    return docx.Document(written(word_file, report))


def tables(word) -> dict[str, list[list[str]]]:
    """Return tables by what they say of themselves; cells of the letterhead's table say nothing."""
    found = {}
    for table in word.element.body.iter(qn("w:tbl")):
        about = table.find(f"{qn('w:tblPr')}/{qn('w:tblCaption')}")
        if about is not None:
            rows = table.iter(qn("w:tr"))
            cells = [[_text(cell) for cell in row.iter(qn("w:tc"))] for row in rows]
            found[about.get(qn("w:val")).partition(". ")[2]] = cells
    return found


def _text(cell) -> str:
    return "".join(each.text or "" for each in cell.iter(qn("w:t")))


def test_the_totals_in_word_are_those_of_a_plain_count(word, count):
    found = tables(word)
    for caption in ("chủ đề", "loại tin", "nguồn", "chương trình"):
        total = found[f"Số liệu theo {caption}"][-1]
        assert total[1:3] == [tenths(count.items), tenths(count.airings)]
        assert total[3] == f"{count.minutes:,.1f}".translate(str.maketrans(",.", ".,"))
    assert found["Kết quả các lượt phát"][-1][-1] == tenths(count.ended)
    zones = {row[0]: row[2] for row in found["Số liệu theo cụm loa"][1:-1]}
    assert zones == {zone: tenths(number) for zone, number in count.by_zone.items()}


def test_the_lines_of_a_table_add_up_to_its_total(word):
    for caption, rows in tables(word).items():
        if rows[-1][0] == "Cộng":
            for column in range(1, len(rows[0])):
                cells = [row[column] for row in rows[1:]]
                if all(re.fullmatch(r"[\d.]+", cell) for cell in cells):
                    *parts, total = (int(cell.replace(".", "")) for cell in cells)
                    assert sum(parts) == total, (caption, rows[0][column])


def test_word_is_laid_out_as_an_administrative_report(word, report):
    section = word.sections[0]
    sizes = [round(each.mm) for each in (section.page_width, section.page_height)]
    margins = [round(each.mm) for each in (section.top_margin, section.bottom_margin, section.left_margin)]
    assert (sizes, margins, round(section.right_margin.mm)) == ([210, 297], [20, 20, 30], 20)
    head = [line for cell in word.tables[0].rows[0].cells for line in cell.text.splitlines() if line]
    letterhead = report.letterhead
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head
    assert head[head.index("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") + 1] == "Độc lập - Tự do - Hạnh phúc"
    assert {letterhead.body.upper(), letterhead.number, letterhead.place_and_date} <= set(head)
    assert section.different_first_page_header_footer
    assert 'w:instr="PAGE"' in section.header._element.xml
    assert 'w:val="vi-VN"' in word.styles.element.xml
    assert word.core_properties.title == f"{letterhead.title}: {letterhead.subject}"
    assert "python" not in f"{word.core_properties.author}{word.core_properties.comments}".lower()


def test_every_table_repeats_its_headings_on_each_page(word):
    marked = [
        table
        for table in word.element.body.iter(qn("w:tbl"))
        if table.find(f".//{qn('w:tblHeader')}") is not None
    ]
    assert len(marked) == len(tables(word))


def test_charts_are_told_to_those_who_cannot_see_them(word, report):
    told = [each.get("descr") for each in word.element.body.iter(qn("wp:docPr"))]
    assert len(told) == 2
    assert f"{tenths(report.groups[0].rows[0].heard.airings)} lượt đã phát ra loa" in told[1]


# --- PDF ---


def test_the_pdf_says_what_word_says(word, report, count):
    pdf = PdfReader(written(pdf_file, report))
    text = " ".join("".join(page.extract_text() for page in pdf.pages).split())
    for rows in tables(word).values():
        for row in rows:
            for cell in row:
                assert " ".join(cell.split()) in text
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert f"Cả kỳ (không trùng) {tenths(count.items)} {tenths(count.airings)}" in text


def test_the_pdf_is_vietnamese_has_a_title_and_its_own_fonts(report):
    pdf = PdfReader(written(pdf_file, report))
    head = report.letterhead
    assert pdf.trailer["/Root"]["/Lang"] == "vi-VN"
    assert pdf.metadata.title == f"{head.title}: {head.subject}"
    fonts_used = [font.get_object() for font in pdf.pages[0]["/Resources"]["/Font"].values()]
    ours = [
        font for font in fonts_used if font["/BaseFont"] != "/Helvetica"
    ]  # named, but nothing is set in it
    assert len(ours) >= 3
    assert all("/FontFile2" in font["/FontDescriptor"] for font in ours)
    assert not pdf.pages[0].extract_text().startswith("1")
    assert pdf.pages[1].extract_text().lstrip().startswith("2")


def test_a_machine_without_a_vietnamese_font_is_told_what_to_install(tmp_path):
    with pytest.raises(Refused, match="fonts-croscore"):
        fonts.find([tmp_path])


def test_a_chart_of_nothing_can_be_drawn():
    empty = Chart("Không có gì", "lượt", ("01/12",), (Bars("lượt", (0.0,)),), is_over_time=True)
    assert drawing.picture(drawing.draw(empty)).startswith(b"\x89PNG")


# --- Excel ---


@pytest.fixture(scope="module")
def excel(year: tuple[Store, Happened], report) -> bytes:
    with year[0].read() as session:
        return written(excel_file, session, report).getvalue()


@pytest.fixture(scope="module")
def computed(excel: bytes, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file as LibreOffice computes it from the formulas alone, without the values they came with."""
    folder = tmp_path_factory.mktemp("computed")
    _without_values(excel, folder / "report.xlsx")
    place = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", place, "--headless", "--convert-to", "xlsx", "--outdir", folder / "out"]
    subprocess.run([*command, folder / "report.xlsx"], check=True, capture_output=True, timeout=60)
    return (folder / "out" / "report.xlsx").read_bytes()


def _without_values(excel: bytes, target: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(excel)) as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            content = source.read(name).decode()
            made.writestr(name, re.sub(r"(</f>)<v>[^<]*</v>", r"\1", content))


def cells(excel: bytes, sheet: str, *, values: bool = True) -> dict[str, object]:
    found = load_workbook(io.BytesIO(excel), data_only=values)[sheet]
    return {cell.coordinate: cell.value for row in found for cell in row if cell.value is not None}


@pytest.mark.parametrize("sheet", COMPUTED)
def test_every_formula_computes_to_the_figure_of_the_report(excel, computed, sheet):
    formulas = {
        at: each for at, each in cells(excel, sheet, values=False).items() if str(each).startswith("=")
    }
    told, found = cells(excel, sheet), cells(computed, sheet)
    assert len(formulas) > 15
    for at, formula in formulas.items():
        assert found.get(at, 0) == pytest.approx(told[at]), (at, formula)


def test_the_totals_in_excel_are_those_of_a_plain_count(computed, count):
    sheet = load_workbook(io.BytesIO(computed), data_only=True)["Tổng hợp"]
    rows = list(sheet.iter_rows(values_only=True))
    overall = {row[0]: row[2] for row in rows}
    assert (overall["Tin, bài"], overall["Lượt phát trên loa"]) == (count.items, count.airings)
    assert overall["Thời lượng"] == pytest.approx(count.minutes)
    assert next(row[3] for row in rows if row[0] == "Cộng") == count.ended


def test_plans_stand_in_excel_one_airing_in_several_of_them(report, year):
    topic = next(group for group in report.groups if group.key == "topic").rows[0]
    plans = (replace(topic, name="Kế hoạch 02/KH-UBND"), replace(topic, name="Kế hoạch 03/KH-UBND"))
    group = Group("plan", "Theo kế hoạch", "Kế hoạch", plans, overlaps=True)
    with year[0].read() as session:
        made = written(excel_file, session, replace(report, groups=(*report.groups, group)))
    found = cells(made.getvalue(), "Phân loại")
    lines = {value: place for place, value in found.items() if str(value).startswith("Kế hoạch 0")}
    assert set(lines) == {plan.name for plan in plans}
    assert {found[f"C{place[1:]}"] for place in lines.values()} == {topic.heard.airings}


def test_a_text_that_looks_like_a_formula_stays_a_text(excel):
    book = load_workbook(io.BytesIO(excel))
    titles = [row[5] for row in book[excel_file.ROWS].iter_rows(min_row=2)]
    assert any(cell.value.startswith("=Tin số") and cell.data_type in ("s", "inlineStr") for cell in titles)
    assert not any(cell.data_type == "f" for cell in titles)


def test_the_sheets_can_be_read_printed_and_filtered(excel):
    book = load_workbook(io.BytesIO(excel))
    rows = book[excel_file.ROWS]
    assert (rows.freeze_panes, rows.print_title_rows) == ("B2", "$1:$1")
    assert rows.auto_filter.ref.startswith("A1:")
    assert {sheet.title: len(sheet._charts) for sheet in book if sheet._charts} == {
        "Phân loại": 5, "Theo thời gian": 1,
    }  # fmt: skip
