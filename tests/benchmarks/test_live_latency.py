"""From the mouth to the loudspeaker: a browser's microphone, and pieces that keep perfect time beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from broadcaster.accounts import links
from broadcaster.playout import live, live_spool
from broadcaster.store import Store, pulse
from broadcaster.store.models import History, Live
from schedules.clock import SystemClock
from tests.browser import browser
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation, free_port
from tests.sound_server import RATE_HZ, Ear, eventually, own_sound_server, position_of  # noqa: F401

pytestmark = pytest.mark.benchmark

PASSWORD = "loa vang sáng sớm"
BURSTS = 15
APART_S = 4.0
"""More than the sound may lag, so that each burst is known for itself."""
KEEPS_TIME = 0.02
"""A browser that gets too little of the machine makes its sound late: such bursts tell nothing of ours."""
SPOKEN_S = 40
LIMIT_MS = 1500.0
MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext({ sampleRate: 48000 });
  const out = context.createMediaStreamDestination();
  const noise = context.createBuffer(1, 14400, 48000);
  noise.getChannelData(0).forEach((_, n, all) => { all[n] = 0.5 * (2 * Math.random() - 1); });
  window.bursts = [];
  let next = context.currentTime + 0.5;
  setInterval(() => {
    if (next - context.currentTime > 0.5) return;
    const burst = new AudioBufferSourceNode(context, { buffer: noise });
    burst.connect(out);
    burst.start(next);
    const now = performance.timeOrigin + performance.now();
    window.bursts.push(now / 1000 + next - context.currentTime);
    next += APART;
  }, 100);
  return out.stream;
};
"""


@pytest.fixture
def station(own_sound_server, tmp_path: Path) -> Iterator[RunningStation]:  # noqa: F811
    environment = {"BROADCASTER_LAN": "true", "BROADCASTER_HTTPS_PORT": str(free_port())}
    station = RunningStation(tmp_path / "tram", environment)
    try:
        station.start()
        own_sound_server.ear.wait_until_steady()
        yield station
    finally:
        station.stop()


@pytest.fixture
def desk(station) -> Iterator[Desk]:
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    with desk.store.write() as rows:
        secret = links.invite(rows, desk.operator, desk.operator.id, desk.clock.now())
    links.set_password(desk.store, secret, PASSWORD, desk.clock.now())
    yield desk
    desk.store.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_mouth_to_loudspeaker(scheme, station, desk, own_sound_server):  # noqa: F811
    """Chromium, its posts, the page, the station, a player, PulseAudio; without a microphone's own delay."""
    port = station._environment["BROADCASTER_HTTPS_PORT"]
    address = station.address if scheme == "http" else f"https://127.0.0.1:{port}"
    with browser(flags=("--ignore-certificate-errors",)) as someone:
        script = MICROPHONE.replace("APART", str(APART_S))
        someone.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        someone.sign_in(address, "truc", PASSWORD)
        someone.wait_for("Hôm nay")
        someone.open(f"{address}/truc-tiep")
        someone.press("Bật micrô")
        someone.wait_for("Nghe rõ")
        someone.fill("Nói về việc gì", "Đo độ trễ")
        someone.press("Lên sóng tại Toàn phường")
        someone.wait_for("ĐANG LÊN SÓNG")
        time.sleep(3 + BURSTS * APART_S)
        said = np.array(someone.driver.execute_script("return window.bursts"))
        someone.press("Kết thúc")
        someone.wait_for("Đã phát")
    _tell(scheme, _latencies_ms(_in_time(said), own_sound_server.ear))


def test_pieces_that_keep_time(station, desk, own_sound_server):  # noqa: F811
    """A mouth whose pieces come when they should: what the station adds, and that nothing is lost."""
    eventually(lambda: pulse.read(station.folder, "station"), 30, "the station lives")
    sound, frames = noise(SPOKEN_S, seed=5), round(live.BLOCK_S * RATE_HZ)
    with desk.store.write() as rows:
        number = live.ask(rows, desk.operator, "a" * 64, live.Wish("Đo"), desk.clock.now()).id
    live_spool.put(station.folder, number, 0, bytes(2 * frames))
    eventually(lambda: _live(desk.store, number).state == live.ON_AIR, 10, "it is on the air")
    began = time.monotonic()
    for count in range(len(sound) // frames):
        time.sleep(max(0.0, began + live.BLOCK_S * (count + 1) - time.monotonic()))
        piece = sound[count * frames : (count + 1) * frames]
        live_spool.put(station.folder, number, count + 1, piece.tobytes())
    with desk.store.write() as rows:
        live.stop(rows, desk.operator, number, desk.clock.now())
    eventually(lambda: _live(desk.store, number).state == live.OVER, 20, "it is over")
    late_ms = []
    for first in range(0, len(sound) - RATE_HZ, RATE_HZ):
        wanted = own_sound_server.ear.number_at(began + first / RATE_HZ)
        heard = own_sound_server.ear.heard()[wanted : wanted + 3 * RATE_HZ]
        where = position_of(sound[first : first + 4800], heard)
        assert where is not None, f"second {first // RATE_HZ} was not heard"
        late_ms.append(where / 48)
    _tell("pieces that keep time", np.array(late_ms))
    with desk.store.read() as rows:
        (row,) = rows.query(History).all()
    assert (row.result, row.seconds_heard) == ("played", pytest.approx(SPOKEN_S + live.BLOCK_S, abs=0.01))


def _tell(what: str, late_ms: NDArray[np.float64]) -> None:
    assert len(late_ms), "the browser kept no time at all"
    middle, worst = np.median(late_ms), late_ms.max()
    print(f"\n{what}: {len(late_ms)} moments, median {middle:.0f} ms, worst {worst:.0f} ms")
    assert worst <= LIMIT_MS


def _in_time(said: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the bursts before which the browser's clock of sound went as fast as ours."""
    is_even = np.abs(np.diff(said) / APART_S - 1) < KEEPS_TIME
    return said[1:][is_even]


def _latencies_ms(said: NDArray[np.float64], ear: Ear) -> NDArray[np.float64]:
    """Return, for each burst that was heard, how much later than its moment it began."""
    to_monotonic = time.monotonic() - time.time()
    heard, zero = ear.heard().astype(np.float64) / 32768, ear.zero_s
    step = RATE_HZ // 200
    power = (heard[: len(heard) // step * step].reshape(-1, step) ** 2).mean(axis=1)
    loud = power > 10 ** (-40 / 10)
    onsets = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    moments = [zero + n * step / RATE_HZ for n in onsets if not loud[max(0, n - 80) : n].any()]
    late = []
    for moment in said + to_monotonic:
        after = [each for each in moments if -0.05 < each - moment < APART_S / 2]
        late += [1000 * (after[0] - moment)] if after else []
    return np.array(late)


def _live(store: Store, number: str) -> Live:
    with store.read() as session:
        return live.get(session, number)
