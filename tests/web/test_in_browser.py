"""The pages in Debian's Chromium: no sideways scrolling, thumbs hit, keys suffice, no script needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from waitress.server import create_server

from broadcaster.accounts import links, signing_keys
from broadcaster.accounts.permissions import Role
from broadcaster.newsroom import approval, bulletins, readings
from broadcaster.newsroom.bulletins import Draft
from broadcaster.playout import programmes, requesting
from broadcaster.playout.programmes import Frame
from broadcaster.settings import Settings
from broadcaster.store import Store
from schedules.clock import LOCAL, SystemClock
from tests.broadcaster.playout.kept import archivist, ended, leave, talk
from tests.browser import DESK, PHONE, Browser, browser, require_chromium
from tests.desk import Desk
from tests.keys import pen_of
from web import create_app

pytestmark = pytest.mark.journey

PASSWORD = "hoa cúc vàng ngoài ngõ"
TOUCH_PX = 44
PAGES = (
    "/",
    "/ban-tin",
    "/ban-tin/moi",
    "/ban-tin/1",
    "/ban-tin/1/sua",
    "/ban-tin/3?chu=4#quyet-dinh",
    "/ban-tin/3/phan-thua",
    "/ban-tin/nhap",
    "/ban-thu/moi",
    "/tu-dien",
    "/tu-dien/them",
    "/tu-dien/thay-doi",
    "/tu-dien/nhap",
    "/ban-tin/1/xep-lich",
    "/duyet",
    "/duyet/2",
    "/lich-phat",
    "/lich-phat/bang",
    "/lich-phat/lich-dien-tu",
    "/chuong-trinh/1",
    "/nhat-ky",
    "/nhat-ky/1",
    "/nhat-ky/1/dinh-chinh",
    "/toan-ven",
    "/ban-luu",
    "/nhat-ky-thao-tac",
    "/cai-dat",
    "/giong-doc",
    "/cai-dat/nguoi-dung",
    "/cai-dat/nguoi-dung/them",
    "/cai-dat/ket-noi",
    "/cai-dat/loa",
    "/cai-dat/cum-loa/1",
    "/cai-dat/am-ly/them",
    "/thong-bao",
    "/thong-bao/cach-gui",
    "/thong-bao/cach-gui/email",
    "/truc-tiep",
    "/khan-cap",
    "/khoa-ky",
    "/ke-hoach/them",
    "/bao-cao",
    "/phan-anh",
    "/cai-dat/luu-giu",
    "/tinh-trang",
)
TOO_WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNCOVERED = """
const box = arguments[0].getBoundingClientRect();
const x = (box.left + box.right) / 2;
return [box.top + 3, box.bottom - 3].every((y) => arguments[0].contains(document.elementFromPoint(x, y)));
"""
TOO_SMALL = """
const small = [];
for (const node of document.querySelectorAll("a.btn, button, summary, select, input:not([type=hidden])")) {
  const box = node.getBoundingClientRect();
  const label = ["radio", "checkbox"].includes(node.type) ? node.closest(".tick, .block-of") : node;
  const target = label.getBoundingClientRect();
  if (box.width && getComputedStyle(node).opacity !== "0" && target.height < arguments[0] - 0.5)
    small.push(node.outerHTML.slice(0, 90) + " " + target.height);
}
return small;
"""


@pytest.fixture(scope="module")
def station(tmp_path_factory, migrated_file) -> Iterator[str]:
    """The address of a page server over a furnished store."""
    require_chromium()
    folder = tmp_path_factory.mktemp("page") / "data"
    folder.mkdir()
    (folder / "station.db").write_bytes(migrated_file.read_bytes())
    store = Store(folder)
    _furnish(Desk(store, SystemClock()))
    app = create_app(Settings(folder=folder), store, SystemClock())
    server = create_server(app, host="127.0.0.1", port=0, threads=6)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    store.close()


def _furnish(desk: Desk) -> None:
    desk.furnish()
    now = desk.clock.now()
    everyone = desk.person("lan", *Role)
    number = desk.approved("Vệ sinh môi trường Chủ nhật ở Khu phố 3, mời bà con tham gia đông đủ")
    waiting = desk.draft("Tiêm chủng mở rộng tháng 12")
    pasted = Draft(
        "Dán từ web", "Gửi CT UBND lúc 7h30.\nChủ động chủ động hành chínhtrên mạng.\nLượt xem: 12"
    )
    with desk.store.write() as rows:
        bulletins.write(rows, desk.officer, pasted, now)
        readings.decide(rows, desk.officer, None, "KP3", "khu phố ba", None, now)
        approval.submit(rows, desk.officer, waiting, now)
        at = now.astimezone(LOCAL).time().replace(second=0)
        programme = programmes.add(rows, everyone, Frame("Bản tin chiều", range(7), at), now)
        tomorrow = now.astimezone(LOCAL).date().replace(day=1)
        requesting.request_in_programme(
            rows, everyone, number, programme.id, tomorrow, tomorrow.replace(year=tomorrow.year + 1), now
        )
        secret = links.invite(rows, everyone, everyone.id, now)
    links.set_password(desk.store, secret, PASSWORD, now)
    with desk.store.write() as rows:
        key = signing_keys.living(rows, everyone.id)
        signing_keys.confirm(rows, desk.approver, pen_of(rows, desk.approver), key.id, now)
    sound = talk(4.0)
    leave(desk.store.folder, ended(desk, "Họp tổ dân phố", sound), sound)
    archivist(desk).take_all()


@pytest.fixture(scope="module")
def lan(station) -> Iterator[Browser]:
    """One person with every role, signed in."""
    with browser() as opened:
        opened.sign_in(station, "lan", PASSWORD)
        opened.wait_for("Hôm nay")
        yield opened


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_or_hides_from_thumbs(path, lan, station):
    lan.open(station + path)
    for size in (DESK, (640, 400), PHONE):  # 640 pixels: 1280 at 200 % zoom
        lan.resize(size)
        assert lan.driver.execute_script(TOO_WIDE) <= 0, size
        assert lan.driver.execute_script(TOO_SMALL, TOUCH_PX) == [], size
    lan.resize(DESK)
    assert lan.complaints() == []


def test_what_was_heard_plays_and_can_be_jumped_in(lan, station):
    lan.open(f"{station}/nhat-ky")
    lan.driver.find_element(By.CSS_SELECTOR, "a.hear-again").click()
    player = lan.driver.find_element(By.CSS_SELECTOR, "#nghe-lai audio")
    lan.driver.execute_script("arguments[0].currentTime = 2; arguments[0].play()", player)

    def played(driver):
        length, at = driver.execute_script("return [arguments[0].duration, arguments[0].currentTime]", player)
        return length and abs(length - 4.0) < 0.05 and at > 2.3

    lan.until(played, "the sound of four seconds past its middle")


def test_the_bar_stays_in_sight_and_its_clock_goes_on(lan, station):
    lan.open(f"{station}/ban-tin/moi")
    first = lan.driver.find_element(By.CSS_SELECTOR, "[data-bar=clock]").text
    lan.driver.execute_script("scrollTo(0, document.body.scrollHeight)")
    clock = lan.driver.find_element(By.CSS_SELECTOR, "[data-bar=clock]")
    assert lan.driver.execute_script("return arguments[0].getBoundingClientRect().top", clock) >= 0
    lan.until(lambda _: clock.text != first, "the next second", 5)


def test_typing_is_kept_in_the_browser_until_it_is_saved(lan, station):
    lan.open(f"{station}/ban-tin/moi")
    lan.fill("Tiêu đề", "Họp khu phố")
    lan.open(f"{station}/ban-tin")
    lan.open(f"{station}/ban-tin/moi")
    lan.press("Lấy lại")
    assert lan.field("Tiêu đề").get_attribute("value") == "Họp khu phố"
    lan.fill("Nội dung", "Mời bà con đến họp.")
    lan.press("Lưu và xem lời đọc")
    lan.wait_for("Lời sẽ đọc")
    lan.open(f"{station}/ban-tin/moi")
    assert "gõ dở" not in lan.text


def test_signing_rests_until_the_clip_was_heard_through(lan, station):
    lan.open(f"{station}/duyet/2")
    button, sound = lan.button("Đã nghe, duyệt"), lan.driver.find_element(By.ID, "ban-thu")
    lan.wait_for("Hãy nghe hết bản thu một lần (còn")
    button.click()
    assert lan.driver.current_url.endswith("/duyet/2")
    lan.driver.execute_script("arguments[0].currentTime = arguments[0].duration - 0.2", sound)
    lan.hear_out(sound)
    assert button.get_attribute("aria-disabled") == "true"
    lan.hear_out(sound)
    lan.until(lambda _: button.get_attribute("aria-disabled") == "false", "the button free")
    lan.open(f"{station}/duyet/2")
    assert "Hãy nghe hết" not in lan.text


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_what_is_brought_into_sight_stands_clear_of_the_bars(size, lan, station):
    lan.open(f"{station}/duyet/2")
    lan.resize((size[0], 420))
    button = lan.button("Đã nghe, duyệt")
    for start in ("0", "document.body.scrollHeight"):
        lan.driver.execute_script(
            f"scrollTo(0, {start}); arguments[0].scrollIntoView({{block: 'nearest'}})", button
        )
        assert lan.driver.execute_script(UNCOVERED, button), start
    lan.resize(DESK)


def test_keys_alone_reach_and_open_what_asks_before_it_is_done(lan, station):
    lan.open(f"{station}/")
    lan.driver.switch_to.active_element.send_keys(Keys.TAB)
    assert lan.driver.switch_to.active_element.text == "Đến nội dung chính"
    lan.button("Dừng tất cả").send_keys(Keys.ENTER)
    assert lan.button("Dừng ngay mọi cụm loa").is_displayed()
    lan.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not lan.driver.find_elements(By.CSS_SELECTOR, ".stop-all[open]")


def test_without_script_the_bar_reloads_itself_and_the_forms_do_their_work(station):
    with browser(script=False) as plain:
        plain.sign_in(station, "lan", PASSWORD)
        plain.wait_for("Hôm nay")
        plain.open(f"{station}/ban-tin/1/xep-lich")
        frame = plain.driver.find_element(By.CSS_SELECTOR, ".bar-frame")
        assert frame.is_displayed()
        assert not plain.driver.find_element(By.CSS_SELECTOR, ".bar-live").is_displayed()
        plain.driver.switch_to.frame(frame)
        empty = plain.driver.execute_script("return innerHeight - document.body.offsetHeight")
        assert empty <= 0  # else the page's ground shows through as a white strip
        first = plain.driver.find_element(By.CSS_SELECTOR, "body").text
        plain.until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, "body").text != first,
            "the frame's next text",
            8,
        )
        plain.driver.switch_to.default_content()
        plain.driver.find_element(By.CSS_SELECTOR, "#cach-chuong-trinh summary").click()
        plain.press("Đưa vào chương trình này")
        plain.until(lambda driver: "/ban-tin/1" in driver.current_url, "the bulletin")


def test_keys_alone_open_a_changed_word_and_decide_it(lan, station):
    lan.open(f"{station}/ban-tin/3")
    word = lan.driver.find_element(By.XPATH, '//div[@class="said-text"]//a[.="ủy ban nhân dân"]')
    lan.driver.execute_script("arguments[0].focus()", word)
    word.send_keys(Keys.ENTER)
    lan.wait_for("Đang đọc là")
    lan.driver.switch_to.active_element.send_keys(Keys.TAB)
    first = lan.driver.switch_to.active_element
    assert (first.get_attribute("type"), first.get_attribute("value")) == ("radio", "ủy ban nhân dân")
    first.send_keys(Keys.ARROW_DOWN)
    lan.driver.switch_to.active_element.send_keys(Keys.TAB)
    lan.driver.switch_to.active_element.send_keys("ủy ban phường nhà", Keys.ENTER)
    lan.wait_for("ủy ban phường nhà")


def test_a_page_pasted_with_its_shape_keeps_its_table(lan, station):
    lan.open(f"{station}/ban-tin/nhap")
    field = lan.field("Hoặc dán")
    shape = (
        "<h2>Lịch họp</h2><table><tr><th>Tổ</th><th>Giờ</th></tr><tr><td>Tổ 1</td><td>8h</td></tr></table>"
    )
    lan.driver.execute_script(
        "const held = new DataTransfer(); held.setData('text/html', arguments[1]);"
        "arguments[0].dispatchEvent(new ClipboardEvent('paste', {clipboardData: held}));"
        "arguments[0].value = 'Lịch họp Tổ Giờ Tổ 1 8h';",
        field,
        shape,
    )
    lan.until(lambda _: field.get_attribute("value"), "the pasted words")
    lan.press("Lấy chữ và xem")
    lan.wait_for("dòng trong bảng")


def test_a_sentence_that_cannot_be_heard_says_why(lan, station):
    lan.open(f"{station}/ban-tin/1")
    link = lan.driver.find_element(By.CSS_SELECTOR, "a[data-hear]")
    lan.driver.execute_script("arguments[0].href = arguments[0].href.replace(/-\\w+\\.wav/, '-0.wav')", link)
    link.click()
    lan.wait_for("Lời đọc đã đổi sau khi trang này mở")
    assert all("409" in each for each in lan.complaints())


def test_a_chosen_voice_is_heard_before_it_is_saved_and_enter_still_saves(lan, station):
    lan.open(f"{station}/ban-tin/moi")
    lan.field("Tiêu đề").send_keys("Nghe thử")
    lan.field("Nội dung").send_keys("Xin chào bà con.")
    voice = lan.field("Giọng đọc")
    voice.send_keys("Giọng miền Nam")
    assert voice.get_attribute("value") == "vi-vn-x-south"
    button = lan.driver.find_element(By.CSS_SELECTOR, "button[data-hear]")
    button.click()
    lan.until(lambda _: "is-playing" in button.get_attribute("class"), "the voice is heard")
    button.click()
    assert "is-playing" not in button.get_attribute("class")
    lan.field("Tiêu đề").send_keys(Keys.ENTER)
    lan.wait_for("Đã lưu bản nháp")


def test_without_script_a_text_is_taken_in_and_a_word_decided(station):
    with browser(script=False) as plain:
        plain.sign_in(station, "lan", PASSWORD)
        plain.wait_for("Hôm nay")
        plain.open(f"{station}/ban-tin/nhap")
        plain.field("Hoặc dán").send_keys("Họp tổ dân phố\nMời bà con đến lúc 7h30.\nLượt xem: 12")
        plain.press("Lấy chữ và xem")
        box = plain.driver.find_element(By.CSS_SELECTOR, ".block-of.is-proposed label")
        assert "line-through" in box.find_element(By.CSS_SELECTOR, ".block-text").value_of_css_property(
            "text-decoration-line"
        )
        plain.press("Đưa vào bản tin")
        plain.driver.find_element(By.XPATH, '//a[.="7h30"]').click()
        plain.field("Hoặc ghi cách đọc khác").send_keys("bảy rưỡi")
        plain.press("Dùng cách đọc đã chọn")
        plain.wait_for("bảy rưỡi")
        plain.driver.find_element(By.CSS_SELECTOR, "a[data-hear]").click()
        assert plain.driver.current_url.endswith(".wav")
