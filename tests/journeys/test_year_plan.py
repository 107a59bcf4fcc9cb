"""The year plan of a real ward (02/KH-UBND, 2021), from its paper to its progress, in Debian's Chromium.

The playout airs against a clock that the test moves; everything but the sound is real.
PLAN_PICTURES=FOLDER keeps a picture of each page at the width of an office PC and of a phone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from docx import Document
from selenium.webdriver.common.by import By
from waitress.server import create_server

from broadcaster.accounts import links
from broadcaster.accounts.permissions import Actor, Role
from broadcaster.playout import requesting
from broadcaster.settings import Settings
from broadcaster.store.models import Bulletin
from schedules.clock import LOCAL
from tests.broadcaster.conftest import migrated_file  # noqa: F401
from tests.broadcaster.playout.room import Room
from tests.browser import DESK, PHONE, Browser, browser, require_chromium
from tests.clocks import FakeClock
from tests.web.test_in_browser import PASSWORD, TOO_SMALL, TOO_WIDE, TOUCH_PX
from web import create_app

pytestmark = pytest.mark.journey

CCHC = "Cải cách hành chính"
PAPER = "%PDF-1.7\n% Kế hoạch 02/KH-UBND\n"


@pytest.fixture
def room(tmp_path: Path, migrated_file: Path) -> Iterator[Room]:  # noqa: F811
    """A station in January 2021 whose loudspeakers may sound at any hour."""
    folder = tmp_path / "tram"
    folder.mkdir()
    (folder / "station.db").write_bytes(migrated_file.read_bytes())
    made = Room(folder, FakeClock(at(1, 11)))
    made.furnish()
    made.boot()
    yield made
    made.store.close()


def at(month: int, day: int) -> datetime:
    return datetime(2021, month, day, 8, tzinfo=LOCAL)


@pytest.fixture
def hoa(room: Room) -> Actor:
    """An officer who signs in with a password."""
    made = room.person("hoa", Role.OFFICER)
    now = room.clock.now()
    with room.store.write() as rows:
        secret = links.invite(rows, room.operator, made.id, now)
    links.set_password(room.store, secret, PASSWORD, now)
    return made


@pytest.fixture
def address(room: Room, hoa: Actor) -> Iterator[str]:
    require_chromium()
    app = create_app(Settings(folder=room.store.folder), room.store, room.clock)
    server = create_server(app, host="127.0.0.1", port=0, threads=6)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def page(address: str) -> Iterator[Browser]:
    with browser(DESK) as opened:
        sign_in(opened, address)
        yield opened


def sign_in(page: Browser, address: str) -> None:
    page.sign_in(address, "hoa", PASSWORD)
    page.wait_for("Hôm nay")


def look(page: Browser, name: str) -> None:
    """See that nothing hides from a thumb or scrolls sideways; keep pictures when they are wanted."""
    for size in (PHONE, DESK):
        page.resize(size)
        assert page.driver.execute_script(TOO_WIDE) <= 0, (name, size)
        assert page.driver.execute_script(TOO_SMALL, TOUCH_PX) == [], (name, size)
        if folder := os.environ.get("PLAN_PICTURES"):
            page.screenshot(Path(folder) / f"{name}-{size[0]}.png")


def enter_the_plan(page: Browser, address: str, paper: Path) -> None:
    page.open(f"{address}/ke-hoach")
    look(page, "1-no-plan")
    page.press("Thêm kế hoạch")
    page.fill("Kế hoạch về việc", "Tuyên truyền cải cách hành chính năm 2021")
    page.fill("Số kế hoạch", "02/KH-UBND")
    page.fill("Ngày ban hành", "06/01/2021")
    page.fill("Cơ quan ban hành", "UBND thị trấn Thạch Hà")
    row(page, 0, name=CCHC, topics=f"{CCHC}; CCHC")
    row(page, 1, name="Gương điển hình tiên tiến", per="mỗi quý")
    page.press("Thêm dòng")
    page.wait_for("Nội dung 6")
    page.choose("Hoa")
    page.field("Tệp kế hoạch đính kèm").send_keys(str(paper))
    look(page, "2-new-plan")
    page.press("Lưu bản nháp")
    page.wait_for("Đây là bản nháp")
    look(page, "3-draft")
    page.press("Cho thực hiện")
    page.wait_for("Kế hoạch bắt đầu được tính")


def row(page: Browser, number: int, name: str, topics: str = "", per: str = "") -> None:
    for field, words in (("name", name), ("topics", topics)):
        page.driver.find_element(By.ID, f"topics-{number}-{field}").send_keys(words)
    if per:
        page.driver.find_element(By.ID, f"topics-{number}-per").send_keys(per)


def begin_what_is_owed(page: Browser) -> None:
    """Press the button beside what is owed: topic and title stand there already."""
    page.press("Soạn bản tin")
    page.wait_for("Lưu và xem lời đọc")
    assert page.field("Tiêu đề").get_attribute("value") == f"{CCHC} tháng 1/2021"
    assert page.field("Chủ đề").get_attribute("value") == CCHC
    page.fill("Nội dung", "Bộ phận một cửa nhận hồ sơ từ 7 giờ 30 phút.")
    page.press("Lưu và xem lời đọc")
    page.wait_for("Đã lưu bản nháp")


def air(room: Room, moment: datetime, title: str, topic: str) -> None:
    """Let a signed bulletin of the topic be heard at `moment`."""
    room.clock.advance_to(moment)
    room.turn()
    number = room.draft(title)
    with room.store.write() as rows:
        rows.get_one(Bulletin, number).topic = topic
    room.sign(number)
    with room.store.write() as rows:
        requesting.request_next(rows, room.operator, number, [], room.clock.now())
    room.run(20)


def see_the_rows_behind(page: Browser, period: str, title: str) -> None:
    figure = f'a.period-figure[aria-label^="{period}:"]'
    page.driver.find_element(By.CSS_SELECTOR, figure).click()
    page.wait_for("Nhật ký phát thanh")
    titles = page.driver.find_elements(By.CSS_SELECTOR, 'td a[href^="/nhat-ky/"] b')
    assert [each.text for each in titles] == [title]


def take_the_quarter_report(page: Browser, address: str, folder: Path) -> None:
    page.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    page.open(f"{address}/bao-cao")
    page.press("Quý trước")
    page.wait_for("Kế hoạch 02/KH-UBND")
    look(page, "9-report")
    assert "thiếu tin tháng 3" in page.text
    page.press("Word")
    taken = folder / "bao-cao-2021-q1.docx"
    page.until(lambda _: any(folder.glob("*.docx")), f"{taken.name} downloaded", 60.0)
    (file,) = folder.glob("*.docx")
    read = "\n".join(cell.text for table in Document(str(file)).tables for cell in table._cells)
    assert CCHC in read


def test_a_year_plan_from_paper_to_progress(room, page, address, tmp_path):
    paper = tmp_path / "Kế hoạch 02.pdf"
    paper.write_text(PAPER)
    enter_the_plan(page, address, paper)
    look(page, "4-in-force")
    begin_what_is_owed(page)
    page.open(f"{address}/ke-hoach/1")
    page.wait_for("đã có 1 bản tin nháp, chưa xếp lịch phát")
    assert page.complaints() == []
    page.open("about:blank")  # the sign-in does not outlive the months that now pass
    for month, topic in ((1, CCHC), (2, "CCHC"), (4, "cải cách hành chính")):
        air(room, at(month, 20), f"Một cửa tháng {month}", topic)
    room.clock.advance_to(at(5, 17))
    room.turn()
    sign_in(page, address)
    page.wait_for(f"{CCHC}: thiếu tin tháng 3")
    look(page, "5-front-page")
    page.open(f"{address}/ke-hoach/1")
    page.wait_for("còn thiếu 1 tin, bài của tháng 5, hạn 31/05")
    assert "Đã phát 3 trên 12 tin, bài của cả kế hoạch. Còn thiếu tin tháng 3." in page.text
    look(page, "6-progress")
    see_the_rows_behind(page, "tháng 2", "Một cửa tháng 2")
    page.open(f"{address}/ke-hoach")
    look(page, "7-all-plans")
    page.open(f"{address}/ke-hoach/1/chi-tieu/1")
    look(page, "8-quota")
    take_the_quarter_report(page, address, tmp_path / "tai-ve")
    assert page.complaints() == []
