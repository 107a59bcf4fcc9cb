"""Two texts on their way in, through the page of a real station: a pasted web page, and a Word file."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from broadcaster.newsroom import bulletins
from broadcaster.store import Store
from broadcaster.store.models import Bulletin
from tests.browser import DESK, PHONE, Browser, browser, require_chromium
from tests.journeys.stations import RunningStation

pytestmark = pytest.mark.journey

PASSWORD = "loa vang sáng sớm"
AT_ONCE_S = 3.0
"""A sentence is heard; measured: 0.6 s the first time, 0.2–0.35 s then, on two busy cores."""
PAGE = (Path(__file__).parent / "trang_web.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def station(tmp_path_factory) -> Iterator[RunningStation]:
    require_chromium()
    running = RunningStation(tmp_path_factory.mktemp("nhap") / "tram").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def officer(station) -> Iterator[Browser]:
    """The person of the first account, who may do all, in a browser that stays signed in."""
    with browser() as opened:
        found = re.search(r"http\S+", station.welcome)
        assert found is not None
        opened.open(found[0])
        opened.fill("Tên đài", "Đài truyền thanh phường Tân Minh")
        opened.fill("Họ và tên", "Cán bộ văn hóa")
        opened.fill("Tên đăng nhập", "canbo")
        opened.fill("Mật khẩu", PASSWORD)
        opened.fill("Gõ lại", PASSWORD)
        opened.press("Tạo tài khoản và bắt đầu")
        opened.until(lambda driver: "/bat-dau/" not in driver.current_url, "the station's own pages")
        yield opened


@pytest.fixture
def store(station) -> Iterator[Store]:
    opened = Store(station.folder)
    yield opened
    opened.close()


@pytest.fixture
def pictures(tmp_path) -> Path:
    folder = Path(os.environ.get("BROADCASTER_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_pasted_web_page_is_cleaned_settled_heard_and_submitted(officer, station, store, pictures):
    officer.open(f"{station.address}/ban-tin/nhap")
    officer.fill("Hoặc dán", PAGE)
    officer.press("Lấy chữ và xem")
    officer.wait_for("Phần lấy được")
    _photograph(officer, pictures, "nhap-trang-web")
    assert _is_struck(officer, "Lượt xem: 2.418")
    assert _is_struck(officer, "Chia sẻ Facebook")
    assert not _is_struck(officer, "1. Phổ biến lịch")
    _block(officer, "II. TỔ CHỨC").click()
    assert _is_struck(officer, "II. TỔ CHỨC")
    _block(officer, "II. TỔ CHỨC").click()
    officer.press("Đưa vào bản tin")
    officer.wait_for("Lời sẽ đọc")
    assert officer.heading == "Kế hoạch tuyên truyền vệ sinh môi trường quý IV năm 2026"
    _settle(officer, {"BVX": "bảo vệ xanh", "XKP": "xử lý khiếu nại"})
    _photograph(officer, pictures, "ban-tin-da-chon")
    _add_a_sentence(officer)
    assert "chỗ phải chọn cách đọc" not in officer.text
    assert "Tổ bảo vệ xanh phường phối hợp" in officer.text
    assert "bộ phận xử lý khiếu nại" in officer.text
    _change_on_a_click(officer, pictures)
    assert _hear(officer) < AT_ONCE_S
    assert _submitted(officer, store).state == "submitted"
    assert officer.complaints() == []


def test_a_word_file_with_headings_lists_and_a_table_becomes_a_bulletin(
    officer, station, store, pictures, tmp_path
):
    officer.open(f"{station.address}/ban-tin/nhap")
    officer.driver.find_element(By.ID, "file").send_keys(str(_word_file(tmp_path / "lich-tiem.docx")))
    assert "lich-tiem.docx" in officer.text
    officer.press("Lấy chữ và xem")
    officer.wait_for("Phần lấy được")
    _photograph(officer, pictures, "nhap-word")
    assert "3 dòng trong bảng" in officer.text
    assert _is_struck(officer, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    assert _is_struck(officer, "Nơi nhận:")
    officer.press("Đưa vào bản tin")
    officer.wait_for("Lời sẽ đọc")
    assert officer.heading == "Thông báo về lịch tiêm chủng tháng 12 năm 2026"
    assert "Khu phố" in officer.text
    assert "bảy giờ ba mươi" in officer.text
    _settle(officer, {"XKP": "khu xét nghiệm"})
    assert _hear(officer) < AT_ONCE_S
    bulletin = _submitted(officer, store)
    assert bulletin.state == "submitted"
    assert officer.complaints() == []


def _word_file(path: Path) -> Path:
    document = Document()
    document.add_paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    document.add_paragraph("Độc lập - Tự do - Hạnh phúc")
    document.add_heading("THÔNG BÁO", level=1)
    document.add_heading("Về lịch tiêm chủng tháng 12 năm 2026", level=2)
    document.add_paragraph("Trạm y tế phường mời bà con đưa trẻ đến tiêm theo lịch sau:")
    table = document.add_table(rows=4, cols=3, style="Table Grid")
    lines = (
        ("Khu phố", "Ngày", "Giờ"),
        ("Khu phố 1", "05/12", "7h30"),
        ("Khu phố 2", "06/12", "8h"),
        ("Khu phố 3", "07/12", "9h15"),
    )
    for row, texts in zip(table.rows, lines, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_heading("Lưu ý", level=2)
    for line in ("Mang sổ tiêm chủng và thẻ BHYT", "Trẻ đang sốt đến bộ phận XKP khám trước"):
        document.add_paragraph(line, style="List Bullet")
    for line in ("Lấy số thứ tự", "Khám sàng lọc", "Theo dõi 30 phút sau tiêm"):
        document.add_paragraph(line, style="List Number")
    for line in ("Nơi nhận:", "- Các khu phố;", "- Lưu: VT."):
        document.add_paragraph(line)
    document.save(str(path))
    return path


def _settle(officer: Browser, readings: dict[str, str]) -> None:
    """Give every word that is listed on top a reading of one's own, all in one go."""
    officer.wait_for("chỗ phải chọn cách đọc")
    _refuses_to_submit(officer)
    asked = officer.driver.find_elements(By.CSS_SELECTOR, "#quyet-dinh-het .decide-one")
    words = [each.find_element(By.CSS_SELECTOR, ".around b").text for each in asked]
    assert set(words) == set(readings)
    for word, each in zip(words, asked, strict=True):
        each.find_element(By.CSS_SELECTOR, "input[name^=own]").send_keys(readings[word])
    officer.driver.find_element(By.CSS_SELECTOR, "#quyet-dinh-het form").submit()
    officer.until(lambda _: "chỗ phải chọn cách đọc" not in officer.text, "nothing left to decide")


