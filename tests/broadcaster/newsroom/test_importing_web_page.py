"""What is pasted from a web page comes out in blocks; what is of the page and not of the story is named."""

from __future__ import annotations

import pytest

from broadcaster.newsroom.importing import BlockKind
from broadcaster.newsroom.importing.leave_out import proposed
from broadcaster.newsroom.importing.web_page import read_page


def blocks(html: str):
    return proposed(read_page(html))


def texts(html: str) -> list[str]:
    return [block.text for block in blocks(html)]


def kept(html: str) -> list[str]:
    return [block.text for block in blocks(html) if not block.leave_out]


PAGE = """<!DOCTYPE html><html><head><title>Cổng</title><script>var a = "<p>không</p>";</script></head><body>
<nav><ul><li>Trang chủ<li>Giới thiệu</ul></nav><header><h1>Trang tin phường</h1></header>
<main><article><header><h1>Lịch cắt điện</h1></header><p>Điện lực thông báo lịch cắt điện
như sau, mong bà con thông cảm.</p><ul><li>Khu phố 1<li>Khu phố 2</ul><ol start="3"><li>Rút phích cắm</ol>
<table><tr><th>Ngày</th><th>Giờ</th></tr><tr><td>12/5</td><td>7h30</td></tr></table>
<figure><img src="a.jpg"><figcaption>Công nhân sửa điện.</figcaption></figure>
<p>Lượt xem: 1.234</p><button>Chia sẻ</button></article></main>
<footer>Bản quyền của phường</footer></body></html>"""


def test_a_page_gives_its_story():
    assert kept(PAGE) == [
        "Lịch cắt điện",
        "Điện lực thông báo lịch cắt điện như sau, mong bà con thông cảm.",
        "- Khu phố 1",
        "- Khu phố 2",
        "3. Rút phích cắm",
        "Ngày: 12/5; giờ: 7h30.",
        "Công nhân sửa điện.",
    ]


def test_what_surrounds_the_story_has_its_reason():
    reasons = {block.text: block.leave_out for block in blocks(PAGE) if block.leave_out}
    assert reasons == {
        "Trang chủ": "trình đơn của trang web",
        "Giới thiệu": "trình đơn của trang web",
        "Trang tin phường": "phần đầu của trang web",
        "Lượt xem: 1.234": "bộ đếm của trang mạng",
        "Chia sẻ": "nút bấm của trang web",
        "Bản quyền của phường": "phần chân của trang web",
    }


def test_kinds_come_from_the_elements():
    kinds = {block.text: block.kind for block in blocks(PAGE)}
    assert kinds["Lịch cắt điện"] is BlockKind.HEADING
    assert kinds["- Khu phố 1"] is BlockKind.ITEM
    assert kinds["Ngày: 12/5; giờ: 7h30."] is BlockKind.TABLE_ROW
    assert kinds["Công nhân sửa điện."] is BlockKind.CAPTION
    assert kinds["Bản quyền của phường"] is BlockKind.DEBRIS


def test_references_and_blanks_of_html_become_letters():
    assert texts("<p>Ph&ograve;ng&nbsp;ch&#7889;ng\n   <b>d</b>ịch</p>") == ["Phòng chống dịch"]


def test_line_breaks_stay_lines():
    assert texts("<p>Một<br>Hai<br/>Ba</p>") == ["Một\nHai\nBa"]


def test_what_is_not_shown_is_not_read():
    html = '<p style="display: none">ẩn</p><div hidden>ẩn</div><noscript>ẩn</noscript><p>thấy</p>'
    assert texts(html) == ["thấy"]


def test_a_page_laid_out_with_tables_is_read_cell_by_cell():
    long = "Phường tổ chức ra quân dọn vệ sinh. " * 15
    first = f"<tr><td>Trang chủ</td><td><p>{long}</p><p>Kết thúc.</p></td></tr>"
    html = f"<table>{first}<tr><td>Xin cảm ơn.</td></tr></table>"
    assert kept(html)[-3:] == [long.strip(), "Kết thúc.", "Xin cảm ơn."]


def test_cells_over_several_rows_and_columns_are_said_with_each():
    html = (
        "<table><tr><th>Khu phố<th colspan=2>Giờ</tr>"
        "<tr><td rowspan=2>Một<td>7h<td>8h</tr><tr><td>9h<td>10h</tr></table>"
    )
    assert texts(html) == ["Khu phố: Một; giờ: 7h; giờ: 8h.", "Khu phố: Một; giờ: 9h; giờ: 10h."]


def test_lists_pasted_from_word_keep_their_own_marks():
    assert texts("<ol><li>a) Chuẩn bị</li></ol>") == ["a) Chuẩn bị"]


@pytest.mark.parametrize(
    "html",
    [
        "<p>mở không đóng",
        "</p></div></table>chữ",
        "<table><td>ô không hàng",
        "<table>" * 500 + "sâu",
        "<div>" * 5000 + "sâu",
        "<ol><li>" * 3000 + "sâu",
        "<![CDATA[ <p>lạ",
        "<!-- không đóng <p>chữ",
        "<p attr='không đóng>chữ",
        "&#x110000; &#xD800; &nosuch; chữ",
        "<td colspan=99999999 rowspan=99999999>ô" * 50,
        "<" * 5000,
        "\0<p>chữ\ufffe",
    ],
)
def test_whatever_the_page_is_made_of_it_is_read(html):
    for block in blocks(html):
        assert block.text.strip()
