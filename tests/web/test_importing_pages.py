"""Getting text in through the page: what is taken, what is proposed to be left out, what comes of it."""

from __future__ import annotations

import io
import json
import re
from html import unescape

import pytest
from docx import Document

from broadcaster.newsroom import bulletins
from web import blocks

PAGE = """Trang chủ
Lượt xem: 1.024
THÔNG BÁO
Về việc tiêm chủng tháng 12
Kính thưa bà con, trạm y tế phường tổ chức tiêm chủng cho trẻ vào sáng thứ Bảy tuần này.
Mời bà con chủ động chủ động đưa trẻ đến đúng giờ, mang theo sổ tiêm chủng và thẻ bảo hiểm y tế.
In trang
Gửi email
Chia sẻ Facebook"""


def taken(officer, **fields):
    return officer.post("/ban-tin/nhap", **fields)


def blocks_of(page):
    return unescape(re.search(r'name="blocks"[^>]* value="([^"]*)"', page)[1])


def kept_of(page):
    return re.findall(r'name="keep" value="(\d+)"[^>]* checked', page)


def text_of(desk, address):
    with desk.store.read() as rows:
        return bulletins.get(rows, int(address.rsplit("/", 1)[1])).version.written


def form_with(content, token=""):
    """A form as bytes: the test client would put a large file aside and forget to close it."""
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
    named = '--x\r\nContent-Disposition: form-data; name="file"; filename="nang.docx"\r\n\r\n'
    body = head.encode() + named.encode() + content + b"\r\n--x--\r\n"
    return {"data": body, "content_type": "multipart/form-data; boundary=x"}


def word_file():
    document = Document()
    document.add_heading("Lịch tiêm chủng", level=1)
    document.add_paragraph("Mời bà con đưa trẻ đến trạm y tế.")
    for line in ("Mang sổ tiêm chủng", "Đến đúng giờ"):
        document.add_paragraph(line, style="List Bullet")
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(
        table.rows, (("Khu phố", "Giờ"), ("Khu phố 1", "7h30"), ("Khu phố 2", "9h")), strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def test_a_pasted_page_shows_what_stays_and_what_is_struck_through_with_its_reason(officer):
    page = unescape(taken(officer, pasted=PAGE).text)
    assert "đề nghị bỏ: bộ đếm của trang mạng" in page
    assert ">\r\nThông báo về việc tiêm chủng tháng 12</textarea>" in page
    assert len(kept_of(page)) == 4
    assert '<span class="slip" title="lặp từ: “chủ động”?">chủ động chủ động</span>' in page


def test_what_was_kept_becomes_a_draft_and_nothing_else_does(officer, desk):
    page = taken(officer, pasted=PAGE).text
    kept = kept_of(page)[:-1]
    made = officer.post("/ban-tin/nhap/dua-vao", title="Tiêm chủng", blocks=blocks_of(page), keep=kept)
    text = text_of(desk, made.location)
    assert "Kính thưa bà con" in text
    assert "Lượt xem" not in text
    assert "Mời bà con" not in text


def test_what_was_proposed_to_go_can_be_kept(officer, desk):
    page = taken(officer, pasted=PAGE).text
    everything = [str(number) for number in range(len(json.loads(blocks_of(page))))]
    made = officer.post("/ban-tin/nhap/dua-vao", title="Tin", blocks=blocks_of(page), keep=everything)
    assert "Lượt xem: 1.024" in text_of(desk, made.location)


def test_a_word_file_comes_in_with_headings_items_and_sentences_for_its_table(officer, desk):
    page = taken(officer, file=(io.BytesIO(word_file()), "lich.docx")).text
    assert ">\r\nLịch tiêm chủng</textarea>" in page
    assert "trong đó 1 đề mục, 2 mục liệt kê, 2 dòng trong bảng" in page
    assert "dòng trong bảng" in page
    made = officer.post("/ban-tin/nhap/dua-vao", title="Lịch", blocks=blocks_of(page), keep=kept_of(page))
    assert "Khu phố 1" in text_of(desk, made.location)
    assert "7h30" in text_of(desk, made.location)


def test_a_page_copied_with_its_shape_keeps_its_table(officer):
    shape = (
        "<h1>Lịch họp</h1><table><tr><th>Tổ</th><th>Giờ</th></tr><tr><td>Tổ 1</td><td>8h</td></tr></table>"
    )
    page = taken(officer, pasted="Lịch họp Tổ Giờ Tổ 1 8h", page=shape).text
    assert "dòng trong bảng" in page


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "trong.docx", "trống"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 99, "quet.pdf", "đây là ảnh"),
        (b"PK\x03\x04" + b"x" * 400, "hong.docx", "hỏng"),
        (b"%PDF-1.7\nnothing", "hong.pdf", "PDF"),
    ],
)
def test_a_bad_file_gets_one_sentence_and_what_was_pasted_stays(content, name, words, officer):
    answer = taken(officer, file=(io.BytesIO(content), name), pasted="Giữ lại câu này.")
    page = unescape(answer.text)
    assert answer.status_code == 200
    assert page.count('class="field-error"') == 1
    assert words in page
    assert "Giữ lại câu này." in page


