"""The whole way of one bulletin, as two people walk it: real processes, real browsers, real sound."""

from __future__ import annotations

import os
import re
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from broadcaster.newsroom import clips
from broadcaster.records import chain, history
from broadcaster.store import Store, facts
from broadcaster.store.models import History
from tests.browser import DESK, PHONE, Browser, are_wanted, browser
from tests.journeys.stations import RunningStation
from tests.sound_server import RATE_HZ, SoundServer, eventually, own_sound_server  # noqa: F401

pytestmark = pytest.mark.journey

WRITTEN = (Path(__file__).parent / "van_ban.txt").read_text(encoding="utf-8")
TITLE = "Tăng cường tuyên truyền cải cách hành chính"
PASSWORD = "loa vang sáng sớm"
LEVEL_DB = 1.0
GAP_S = 0.05


@pytest.fixture
def station(own_sound_server: SoundServer, tmp_path: Path) -> Iterator[RunningStation]:  # noqa: F811
    station = RunningStation(tmp_path / "tram").start()
    yield station
    station.stop()


@pytest.fixture
def store(station: RunningStation) -> Iterator[Store]:
    store = Store(station.folder)
    with store.write() as session:
        facts.put(session, facts.ALLOWED_HOURS, ["00:00", "23:59:59"])
    yield store
    store.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the pages are photographed; BROADCASTER_PICTURES keeps them for a person to look at."""
    folder = Path(os.environ.get("BROADCASTER_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_two_people_bring_a_text_to_the_loudspeaker(station, store, own_sound_server, pictures):  # noqa: F811
    with browser() as officer, browser() as approver:
        _first_account(officer, station)
        _invite_approver(officer, approver, station)
        _write_and_submit(officer, station)
        _listen_and_sign(approver, station)
        _play_now(officer, station, store)
        row = eventually(lambda: _row(store), 90, "the airing ends")
        if are_wanted():
            _photograph(officer, station, pictures)
        officer.open(f"{station.address}/nhat-ky")
        assert TITLE in officer.text
        assert "đã phát" in officer.text
        assert officer.complaints() == approver.complaints() == []
    _assert_heard(row, own_sound_server, store)
    with store.read() as session:
        assert chain.verify(session) == []


def _first_account(officer: Browser, station: RunningStation) -> None:
    found = re.search(r"http\S+", station.welcome)
    assert found is not None
    officer.open(found[0])
    officer.fill("Tên đài", "Đài truyền thanh phường Tân Minh")
    officer.fill("Họ và tên", "Cán bộ văn hóa")
    officer.fill("Tên đăng nhập", "canbo")
    officer.fill("Mật khẩu", PASSWORD)
    officer.fill("Gõ lại", PASSWORD)
    officer.press("Tạo tài khoản và bắt đầu")
    officer.until(lambda driver: "/bat-dau/" not in driver.current_url, "the station's own pages")


def _invite_approver(officer: Browser, approver: Browser, station: RunningStation) -> None:
    officer.open(f"{station.address}/cai-dat/nguoi-dung/them")
    officer.fill("Họ và tên", "Người ký duyệt")
    officer.fill("Tên đăng nhập", "nguoiduyet")
    officer.choose("Duyệt")
    officer.press("Thêm và lấy liên kết đặt mật khẩu")
    link = officer.until(lambda driver: driver.find_element("id", "lien-ket"), "the link")
    approver.open(str(link.get_attribute("value")))
    approver.fill("Mật khẩu", PASSWORD)
    approver.fill("Gõ lại", PASSWORD)
    approver.press("Đặt mật khẩu và vào đài")
    approver.until(lambda driver: "/dat-mat-khau/" not in driver.current_url, "the station's own pages")


def _write_and_submit(officer: Browser, station: RunningStation) -> None:
    officer.open(f"{station.address}/ban-tin/moi")
    officer.fill("Tiêu đề", TITLE)
    officer.fill("Nội dung", WRITTEN)
    officer.press("Lưu và xem lời đọc")
    officer.wait_for("cải cách hành chính")
    officer.press("Nghe cả bài")
    officer.until(lambda driver: driver.find_element("id", "ban-thu"), "the clip", 60)
    officer.press("Gửi duyệt")
    officer.wait_for("Đang chờ người duyệt")


def _listen_and_sign(approver: Browser, station: RunningStation) -> None:
    approver.open(f"{station.address}/duyet")
    approver.press(TITLE)
    sound = approver.until(lambda driver: driver.find_element("id", "ban-thu"), "the clip")
    approver.hear_out(sound)
    approver.press("Đã nghe, duyệt")
    approver.wait_for("Đã duyệt")


def _play_now(officer: Browser, station: RunningStation, store: Store) -> None:
    officer.open(f"{station.address}/ban-tin")
    officer.press(TITLE)
    officer.press("Xếp lịch phát")
    officer.driver.find_element("css selector", "#cach-ngay summary").click()
    officer.driver.find_element("css selector", "#cach-ngay button").click()
    officer.wait_for("sẽ phát sau 10 giây")
    officer.open(f"{station.address}/")
    officer.wait_for("Đang phát", 30)


def _row(store: Store) -> History | None:
    with store.read() as session:
        return next(iter(history.find(session)), None)


def _photograph(officer: Browser, station: RunningStation, folder: Path) -> None:
    pages = {
        "hom-nay": "/",
        "ban-tin": "/ban-tin",
        "ban-tin-1": "/ban-tin/1",
        "ban-tin-moi": "/ban-tin/moi",
        "lich-phat": "/lich-phat",
        "nhat-ky": "/nhat-ky",
        "cai-dat": "/cai-dat",
        "nguoi-dung": "/cai-dat/nguoi-dung",
    }
    for size in (DESK, PHONE):
        officer.resize(size)
        for name, path in pages.items():
            officer.open(f"{station.address}{path}")
            officer.screenshot(folder / f"{name}-{size[0]}.png")


def _assert_heard(row: History, server: SoundServer, store: Store) -> None:
    """What left the sink is the clip: there, as loud, and without a hole."""
    assert (row.result, row.on_loudspeaker) == ("played", True)
    assert row.seconds_heard == pytest.approx(row.seconds_planned, abs=0.5)
    clip = _samples(clips.path_of(store.folder, str(row.clip_sha256)))
    loud = int(np.argmax(np.abs(clip) > 1000))
    first = server.ear.find(clip[loud:], within_s=30) - loud
    eventually(lambda: len(server.ear.heard()) >= first + len(clip), 20, "the whole clip is recorded")
    heard = server.ear.heard()[first : first + len(clip)]
    assert _level_db(heard) == pytest.approx(_level_db(clip), abs=LEVEL_DB)
    assert _longest_silence_s(heard) <= _longest_silence_s(clip) + GAP_S


def _samples(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as clip:
        return np.frombuffer(clip.readframes(clip.getnframes()), "<i2")


def _level_db(sound: NDArray[np.int16]) -> float:
    return float(10 * np.log10(np.mean((sound.astype(np.float64) / 32768) ** 2)))


def _longest_silence_s(sound: NDArray[np.int16]) -> float:
    edges = np.flatnonzero(np.abs(sound.astype(np.int32)) > 8)
    return float(np.diff(np.concatenate(([0], edges, [len(sound)]))).max()) / RATE_HZ
