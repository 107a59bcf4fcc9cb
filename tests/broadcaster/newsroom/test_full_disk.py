"""A disk that is full while a clip is made: one sentence, tried again later, and what is on air stays whole.

A limit on the size of files stands for the full disk: the system refuses the write in the middle of the clip.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from audio.studio_link import AFTER_FULL_DISK_S, Failed, Job, StudioLink
from broadcaster.errors import Refused
from broadcaster.newsroom import clips
from broadcaster.newsroom.render_loop import Renderer
from broadcaster.newsroom.sentence_sound import SentenceSounds
from broadcaster.settings import Settings
from broadcaster.store.models import RenderingState
from tests.broadcaster.newsroom.test_renderer import GREETING, Sentence, Spoken, ask, seen

ROOM_BYTES = 1_000_000
"""More than the database of a test, less than twelve seconds of sound."""
LONG = Spoken(tuple(Sentence(f"{GREETING} {'nữa ' * number}.") for number in range(1, 6)))


@contextmanager
def full_disk(pid: int = 0) -> Iterator[None]:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (ROOM_BYTES, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def renderer(store, clock) -> Iterator[Renderer]:
    made = Renderer(store, Settings(store.folder), now=clock)
    yield made
    made._drop_studio()


def test_a_clip_that_finds_no_room_waits_with_one_sentence_until_there_is_room(store, renderer, clock):
    kept = _clip_on_air(store.folder)
    asked = ask(store, LONG)
    with full_disk():
        for _ in range(4):  # more often than a failure is tried
            assert renderer.do_one()
            waiting = seen(store, asked)
            assert waiting.state == RenderingState.WAITING
            assert waiting.error == (
                "Ổ đĩa đã đầy nên chưa thu được; hãy xóa bớt tệp trên ổ đĩa của trạm. Máy sẽ tự thu lại."
            )
            assert not renderer.do_one(), "nobody tries before a minute has passed"
            clock.now += timedelta(seconds=AFTER_FULL_DISK_S + 1)
        studio = psutil.Process(renderer._studio.pid)
    studio.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    assert renderer.do_one()
    done = seen(store, asked)
    assert (done.state, done.error) == (RenderingState.DONE, None)
    assert clips.is_intact(store.folder, done.clip_sha256)
    assert clips.is_intact(store.folder, kept), "what may be on the air was not touched"
    assert list((store.folder / "clips" / "incoming").iterdir()) == []


def test_a_finished_clip_that_cannot_be_kept_waits_too(store, renderer, clock):
    asked = ask(store, LONG)
    renderer._ready_studio()  # it has room, only the store of sound has not
    with full_disk():
        assert renderer.do_one()
    waiting = seen(store, asked)
    assert waiting.state == RenderingState.WAITING
    assert "ổ đĩa" in waiting.error
    assert waiting.error.endswith("Máy sẽ tự thu lại.")
    clock.now += timedelta(seconds=AFTER_FULL_DISK_S + 1)
    assert renderer.do_one()
    assert seen(store, asked).state == RenderingState.DONE


def test_a_studio_whose_disk_is_full_says_so_and_lives_on(tmp_path):
    studio = StudioLink(["espeak"], tmp_path / "memory")
    try:
        for path, is_made in ((Path("/dev/full"), False), (tmp_path / "clip.wav", True)):
            studio.begin(Job((("Xin chào bà con.", 300),), "vi", 1.0, 1, -16.0, path))
            word = _last_word(studio)
            assert isinstance(word, Failed) is not is_made
            assert is_made or (word.text.startswith("Ổ đĩa đã đầy"), word.retry_after_s) == (True, 60.0)
    finally:
        studio.close()


def test_a_sentence_to_listen_to_finds_no_room(tmp_path):
    (tmp_path / "cache").touch()  # a file where the folder belongs
    sounds = SentenceSounds(tmp_path, ("espeak",), -16.0)
    with pytest.raises(Refused, match="không ghi được tệp tạm"):
        sounds.sound_of((("Xin chào bà con.", 300),), "vi", 1.0)
    sounds.close()


def _last_word(studio: StudioLink) -> object:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        word = studio.next_word(0.5)
        if hasattr(word, "text") or hasattr(word, "seconds"):
            return word
    raise AssertionError("the studio said nothing")


def _clip_on_air(folder: Path) -> str:
    wav = folder / "on-air.wav"
    wav.write_bytes(os.urandom(300_000))
    return clips.keep(folder, wav)
