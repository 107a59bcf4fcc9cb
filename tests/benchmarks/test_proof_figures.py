"""What proof and watch cost: archivist, disk, page and ear; and how soon dead air is answered."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil
import pytest

from audio.ear_link import EarLink
from audio.ear_words import Heard, Listen
from audio.player_link import OutputSpec, Ready
from broadcaster.playout import aircheck_inbox, requesting
from broadcaster.playout.aircheck_work import Archivist
from broadcaster.records import airchecks
from broadcaster.settings import Settings
from broadcaster.store import Store, pulse
from broadcaster.store.migrate import migrate
from broadcaster.store.models import Aircheck, Airing, History
from schedules.clock import SystemClock
from tests.audio.talking import babble
from tests.desk import Desk, noise
from tests.journeys.stations import RunningStation
from tests.player_rig import Told, read_clip, write_clip
from tests.sound_server import DEVICE, SoundServer, eventually, own_sound_server  # noqa: F401

pytestmark = pytest.mark.benchmark
HOURS = 180 * 2
SILENT_FROM_S = 6.0
SENTENCES = [
    f"Ủy ban nhân dân phường xin thông báo đến toàn thể bà con lịch tiêm chủng đợt {number}."
    for number in range(1, 33)
]


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    wav = tmp_path / "speech.wav"
    command = (sys.executable, "-m", "broadcaster", "say", "-", "--out", str(wav))
    subprocess.run(command, input="\n".join(SENTENCES), encoding="utf-8", check=True, capture_output=True)
    return wav


def test_archiving_costs_less_than_two_seconds_of_a_core_for_a_minute_of_speech(tmp_path, speech):
    store = Store(tmp_path / "tram")
    migrate(store)
    place = aircheck_inbox.incoming(store.folder, 1)
    place.mkdir(parents=True)
    for number in range(5):
        shutil.copy(speech, place / f"chime-{number}.wav")
    before = time.process_time()
    assert Archivist(store, SystemClock(), threading.Event()).take_all() == 5
    took = time.process_time() - before
    with store.read() as session:
        stock = airchecks.stock(session)
    store.close()
    an_hour = stock.size_bytes / stock.seconds * 3600
    print(
        f"\n{took / stock.seconds * 60:.2f} s of a core for a minute of speech, "
        f"{an_hour / 1e6:.1f} MB an hour, {an_hour * HOURS / 1e9:.1f} GB for 180 days of 2 hours, "
        f"by output; {psutil.Process().memory_info().rss / 1e6:.0f} MB resident"
    )
    assert took / stock.seconds * 60 < 2.0


def test_the_page_of_an_airing_among_a_thousand(tmp_path):
    from tests.web.conftest import Visitor
    from web import create_app, listening

    store = Store(tmp_path / "tram")
    migrate(store)
    desk = Desk(store, SystemClock())
    desk.furnish()
    fill(desk, 1000)
    app = create_app(Settings(store.folder), store, desk.clock)
    visitor = Visitor(app, desk).enter(desk.officer)
    for address in ("/nhat-ky", "/nhat-ky/500", "/ban-luu"):
        took = []
        for _ in range(12):
            began = time.perf_counter()
            assert visitor.get(address).status_code == 200
            took.append(time.perf_counter() - began)
        print(f"\n{address}: {statistics.median(took) * 1000:.0f} ms among 1,000 airings", end="")
        assert statistics.median(took) < 0.5
    listening.close(app)
    store.close()


def fill(desk: Desk, count: int) -> None:
    """Write so many ended airings with an aircheck each."""
    number = desk.approved("Tin", seconds=1.0)
    now = datetime.now(UTC)
    with desk.store.write() as session:
        first = requesting.request_at(session, desk.operator, number, now + timedelta(hours=1), (), now)
        request_id = first.request_id
        for n in range(count):
            at = now - timedelta(hours=n)
            airing = Airing(request_id=request_id, planned_at=at, part=n + 1, bulletin_id=number, deadline=at,
                            state="played")  # fmt: skip
            session.add(airing)
            session.flush()
            session.add(row_of_history(n + 1, airing.id, at, number))
            session.add(row_of_aircheck(n + 1, airing.id, at))


def row_of_history(n: int, airing_id: str, at: datetime, number: int) -> History:
    row = History(id=n, airing_id=airing_id, bulletin_id=number, title=f"Tin {n}", zones=[])
    for name in ("written_at", "planned_at", "started_at", "ended_at", "approved_at"):
        setattr(row, name, at)
    for name in ("cause", "reason", "programme", "topic", "engine", "voice", "lexicon", "operator"):
        setattr(row, name, "")
    row.result, row.kind, row.author, row.approver, row.folded = "played", "routine", "A", "B", "tin"
    row.seconds_planned = row.seconds_heard = 60.0
    row.on_loudspeaker, row.is_self_approved = True, False
    row.previous_hash = row.row_hash = "0" * 64
    return row


def row_of_aircheck(n: int, airing_id: str, at: datetime) -> Aircheck:
    row = Aircheck(id=n, airing_id=airing_id, item=airing_id, title=f"Tin {n}", output_id=1, output="Loa")
    row.began_at = row.kept_at = at
    row.seconds, row.likeness, row.size_bytes, row.file = 60.0, 0.99, 180_000, f"aircheck/{n}.opus"
    row.sha256 = row.previous_hash = row.row_hash = "0" * 64
    row.source_sha256 = f"{n:064}"
    return row


@pytest.fixture
def station(own_sound_server: SoundServer, tmp_path: Path) -> Iterator[RunningStation]:  # noqa: F811
    station = RunningStation(tmp_path / "tram").start()
    yield station
    station.stop()


def test_dead_air_is_told_and_answered_within_six_seconds(station, own_sound_server):  # noqa: F811
    desk = Desk(Store(station.folder), SystemClock())
    desk.furnish()
    station.pid("player")
    following = noise(20.0, seed=9)
    broken = np.concatenate([noise(SILENT_FROM_S, seed=8), np.zeros(48_000 * 30, np.int16)])
    now = desk.clock.now()
    for title, sound, after_s in (("Hỏng giữa chừng", broken, 6), ("Tin sau", following, 7)):
        number = desk.approved(title, sound=sound)
        with desk.store.write() as session:
            at = now + timedelta(seconds=after_s)
            requesting.request_at(session, desk.operator, number, at, [], desk.clock.now())
    ear = own_sound_server.ear
    began = ear.find(broken[:48_000], within_s=30.0)
    eventually(lambda: faults(station.folder), 30.0, "dead air is told")
    told_s = time.monotonic()
    then = ear.find(following[:48_000], after_s=ear.moment_of(began) + SILENT_FROM_S, within_s=20.0)
    last = began + int(np.flatnonzero(np.abs(ear.heard()[began : then - 100].astype(int)) > 500)[-1])
    silent_s, next_s = ear.moment_of(last), ear.moment_of(then)
    desk.store.close()
    print(f"\ntold {told_s - silent_s:.1f} s, next audible {next_s - silent_s:.1f} s after the silence began")
    assert told_s - silent_s < 7.0
    assert next_s - silent_s < 7.0


def faults(folder: Path) -> list[str]:
    sign = pulse.read(folder, "station")
    told = [fault["text"] for fault in sign.detail["faults"]] if sign else []
    return [text for text in told if re.search("im lặng quá", text)]


def test_what_an_ear_costs(own_sound_server, tmp_path):  # noqa: F811
    clip = (babble(75.0, 1, rate_hz=48_000) * 32768).clip(-32768, 32767).astype(np.int16)
    kept, words = tmp_path / "kept", []
    kept.mkdir()
    ear = EarLink(Listen(f"Monitor of {DEVICE}", kept), words.append)
    with Told(OutputSpec("soundcard", DEVICE, aircheck=kept)) as player:
        player.wait_for(Ready)
        player.link.arm("tin", write_clip(tmp_path / "tin.wav", clip), time.monotonic() + 0.5)
        time.sleep(12)
        process = psutil.Process(ear.pid)
        before = sum(process.cpu_times()[:2])
        time.sleep(60)
        cost = (sum(process.cpu_times()[:2]) - before) / 60 * 100
        memory = process.memory_info().rss / 1e6
    ear.close()
    heard = [word for word in words if isinstance(word, Heard)]
    share = sum(word.fresh_s for word in heard if word.is_same) / sum(word.fresh_s for word in heard)
    print(f"\near: {cost:.2f} % of a core, {memory:.0f} MB, recognised {share:.0%} of the time")
    assert cost < 3.0
    assert share > 0.8
    assert len(read_clip(tmp_path / "tin.wav")) == len(clip)
