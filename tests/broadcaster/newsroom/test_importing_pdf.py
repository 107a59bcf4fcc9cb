"""What a PDF says comes out in paragraphs, without what repeats on every page."""

from __future__ import annotations

import pytest

from broadcaster.newsroom.importing import BlockKind
from broadcaster.newsroom.importing.parsing import parse
from broadcaster.newsroom.importing.values import Unreadable
from tests.broadcaster.newsroom.files import (
    bytes_of,
    lines,
    pdf,
    pdf_writer,
    rewritten,
)

STORY = [
    "Để phòng chống dịch sốt xuất huyết, Ủy ban nhân dân phường đề nghị bà con thường",
    "xuyên diệt lăng quăng, đậy kín dụng cụ chứa nước và ngủ trong màn kể cả ban ngày,",
    "nhất là trong các tháng mùa mưa.",
    "Khi bị sốt, bà con cần đến ngay trạm y tế để được khám và điều trị, không tự ý mua",
    "thuốc về nhà.",
]


def texts(content: bytes) -> list[str]:
    return [block.text for block in parse("a.pdf", content).blocks]


def kept(content: bytes) -> str:
    return parse("a.pdf", content).text


def test_lines_broken_by_the_margin_become_paragraphs():
    assert texts(pdf(lines(STORY))) == [" ".join(STORY[:3]), " ".join(STORY[3:])]


def test_a_wider_gap_begins_a_new_paragraph():
    found = texts(pdf(lines([*STORY[:2], "", "Kính mời bà con đến dự."])))
    assert found == [" ".join(STORY[:2]), "Kính mời bà con đến dự."]


def test_an_indented_line_begins_a_new_paragraph():
    placed = lines([*STORY[:2], STORY[1]])
    placed[0] = (100.0, placed[0][1], placed[0][2])
    placed.append(
        (100.0, placed[-1][1] - 16, "Đề nghị các khu phố triển khai thực hiện nghiêm túc nội dung này")
    )
    found = texts(pdf(placed))
    assert len(found) == 2
    assert found[1].startswith("Đề nghị")


def test_page_numbers_and_running_heads_are_proposed_to_be_left_out():
    pages = [
        [
            (72.0, 800.0, f"Bản tin phường Tân Minh số {number}"),
            *lines([f"Nội dung thứ {word} của bản tin tuần này."]),
            (300.0, 40.0, str(number)),
        ]
        for number, word in enumerate(("nhất", "hai", "ba"), 1)
    ]
    blocks = parse("a.pdf", pdf(*pages)).blocks
    assert [block.text for block in blocks if not block.leave_out] == [
        f"Nội dung thứ {word} của bản tin tuần này." for word in ("nhất", "hai", "ba")
    ]
    assert {block.leave_out for block in blocks if block.kind is BlockKind.DEBRIS} == {
        "số trang",
        "dòng lặp lại ở đầu hoặc cuối mỗi trang",
    }


def test_a_paragraph_goes_on_over_the_edge_of_a_page():
    first = [*lines(STORY[:2], top=100.0), (300.0, 40.0, "- 1 -")]
    second = [*lines(STORY[2:3], top=780.0), (300.0, 40.0, "- 2 -")]
    assert kept(pdf(first, second)) == " ".join(STORY[:3])


def test_a_hyphen_at_the_margin_holds_its_halves_together():
    first = "Từ ngày mai trạm y tế phường sẽ tiêm mũi nhắc lại vắc xin phòng bệnh Covid-"
    assert kept(pdf(lines([first, "19 cho người cao tuổi."]))) == f"{first}19 cho người cao tuổi."


def test_two_columns_are_read_one_after_the_other():
    left = [f"Cột trái dòng {word} nói về việc thu gom" for word in ("một", "hai", "ba", "bốn", "năm", "sáu")]
    right = [line.replace("trái", "phải") for line in left]
    placed = []
    for number, (one, other) in enumerate(zip(left, right, strict=True)):
        placed += [(50.0, 700.0 - 16 * number, one), (320.0, 700.0 - 16 * number, other)]
    text = kept(pdf(placed))
    assert text.index("trái dòng sáu") < text.index("phải dòng một")


def test_a_row_of_a_table_stays_together():
    rows = [("Khu phố 1", "7h30", "Trạm y tế"), ("Khu phố 2", "9h00", "Nhà văn hóa")]
    placed = [
        (72.0 + 160 * column, 700.0 - 24 * number, text)
        for number, row in enumerate(rows)
        for column, text in enumerate(row)
    ]
    assert texts(pdf(placed)) == ["Khu phố 1; 7h30; Trạm y tế", "Khu phố 2; 9h00; Nhà văn hóa"]


def test_list_items_stay_apart():
    items = ["1. Khám bệnh miễn phí cho người cao tuổi;", "2. Cấp phát thuốc;", "- Ưu tiên hộ nghèo."]
    blocks = parse("a.pdf", pdf(lines(items))).blocks
    assert [(block.text, block.kind) for block in blocks] == [(item, BlockKind.ITEM) for item in items]


def test_capital_lines_are_headings():
    blocks = parse("a.pdf", pdf(lines(["THÔNG BÁO CẮT ĐIỆN", *STORY]))).blocks
    assert blocks[0].kind is BlockKind.HEADING
    assert blocks[0].text == "THÔNG BÁO CẮT ĐIỆN"


def test_a_page_without_letters_is_named():
    found = parse("a.pdf", pdf(lines(STORY), [], lines(STORY)))
    assert found.notices == ("Không có chữ ở trang 2 của tệp PDF (trang trống hoặc là ảnh chụp).",)


def test_a_scan_is_refused_with_a_clear_sentence():
    with pytest.raises(Unreadable, match="bản chụp"):
        parse("a.pdf", pdf([], []))


def test_a_password_is_asked_to_be_taken_off():
    writer = rewritten(pdf(lines(STORY)))
    writer.encrypt("bí mật", algorithm="RC4-128")
    with pytest.raises(Unreadable, match="đặt mật khẩu"):
        parse("a.pdf", bytes_of(writer))


def test_a_file_that_is_only_protected_against_printing_is_read():
    writer = rewritten(pdf(lines(STORY)))
    writer.encrypt("", owner_password="chủ", algorithm="RC4-128")
    assert kept(bytes_of(writer)).startswith("Để phòng chống dịch")


def test_more_pages_than_anybody_reads_aloud_are_refused():
    writer = pdf_writer(lines(STORY))
    for _ in range(200):
        writer.add_blank_page(595, 842)
    with pytest.raises(Unreadable, match="201 trang, nhiều nhất là 200"):
        parse("a.pdf", bytes_of(writer))


def test_a_font_that_keeps_its_letters_secret_is_refused():
    unknown = "\ue001\ue002\ue003\ue004\ue005\ue006 " * 20
    with pytest.raises(Unreadable, match="Phông chữ trong tệp PDF"):
        parse("a.pdf", pdf(lines([unknown[:60], unknown[:60]])))
