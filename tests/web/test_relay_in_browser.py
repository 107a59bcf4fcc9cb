"""A relay in Debian's Chromium: added, tried and signed, on a desk and on a phone, without script.

RELAY_PICTURES=FOLDER keeps a picture of each step.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from waitress.server import create_server

from broadcaster.accounts import links
from broadcaster.accounts.permissions import Role
from broadcaster.newsroom import approval, relays
from broadcaster.newsroom.relays import RelayDraft
from broadcaster.settings import Settings
from broadcaster.store import Store
from schedules.clock import SystemClock
from tests.audio.radio import Radio, serving
from tests.browser import DESK, PHONE, Browser, browser, require_chromium
from tests.desk import Desk
from tests.web.test_in_browser import PASSWORD, TOO_SMALL, TOO_WIDE, TOUCH_PX
from web import create_app
from web.pages import relays as relay_pages

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def radio() -> Iterator[Radio]:
    with serving() as made:
        made.burst_s = 7.0
        yield made


@pytest.fixture(scope="module")
def desk(tmp_path_factory, migrated_file) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("page") / "data"
    folder.mkdir()
    (folder / "station.db").write_bytes(migrated_file.read_bytes())
    store = Store(folder)
    made = Desk(store, SystemClock())
    made.furnish()
    now = made.clock.now()
    everyone = made.person("lan", *Role)
    with store.write() as rows:
        secret = links.invite(rows, everyone, everyone.id, now)
    links.set_password(store, secret, PASSWORD, now)
    yield made
    store.close()


@pytest.fixture(scope="module")
def station(desk) -> Iterator[str]:
    require_chromium()
    app = create_app(Settings(folder=desk.store.folder), desk.store, desk.clock)
    server = create_server(app, host="127.0.0.1", port=0, threads=6)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    relay_pages.close(app)


def look(page: Browser, name: str) -> None:
    """Whether the page fits a desk and a phone and every button a thumb; keep its picture if asked."""
    for size, where in ((DESK, "ban"), (PHONE, "dien-thoai")):
        page.resize(size)
        assert page.driver.execute_script(TOO_WIDE) <= 0, (name, size)
        assert page.driver.execute_script(TOO_SMALL, TOUCH_PX) == [], (name, size)
        if folder := os.environ.get("RELAY_PICTURES"):
            page.screenshot(Path(folder) / f"{name}-{where}.png")
    page.resize(DESK)


def wait_in_frame(page: Browser, words: str) -> None:
    """Wait for the part of the page that shows a trial to say `words`."""
    frame = page.driver.find_element(By.CSS_SELECTOR, "iframe.trial")
    page.driver.switch_to.frame(frame)
    try:
        page.until(lambda driver: words in driver.find_element(By.TAG_NAME, "body").text, f"“{words}”", 20)
        spare = page.driver.execute_script("return innerHeight - document.body.scrollHeight")
        assert spare >= 0, "all of it is in sight"
    finally:
        page.driver.switch_to.default_content()


def test_a_source_is_added_tried_and_signed_without_script(station, desk, radio):
    """The pages have no script of their own, so what works here works everywhere."""
    with browser(script=False) as plain:
        plain.sign_in(station, "lan", PASSWORD)
        plain.wait_for("Hôm nay")
        plain.open(f"{station}/tiep-am")
        plain.press("Thêm nguồn tiếp âm")
        plain.fill("Tên chương trình", "Thời sự 18 giờ của đài tỉnh")
        plain.fill("Địa chỉ nguồn", radio.url("/live.mp3"))
        plain.press("Nghe thử nguồn")
        wait_in_frame(plain, "Nghe được")
        look(plain, "1-nghe-thu-khi-them")
        assert sound_seconds(plain) == pytest.approx(8.0, abs=0.2)
        plain.press("Lưu")
        plain.wait_for("Đã lưu bản nháp")
        look(plain, "2-nhap")
        plain.open(f"{station}/duyet/{waiting(desk, radio.url('/page'))}")
        plain.press("Nghe thử nguồn")
        wait_in_frame(plain, "có lẽ là một trang web")
        look(plain, "3-duyet")
        plain.press("Duyệt nguồn này")
        plain.wait_for("Đã duyệt “Tiếng nói Việt Nam”")
        assert plain.complaints() == []


def sound_seconds(page: Browser) -> float:
    """Return how long the sound is that the trial offers to listen to, as the browser sees it."""
    page.driver.switch_to.frame(page.driver.find_element(By.CSS_SELECTOR, "iframe.trial"))
    try:
        length = "return document.querySelector('audio').duration || 0"
        page.until(lambda driver: driver.execute_script(length), "the length of the sound")
        return float(page.driver.execute_script(length))
    finally:
        page.driver.switch_to.default_content()


def waiting(desk: Desk, address: str) -> int:
    """Return a relay that somebody else has sent for approval."""
    with desk.store.write() as rows:
        now = desk.clock.now()
        number = relays.write(rows, desk.officer, RelayDraft("Tiếng nói Việt Nam", address, 15), now).id
        approval.submit(rows, desk.officer, number, now)
        return number
