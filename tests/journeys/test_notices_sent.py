"""A station without a sound card tells people so, with real processes and a service on loopback."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from broadcaster.playout import notify_ways
from broadcaster.store import Store, facts
from broadcaster.store.migrate import migrate
from tests.broadcaster.playout.device import hook
from tests.journeys.stations import RunningStation
from tests.sound_server import eventually

pytestmark = pytest.mark.journey

TOKEN = "12345:rat-bi-mat"
NOWHERE = {
    "PULSE_SERVER": "unix:/khong/co",
    "BROADCASTER_KEY_WEBHOOK": TOKEN,
    "BROADCASTER_LOG_LEVEL": "DEBUG",
}


def test_a_fault_reaches_people_within_half_a_minute_and_no_log_holds_the_token(tmp_path: Path):
    folder = tmp_path / "tram"
    with hook('{"ok": true}') as service:
        _set_up(folder, f"{service.address}/bot{{key}}/sendMessage")
        station = RunningStation(folder, NOWHERE).start()
        try:
            began = time.monotonic()
            eventually(lambda: service.bodies, 30.0, "the message")
            print(f"told after {time.monotonic() - began:.1f} s")
        finally:
            station.stop()
    assert service.calls == [f"/bot{TOKEN}/sendMessage"]
    said = json.loads(service.bodies[0])
    assert said["chat_id"] == "-100123"
    assert "Toàn phường (Loa của máy) không có tiếng" in said["text"]
    logs = "".join(file.read_text(encoding="utf-8") for file in (folder / "logs").iterdir())
    assert TOKEN not in logs


def _set_up(folder: Path, url: str) -> None:
    store = Store(folder)
    migrate(store)
    way = notify_ways.webhook({"preset": "telegram", "url": url, "target": "-100123"})
    with store.write() as session:
        facts.put(session, facts.WEBHOOK, notify_ways.as_fact(way, True))
    store.close()
