"""A person speaks to the ward: a real browser with Chromium's fake microphone, real processes, real sound."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from selenium.webdriver.common.by import By

from broadcaster.accounts import links
from broadcaster.accounts.permissions import Actor, Role
from broadcaster.records import chain, history
from broadcaster.store import Store
from broadcaster.store.models import History
from schedules.clock import SystemClock
from tests.browser import DESK, PHONE, Browser, browser
from tests.desk import Desk
from tests.journeys.stations import RunningStation
from tests.sound_server import RATE_HZ, SoundServer, eventually, own_sound_server  # noqa: F401

pytestmark = pytest.mark.journey

PASSWORD = "loa vang sáng sớm"
TITLE = "Cắt điện đột xuất khu phố 3"
LOUD_DBFS = -35.0


@pytest.fixture
def station(own_sound_server: SoundServer, tmp_path: Path) -> Iterator[RunningStation]:  # noqa: F811
    station = RunningStation(tmp_path / "tram").start()
    yield station
    station.stop()


@pytest.fixture
def desk(station: RunningStation) -> Iterator[Desk]:
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    yield desk
    desk.store.close()


@pytest.fixture
def speaker(desk: Desk) -> Actor:
    actor = desk.person("phat", Role.OPERATOR, Role.ADMIN)
    now = desk.clock.now()
    with desk.store.write() as rows:
        secret = links.invite(rows, actor, actor.id, now)
    links.set_password(desk.store, secret, PASSWORD, now)
    return actor


@pytest.fixture
def fake_microphone(tmp_path: Path) -> tuple[str, ...]:
    """Flags for a browser into whose microphone somebody speaks: one second of voice, half a second none."""
    file = tmp_path / "micro.wav"
    _write(file, np.concatenate([voice(1.0), np.zeros(RATE_HZ // 2)]))
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}",
    )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the pages are photographed; BROADCASTER_PICTURES keeps them for a person to look at."""
    folder = Path(os.environ.get("BROADCASTER_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def voice(seconds: float) -> NDArray[np.float64]:
    """Return something that passes for a voice: harmonics of 150 Hz that swell four times a second."""
    moments = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * 150 * n * moments) / n for n in range(1, 20))
    return 0.25 * tone * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * moments))


def _write(file: Path, sound: NDArray[np.float64]) -> None:
    with wave.open(str(file), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE_HZ)
        target.writeframes((sound * 32767).astype("<i2").tobytes())


def go_on_air(someone: Browser, base: str, title: str = TITLE) -> None:
    someone.open(f"{base}/truc-tiep")
    someone.press("Bật micrô")
    someone.wait_for("Nghe rõ")
    someone.fill("Nói về việc gì", title)
    someone.press("Lên sóng tại Toàn phường")
    someone.wait_for("ĐANG LÊN SÓNG")


def level_dbfs(sound: NDArray[np.int16]) -> float:
    return float(10 * np.log10(np.mean((sound.astype(np.float64) / 32768) ** 2) + 1e-12))


def test_a_live_announcement_is_started_heard_and_ended(
    station,
    desk,
    speaker,
    fake_microphone,
    own_sound_server,  # noqa: F811
    pictures,
):
    with browser(flags=fake_microphone) as someone:
        someone.sign_in(station.address, "phat", PASSWORD)
        someone.wait_for("Hôm nay")
        _photograph_asking(someone, station, pictures)
        go_on_air(someone, station.address)
        eventually(lambda: level_dbfs(own_sound_server.ear.heard()[-RATE_HZ:]) > LOUD_DBFS, 20, "it is heard")
        meter = someone.driver.find_element(By.CSS_SELECTOR, "[data-heard-level]")
        someone.until(lambda _: float(meter.get_attribute("value") or 0) > 20, "what the loudspeakers get")
        someone.wait_for("Trực tiếp: " + TITLE)
        for size in (PHONE, DESK):
            someone.resize(size)
            someone.screenshot(pictures / f"truc-tiep-len-song-{size[0]}.png")
        someone.wait_for("0:08", 20)
        someone.press("Kết thúc")
        someone.wait_for("Đã phát", 20)
        someone.screenshot(pictures / "truc-tiep-ket-thuc.png")
        row = eventually(lambda: _row(desk.store), 20, "its row")
        eventually(lambda: level_dbfs(own_sound_server.ear.heard()[-RATE_HZ:]) < -80, 10, "silence")
        someone.press("Xem nhật ký phát thanh")
        someone.wait_for(TITLE)
        assert someone.complaints() == []
    assert (row.result, row.source, row.on_loudspeaker) == ("played", "live", True)
    assert row.author == row.operator == speaker.name
    assert row.seconds_heard >= 6, row.details
    assert row.details["live"]["ended"] == "person"
    with desk.store.read() as session:
        assert chain.verify(session) == []


def test_a_browser_that_is_killed_leaves_silence_and_a_true_row(
    station,
    desk,
    speaker,
    fake_microphone,
    own_sound_server,  # noqa: F811
):
    with browser(flags=fake_microphone) as someone:
        someone.sign_in(station.address, "phat", PASSWORD)
        someone.wait_for("Hôm nay")
        go_on_air(someone, station.address)
        eventually(lambda: level_dbfs(own_sound_server.ear.heard()[-RATE_HZ:]) > LOUD_DBFS, 20, "it is heard")
    row = eventually(lambda: _row(desk.store), 20, "its row")
    assert (row.result, row.cause) == ("cut", "live_lost")
    eventually(lambda: level_dbfs(own_sound_server.ear.heard()[-RATE_HZ:]) < -80, 10, "silence")


def _row(store: Store) -> History | None:
    with store.read() as session:
        return next(iter(history.find(session)), None)


def _photograph_asking(someone: Browser, station: RunningStation, folder: Path) -> None:
    for size in (PHONE, DESK):
        someone.resize(size)
        someone.open(f"{station.address}/truc-tiep")
        someone.screenshot(folder / f"truc-tiep-{size[0]}.png")
