from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.records.fold import fold, like_patterns


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đường Lê Lợi", "duong le loi"),
        ("ĐỔI MỚI đất nước", "doi moi dat nuoc"),
        (unicodedata.normalize("NFD", "Khu phố Bình Phước"), "khu pho binh phuoc"),
        ("  nhiều \n khoảng\ttrắng ", "nhieu khoang trang"),
        ("ươ ƯƠ ă â ê ô", "uo uo a a e o"),
        ("", ""),
    ],
)
def test_diacritics_case_and_spaces_do_not_matter(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


def test_signs_that_like_understands_stand_for_themselves():
    assert like_patterns("100% a_b \\") == ["%100\\%%", "%a\\_b%", "%\\\\%"]


def test_no_words_make_no_pattern():
    assert like_patterns("  ") == []
