"""What is said for what is written, class by class; awkward cases first."""

from __future__ import annotations

import pytest

from broadcaster.text import spoken_line, to_spoken
from tests.broadcaster.text.samples import SAMPLES, words


def check_row(written: str, spoken: str) -> None:
    assert words(to_spoken(written).text) == spoken


@pytest.mark.parametrize(("written", "spoken"), [
    ("-1", "âm một"), ("3,05", "ba phẩy không năm"), ("1.050", "một nghìn không trăm năm mươi"),
    ("0,05", "không phẩy không năm"),
    ("1,481,544", "một triệu bốn trăm tám mươi mốt nghìn năm trăm bốn mươi tư"),
    ("1 234 héc ta", "một nghìn hai trăm ba mươi tư héc ta"), ("02 cuộc", "hai cuộc"),
    ("2.5 km", "hai phẩy năm ki lô mét"),
    ("cách mạng công nghiệp 4.0", "cách mạng công nghiệp bốn chấm không"),
    ("3-7 tuổi", "ba đến bảy tuổi"), ("thứ 4", "thứ tư"), ("lần thứ 1", "lần thứ nhất"),
    ("thứ 2, 4, 6", "thứ hai tư sáu"),
    ("15 (mười lăm) người", "mười lăm người"), ("NPK 20-20-15", "en nờ pê ca hai mươi hai mươi mười lăm"),
])  # fmt: skip
def test_numbers(written, spoken):
    check_row(written, spoken)


@pytest.mark.parametrize(("written", "spoken"), [
    ("tháng 4/2022", "tháng tư năm hai nghìn không trăm hai mươi hai"),
    ("ngày 10-15/8", "ngày mười đến mười lăm tháng tám"),
    ("ngày 08 và 09/10/2024", "ngày tám và chín tháng mười năm hai nghìn không trăm hai mươi tư"),
    ("lễ 30/4 - 1/5", "lễ ba mươi tháng tư một tháng năm"),
    ("trước ngày 30-4", "trước ngày ba mươi tháng tư"),
    ("từ 28/8-02/9", "từ hai mươi tám tháng tám đến hai tháng chín"),
    ("tháng 8-9/2021", "tháng tám đến chín năm hai nghìn không trăm hai mươi mốt"),
    ("T2-T6", "thứ hai đến thứ sáu"), ("T7/2024", "tháng bảy năm hai nghìn không trăm hai mươi tư"),
    ("năm học 2024-2025", "năm học hai nghìn không trăm hai mươi tư đến hai nghìn không trăm hai mươi lăm"),
    ("ngày 25/11/2026 tổ chức họp",
     "ngày hai mươi lăm tháng mười một năm hai nghìn không trăm hai mươi sáu tổ chức họp"),
    ("ngày 18/11, khu phố 3 họp", "ngày mười tám tháng mười một khu phố ba họp"),
    ("từ 25/11 tổ chức", "từ hai mươi lăm tháng mười một tổ chức"),
    ("sáng 2/9 ấp Bình An mít tinh", "sáng hai tháng chín ấp bình an mít tinh"),
    ("7h-11h30", "bảy giờ đến mười một giờ ba mươi phút"), ("24/24 giờ", "hai mươi tư trên hai mươi tư giờ"),
    ("từ 7g30", "từ bảy giờ ba mươi phút"), ("5g đường", "năm gam đường"), ("0h00", "không giờ"),
])  # fmt: skip
def test_dates_and_times(written, spoken):
    check_row(written, spoken)


