"""What a Word file says comes out in the order and with the words that a reader of the page sees."""

from __future__ import annotations

import unicodedata

import docx
import pytest

from broadcaster.newsroom.importing import BlockKind, text_of
from broadcaster.newsroom.importing.parsing import parse
from tests.broadcaster.newsroom.files import (
    body,
    listed,
    numbered,
    official_letter,
    paragraph,
    saved,
    with_part,
    word,
)


def texts(content: bytes) -> list[str]:
    return [block.text for block in parse("thu.docx", content).blocks]


@pytest.fixture(scope="module")
def letter():
    return parse("thông báo.docx", official_letter())


def test_an_official_letter_keeps_its_news_and_proposes_the_rest_to_be_left_out(letter):
    assert letter.text == (
        "THÔNG BÁO\n\n"
        "Về việc tiêm chủng mở rộng tháng 5 năm 2024.\n\n"
        "Thời gian và địa điểm\n\n"
        "- Trẻ từ 2 đến 18 tháng tuổi;\n- Phụ nữ mang thai.\n"
        "1. Mang theo sổ tiêm chủng.\n2. Đeo khẩu trang.\n\n"
        "1. Khu phố 1; giờ tiêm: 7h30.\n2. Khu phố 2; giờ tiêm: 9h00.\n\n"
        "Kính mong bà con đến đúng giờ./."
    )


def test_every_proposal_has_its_reason_and_nothing_is_gone(letter):
    reasons = {block.text: block.leave_out for block in letter.blocks if block.leave_out}
    assert reasons["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"] == "quốc hiệu, tiêu ngữ"
    assert reasons["ỦY BAN NHÂN DÂN\nPHƯỜNG TÂN MINH"] == "tên cơ quan ở đầu văn bản"
    assert reasons["Số: 12/TB-UBND"] == "số, ký hiệu văn bản"
    assert reasons["Tân Minh, ngày 05 tháng 5 năm 2024"] == "địa danh, ngày ban hành ở đầu văn bản"
    assert reasons["Nơi nhận:\n- Như trên;\n- Lưu: VT."] == "phần “Nơi nhận”"
    assert reasons["Thông báo lịch tiêm chủng tháng 5"] == "đầu trang của tệp Word"
    assert reasons["Trang 1/2"] == "chân trang của tệp Word"
    assert next(reason for text, reason in reasons.items() if "Lê Thị Hoa" in text) == "phần ký tên, đóng dấu"


def test_a_person_may_keep_what_was_proposed_to_be_left_out(letter):
    number = next(n for n, block in enumerate(letter.blocks) if block.text == "Số: 12/TB-UBND")
    assert text_of(letter, letter.proposed) == letter.text
    assert "Số: 12/TB-UBND\n\nTHÔNG BÁO" in text_of(letter, letter.proposed | {number})
    assert text_of(letter, set()) == ""


def test_kinds_follow_the_styles_of_word(letter):
    kinds = {block.text: block.kind for block in letter.blocks}
    assert kinds["THÔNG BÁO"] is BlockKind.HEADING
    assert kinds["Thời gian và địa điểm"] is BlockKind.HEADING
    assert kinds["- Phụ nữ mang thai."] is BlockKind.ITEM
    assert kinds["1. Khu phố 1; giờ tiêm: 7h30."] is BlockKind.TABLE_ROW
    assert kinds["Kính mong bà con đến đúng giờ./."] is BlockKind.PARAGRAPH
    assert kinds["Trang 1/2"] is BlockKind.DEBRIS


def test_numbers_that_word_draws_are_in_the_text():
    document = docx.Document()
    number = numbered(document, [("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)")])
    for text, level in [
        ("Mục đích", 0),
        ("Một", 1),
        ("Chữ", 2),
        ("Chữ", 2),
        ("Hai", 1),
        ("Nội dung", 0),
        ("Một", 1),
    ]:
        listed(document, text, number, level)
    assert texts(saved(document)) == [
        "I. Mục đích", "1. Một", "a) Chữ", "b) Chữ", "2. Hai", "II. Nội dung", "1. Một",
    ]  # fmt: skip


def test_a_number_of_several_levels_names_them_all():
    document = docx.Document()
    number = numbered(document, [("decimal", "%1."), ("decimal", "%1.%2.")])
    for text, level in [("A", 0), ("B", 1), ("C", 1), ("D", 0), ("E", 1)]:
        listed(document, text, number, level)
    assert [text.split()[0] for text in texts(saved(document))] == ["1.", "1.1.", "1.2.", "2.", "2.1."]


def test_text_between_does_not_stop_a_list():
    document = docx.Document()
    number = numbered(document, [("decimal", "%1)")])
    listed(document, "Một", number)
    document.add_paragraph("Đoạn văn ở giữa hai mục của danh sách.")
    listed(document, "Hai", number)
    assert texts(saved(document))[2] == "2) Hai"


def test_tracked_changes_count_as_accepted_and_the_officer_is_told():
    changed = parse(
        "sửa.docx",
        body(
            '<w:p><w:r><w:t xml:space="preserve">Họp lúc </w:t></w:r>'
            '<w:del w:id="1" w:author="a"><w:r><w:delText>7 giờ</w:delText></w:r></w:del>'
            '<w:ins w:id="2" w:author="a"><w:r><w:t>8 giờ</w:t></w:r></w:ins></w:p>'
        ),
    )
    assert changed.text == "Họp lúc 8 giờ"
    assert "theo dõi sửa đổi" in changed.notices[0]


def test_a_deleted_paragraph_mark_joins_two_paragraphs():
    mark = '<w:pPr><w:rPr><w:del w:id="1" w:author="a"/></w:rPr></w:pPr>'
    assert texts(body(paragraph("Nửa đầu ", mark) + paragraph("và nửa sau."))) == ["Nửa đầu và nửa sau."]


