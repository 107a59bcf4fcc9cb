"""The title that is proposed for what was imported."""

from __future__ import annotations

import pytest

from broadcaster.newsroom.importing.title import LONGEST, proposed_title
from broadcaster.newsroom.importing.values import Block, BlockKind, imported

H, P, D = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.DEBRIS


@pytest.mark.parametrize(
    ("blocks", "title"),
    [
        ([Block(H, "LỊCH TIÊM CHỦNG THÁNG 12"), Block(P, "Kính thưa bà con.")], "LỊCH TIÊM CHỦNG THÁNG 12"),
        ([Block(H, "THÔNG BÁO"), Block(H, "Về việc tiêm chủng")], "Thông báo về việc tiêm chủng"),
        ([Block(H, "GIẤY MỜI"), Block(P, "UBND phường mời họp")], "Giấy mời UBND phường mời họp"),
        ([Block(H, "KẾ HOẠCH"), Block(H, "I. MỤC ĐÍCH")], "Kế hoạch"),
        ([Block(D, "Trang chủ", "menu"), Block(H, "Họp tổ")], "Họp tổ"),
        ([Block(P, "Sáng mai, phường họp. Mời bà con."), Block(P, "Xin cảm ơn.")], "Sáng mai, phường họp"),
        ([Block(P, "Thực hiện kế hoạch năm"), Block(H, "I. MỤC ĐÍCH")], "Thực hiện kế hoạch năm"),
        ([Block(D, "Online: 1", "bộ đếm")], ""),
        ([], ""),
    ],
)
def test_a_title_is_the_heading_near_the_top_or_the_first_words(blocks, title):
    assert proposed_title(imported(blocks)) == title


def test_a_long_title_ends_with_a_whole_word():
    title = proposed_title(imported([Block(P, "tuyên truyền " * 30)]))
    assert len(title) <= LONGEST
    assert title.endswith(("tuyên…", "truyền…"))


def test_only_what_is_kept_gives_a_title():
    found = imported([Block(H, "Họp tổ"), Block(P, "Mời bà con.")])
    assert proposed_title(found, {1}) == "Mời bà con"
