"""Text is taken in whatever Unicode it comes; what was typed before Unicode is refused by its name."""

from __future__ import annotations

import unicodedata

import pytest

from broadcaster.newsroom.importing import BlockKind
from broadcaster.newsroom.importing.encoding import legacy_font
from broadcaster.newsroom.importing.parsing import parse
from broadcaster.newsroom.importing.values import Unreadable

WRITTEN = "Ủy ban nhân dân phường thông báo lịch tiêm chủng"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_is_understood(encoding):
    assert parse("a.txt", f"{WRITTEN}\r\nXin cảm ơn.".encode(encoding)).text == f"{WRITTEN}\n\nXin cảm ơn."


def test_utf_16_with_its_mark_the_other_way_round_is_understood():
    assert parse("a.txt", b"\xfe\xff" + WRITTEN.encode("utf-16-be")).text == WRITTEN


def test_letters_come_out_composed_and_without_unseen_characters():
    written = "\ufeff" + unicodedata.normalize("NFD", WRITTEN).replace(" ", "\u00a0\u200b", 1)
    assert parse("a.txt", written.encode()).text == WRITTEN


def test_lines_broken_by_a_margin_are_joined_and_others_are_not():
    broken = (
        "Sáng nay, tại nhà văn hóa khu phố ba, Ủy ban nhân dân phường tổ chức hội\n"
        "nghị triển khai công tác phòng cháy."
    )
    blocks = parse("a.txt", f"{broken}\n- Mục một\n- Mục hai\nĐoạn mới.\n".encode()).blocks
    assert [block.text for block in blocks] == [
        broken.replace("\n", " "),
        "- Mục một",
        "- Mục hai",
        "Đoạn mới.",
    ]
    assert [block.kind for block in blocks[1:]] == [BlockKind.ITEM, BlockKind.ITEM, BlockKind.PARAGRAPH]


@pytest.mark.parametrize("bullet", ["•", "\uf0b7", "▪", "➢ ", "✓ "])
def test_bullets_of_all_fonts_are_dashes(bullet):
    assert parse("a.txt", f"{bullet}Khám bệnh miễn phí".encode()).text == "- Khám bệnh miễn phí"


@pytest.mark.parametrize(
    ("text", "font"),
    [
        ("Céng hoµ x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc", "TCVN3"),
        ("ñy ban nh©n d©n ph­êng Th«ng b¸o vÒ viÖc tiªm chñng më réng", "TCVN3"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam, Ñoäc laäp - Töï do - Haïnh phuùc", "VNI"),
        ("UÛy ban nhaân daân phöôøng thoâng baùo veà vieäc tieâm chuûng môû roäng", "VNI"),
        (WRITTEN, ""),
        ("Hòa bình, toàn quốc, khoá học, xoá đói, thuỷ lợi, hoà giải ở cơ sở", ""),
        ("Ông Hai và bà Tám là hàng xóm, cùng làm nhà trên cánh đồng xã nhà", ""),
        ("Chào bà con, nhà ông Sáu có lúa tốt, giá cao, bán tại chợ xã", ""),
        ("Kính mời ông bà", ""),
        ("The ward announces the schedule", ""),
        ("Le théâtre de la ville présente une pièce très célèbre à l'été", ""),
        ("Die Straße über die Brücke ist für größere Fahrzeuge geöffnet", ""),
        ("+84 912 345 678 – 5 °C ± 2 m² § 3", ""),
    ],
)
def test_fonts_of_before_unicode_are_told_from_other_words(text, font):
    assert legacy_font(text) == font


def test_one_old_paragraph_is_enough_to_refuse_and_is_shown():
    old = "ñy ban nh©n d©n ph­êng Th«ng b¸o vÒ viÖc tiªm chñng"
    with pytest.raises(Unreadable, match="ñy ban nh©n d©n ph"):
        parse("a.txt", f"{WRITTEN}.\n\n{old}".encode())


def test_html_is_known_by_its_beginning_whatever_its_name():
    assert parse("dán", b"<!DOCTYPE html><p>Xin ch\xc3\xa0o</p>").text == "Xin chào"
    assert parse("trang.HTM", b"<b>Xin ch\xc3\xa0o</b>").text == "Xin chào"
    assert parse("a.txt", "Nhiệt độ < 5 độ".encode()).text == "Nhiệt độ < 5 độ"
