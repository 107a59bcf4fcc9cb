"""A call in Tày, spoken into the browser: recorded, cut, worded, signed, and heard while bombs come in.

Real processes, a real browser with Chromium's fake microphone, real sound.
"""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from selenium.webdriver.common.by import By

from audio.formats import write_wav
from broadcaster.accounts import links
from broadcaster.accounts.permissions import Actor, Role
from broadcaster.newsroom import bulletins, clips, recordings
from broadcaster.playout import requesting
from broadcaster.records import chain, history
from broadcaster.store import Store
from broadcaster.store.models import History, Recording, RenderingState
from schedules.clock import SystemClock
from tests.audio.sounds import bursts
from tests.broadcaster.newsroom.hostile_sounds import REFUSED
from tests.broadcaster.newsroom.recorded import DRAFT, SPEECH_LUFS, sent_file
from tests.browser import DESK, PHONE, Browser, browser, require_chromium
from tests.desk import Desk
from tests.journeys.stations import RunningStation
from tests.sound_server import SoundServer, eventually, own_sound_server  # noqa: F401

pytestmark = pytest.mark.journey

PASSWORD = "loa vang sáng sớm"
TITLE = "Lời kêu gọi giữ rừng"
WORDS = "Già làng kêu gọi bà con không đốt nương trong mùa khô."
NASTY = (
    "opus of 10 hours of silence",
    "amr of an hour",
    "zip bomb",
    "half a film",
    "ffconcat",
    "locked song",
)


@pytest.fixture
def station(own_sound_server: SoundServer, tmp_path: Path) -> Iterator[RunningStation]:  # noqa: F811
    require_chromium()
    running = RunningStation(tmp_path / "tram", {"BROADCASTER_LONGEST_RECORDING_MIN": "5"}).start()
    yield running
    running.stop()


@pytest.fixture
def desk(station: RunningStation) -> Iterator[Desk]:
    made = Desk(Store(station.folder), SystemClock())
    made.furnish()
    yield made
    made.store.close()


