"""From the mouth to the loudspeaker: what a browser's microphone gives, and when the sound card hears it.

The microphone is one of the browser's own making, whose bursts begin at known moments; everything else is
real: Chromium, the page by http and by https, the station, its player, PulseAudio.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from broadcaster.accounts import links
from broadcaster.accounts.permissions import Role
from broadcaster.store import Store
from schedules.clock import SystemClock
from tests.browser import browser
from tests.desk import Desk
from tests.journeys.stations import RunningStation, free_port
from tests.sound_server import RATE_HZ, Ear, own_sound_server  # noqa: F401

pytestmark = pytest.mark.benchmark

PASSWORD = "loa vang sáng sớm"
BURSTS = 15
APART_S = 4.0
"""More than the sound may lag, so that each burst is known for itself."""
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


@pytest.fixture(params=["http", "https"])
def address(request, own_sound_server, tmp_path) -> Iterator[str]:  # noqa: F811
    port = free_port()
    environment = {"BROADCASTER_LAN": "true", "BROADCASTER_HTTPS_PORT": str(port)}
    station = RunningStation(tmp_path / "tram", environment)
    try:
        station.start()
        _furnish(station)
        own_sound_server.ear.wait_until_steady()
        yield station.address if request.param == "http" else f"https://127.0.0.1:{port}"
    finally:
        station.stop()


def _furnish(station: RunningStation) -> None:
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    speaker = desk.person("phat", Role.OPERATOR, Role.ADMIN)
    with desk.store.write() as rows:
        secret = links.invite(rows, speaker, speaker.id, desk.clock.now())
    links.set_password(desk.store, secret, PASSWORD, desk.clock.now())
    desk.store.close()


def test_mouth_to_loudspeaker(address, own_sound_server):  # noqa: F811
    with browser(flags=("--ignore-certificate-errors",)) as someone:
        script = MICROPHONE.replace("APART", str(APART_S))
        someone.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        someone.sign_in(address, "phat", PASSWORD)
        someone.wait_for("Hôm nay")
        someone.open(f"{address}/truc-tiep")
        someone.press("Bật micro")
        someone.wait_for("Nghe rõ")
        someone.fill("Nói về việc gì", "Đo độ trễ")
        someone.press("Lên sóng tại Toàn phường")
        someone.wait_for("ĐANG LÊN SÓNG")
        time.sleep(3 + BURSTS * APART_S)
        said = someone.driver.execute_script("return window.bursts")
        someone.press("Kết thúc")
        someone.wait_for("Đã phát")
    late_ms = _latencies_ms(said, own_sound_server.ear)
    middle, high, worst = np.median(late_ms), np.percentile(late_ms, 95), late_ms.max()
    scheme = address.partition(":")[0]
    print(
        f"\n{scheme}: {len(late_ms)} bursts, median {middle:.0f} ms, p95 {high:.0f} ms, worst {worst:.0f} ms"
    )
    assert len(late_ms) >= BURSTS - 3
    assert late_ms.max() <= LIMIT_MS


def _latencies_ms(said: list[float], ear: Ear) -> np.ndarray:
    """Return, for each burst that was heard, how much later than its moment it began."""
    to_monotonic = time.monotonic() - time.time()
    heard, zero = ear.heard().astype(np.float64) / 32768, ear.zero_s
    step = RATE_HZ // 200
    power = (heard[: len(heard) // step * step].reshape(-1, step) ** 2).mean(axis=1)
    loud = power > 10 ** (-40 / 10)
    onsets = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    quiet_before = [n for n in onsets if not loud[max(0, n - 80) : n].any()]
    moments = np.array([zero + n * step / RATE_HZ for n in quiet_before])
    late = []
    for moment in (each + to_monotonic for each in said):
        after = moments[moments > moment - 0.05]
        if len(after) and after[0] - moment < APART_S:
            late.append(1000 * (after[0] - moment))
    return np.array(late)