def test_a_deleted_table_row_is_gone():
    def row(text: str, properties: str = "") -> str:
        cells = "".join(f"<w:tc>{paragraph(each)}</w:tc>" for each in (text, "2"))
        return f"<w:tr>{properties}{cells}</w:tr>"

    deleted = '<w:trPr><w:del w:id="1" w:author="a"/></w:trPr>'
    content = body(f"<w:tbl>{row('Gà')}{row('Vịt', deleted)}{row('Lợn')}</w:tbl>")
    assert texts(content) == ["Gà: 2.", "Lợn: 2."]


def test_links_breaks_tabs_and_special_hyphens_are_read_as_seen():
    content = body(
        "<w:p><w:hyperlink><w:r><w:t>Cổng</w:t></w:r></w:hyperlink><w:r><w:tab/><w:t>dịch vụ</w:t><w:br/>"
        "<w:t>Covid</w:t><w:noBreakHyphen/><w:t>19, khẩu</w:t><w:softHyphen/><w:t> trang</w:t></w:r></w:p>"
    )
    assert texts(content) == ["Cổng dịch vụ\nCovid-19, khẩu trang"]


def test_a_text_box_is_read_once_after_its_paragraph():
    inner = f"<w:txbxContent>{paragraph('Trong khung.')}</w:txbxContent>"
    box = (
        f"<w:r><mc:AlternateContent><mc:Choice><wps:txbx>{inner}</wps:txbx></mc:Choice>"
        f"<mc:Fallback><v:textbox>{inner}</v:textbox></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert texts(body(f"<w:p>{box}<w:r><w:t>Ngoài khung.</w:t></w:r></w:p>")) == [
        "Ngoài khung.",
        "Trong khung.",
    ]


def test_hidden_words_and_field_codes_are_not_read():
    content = body(
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Bí mật</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>Ai cũng thấy.</w:t></w:r></w:p>"
    )
    found = parse("ẩn.docx", content)
    assert found.text == "Ai cũng thấy."
    assert any("chữ ẩn" in notice for notice in found.notices)


def test_letters_come_out_composed():
    decomposed = unicodedata.normalize("NFD", "Ủy ban nhân dân phường")
    assert texts(body(paragraph(decomposed))) == ["Ủy ban nhân dân phường"]


def test_a_table_without_headings_is_said_as_pairs():
    def fill(document):
        table = document.add_table(rows=2, cols=2)
        for cells, values in zip(
            table.rows, (("Thời gian", "sáng thứ Bảy"), ("Địa điểm", "nhà văn hóa")), strict=True
        ):
            for cell, text in zip(cells.cells, values, strict=True):
                cell.text = text

    assert texts(word(fill)) == ["Thời gian: sáng thứ Bảy.", "Địa điểm: nhà văn hóa."]


def test_merged_cells_are_said_with_every_row_they_cover():
    def fill(document):
        table = document.add_table(rows=4, cols=3)
        rows = [
            ("Xã", "Nhiệt độ", ""),
            ("", "Cao nhất", "Thấp nhất"),
            ("Tân Minh", "35", "26"),
            ("", "34", "25"),
        ]
        for row, values in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, values, strict=True):
                cell.text = text
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(0, 0).merge(table.cell(1, 0))
        table.cell(2, 0).merge(table.cell(3, 0))

    assert texts(word(fill)) == [
        "Xã: Tân Minh; nhiệt độ cao nhất: 35; nhiệt độ thấp nhất: 26.",
        "Xã: Tân Minh; nhiệt độ cao nhất: 34; nhiệt độ thấp nhất: 25.",
    ]


def test_a_bold_first_row_names_the_columns_even_with_figures_in_it():
    def fill(document):
        table = document.add_table(rows=2, cols=3)
        for row, values in zip(
            table.rows, (("Khu phố", "Đợt 1", "Đợt 2"), ("Ba", "7h30", "9h")), strict=True
        ):
            for cell, text in zip(row.cells, values, strict=True):
                cell.paragraphs[0].add_run(text).bold = text in ("Khu phố", "Đợt 1", "Đợt 2")

    assert texts(word(fill)) == ["Khu phố: Ba; đợt 1: 7h30; đợt 2: 9h."]


def test_a_row_across_the_table_is_said_without_headings():
    def fill(document):
        table = document.add_table(rows=3, cols=3)
        rows = [("Khu phố", "Ngày", "Giờ"), ("Buổi sáng", "", ""), ("Khu phố 1", "12/5", "7h30")]
        for row, values in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, values, strict=True):
                cell.text = text
        table.cell(1, 0).merge(table.cell(1, 2))

    assert texts(word(fill)) == ["Buổi sáng.", "Khu phố 1; ngày: 12/5; giờ: 7h30."]


def test_a_document_with_macros_gives_its_text():
    def as_macro(content: bytes) -> bytes:
        return content.replace(
            b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            b"vnd.ms-word.document.macroEnabled.main+xml",
        )

    assert texts(with_part(body(paragraph("Xin chào bà con.")), "[Content_Types].xml", as_macro)) == [
        "Xin chào bà con."
    ]


def test_a_table_of_contents_is_proposed_to_be_left_out():
    document = docx.Document()
    document.styles.add_style("toc 1", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("Phần một\t3", style="toc 1")
    document.add_paragraph("Nội dung chính của văn bản ở đây.")
    blocks = parse("mục lục.docx", saved(document)).blocks
    assert [(block.text, block.leave_out) for block in blocks] == [
        ("Phần một 3", "mục lục"),
        ("Nội dung chính của văn bản ở đây.", ""),
    ]