@pytest.fixture
def microphone(tmp_path: Path) -> tuple[str, ...]:
    """Flags for a browser into whose microphone somebody speaks."""
    write_wav(tmp_path / "micro.wav", bursts(6.0))
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={tmp_path / 'micro.wav'}",
    )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("BROADCASTER_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_recording_is_made_signed_and_heard(station, desk, own_sound_server, microphone, pictures):  # noqa: F811
    with browser(flags=microphone) as officer, browser() as approver:
        _enter(officer, station, desk, "ghi", Role.OFFICER)
        _enter(approver, station, desk, "ky", Role.APPROVER)
        _record(officer, station, pictures)
        _word(officer, pictures)
        _cut(officer, pictures)
        officer.press("Gửi duyệt")
        officer.wait_for("Đang chờ người duyệt")
        _listen_and_sign(approver, station, pictures)
        _play_now(desk)
        _send_bombs(desk)
        row = eventually(lambda: _row(desk.store), 60, "the airing ends")
        assert officer.complaints() == approver.complaints() == []
    _assert_heard(row, own_sound_server, desk.store)
    _assert_refused(desk.store)


def _enter(opened: Browser, station: RunningStation, desk: Desk, login: str, *roles: Role) -> Actor:
    actor, now = desk.person(login, *roles), desk.clock.now()
    with desk.store.write() as rows:
        secret = links.invite(rows, desk.operator, actor.id, now)
    links.set_password(desk.store, secret, PASSWORD, now)
    opened.sign_in(station.address, login, PASSWORD)
    opened.wait_for("Hôm nay")
    return actor


def _record(officer: Browser, station: RunningStation, pictures: Path) -> None:
    """Speak, stop, hear it once more, throw it away, speak again and take that."""
    officer.open(f"{station.address}/ban-thu/moi")
    officer.press("Bắt đầu thu")
    officer.wait_for("0:01")
    officer.press("Dừng thu")
    officer.press("Bỏ, thu lại")
    officer.press("Bắt đầu thu")
    officer.wait_for("0:05")
    meter = officer.driver.find_element(By.ID, "muc-thu")
    officer.until(lambda _: float(str(meter.get_attribute("value"))) > 20, "a level on the meter", 5)
    officer.screenshot(pictures / "dang-thu-1280.png")
    officer.press("Dừng thu")
    take = officer.driver.find_element(By.CSS_SELECTOR, "[data-take] audio")
    officer.driver.execute_script("arguments[0].play()", take)
    officer.until(
        lambda driver: driver.execute_script("return arguments[0].currentTime > 0.2", take),
        "the take in the browser",
    )
    officer.press("Dùng bản thu này")
    officer.wait_for("Đã nhận")
    officer.fill("Tên bản thu", TITLE)
    officer.driver.find_element(By.XPATH, '//select[@id="language"]/option[.="Tiếng Tày"]').click()
    officer.press("Lưu bản thu")
    officer.wait_for("Cắt đầu, cuối", 40)


def _word(officer: Browser, pictures: Path) -> None:
    assert "Ghi lời trong bản thu" in officer.text
    officer.press("Ghi lời")
    officer.fill("Lời trong bản thu", WORDS)
    officer.press("Lưu")
    officer.wait_for(WORDS)


def _cut(officer: Browser, pictures: Path) -> None:
    """Leave out the first second with the keys of the handle."""
    handle = officer.driver.find_element(By.CSS_SELECTOR, '.wave-handle[aria-label="Điểm đầu"]')
    officer.driver.execute_script("arguments[0].focus()", handle)
    handle.send_keys("\ue013")  # one second on
    assert officer.field("Giữ từ").get_attribute("value") == "0:01,0"
    for size in (PHONE, DESK):
        officer.resize(size)
        officer.screenshot(pictures / f"ban-thu-{size[0]}.png")
    officer.press("Cắt lại")
    officer.until(lambda _: "Cắt lại: giữ 0:01,0" in _steps(officer), "the step")
    officer.until(lambda driver: driver.find_element(By.ID, "ban-thu"), "the new clip", 40)


def _steps(officer: Browser) -> str:
    found = officer.driver.find_elements(By.CSS_SELECTOR, ".steps")
    return str(found[0].get_attribute("textContent")) if found else ""


def _listen_and_sign(approver: Browser, station: RunningStation, pictures: Path) -> None:
    approver.open(f"{station.address}/duyet")
    assert "bản thu, tiếng tày" in approver.text
    approver.press(TITLE)
    for size in (PHONE, DESK):
        approver.resize(size)
        approver.screenshot(pictures / f"duyet-ban-thu-{size[0]}.png")
    sound = approver.until(lambda driver: driver.find_element(By.ID, "ban-thu"), "the clip")
    approver.hear_out(sound)
    assert "Tiếng Tày" in approver.text
    assert WORDS in approver.text
    approver.press("Đã nghe, duyệt")
    approver.wait_for("Đã duyệt")


def _play_now(desk: Desk) -> None:
    now = desk.clock.now()
    with desk.store.write() as rows:
        signed = next(each for each in bulletins.find(rows) if each.title == TITLE)
        requesting.request_next(rows, desk.operator, signed.id, (), now)


def _send_bombs(desk: Desk) -> None:
    for kind in NASTY:
        name, make, _ = REFUSED[kind]
        sent = sent_file(desk.store.folder, make(), name)
        with desk.store.write() as rows:
            recordings.begin(rows, desk.officer, DRAFT, sent, SPEECH_LUFS, datetime.now(UTC))


def _row(store: Store) -> History | None:
    with store.read() as session:
        return next(iter(history.find(session)), None)


def _assert_heard(row: History, server: SoundServer, store: Store) -> None:
    """What left the sink is the clip, whole and as loud, and the history says so."""
    assert (row.result, row.on_loudspeaker, row.source) == ("played", True, "recording")
    assert row.details == {"language": "tyz"}
    assert row.seconds_heard == pytest.approx(row.seconds_planned, abs=0.5)
    with wave.open(str(clips.path_of(store.folder, str(row.clip_sha256)))) as file:
        clip = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert 3.0 < len(clip) / 48_000 < 6.0
    first = server.ear.find(clip, within_s=30)
    eventually(lambda: len(server.ear.heard()) >= first + len(clip), 20, "the whole clip is recorded")
    heard = server.ear.heard()[first : first + len(clip)]
    assert np.corrcoef(_swell(heard), _swell(clip))[0, 1] > 0.95
    with store.read() as session:
        assert chain.verify(session) == []


def _swell(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return how loud it is every 20 ms: what a zone's profile and a busy machine leave as it was."""
    rows = sound[: len(sound) // 960 * 960].reshape(-1, 960).astype(np.float64)
    swell: NDArray[np.float64] = np.sqrt(np.square(rows).mean(axis=1))
    return swell


def _assert_refused(store: Store) -> None:
    """Each bomb has its sentence, and nothing of it was kept."""

    def refused() -> list[Recording]:
        with store.read() as session:
            rows = session.query(Recording).filter(Recording.file_name != "").all()
            return [row for row in rows if row.state == RenderingState.FAILED]

    eventually(lambda: len(refused()) == len(NASTY), 60, "every bomb is refused")
    for recording, kind in zip(refused(), NASTY, strict=True):
        assert REFUSED[kind][2] in str(recording.error)
