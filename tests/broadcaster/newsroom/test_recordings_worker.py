"""The real worker with its real decode processes: files become clips, whoever is killed on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime

import numpy as np
import psutil
import pytest

from audio.formats import Pcm, read_wav, write_wav
from broadcaster.accounts.permissions import Role
from broadcaster.newsroom import clips, recordings, recordings_files, recordings_queue
from broadcaster.newsroom.recordings_worker import GONE, NO_ROOM, Worker
from broadcaster.settings import Settings
from broadcaster.store.models import Recording, RenderingState
from schedules.clock import SystemClock
from tests.audio.made_files import amr, made
from tests.audio.sounds import bursts
from tests.broadcaster.newsroom.recorded import DRAFT, SPEECH_LUFS, sent_file
from tests.desk import Desk
from tests.sound_server import eventually

LONG_S = 400


@pytest.fixture
def officer(store):
    return Desk(store, SystemClock()).person("soan", Role.OFFICER)


def asked(store, officer, content, name="a.mp3", **changes):
    """Return the number of a new bulletin whose sound `content` is."""
    sent = sent_file(store.folder, content, name)
    with store.write() as session:
        return recordings.begin(session, officer, DRAFT, sent, SPEECH_LUFS, datetime.now(UTC)).id


def seen(store, bulletin_id) -> Recording:
    with store.read() as session:
        found = recordings.current(session, recordings.get(session, bulletin_id))
        assert found is not None
        _ = found.clip
        return found


def no_decoder_is_left() -> bool:
    """Other test files of the same process may have a sound server or browser running; decoders are ours."""
    children = psutil.Process().children(recursive=True)
    return not [child for child in children if any("decode" in part for part in child.cmdline())]


def worker(store, **changes):
    return Worker(store, Settings(store.folder, **changes))


def long_sound(folder) -> bytes:
    write_wav(folder / "long.wav", Pcm(np.tile(bursts(4.0).samples, LONG_S // 4), 48_000))
    return (folder / "long.wav").read_bytes()


def test_a_file_becomes_a_clip_that_can_be_signed(store, officer, tmp_path):
    number = asked(store, officer, made(tmp_path, "bai.mp3", bursts(6.0)).read_bytes())
    assert worker(store).do_one()
    done = seen(store, number)
    assert (done.state, done.done, done.error) == (RenderingState.DONE, 1.0, None)
    assert done.clip.loudness_lufs == pytest.approx(-16.0, abs=0.5)
    assert done.clip.true_peak_dbtp <= -1.0
    assert clips.is_intact(store.folder, done.clip_sha256)
    assert read_wav(recordings_files.sound_of(store.folder, done.file_sha256)).seconds > 5.9
    with store.read() as session:
        bulletin = recordings.get(session, number)
        assert recordings.ready(session, bulletin).clip_sha256 == done.clip_sha256
    assert not worker(store).do_one()
    assert list((store.folder / "uploads" / "incoming").iterdir()) == []


def test_what_cannot_be_read_is_told_in_one_sentence_that_names_it(store, officer):
    number = asked(store, officer, b"PK\x03\x04" + bytes(99), "nhạc.zip")
    assert worker(store).do_one()
    refused = seen(store, number)
    assert refused.state == RenderingState.FAILED
    assert refused.error.startswith("Tệp “nhạc.zip” là tệp nén ZIP; hãy")


def test_a_file_that_is_gone_and_a_full_disk_are_told(store, officer, monkeypatch):
    number = asked(store, officer, amr())
    recordings_files.forget(store.folder, seen(store, number).file_sha256)
    assert worker(store).do_one()
    assert seen(store, number).error == GONE
    number = asked(store, officer, amr(4.0))
    full = recordings_files.Invalid("đầy")
    monkeypatch.setattr(recordings_files, "require_room", lambda *_: (_ for _ in ()).throw(full))
    assert worker(store).do_one()
    assert seen(store, number).error == NO_ROOM


def test_a_worker_that_is_told_to_stop_hands_back_what_it_had(store, officer, tmp_path):
    number = asked(store, officer, long_sound(tmp_path))
    stop = threading.Event()
    at_work = Worker(store, Settings(store.folder), stop=stop)
    thread = threading.Thread(target=at_work.do_one)
    thread.start()
    eventually(lambda: seen(store, number).done > 0, 30.0, "some progress is shown")
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert seen(store, number).state == RenderingState.WAITING
    assert no_decoder_is_left()


def test_a_killed_worker_takes_its_decoder_along_and_its_successor_goes_on(store, officer, tmp_path):
    number = asked(store, officer, long_sound(tmp_path))
    command = [sys.executable, "-m", "broadcaster.newsroom.recordings_worker", "--data", store.folder]
    first = subprocess.Popen(command)
    eventually(lambda: seen(store, number).done > 0, 30.0, "some progress is shown")
    orphans = psutil.Process(first.pid).children(recursive=True)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert psutil.wait_procs(orphans, 10)[1] == []
    with store.write() as session:
        row = session.get(Recording, seen(store, number).id)
        row.lease_until = datetime(2020, 1, 1, tzinfo=UTC)
        row.cut_to_s = 5.0
    assert worker(store).do_one()
    assert (seen(store, number).state, seen(store, number).attempts) == (RenderingState.DONE, 2)


def test_a_decoder_that_keeps_dying_is_given_up_after_two_tries(store, officer, monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    number = asked(store, officer, amr())
    at_work = worker(store)
    assert at_work.do_one()
    assert seen(store, number).state == RenderingState.WAITING
    assert at_work.do_one()
    assert seen(store, number).error == recordings_queue.stopped_too_often("a.mp3")


def test_a_decoder_that_gets_no_further_is_killed(store, officer, monkeypatch, tmp_path):
    monkeypatch.setattr("broadcaster.newsroom.recordings_worker.STUCK_S", 0.0)
    number = asked(store, officer, long_sound(tmp_path))
    assert worker(store).do_one()
    assert seen(store, number).state == RenderingState.WAITING
    assert no_decoder_is_left()


def test_the_renderer_starts_the_worker_when_a_sound_was_sent(store, officer):
    keeper = subprocess.Popen([sys.executable, "-m", "broadcaster.newsroom.renderer", "--data", store.folder])
    try:
        number = asked(store, officer, amr())
        eventually(lambda: seen(store, number).state == RenderingState.DONE, 40.0, "the clip is made")
        sign = json.loads((store.folder / "run" / "recordings_worker.json").read_text())
        assert psutil.Process(sign["pid"]).nice() >= 10
    finally:
        keeper.terminate()
        keeper.wait(20)
