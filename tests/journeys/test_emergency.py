"""An emergency as one person raises and ends it: real processes, a real browser, real sound."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.chimes import attention_tone
from audio.formats import to_s16
from broadcaster.accounts import passwords, people
from broadcaster.newsroom import approval, clips
from broadcaster.playout import alert_orders, requesting, zones
from broadcaster.records import chain, history
from broadcaster.store import Store
from broadcaster.store.models import Airing, History
from schedules.clock import SystemClock
from tests.browser import DESK, PHONE, Browser, browser
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation
from tests.sound_server import RATE_HZ, SoundServer, eventually, own_sound_server  # noqa: F401

pytestmark = pytest.mark.journey

PASSWORD = "loa vang sáng sớm"
ROUTINE, ORDER = noise(30.0, seed=11), noise(2.0, seed=12)
TONE = np.frombuffer(to_s16(attention_tone()), "<i2")


@pytest.fixture
def station(own_sound_server: SoundServer, tmp_path: Path) -> Iterator[RunningStation]:  # noqa: F811
    station = RunningStation(tmp_path / "tram").start()
    yield station
    station.stop()


@pytest.fixture
def desk(station: RunningStation) -> Iterator[Desk]:
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    with desk.store.write() as rows:
        people.get(rows, desk.operator.id).password_hash = passwords.hashed(PASSWORD)
    yield desk
    desk.store.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the pages are photographed; BROADCASTER_PICTURES keeps them for a person to look at."""
    folder = Path(os.environ.get("BROADCASTER_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_an_order_is_raised_heard_survives_and_is_stood_down(station, desk, own_sound_server, pictures):  # noqa: F811
    ear = own_sound_server.ear
    airing_id = _sounding(desk, station)
    _order(desk)
    with browser() as operator:
        operator.sign_in(station.address, "truc", PASSWORD)
        operator.press("Khẩn cấp")
        _photograph(operator, pictures, "khan-cap")
        began_at = time.monotonic()
        operator.press("Sơ tán 1 cụm loa: Toàn phường")
        operator.press("Phát ngay tại 1 cụm loa")
        operator.wait_for("Lệnh khẩn cấp đang hiệu lực")

        tone = ear.find(TONE, began_at, 10)
        words = ear.find(ORDER, began_at, 10)
        assert -0.3 <= (words - tone - len(TONE)) / RATE_HZ <= 1.0
        operator.wait_for("Bị cắt vì lệnh khẩn cấp")
        _photograph(operator, pictures, "khan-cap-dang-phat")
        assert _ended(desk, airing_id) == ("cut", "emergency")

        killed_at = time.monotonic()
        station.kill("renderer")
        station.kill("station")
        again = ear.find(TONE, killed_at + 0.5, 20)
        assert ear.find(ORDER, ear.moment_of(again), 15) > again

        operator.press("Dừng lệnh")
        operator.fill("Lý do dừng", "Nước đã rút")
        operator.press("Dừng lệnh này")
        operator.wait_for("đã dừng: Nước đã rút (Truc)")
        operator.press("Phát lại")
        operator.wait_for("sẽ phát sau")
        ear.find(ROUTINE, time.monotonic(), 25)
        operator.open(f"{station.address}/nhat-ky")
        assert "Sơ tán" in operator.text
        assert operator.complaints() == []
    with desk.store.read() as rows:
        said = [row for row in history.find(rows) if row.source == "alert"]
        assert {row.bulletin_id for row in said} == {2}
        assert chain.verify(rows) == []


def test_a_drill_says_so_and_stays_in_its_zone(station, desk, own_sound_server, pictures):  # noqa: F811
    ear = own_sound_server.ear
    station.pid("player")
    with desk.store.write() as rows:
        now = desk.clock.now()
        zones.save_zone(rows, desk.operator, now, name="Khu phố 3", output_id=1, sound_kind="plain")
        aside = zones.save_output(rows, desk.operator, now, name="Nơi khác", kind="file")
        zones.save_zone(rows, desk.operator, now, zone_id=1, name="Toàn phường", output_id=aside.id)
    _order(desk)
    with browser(PHONE) as operator:
        operator.sign_in(station.address, "truc", PASSWORD)
        operator.wait_for("Khẩn cấp")
        operator.open(f"{station.address}/khan-cap/viet?dien-tap=1&lenh=1")
        operator.choose("Khu phố 3")
        began_at = time.monotonic()
        operator.press("Xem lại")
        operator.wait_for("Đây là diễn tập")
        _photograph(operator, pictures, "dien-tap-xem-lai", PHONE)
        operator.press("Bắt đầu diễn tập tại 1 cụm loa")
        operator.wait_for("Đang diễn tập “Sơ tán” tại Khu phố 3")
        tone = ear.find(TONE, began_at, 25)
        words = ear.find(ORDER, began_at, 25)
        spoken_s = (words - tone - len(TONE)) / RATE_HZ
        assert spoken_s > 2.0, "it says that it is a drill before the order"
        _photograph(operator, pictures, "dien-tap", PHONE)
        operator.press("Dừng diễn tập")
        operator.fill("Lý do dừng", "Xong buổi diễn tập")
        operator.until(lambda driver: _press_last(operator, "Dừng diễn tập"), "the drill is ended")
        operator.wait_for("đã dừng: Xong buổi diễn tập (Truc)")
        assert operator.complaints() == []
    row = eventually(lambda: _rows(desk), 10, "the drill has its row")[0]
    assert (row.title, row.details["drill"]) == ("Diễn tập: Sơ tán", True)
    assert [zone["zone"] for zone in row.zones] == ["Khu phố 3"]


def _press_last(person: Browser, words: str) -> bool:
    """Press the last of several buttons with the same words: that in the box that has opened."""
    path = f'//button[normalize-space(.)="{words}"]'
    shown = [each for each in person.driver.find_elements("xpath", path) if each.is_displayed()]
    if shown:
        shown[-1].click()
    return bool(shown)


def _sounding(desk: Desk, station: RunningStation) -> str:
    """Have a routine bulletin on the air."""
    number = desk.approved("Tin dài", sound=ROUTINE)
    station.pid("player")
    with desk.store.write() as rows:
        airing = requesting.request_next(rows, desk.operator, number, (), desk.clock.now())
    eventually(lambda: _state(desk, airing.id) == "started", 30, "it sounds")
    return airing.id


def _order(desk: Desk) -> None:
    number = desk.approved("Sơ tán", kind="emergency", sound=ORDER)
    with desk.store.write() as rows:
        now = desk.clock.now()
        alert_orders.save(
            rows, desk.operator, now, name="Sơ tán", bulletin_id=number, zone_ids=(1,), repeat_every_s=10
        )  # fmt: skip
        signed = approval.valid_approval(rows, number, now.date())
        assert clips.is_intact(desk.store.folder, str(signed.clip_sha256))


def _state(desk: Desk, airing_id: str) -> str:
    with desk.store.read() as rows:
        return str(rows.get_one(Airing, airing_id).state)


def _ended(desk: Desk, airing_id: str) -> tuple[str, str]:
    with desk.store.read() as rows:
        row = rows.get_one(Airing, airing_id)
        return row.state, row.cause


def _rows(desk: Desk) -> list[History]:
    with desk.store.read() as rows:
        return history.find(rows)


def _photograph(person: Browser, folder: Path, name: str, *sizes: tuple[int, int]) -> None:
    for size in sizes or (PHONE, DESK):
        person.resize(size)
        person.screenshot(folder / f"{name}-{size[0]}.png")
