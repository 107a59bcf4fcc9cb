"""Hints, never corrections; proposals, never removals."""

from __future__ import annotations

from broadcaster.text.debris import find_debris
from broadcaster.text.slips import find_slips

PAGE = """Tin tức
17/07/2020 | Nguyễn Văn A
Lượt xem: 46
Phường tổ chức ra quân dọn vệ sinh môi trường, mời toàn thể nhân dân tham gia đông đủ.
anh tin bai
Nơi nhận:
- Như trên;
- Lưu: VT.
TM. ỦY BAN NHÂN DÂN
Kim Huệ
Chia sẻ:
Version History
Thống kê truy cập
Hôm nay: 341
Tháng này: 23,069
+35
°
C
"""


def kinds(text: str) -> list[tuple[str, str]]:
    return [(found.kind, found.written) for found in find_debris(text)]


def test_a_pasted_page_leaves_only_its_bulletin():
    written = {line for _, line in kinds(PAGE)}
    assert [line for line in PAGE.splitlines() if line not in written] == [PAGE.splitlines()[3]]


def test_each_line_is_named_and_placed():
    found = find_debris(PAGE)
    assert all(PAGE[debris.start : debris.end] == debris.written and debris.why for debris in found)
    assert ("receivers", "- Lưu: VT.") in kinds(PAGE)
    assert ("signature", "Kim Huệ") in kinds(PAGE)
    assert ("counter", "Tháng này: 23,069") in kinds(PAGE)


def test_a_plain_bulletin_holds_no_debris():
    text = "I. MỤC ĐÍCH\n1. Nội dung:\n- Treo cờ;\n- Dọn vệ sinh.\nThời gian: 7h30 ngày 2/9."
    assert kinds(text) == []


def slips(text: str) -> list[tuple[str, str, str]]:
    return [(slip.kind, slip.written, slip.hint) for slip in find_slips(text)]


def test_doubled_words_are_hinted_at():
    assert slips("công chức chủ động chủ động thực hiện") == [("doubled", "chủ động chủ động", "chủ động")]
    assert slips("của của phường") == [("doubled", "của của", "của")]


def test_reduplication_is_vietnamese():
    assert slips("luôn luôn xanh xanh, tuyên truyền truyền thống") == []


def test_missing_blanks_are_hinted_at():
    assert ("glued", "chínhtrên", "chính trên") in slips("thủ tục hành chínhtrên trang")
    assert ("no_blank", "a.N", "a. N") in slips("đi ra.Ngày mai")


def test_syllables_that_do_not_exist_are_hinted_at():
    assert slips("truyên thông")[0][:2] == ("not_a_syllable", "truyên")
    assert slips("nghịê ngợm")[0][:2] == ("not_a_syllable", "nghịê")
    assert slips("truyền thông, nghiêng ngả, quýt, khuỷu") == []
