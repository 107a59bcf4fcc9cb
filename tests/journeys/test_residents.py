"""A resident's way, in real browsers: a bulletin is read and heard, a complaint sent and answered."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from waitress.server import create_server

from broadcaster.accounts import links
from broadcaster.accounts.permissions import Role
from broadcaster.playout import programmes, requesting
from broadcaster.playout.programmes import Frame
from broadcaster.records import airchecks
from broadcaster.settings import Settings
from broadcaster.store import facts
from broadcaster.store.models import Complaint
from schedules.clock import LOCAL, SystemClock
from tests.broadcaster.conftest import migrated_file, store  # noqa: F401
from tests.broadcaster.playout.kept import archivist, ended, leave, talk
from tests.browser import DESK, PHONE, Browser, browser, require_chromium
from tests.desk import Desk
from tests.web.test_in_browser import TOO_SMALL, TOO_WIDE, TOUCH_PX
from web import create_app
from web.pages import residents_setup

pytestmark = pytest.mark.journey

PASSWORD = "hoa cúc vàng ngoài ngõ"
TITLE = "Tiêm chủng mở rộng cho trẻ dưới hai tuổi"
HEARD_S = 4.0


@pytest.fixture
def desk(store) -> Desk:  # noqa: F811
    """A ward that has just aired a bulletin and will air another one."""
    desk = Desk(store, SystemClock())
    desk.furnish()
    now = desk.clock.now()
    lan_of_ward = desk.person("lan", *Role)
    sound = talk(HEARD_S)
    leave(store.folder, ended(desk, TITLE, sound), sound)
    archivist(desk).take_all()
    number = desk.approved("Họp tổ dân phố số 3")
    with store.write() as rows:
        facts.put(rows, facts.STATION_NAME, "Đài truyền thanh phường An Bình")
        at = (now + timedelta(hours=1)).astimezone(LOCAL).time().replace(second=0)
        programme = programmes.add(rows, lan_of_ward, Frame("Bản tin hằng ngày", range(7), at), now)
        days = now.astimezone(LOCAL).date(), (now + timedelta(days=5)).astimezone(LOCAL).date()
        requesting.request_in_programme(rows, lan_of_ward, number, programme.id, *days, now)
        secret = links.invite(rows, lan_of_ward, lan_of_ward.id, now)
    links.set_password(store, secret, PASSWORD, now)
    return desk


@pytest.fixture
def station(desk: Desk) -> Iterator[str]:
    require_chromium()
    app = create_app(Settings(folder=desk.store.folder), desk.store, desk.clock)
    server = create_server(app, host="127.0.0.1", port=0, threads=6)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    serving.join(5)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the pages are photographed; BROADCASTER_PICTURES keeps them for a person to look at."""
    folder = Path(os.environ.get("BROADCASTER_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_resident_reads_hears_complains_and_is_answered(station, desk, pictures, monkeypatch):
    monkeypatch.setattr(residents_setup, "is_only_here", lambda _: False)
    with browser() as officer, browser(PHONE, script=False) as phone:
        officer.sign_in(station, "lan", PASSWORD)
        officer.wait_for("Hôm nay")
        _turn_on(officer, station, pictures)
        _read_and_hear(phone, officer, station, pictures)
        code = _complain(phone, pictures)
        _answer(officer, station, desk, pictures)
        _see_the_answer(phone, station, code, pictures)
        _assert_private(phone, station)
        assert officer.complaints() == []
        assert phone.driver.get_cookies() == []


def _turn_on(officer: Browser, station: str, pictures: Path) -> None:
    officer.open(f"{station}/nguoi-dan")
    officer.wait_for("Không có trang này")
    officer.driver.get_log("browser")  # the browser, too, says that there was no such page
    officer.open(f"{station}/cai-dat/trang-nguoi-dan")
    officer.choose("Mở trang cho người dân")
    officer.press("Lưu")
    officer.wait_for("Trang cho người dân đang mở")
    _photograph(officer, pictures, "cai-dat")
    officer.press("In tờ dán bảng tin")
    officer.wait_for(f"{station}/nguoi-dan")
    _photograph(officer, pictures, "to-dan")


def _read_and_hear(phone: Browser, officer: Browser, station: str, pictures: Path) -> None:
    phone.open(f"{station}/nguoi-dan")
    phone.wait_for("Họp tổ dân phố số 3")
    _photograph(phone, pictures, "hom-nay")
    phone.press(TITLE)
    phone.wait_for(f"Nội dung {TITLE}.")
    _photograph(phone, pictures, "luot-phat")
    officer.open(phone.driver.current_url)
    player = officer.driver.find_element(By.TAG_NAME, "audio")
    officer.driver.execute_script("arguments[0].currentTime = 2; arguments[0].play()", player)

    def has_played(driver: object) -> bool:
        ask = "return [arguments[0].duration, arguments[0].currentTime]"
        length, at = officer.driver.execute_script(ask, player)
        return bool(length) and abs(length - HEARD_S) < 0.05 and at > 2.3

    officer.until(has_played, "the sound past its middle")


def _complain(phone: Browser, pictures: Path) -> str:
    phone.press("Phản ánh về lượt phát này")
    phone.wait_for("Gửi phản ánh")
    phone.field("Phản ánh việc gì?").send_keys("Không nghe thấy")
    phone.field("Nội dung").send_keys("Ngõ 12 không nghe thấy gì từ hôm qua.")
    phone.field("Số điện thoại").send_keys("0912 345 678")
    _photograph(phone, pictures, "phan-anh")

    def is_received(_: object) -> bool:
        if "hãy đợi vài giây" in phone.text:  # the form was filled faster than people can
            phone.press("Gửi phản ánh")
        return "Đã nhận phản ánh" in phone.text

    phone.press("Gửi phản ánh")
    phone.until(is_received, "the complaint taken in")
    _photograph(phone, pictures, "da-nhan")
    return phone.driver.find_element(By.CSS_SELECTOR, ".code").text


def _answer(officer: Browser, station: str, desk: Desk, pictures: Path) -> None:
    officer.open(f"{station}/phan-anh")
    _photograph(officer, pictures, "danh-sach")
    officer.driver.find_element(By.CSS_SELECTOR, ".item-title a").click()
    officer.wait_for("0912 345 678")
    officer.press("Nhận xem")
    officer.press("Giữ lại bản lưu")
    officer.wait_for("Bản lưu đang được giữ lại")
    officer.fill("Câu trả lời", "Loa ngõ 12 đứt dây, đã nối lại sáng nay. Cảm ơn bà con đã báo.")
    officer.choose("Mọi người")
    officer.press("Trả lời")
    officer.wait_for("Đã trả lời")
    _photograph(officer, pictures, "tra-loi")
    officer.open(f"{station}/nhat-ky")
    officer.press("Có 1 phản ánh")
    officer.wait_for("Chỉ những phản ánh về một lượt phát")
    officer.open(f"{station}/phan-anh/1")
    officer.press("Soạn bản tin trả lời")
    officer.wait_for("Sửa bản tin")
    assert "đứt dây" in str(officer.field("Nội dung").get_attribute("value"))
    with desk.store.read() as rows:
        kept = rows.get_one(Complaint, 1)
        assert airchecks.holds_of(rows, kept.airing_id or "")


def _see_the_answer(phone: Browser, station: str, code: str, pictures: Path) -> None:
    phone.press("Xem câu trả lời")
    phone.field("Mã tra cứu").send_keys(code.lower())
    phone.press("Xem")
    phone.wait_for("đã nối lại sáng nay")
    _photograph(phone, pictures, "cau-tra-loi")


def _assert_private(phone: Browser, station: str) -> None:
    """The answer is for all, the words and the telephone of the sender are not."""
    phone.open(f"{station}/nguoi-dan")
    phone.press(TITLE)
    phone.wait_for("Nghe lại")
    phone.driver.refresh()  # it may keep the page for a minute
    phone.wait_for("Đài trả lời phản ánh")
    assert "đã nối lại sáng nay" in phone.text
    assert "0912" not in phone.text
    assert "từ hôm qua" not in phone.text


def _photograph(person: Browser, folder: Path, name: str) -> None:
    """Take the page at both widths; it must not scroll sideways, and thumbs must hit."""
    width = person.driver.execute_script("return innerWidth")
    for size in (PHONE, DESK):
        person.resize(size)
        assert person.driver.execute_script(TOO_WIDE) <= 0, (name, size)
        assert person.driver.execute_script(TOO_SMALL, TOUCH_PX) == [], (name, size)
        person.screenshot(folder / f"nguoi-dan-{name}-{size[0]}.png")
    person.resize(PHONE if width == PHONE[0] else DESK)
