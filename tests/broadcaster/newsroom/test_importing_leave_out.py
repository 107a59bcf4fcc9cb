"""What surrounds the news is proposed to be left out; the news itself never is."""

from __future__ import annotations

import pytest

from broadcaster.newsroom.importing.leave_out import proposed
from broadcaster.newsroom.importing.lines import kind_of_line
from broadcaster.newsroom.importing.values import Block

NEWS = "Từ ngày 10 đến ngày 15 tháng 8, trạm y tế phường tổ chức khám sức khỏe miễn phí cho người cao tuổi."


def left_out(*texts: str) -> dict[str, str]:
    blocks = proposed([Block(kind_of_line(text), text) for text in texts])
    return {block.text: block.leave_out for block in blocks if block.leave_out}


def test_the_foot_of_a_letter_in_single_paragraphs():
    foot = ["Nơi nhận:", "- Thường trực Đảng ủy;", "- Như trên;", "- Lưu: VT, VHXH."]
    signature = ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "(Đã ký)", "Lê Thị Hoa"]
    found = left_out(NEWS, *foot, *signature)
    assert NEWS not in found
    assert {found[text] for text in foot} == {"phần “Nơi nhận”"}
    assert {found[text] for text in signature} == {"phần ký tên, đóng dấu"}


def test_the_signature_before_the_recipients():
    found = left_out(NEWS, "CHỦ TỊCH", "Nguyễn Văn An", "Nơi nhận:", "- Như trên;", "- Lưu VT.")
    assert [found[text] for text in ("CHỦ TỊCH", "Nguyễn Văn An")] == ["phần ký tên, đóng dấu"] * 2
    assert found["- Lưu VT."] == "phần “Nơi nhận”"


def test_an_appendix_after_the_signature_is_news_again():
    found = left_out(
        NEWS, "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Nguyễn Văn An", "PHỤ LỤC", "Lịch khám theo khu phố"
    )
    assert "PHỤ LỤC" not in found
    assert "Lịch khám theo khu phố" not in found


def test_the_head_of_a_letter_in_single_paragraphs():
    head = [
        "UBND THỊ XÃ HÀM TÂN", "TRUNG TÂM Y TẾ", "-------", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập – Tự do – Hạnh phúc", "Số: /TB-TTYT", "Hàm Tân, ngày … tháng 8 năm 2024",
    ]  # fmt: skip
    assert set(left_out(*head, "THÔNG BÁO", NEWS)) == set(head)


@pytest.mark.parametrize(
    "text",
    [
        "ỦY BAN NHÂN DÂN PHƯỜNG THÔNG BÁO",
        "SỞ Y TẾ KHUYẾN CÁO PHÒNG BỆNH",
        "Chủ tịch Ủy ban nhân dân phường phát biểu tại buổi lễ.",
        "CHỦ TỊCH NƯỚC GỬI THƯ CHÚC TẾT",
        "Tân Minh, ngày 5 tháng 8 năm 2024",
        "Số điện thoại đường dây nóng: 02523.123.456",
        "Email: phuongtanminh@binhthuan.gov.vn",
        "Lê Thị Hoa",
        "Q. Bình Thạnh cấp nước trở lại từ 8 giờ.",
        "- 5 kg gạo cho mỗi hộ nghèo",
        "DANH SÁCH HỘ ĐƯỢC HỖ TRỢ",
        "Khẩn trương thu hoạch lúa trước bão.",
    ],
)
def test_news_that_looks_a_little_like_a_letterhead_stays(text):
    assert left_out(text, NEWS, NEWS) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Lượt xem: 46", "bộ đếm của trang mạng"),
        ("Chia sẻ:", "nút chia sẻ, in, gửi của trang mạng"),
        ("Cỡ chữ: Font size: Giảm (A-) Mặc định (A) Tăng (A+)", "nút cỡ chữ, in, nghe của trang mạng"),
        ("- 2 -", "số trang"),
        ("________", "đường kẻ"),
        ("./.", "dấu hết văn bản"),
        ("HỎA TỐC", "dấu đóng trên văn bản"),
        ("Người ký: Ủy ban nhân dân phường Tân Minh", "thông tin chữ ký số"),
    ],
)
def test_single_lines_have_their_reason(text, reason):
    assert left_out(NEWS, text, NEWS)[text] == reason


def test_the_mail_address_in_a_digital_signature_goes_with_it():
    found = left_out(
        NEWS, "Người ký: Ủy ban nhân dân phường", "Email: tanminh@gov.vn", "Thời gian ký: 05.05.2024 10:11"
    )
    assert len(found) == 3


def test_a_block_goes_only_when_all_its_lines_do():
    assert left_out("Lượt xem: 46\nKính mời bà con đến dự.", NEWS) == {}
