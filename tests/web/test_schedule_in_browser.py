"""The schedule in Debian's Chromium: a programme made, a bulletin put in tonight's, dragged, carried by keys.

SCHEDULE_PICTURES=FOLDER keeps a picture of each step.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from waitress.server import create_server

from broadcaster.accounts import links
from broadcaster.accounts.permissions import Role
from broadcaster.playout import programmes
from broadcaster.playout.programmes import Frame
from broadcaster.settings import Settings
from broadcaster.store import Store, facts
from broadcaster.store.models import Airing, LimitRule, Output, Zone
from schedules.clock import LOCAL
from tests.broadcaster.moments import NOW
from tests.browser import PHONE, Browser, browser, require_chromium
from tests.clocks import FakeClock
from tests.desk import Desk
from tests.web.test_in_browser import PASSWORD, TOO_SMALL, TOO_WIDE, TOUCH_PX
from web import create_app

pytestmark = pytest.mark.journey

OFFICE = (1366, 768)
DRAG = """
const [item, place] = arguments, data = new DataTransfer();
const fire = (node, name) => node.dispatchEvent(
  new DragEvent(name, {bubbles: true, cancelable: true, dataTransfer: data}));
fire(item, "dragstart"); fire(place, "dragenter"); fire(place, "dragover"); fire(place, "drop");
"""


@pytest.fixture
def desk(tmp_path, migrated_file) -> Iterator[Desk]:
    """A station with two zones, its hours from 5:00 to 21:30, and a person with every role."""
    (tmp_path / "station.db").write_bytes(migrated_file.read_bytes())
    store = Store(tmp_path)
    made = Desk(store, FakeClock(NOW))
    made.furnish()
    everyone = made.person("lan", *Role)
    with store.write() as rows:
        facts.put(rows, facts.ALLOWED_HOURS, ["05:00", "21:30"])
        rows.add(LimitRule(code="minutes", values={"minutes": 60}, created_at=NOW, source="Quy chế phường"))
        output = Output(name="Card 2", kind="soundcard", target="hai", options={}, latency_ms=0)
        rows.add(output)
        rows.flush()
        rows.add(Zone(name="Khu phố 2", output_id=output.id))
        secret = links.invite(rows, everyone, everyone.id, NOW)
    links.set_password(store, secret, PASSWORD, NOW)
    yield made
    store.close()


@pytest.fixture
def station(desk) -> Iterator[str]:
    require_chromium()
    app = create_app(Settings(folder=desk.store.folder), desk.store, desk.clock)
    server = create_server(app, host="127.0.0.1", port=0, threads=6)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def lan(station) -> Iterator[Browser]:
    with browser(OFFICE) as opened:
        opened.sign_in(station, "lan", PASSWORD)
        opened.wait_for("Hôm nay")
        yield opened


def picture(opened: Browser, name: str) -> None:
    if folder := os.environ.get("SCHEDULE_PICTURES"):
        opened.screenshot(Path(folder) / f"{name}.png")


def moments(desk) -> list[str]:
    with desk.store.read() as rows:
        found = rows.query(Airing).filter(Airing.state == "planned").order_by(Airing.planned_at)
        return [f"{row.planned_at.astimezone(LOCAL):%d %H:%M}" for row in found]


def make(opened: Browser, station: str, name: str, at: str) -> None:
    """Make a programme from Monday to Friday for both zones."""
    opened.open(f"{station}/chuong-trinh/them")
    opened.fill("Tên chương trình", name)
    for day in ("Thứ Bảy", "Chủ nhật"):
        opened.field(day).click()
    opened.fill("Giờ bắt đầu", at)
    picture(opened, f"chuong-trinh-{at}")
    opened.press("Thêm chương trình")
    opened.wait_for("Đã thêm chương trình")


def put_in_tonights(opened: Browser, station: str, number: int) -> None:
    opened.open(f"{station}/ban-tin")
    opened.press("Vệ sinh môi trường")  # one
    opened.press("Xếp lịch phát")  # two
    picture(opened, "xep-lich")
    opened.press("Phát lúc 17:00 hôm nay")  # three
    opened.wait_for("Đã xếp lịch phát cho “Vệ sinh môi trường”: 17:00 hôm nay.")


def test_a_week_from_the_programme_to_the_sheet(lan, station, desk):
    number = desk.approved("Vệ sinh môi trường", 90)
    make(lan, station, "Bản tin sáng", "5h30")
    make(lan, station, "Bản tin chiều", "17:00")
    put_in_tonights(lan, station, number)
    assert moments(desk) == ["23 17:00"]

    lan.open(f"{station}/lich-phat")
    item = lan.driver.find_element(By.CSS_SELECTOR, "[data-airing]")
    tomorrow = lan.driver.find_element(By.CSS_SELECTOR, '[data-into*="2026-11-24T10:00"]')
    picture(lan, "tuan-truoc-khi-keo")
    lan.driver.execute_script(DRAG, item, tomorrow)
    lan.wait_for("Đã chuyển “Vệ sinh môi trường” sang 17:00 ngày mai.")
    assert moments(desk) == ["24 17:00"]
    picture(lan, "tuan-da-keo")

    lan.open(f"{station}/ban-tin/{number}/xep-lich")
    lan.driver.find_element(By.CSS_SELECTOR, "#cach-gio summary").click()
    lan.fill("Giờ phát", "3:15")
    lan.fill("Ngày phát", "24/11/2026")
    lan.press("Xếp lịch phát tại 2 cụm loa")
    lan.wait_for("sớm hơn giờ được phép (05:00–21:30)")
    picture(lan, "xep-lich-3-15")
    assert moments(desk) == ["24 17:00"]

    lan.open(f"{station}/lich-phat")
    lan.driver.find_element(
        By.XPATH, '//*[contains(@data-into, "2026-11-24T10:00")]//a[.="Bản tin chiều"]'
    ).click()
    assert lan.field("Ngày").get_attribute("value") is not None
    lan.driver.find_element(By.CSS_SELECTOR, "#ngay [name=reason]").send_keys("Mất điện", Keys.ENTER)
    lan.wait_for("không phát; 1 lượt phát đã bỏ khỏi lịch")
    lan.open(f"{station}/lich-phat")
    lan.wait_for("Nghỉ buổi này: Mất điện")
    picture(lan, "tuan-da-nghi")
    assert moments(desk) == []

    put_in_tonights(lan, station, number)
    lan.open(f"{station}/lich-phat/bang")
    for words in ("Vệ sinh môi trường", "Bản tin chiều", "17:00:00", desk.approver.name):
        assert words in lan.text
    picture(lan, "bang-phat")
    assert lan.complaints() == []


def test_keys_carry_it_to_tomorrow_and_back(lan, station, desk):
    number = desk.approved("Vệ sinh môi trường", 90)
    with desk.store.write() as rows:
        programmes.add(rows, desk.operator, Frame("Bản tin chiều", range(7), time(17)), NOW)
    put_in_tonights(lan, station, number)
    lan.open(f"{station}/lich-phat")
    handle = lan.driver.find_element(By.CSS_SELECTOR, ".to-move")
    handle.send_keys(Keys.SPACE)
    assert "Đã nhấc" in lan.driver.find_element(By.ID, "tin-keo").get_attribute("textContent")
    handle.send_keys(Keys.ARROW_RIGHT)
    assert "Thứ Ba" in lan.driver.find_element(By.ID, "tin-keo").get_attribute("textContent")
    picture(lan, "tuan-phim")
    handle.send_keys(Keys.ESCAPE)
    assert not lan.driver.find_elements(By.CSS_SELECTOR, ".is-target, .is-held")
    for key in (Keys.SPACE, Keys.ARROW_RIGHT, Keys.SPACE):
        handle.send_keys(key)
    lan.wait_for("Đã chuyển “Vệ sinh môi trường” sang 17:00 ngày mai.")
    assert moments(desk) == ["24 17:00"]
    lan.press("Hoàn tác")
    lan.wait_for("trở về chỗ cũ")
    assert moments(desk) == ["23 17:00"]


def test_the_schedule_fits_a_phone_and_thumbs(lan, station, desk):
    number = desk.approved("Vệ sinh môi trường", 90)
    with desk.store.write() as rows:
        programmes.add(rows, desk.operator, Frame("Bản tin chiều", range(7), time(17)), NOW)
    put_in_tonights(lan, station, number)
    with desk.store.read() as rows:
        airing = rows.query(Airing).one().id
    pages = {
        "tuan": "/lich-phat",
        "xep-lich": f"/ban-tin/{number}/xep-lich",
        "chuyen": f"/phat/{airing}/doi",
        "bang": "/lich-phat/bang",
        "lich-dien-tu": "/lich-phat/lich-dien-tu",
    }
    for name, path in pages.items():
        for size in (OFFICE, (640, 400), PHONE):
            lan.open(station + path)
            lan.resize(size)
            assert lan.driver.execute_script(TOO_WIDE) <= 0, (path, size)
            assert lan.driver.execute_script(TOO_SMALL, TOUCH_PX) == [], (path, size)
        picture(lan, f"phone-{name}")
    assert lan.complaints() == []