@pytest.mark.parametrize(("written", "spoken"), [
    ("gọi 114 khi có cháy", "gọi một một bốn khi có cháy"),
    ("công an xã quản lý 115 hộ", "công an xã quản lý một trăm mười lăm hộ"),
    ("ĐT: 0252.3.821.113", "điện thoại không hai năm hai ba tám hai một một một ba"),
    ("tổng đài 1900 1234", "tổng đài một chín không không một hai ba bốn"),
    ("BKS 86B1-234.56", "biển kiểm soát tám sáu bê một hai ba bốn năm sáu"),
    ("số CCCD 060058001234", "số căn cước công dân không sáu không không năm tám không không một hai ba bốn"),
    ("300.000 đồng/người/tháng", "ba trăm nghìn đồng một người một tháng"),
    ("60 km/h", "sáu mươi ki lô mét trên giờ"),
    ("80mg/100ml máu", "tám mươi mi li gam trên một trăm mi li lít máu"), ("con/m2", "con mét vuông"),
    ("3/4 diện tích", "ba phần tư diện tích"), ("15/19 tiêu chí", "mười lăm trên mười chín tiêu chí"),
    ("bản đồ 1:2000", "bản đồ một trên hai nghìn"), ("tỷ số 2-1", "tỷ số hai một"), ("-3°C", "âm ba độ xê"),
    ("hẻm 45/7", "hẻm bốn mươi lăm trên bảy"),
    ("Km1705+200", "ki lô mét một nghìn bảy trăm linh năm cộng hai trăm"),
])  # fmt: skip
def test_phones_amounts_and_ratios(written, spoken):
    check_row(written, spoken)


@pytest.mark.parametrize(("written", "spoken"), [
    ("Kế hoạch số 59/KH-UBND", "kế hoạch số năm mươi chín"), ("Chỉ thị số 05-CT/TW", "chỉ thị số không năm"),
    ("Nghị định số 61/2018/NĐ-CP", "nghị định số sáu mươi mốt năm hai nghìn không trăm mười tám"),
    ("Số: 02/KH-UBND", "số không hai trên kế hoạch ủy ban nhân dân"), ("điểm đ khoản 3", "điểm đê khoản ba"),
    ("khóa XIV", "khóa mười bốn"), ("quý III, IV/2024", "quý ba bốn năm hai nghìn không trăm hai mươi tư"),
    ("CB, CC, VC", "cán bộ công chức viên chức"), ("XI MĂNG VÀ VI PHẠM", "xi măng và vi phạm"),
    ("I. MỤC ĐÍCH", "một mục đích"),
    ("Đ/c Hoa", "đồng chí hoa"), ("Đ/c: thôn 2", "địa chỉ thôn hai"),
    ("Q.1, TP.HCM", "quận một thành phố hồ chí minh"),
    ("anh Nguyễn Văn P. điều khiển", "anh nguyễn văn pê điều khiển"), ("P. Bình Hưng", "phường bình hưng"),
    ("theo TT số 05/2020/TT-BYT", "theo thông tư số không năm năm hai nghìn không trăm hai mươi"),
    ("TT Y tế", "trung tâm y tế"),
    ("TT. Tân Minh", "thị trấn tân minh"), ("ĐT.720", "đường tỉnh bảy trăm hai mươi"),
    ("BCĐPCTT", "ban chỉ đạo phòng chống thiên tai"),
    ("mã QR", "mã quy e rờ"), ("COVID-19", "cô vít mười chín"),
    ("dichvucong.gov.vn", "dịch vụ công chấm gờ o vê chấm vê en"),
    ("thủ tục./.", "thủ tục"), ("kinh tế - xã hội", "kinh tế xã hội"), ("ông/bà", "ông bà"),
    ("v.v.", "vân vân"),
    ("Ðảng uỷ", "đảng uỷ"), ("1.Tuyên truyền", "một tuyên truyền"),
    ("2.1. Thời gian", "hai chấm một thời gian"),
])  # fmt: skip
def test_codes_and_words(written, spoken):
    check_row(written, spoken)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.written[:40])
def test_sentences_of_many_fields(sample):
    check_row(sample.written, sample.spoken)


def test_one_line_in_gives_one_line_out():
    assert "\n" not in spoken_line("Điều 1\u2028Điều 2\x0bĐiều 3")
