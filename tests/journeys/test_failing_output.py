"""A sound server that dies while something plays, as people see it on the page, and its return."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.accounts import links
from broadcaster.playout import notify, requesting
from broadcaster.records import history
from broadcaster.store import Store
from broadcaster.store.models import Notice
from schedules.clock import SystemClock
from tests.browser import DESK, PHONE, Browser, browser
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation
from tests.journeys.test_one_bulletin import pictures  # noqa: F401
from tests.sound_server import SoundServer, eventually, own_sound_server  # noqa: F401

pytestmark = pytest.mark.journey

PASSWORD = "loa vang sáng sớm"
TITLE = "Thông báo dài"
CLIP_S = 20.0
SEEN_WITHIN_S = 10.0
BACK_WITHIN_S = 3.0
FAULT = "Toàn phường (Loa của máy) không có tiếng"
"""What stands before the words of a fault, wherever it is shown."""


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
        secret = links.invite(rows, desk.operator, desk.operator.id, desk.clock.now())
    links.set_password(desk.store, secret, PASSWORD, desk.clock.now())
    yield desk
    desk.store.close()


def test_a_dead_sound_server_is_seen_on_the_page_and_the_sound_goes_on_after_its_return(
    station,
    desk,
    own_sound_server,  # noqa: F811
    pictures,  # noqa: F811
):
    sound = noise(CLIP_S, seed=7)
    number = desk.approved(TITLE, sound=sound)
    with browser() as operator:
        operator.sign_in(station.address, "truc", PASSWORD)
        with desk.store.write() as rows:
            requesting.request_next(rows, desk.operator, number, [], desk.clock.now())
        operator.wait_for("Đang phát", 30)
        killed_at = time.monotonic()
        own_sound_server.kill()
        seen_s = _seen(operator, killed_at)
        _photograph(operator, station, pictures)
        own_sound_server.start()
        back_at = time.monotonic()
        rest_s = _heard_again(own_sound_server, sound, back_at)
        operator.until(lambda _: FAULT not in operator.text, "the fault gone from the bar", 10)
        row = eventually(lambda: _row(desk), 60, "the airing ends")
        operator.open(f"{station.address}/thong-bao")
        operator.wait_for("hết lúc")
        assert operator.complaints() == []
    print(f"seen on the page after {seen_s:.1f} s, heard again {rest_s:.1f} s after the return")
    assert seen_s <= SEEN_WITHIN_S
    assert rest_s <= BACK_WITHIN_S
    assert (row.result, row.on_loudspeaker) == ("played", True)
    assert row.seconds_heard == pytest.approx(CLIP_S, abs=1.0)
    with desk.store.read() as rows:
        (told,) = [notice for notice in rows.query(Notice) if notice.kind == "output"]
        assert told.text.startswith(FAULT)
        assert told.ended_at is not None
        assert notify.standing(rows) == []


def _seen(operator: Browser, since: float) -> float:
    """Return after how long the bar shows the fault, and since when, without anybody touching the page."""
    operator.wait_for(FAULT, SEEN_WITHIN_S + 5)
    seen_s = time.monotonic() - since
    assert re.search(rf"{re.escape(FAULT)} từ \d\d:\d\d: \w", operator.text)
    return seen_s


def _photograph(operator: Browser, station: RunningStation, folder: Path) -> None:
    """Quickly: a card that stays away for longer than the grace is stood in for."""
    for size, path, name in (
        (DESK, "/", "loi-hom-nay"),
        (DESK, "/cai-dat/loa", "loi-loa"),
        (PHONE, "/", "loi-hom-nay"),
    ):
        operator.resize(size)
        operator.open(f"{station.address}{path}")
        operator.wait_for(FAULT)
        operator.screenshot(folder / f"{name}-{size[0]}.png")
    operator.resize(DESK)


def _heard_again(server: SoundServer, sound: object, since: float) -> float:
    """Return how long after `since` something loud comes out of the sound server again."""

    def look() -> float | None:
        heard = server.ear.heard()
        loud = abs(heard.astype(int)) > 1000
        return server.ear.moment_of(int(loud.argmax())) if loud.any() else None

    moment = eventually(look, 20, "sound after the return")
    assert moment is not None
    return moment - since


def _row(desk: Desk) -> object:
    with desk.store.read() as rows:
        return next(iter(history.find(rows)), None)