def _refuses_to_submit(officer: Browser) -> None:
    buttons = [each.text.strip() for each in officer.driver.find_elements(By.TAG_NAME, "button")]
    assert "Gửi duyệt" not in buttons
    assert officer.button("Sửa").is_enabled()


def _add_a_sentence(officer: Browser) -> None:
    officer.press("Sửa")
    field = officer.field("Nội dung")
    officer.fill("Nội dung", "Kính thưa bà con!\n" + str(field.get_attribute("value")))
    officer.press("Lưu và xem lời đọc")
    officer.wait_for("Đã lưu phiên bản mới")


def _change_on_a_click(officer: Browser, pictures: Path) -> None:
    """A click on a changed word shows why; another reading for this one place is one more."""
    officer.driver.find_element(By.XPATH, '//a[contains(@class, "word")][.="18h30"]').click()
    officer.wait_for("Đang đọc là")
    assert "Vì: giờ" in officer.text
    _photograph(officer, pictures, "vi-sao")
    officer.fill("Hoặc ghi cách đọc khác", "sáu rưỡi tối")
    officer.driver.find_element(By.XPATH, '//option[.="chỉ chỗ này"]').click()
    officer.press("Dùng cách đọc đã chọn")
    officer.wait_for("sáu rưỡi tối")


def _hear(officer: Browser) -> float:
    """Press “Nghe câu này” at one sentence; return the seconds until it sounds."""
    link = officer.driver.find_elements(By.CSS_SELECTOR, "a[data-hear]")[2]
    officer.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
    began = time.monotonic()
    link.click()
    officer.until(lambda _: "is-playing" in str(link.get_attribute("class")), "one sentence to be heard")
    waited = time.monotonic() - began
    link.click()
    assert "is-playing" not in str(link.get_attribute("class"))
    return waited


def _submitted(officer: Browser, store: Store) -> Bulletin:
    officer.press("Nghe cả bài")
    officer.until(lambda driver: driver.find_element(By.ID, "ban-thu"), "the clip", 60)
    officer.press("Gửi duyệt")
    officer.wait_for("Đang chờ người duyệt")
    number = int(officer.driver.current_url.split("#")[0].rsplit("/", 1)[1])
    with store.read() as rows:
        return bulletins.get(rows, number)


def _block(officer: Browser, text: str) -> WebElement:
    path = f'//ul[@class="blocks"]//label[contains(., "{text}")]'
    return officer.driver.find_element(By.XPATH, path)


def _is_struck(officer: Browser, text: str) -> bool:
    shown = _block(officer, text).find_element(By.CSS_SELECTOR, ".block-text")
    return "line-through" in str(shown.value_of_css_property("text-decoration-line"))


def _photograph(officer: Browser, folder: Path, name: str) -> None:
    for size in (PHONE, DESK):
        officer.resize(size)
        officer.screenshot(folder / f"{name}-{size[0]}.png")
