"""More than fifty sounds that are broken or meant to harm: one clear sentence each, and nothing else."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest

from audio.decode_link import DecodeJob
from audio.decode_worker import do
from audio.formats import read_wav
from broadcaster.accounts.permissions import Role
from broadcaster.newsroom import recordings, recordings_files
from broadcaster.newsroom.recordings_worker import Worker
from broadcaster.settings import Settings
from broadcaster.store.models import RenderingState
from schedules.clock import SystemClock
from tests.broadcaster.newsroom.hostile_sounds import HARMLESS, LONGEST_S, REFUSED
from tests.broadcaster.newsroom.recorded import DRAFT, SPEECH_LUFS, sent_file
from tests.desk import Desk

QUICK_S = 10.0
"""On a busy machine; alone the slowest takes one."""
FOREIGN = re.compile(
    r"\b(?:error|exception|traceback|invalid|ffmpeg|moov|None|codec|/tmp|line \d)\b", re.IGNORECASE
)
NASTIEST = ("opus of 10 hours of silence", "wav of 100 000 chunks", "zip bomb", "ogg of 3000 streams")


def heard(folder, name, content):
    """Return the last word of the decode process about a file, said in this process."""
    source = folder / "source"
    source.write_bytes(content)
    words = []
    files = (str(source), str(folder / "sound.wav"), str(folder / "clip.wav"))
    do(DecodeJob(name, *files, None, None, -16.0, False, LONGEST_S), words.append)
    return words[-1]


def test_there_are_enough_of_them():
    assert len(REFUSED) >= 50


@pytest.mark.parametrize("kind", REFUSED)
def test_each_gets_one_clear_sentence(kind, tmp_path):
    name, make, words = REFUSED[kind]
    content = make()
    begun = time.monotonic()
    sentence = heard(tmp_path, name, content)["refused"]
    assert time.monotonic() - begun < QUICK_S
    assert words in sentence
    assert f"“{name}”" in sentence
    assert re.fullmatch(r"(Tệp|Đoạn)[^\n]*; hãy [^\n]*\.", sentence)
    assert not FOREIGN.search(sentence.replace(name, ""))
    assert len(sentence) < 200
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_is_only_strange_is_taken(kind, tmp_path):
    name, make = HARMLESS[kind]
    made = heard(tmp_path, name, make())["made"]
    assert made["seconds"] == pytest.approx(6.0, abs=1.0)
    assert read_wav(tmp_path / "clip.wav").seconds == pytest.approx(made["seconds"])


def test_the_nastiest_go_through_the_real_worker_and_leave_nothing_behind(store):
    officer = Desk(store, SystemClock()).person("soan", Role.OFFICER)
    numbers = {}
    for kind in NASTIEST:
        name, make, _ = REFUSED[kind]
        sent = sent_file(store.folder, make(), name)
        with store.write() as session:
            bulletin = recordings.begin(session, officer, DRAFT, sent, SPEECH_LUFS, datetime.now(UTC))
            numbers[kind] = bulletin.id
    at_work = Worker(store, Settings(store.folder, longest_recording_min=5))
    while at_work.do_one():
        pass
    with store.read() as session:
        for kind, number in numbers.items():
            refused = recordings.current(session, recordings.get(session, number))
            assert refused is not None
            assert (refused.state, refused.attempts) == (RenderingState.FAILED, 1), kind
            assert REFUSED[kind][2] in (refused.error or "")
            assert not recordings_files.sound_of(store.folder, refused.file_sha256).exists()
    assert not (store.folder / "clips").exists()
    assert list((store.folder / "uploads" / "incoming").iterdir()) == []
