"""Whatever number, date, time or telephone is written: what is said means the same."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.text import to_spoken
from broadcaster.text.numerals import read_integer
from tests.broadcaster.text import readback


def said(written: str) -> str:
    return to_spoken(written).text.replace("\n", " ")


@given(st.integers(0, 10**15))
@settings(max_examples=700, deadline=None)
def test_every_integer_reads_back(value):
    assert readback.integer(read_integer(str(value))) == value
    assert readback.integer(said(str(value))) == value


@pytest.mark.parametrize(
    "value", [*range(0, 1200), *range(9990, 10_120), *(10**power for power in range(16))]
)
def test_small_and_round_integers_read_back(value):
    assert readback.integer(said(f"{value} người").removesuffix(" người")) == value


@given(st.integers(1000, 10**15))
@settings(max_examples=500, deadline=None)
def test_thousands_with_dots_read_back(value):
    assert readback.integer(said(f"{value:,}".replace(",", "."))) == value


@given(st.integers(0, 999_999), st.from_regex(r"[0-9]{1,4}", fullmatch=True))
@settings(max_examples=400, deadline=None)
def test_decimals_read_back(whole, fraction):
    spoken = said(f"tăng {whole},{fraction} tấn").removeprefix("tăng ").removesuffix(" tấn")
    assert readback.decimal(spoken) == (whole, fraction)


@given(st.integers(1, 10**12))
@settings(max_examples=400, deadline=None)
def test_money_reads_back(value):
    written = f"{value:,}".replace(",", ".")
    for sign in ("đ", " đồng", "VNĐ", " VND"):
        assert (
            readback.integer(said(f"thu {written}{sign}").removeprefix("thu ").removesuffix(" đồng")) == value
        )


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)), st.sampled_from("/-."))
@settings(max_examples=700, deadline=None)
def test_every_date_reads_back(day, mark):
    for written in (day.strftime(f"%d{mark}%m{mark}%Y"), f"{day.day}{mark}{day.month}{mark}{day.year}"):
        spoken = said(f"trước ngày {written}").removeprefix("trước ")
        assert readback.date(spoken) == (day.day, day.month, day.year)


def test_every_minute_of_the_day_reads_back():
    for minute in range(24 * 60):
        hours, minutes = divmod(minute, 60)
        for written in (
            f"{hours}h{minutes:02}",
            f"{hours:02}:{minutes:02}",
            f"{hours:02} giờ {minutes:02} phút",
        ):
            assert readback.clock(said(f"lúc {written}").removeprefix("lúc ")) == (hours, minutes), written


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True), st.sampled_from(["", " ", ".", "-"]))
@settings(max_examples=400, deadline=None)
def test_mobile_numbers_read_back(number, mark):
    written = mark.join((number[:4], number[4:7], number[7:]))
    assert readback.digits(said(f"liên hệ {written}").removeprefix("liên hệ ")) == number


@given(st.from_regex(r"02[0-9]{2}[2-9][0-9]{6}", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_land_lines_read_back(number):
    for written in (
        f"{number[:4]}.{number[4:]}",
        f"({number[:4]}) {number[4:]}",
        f"{number[:4]} {number[4:7]} {number[7:]}",
    ):
        spoken = said(f"ĐT: {written}").removeprefix("điện thoại:").replace(",", "")
        assert readback.digits(spoken) == number