def test_nothing_given_is_told_beside_the_field(officer):
    assert "Hãy chọn một tệp, hoặc dán văn bản" in taken(officer, pasted="  ").text


def test_a_missing_title_or_nothing_kept_loses_nothing(officer):
    page = taken(officer, pasted=PAGE).text
    again = officer.post("/ban-tin/nhap/dua-vao", title="", blocks=blocks_of(page), keep=["4"])
    assert "Hãy nhập tiêu đề" in again.text
    assert kept_of(again.text) == ["4"]
    none = officer.post("/ban-tin/nhap/dua-vao", title="Tin", blocks=blocks_of(page))
    assert "Chưa giữ lại đoạn nào" in none.text
    assert blocks_of(none.text) == blocks_of(page)


@pytest.mark.parametrize(
    "field", ["", "{}", "[1]", '[["paragraph", 5, ""]]', '[["thing", "a", ""]]', "[[[[", "null"]
)
def test_blocks_that_are_not_ours_are_refused_with_a_sentence(field, officer):
    answer = officer.post("/ban-tin/nhap/dua-vao", title="Tin", blocks=field, keep=["0"])
    assert answer.status_code == 409
    assert "chọn lại tệp hoặc dán lại" in answer.text


def test_a_large_file_is_taken_and_a_larger_one_told_so(officer):
    heavy = b"PK\x03\x04" + b"0" * 3_000_000
    assert "hỏng" in officer.client.post("/ban-tin/nhap", **form_with(heavy, officer.token())).text
    answer = officer.client.post("/ban-tin/nhap", **form_with(b"0" * 22_000_000, officer.token()))
    assert answer.status_code == 413
    assert "nặng hơn 20 MB" in answer.text


def test_nobody_who_is_not_permitted_sends_large_files(visitor):
    heavy = form_with(b"0" * 3_000_000)
    assert visitor().client.post("/ban-tin/nhap", **heavy).location.startswith("/dang-nhap")
    assert visitor("viewer").client.post("/ban-tin/nhap", **heavy).status_code == 403


FORM = {"kind": "routine", "voice": "", "rate": "1.0", "repeats": "1"}


def test_leftovers_in_an_ordinary_form_are_offered_to_be_taken_out(officer, desk):
    made = officer.post("/ban-tin/moi", title="Tiêm chủng", written=PAGE, **FORM)
    page = officer.get(made.location).text
    assert "5 đoạn trông như phần thừa của trang web" in page
    offer = officer.get(f"{made.location}/phan-thua").text
    answer = officer.post(f"{made.location}/phan-thua", based_on="1", keep=kept_of(offer), follow=True)
    assert "phần thừa của trang web" not in answer.text
    text = text_of(desk, made.location)
    assert text.startswith("THÔNG BÁO\nVề việc")
    assert "Chia sẻ" not in text


def test_leftovers_that_were_looked_at_are_not_offered_again(officer):
    made = officer.post("/ban-tin/moi", title="Tiêm chủng", written=PAGE, **FORM)
    everything = [str(number) for number in range(9)]
    answer = officer.post(f"{made.location}/phan-thua", based_on="1", keep=everything, follow=True)
    assert "Không bỏ phần nào" in answer.text
    assert "phần thừa của trang web" not in officer.get(made.location).text


def test_leftovers_of_another_version_are_shown_anew(officer):
    made = officer.post("/ban-tin/moi", title="Tiêm chủng", written=PAGE, **FORM)
    officer.post(
        f"{made.location}/sua", title="Tiêm chủng", written=f"Câu mới.\n{PAGE}", based_on="1", **FORM
    )
    answer = officer.post(f"{made.location}/phan-thua", based_on="1", keep=["0"])
    assert "vừa được sửa ở nơi khác" in answer.text
    assert "Câu mới." in answer.text


@pytest.mark.parametrize("written", ["a\n\nb\n\n\nc\n", "", "\n", "Một dòng", " \nb\n "])
def test_keeping_every_line_keeps_the_text(written):
    everything = range(len(blocks.lines_of(written).blocks))
    kept = blocks.without(written, set(everything))
    assert kept.split() == written.split()


def test_packed_blocks_come_back_as_they_went():
    found = blocks.lines_of("Một “dòng” <b>\nHai")
    assert blocks.unpacked(blocks.packed(found)).blocks == found.blocks
