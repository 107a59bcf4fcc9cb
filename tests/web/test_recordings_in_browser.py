"""The pages of a recording in Debian's Chromium: without script, on a broken line, with no microphone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from waitress.server import create_server

from broadcaster.accounts import links
from broadcaster.accounts.permissions import Role
from broadcaster.newsroom import clips, recordings, recordings_files, recordings_queue
from broadcaster.settings import Settings
from broadcaster.store import Store
from schedules.clock import SystemClock
from tests.audio.made_files import as_wav, made
from tests.audio.sounds import bursts
from tests.broadcaster.newsroom.recorded import DRAFT, SPEECH_LUFS, finish, sent_file
from tests.browser import DESK, PHONE, Browser, browser, require_chromium
from tests.desk import Desk
from tests.web.test_in_browser import TOO_SMALL, TOO_WIDE, TOUCH_PX
from web import create_app

pytestmark = pytest.mark.journey

PASSWORD = "hoa cúc vàng ngoài ngõ"
NAME = "tram.phuong"
SHOWN = {"waiting": 1, "finished": 2, "refused": 3}


@pytest.fixture(scope="module")
def desk(tmp_path_factory, migrated_file) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("thu") / "data"
    folder.mkdir()
    (folder / "station.db").write_bytes(migrated_file.read_bytes())
    made_desk = Desk(Store(folder), SystemClock())
    made_desk.furnish()
    _furnish(made_desk)
    yield made_desk
    made_desk.store.close()


@pytest.fixture(scope="module")
def station(desk) -> Iterator[str]:
    """The address of a page server with a recording in each state."""
    require_chromium()
    app = create_app(Settings(folder=desk.store.folder, hosts=(NAME,)), desk.store, SystemClock())
    server = create_server(app, host="127.0.0.1", port=0, threads=6)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


def _furnish(desk: Desk) -> None:
    lan, now = desk.person("lan", *Role), datetime.now(UTC)
    with desk.store.write() as rows:
        secret = links.invite(rows, lan, lan.id, now)
        for content in (b"cho", b"xong", b"hong"):
            sent = sent_file(desk.store.folder, content, "một cái tên dài dằng dặc không xuống dòng.mp3")
            recordings.begin(rows, desk.officer, DRAFT, sent, SPEECH_LUFS, now)
        waiting = recordings_queue.take(rows, now)
        finished = recordings_queue.take(rows, now)
        refused = recordings_queue.take(rows, now)
        recordings_queue.hand_back(rows, waiting)
        recordings_queue.refuse(rows, refused, "Tệp “a.mp3” im lặng; hãy thu lại.", now)
        recordings_queue.hand_back(rows, finished)
        recordings.get(rows, SHOWN["waiting"])
    _finish_second(desk)
    links.set_password(desk.store, secret, PASSWORD, now)


def _finish_second(desk: Desk) -> None:
    now = datetime.now(UTC)
    with desk.store.write() as rows:
        first = recordings_queue.take(rows, now)
        sound = as_wav(desk.store.folder / "clip.wav", [bursts(5.0)])
        finish(rows, clips.keep(desk.store.folder, sound), now, kept=[[5.0, 20.0], [30.0, 66.0]])
        recordings_queue.hand_back(rows, first)
        row = recordings.current(rows, recordings.get(rows, SHOWN["finished"]))
        sound = recordings_files.sound_of(desk.store.folder, row.file_sha256)
    as_wav(sound, [bursts(7.0)])


@pytest.fixture(scope="module")
def lan(station) -> Iterator[Browser]:
    with browser() as opened:
        opened.sign_in(station, "lan", PASSWORD)
        opened.wait_for("Hôm nay")
        yield opened


@pytest.fixture
def mp3(tmp_path) -> Path:
    return made(tmp_path, "bai.mp3", bursts(3.0))


@pytest.mark.parametrize("path", ["moi", "1", "2", "3", "2/sua", "2/thay"])
def test_no_page_scrolls_sideways_or_hides_from_thumbs(path, lan, station):
    lan.open(f"{station}/ban-thu/{path}")
    for size in (DESK, (640, 400), PHONE):
        lan.resize(size)
        assert lan.driver.execute_script(TOO_WIDE) <= 0, size
        assert lan.driver.execute_script(TOO_SMALL, TOUCH_PX) == [], size
    lan.resize(DESK)
    assert lan.complaints() == []


def test_without_script_a_file_is_sent_and_cut(station, mp3):
    with browser(script=False) as plain:
        plain.sign_in(station, "lan", PASSWORD)
        plain.wait_for("Hôm nay")
        plain.open(f"{station}/ban-thu/moi")
        assert "chỉ gửi được tệp đến 40 MB" in plain.text
        plain.driver.find_element(By.ID, "file").send_keys(str(mp3))
        plain.press("Lưu bản thu")
        assert "Hãy đặt tên cho bản thu." in plain.text
        assert "Đã nhận “bai.mp3”" in plain.text
        plain.field("Tên bản thu").send_keys("Gửi không cần mã lệnh")
        plain.press("Lưu bản thu")
        plain.wait_for("đang chờ đến lượt xử lý")
        plain.open(f"{station}/ban-thu/2")
        plain.field("Giữ từ").send_keys("abc")
        plain.press("Cắt lại")
        plain.wait_for("Chưa đúng; hãy gõ theo mẫu")


def test_a_broken_line_costs_a_part_and_not_the_file(station, lan, tmp_path):
    heavy = tmp_path / "nang.wav"
    heavy.write_bytes(bytes(20_000_000))
    lan.open(f"{station}/ban-thu/moi")
    _offline(lan, True)
    lan.driver.find_element(By.ID, "file").send_keys(str(heavy))
    lan.wait_for("đường truyền bị ngắt, đang thử lại")
    _offline(lan, False)
    lan.wait_for("Đã nhận “nang.wav”", 20)
    assert lan.field("Tên bản thu").get_attribute("value") == "nang"
    lan.complaints()


def test_what_is_too_heavy_is_told_before_it_is_sent(station, lan):
    lan.open(f"{station}/ban-thu/moi")
    lan.driver.execute_script(
        "const files = new DataTransfer(), field = document.getElementById('file');"
        "const heavy = new File(['a'], 'a.wav'); Object.defineProperty(heavy, 'size', {value: 2e9});"
        "files.items.add(heavy); Object.defineProperty(field, 'files', {value: [heavy]});"
        "field.dispatchEvent(new Event('change'));"
    )
    lan.wait_for("Tệp nặng hơn 1000 MB; hãy gửi riêng phần tiếng")


def test_a_page_that_is_not_secure_says_how_to_record(desk, station):
    address = station.replace("127.0.0.1", NAME)
    with browser(flags=(f"--host-resolver-rules=MAP {NAME} 127.0.0.1",)) as far:
        far.sign_in(address, "lan", PASSWORD)
        far.wait_for("Hôm nay")
        far.open(f"{address}/ban-thu/moi")
        assert "Trình duyệt chỉ cho dùng micrô ở trang an toàn" in far.text
        assert "Kết nối an toàn" in far.text
        assert "Bắt đầu thu" not in far.text


def test_a_browser_that_refuses_the_microphone_is_told_what_to_do(station, lan):
    lan.open(f"{station}/ban-thu/moi")
    lan.driver.execute_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    lan.press("Bắt đầu thu")
    lan.wait_for("Trình duyệt chưa được phép dùng micrô")


def test_keys_and_fields_move_the_ends_together(station, lan):
    lan.open(f"{station}/ban-thu/2")
    handles = lan.driver.find_elements(By.CSS_SELECTOR, ".wave-handle")
    handles[1].send_keys(Keys.PAGE_DOWN)
    assert lan.field("Đến").get_attribute("value") == "1:00,0"
    lan.fill("Giữ từ", "0:12,5")
    assert handles[0].get_attribute("aria-valuetext") == "0:12,5"
    handles[0].send_keys(Keys.HOME)
    assert lan.field("Giữ từ").get_attribute("value") == ""
    lan.press("Nghe đoạn giữ lại")
    sound = lan.driver.find_element(By.CSS_SELECTOR, ".wave-box + audio")
    lan.until(lambda driver: driver.execute_script("return arguments[0].currentTime > 0", sound), "the sound")


def _offline(opened: Browser, is_offline: bool) -> None:
    conditions = {"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    opened.driver.execute_cdp_cmd("Network.enable", {})
    opened.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
