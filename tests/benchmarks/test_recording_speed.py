"""How long half an hour of sound takes from the first byte on the page to a clip, and how much memory.

Run by hand with `make bench`; figures depend on the machine.
"""

from __future__ import annotations

import io
import threading
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest

from audio.formats import Pcm
from broadcaster.accounts.permissions import Role
from broadcaster.newsroom import recordings, recordings_files
from broadcaster.newsroom.recordings_worker import Worker
from broadcaster.settings import Settings
from broadcaster.store import Store
from broadcaster.store.migrate import migrate
from broadcaster.store.models import RenderingState
from schedules.clock import SystemClock
from tests.audio.made_files import made
from tests.audio.sounds import bursts
from tests.broadcaster.newsroom.recorded import DRAFT, SPEECH_LUFS, taken
from tests.desk import Desk

pytestmark = pytest.mark.benchmark

MINUTES = 30
MOST_S, MOST_MB = 15.0, 300


class Watch(threading.Thread):
    """Notes the most memory that this process's children held at one time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.highest_mb = 0.0
        self.is_over = threading.Event()

    def run(self) -> None:
        me = psutil.Process()
        while not self.is_over.wait(0.05):
            held = 0
            for child in me.children(recursive=True):
                try:
                    held += child.memory_info().rss
                except psutil.Error:
                    continue
            self.highest_mb = max(self.highest_mb, held / 2**20)


@pytest.fixture(scope="module")
def sound():
    """Speech-like noise with pauses; the same ten seconds again and again would be too kind to a codec."""
    minute = bursts(60.0).samples
    return Pcm(np.concatenate([np.roll(minute, 977 * n) for n in range(MINUTES)]), 48_000)


@pytest.mark.parametrize("is_music", [False, True], ids=["speech", "music"])
@pytest.mark.parametrize("name", ["bai.mp3", "ghi_am.m4a", "zalo.opus", "thu24.wav"])
def test_half_an_hour_is_ready_in_fifteen_seconds(name, is_music, sound, tmp_path):
    content = made(tmp_path, name, sound).read_bytes()
    store = Store(tmp_path / "data")
    migrate(store)
    officer = Desk(store, SystemClock()).person("soan", Role.OFFICER)
    watch = Watch()
    watch.start()
    began, spent = time.perf_counter(), _spent()
    number = _sent(store, officer, content, name, is_music)
    sent_s = time.perf_counter() - began
    assert Worker(store, Settings(store.folder)).do_one()
    took_s, cpu_s = time.perf_counter() - began, _spent() - spent
    watch.is_over.set()
    with store.read() as session:
        row = recordings.current(session, recordings.get(session, number))
        assert row.state == RenderingState.DONE
        made_as = f"{row.clip.loudness_lufs:.1f} LUFS, {row.clip.true_peak_dbtp:.1f} dBTP"
    store.close()
    kind = "music" if is_music else "speech"
    print(
        f"\n{name}, {len(content) / 1e6:.0f} MB, {kind}: {took_s:.1f} s ({sent_s:.1f} s to take it in), "
        f"{cpu_s:.1f} s of processor, {watch.highest_mb:.0f} MB, {made_as}"
    )
    assert took_s <= MOST_S
    assert watch.highest_mb <= MOST_MB


def _sent(store, officer, content, name, is_music):
    """Take the file in as the page does, part by part."""
    code, size = "0" * 32, recordings_files.PART_BYTES
    for start in range(0, len(content), size):
        part = io.BytesIO(content[start : start + size])
        recordings_files.add_part(store.folder, officer.id, code, start, part, 2_000_000_000)
    sent = taken(store.folder, officer.id, code, name)
    now = SystemClock().now()
    with store.write() as session:
        draft = replace(DRAFT, is_music=is_music)
        return recordings.begin(session, officer, draft, sent, SPEECH_LUFS, now).id


def _spent() -> float:
    times = psutil.Process().cpu_times()
    return sum(times[:4])
