"""The real renderer with its real children: made, killed at every joint, and never twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil
import pytest
from sqlalchemy import func, select

from audio import levels
from audio.formats import read_wav
from broadcaster.newsroom import clips, rendering
from broadcaster.newsroom.render_loop import Renderer
from broadcaster.settings import Settings
from broadcaster.store import Store, pulse
from broadcaster.store.models import Bulletin, Clip, Kind, Person, Rendering, RenderingState, Version
from tests.audio.speech import tiny_voice

GREETING = "Ủy ban nhân dân phường xin thông báo đến bà con"
DEADLINE_S = 60.0


@dataclass(frozen=True)
class Sentence:
    text: str
    pause_ms: int = 450


@dataclass(frozen=True)
class Spoken:
    sentences: tuple[Sentence, ...]
    text: str = "lời đọc"


def words(count: int) -> Spoken:
    """Return so many short sentences, no two alike, without pauses: much speaking for little sound."""
    digits = "một hai ba bốn năm sáu bảy tám chín mười".split()  # noqa: SIM905
    return Spoken(
        tuple(Sentence(f"{digits[n // 10 % 10]} {digits[n % 10]}{'.' * (n // 100)}", 0) for n in range(count))
    )


def ask(store: Store, spoken: Spoken, **fields: object) -> int:
    now = datetime.now(UTC)
    with store.write() as session:
        author = Person(login=f"an{time.monotonic_ns()}", name="An", roles=[], created_at=now)
        session.add(author)
        session.flush()
        bulletin = Bulletin(
            title="Tin", author_id=author.id, created_at=now, changed_at=now, rate=1.0, repeats=1
        )
        for name, value in fields.items():
            setattr(bulletin, name, value)
        session.add(bulletin)
        session.flush()
        version = Version(bulletin_id=bulletin.id, number=1, title="Tin", written="lời", author_id=author.id,
                          written_sha256="0" * 64, created_at=now)  # fmt: skip
        session.add(version)
        session.flush()
        bulletin.version_id = version.id
        return rendering.ask(session, bulletin, spoken, now).id


def seen(store: Store, asked: int) -> Rendering:
    with store.read() as session:
        found = session.get(Rendering, asked)
        assert found is not None
        _ = found.clip
        return found


def until(condition: Callable[[], bool], within_s: float = DEADLINE_S) -> None:
    ends = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.02)


def has_ended(store: Store, asked: int) -> Callable[[], bool]:
    return lambda: seen(store, asked).ended_at is not None


@contextmanager
def renderer(store: Store) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "broadcaster.newsroom.renderer", "--data", store.folder]
    )
    family = psutil.Process(process.pid)
    try:
        yield process
    finally:
        known = [family, *family.children(recursive=True)] if family.is_running() else []
        process.terminate()
        process.wait(20)
        _, alive = psutil.wait_procs(known, 10)
        assert not alive, "children outlive the renderer"


def child(process: subprocess.Popen[bytes], module: str) -> psutil.Process | None:
    for each in psutil.Process(process.pid).children(recursive=True):
        try:
            if any(part.endswith(module) for part in each.cmdline()):
                return each
        except psutil.Error:
            continue
    return None


def test_what_is_asked_for_becomes_a_clip_at_the_stated_loudness(store):
    with renderer(store):
        asked = ask(store, Spoken((Sentence(f"{GREETING}."), Sentence("Xin cảm ơn."))), repeats=2)
        until(has_ended(store, asked))
        done = seen(store, asked)
    assert (done.state, done.error, done.notice) == (RenderingState.DONE, None, None)
    assert (done.sentences_done, done.sentences_total) == (2, 2)
    assert (done.clip.engine, done.clip.voice) == ("espeak-ng 1.52.0", "vi")
    assert clips.is_intact(store.folder, done.clip_sha256)
    sound = read_wav(clips.path_of(store.folder, done.clip_sha256))
    assert (sound.rate_hz, sound.seconds) == (48_000, pytest.approx(done.clip.seconds, abs=0.001))
    assert levels.integrated_loudness(sound) == pytest.approx(-16.0, abs=0.5)
    assert done.clip.true_peak_dbtp <= -1.0
    assert list((store.folder / "clips" / "incoming").iterdir()) == []


def test_progress_is_seen_while_it_is_made(store):
    with renderer(store):
        asked = ask(store, words(300))
        seen_so_far = set()

        def note() -> bool:
            found = seen(store, asked)
            seen_so_far.add(found.sentences_done)
            return found.ended_at is not None

        until(note)
    assert len(seen_so_far - {0, 300}) >= 1


def test_a_voice_that_is_not_there_is_replaced_and_a_person_is_told(store):
    with renderer(store):
        asked = ask(store, words(1), voice="giọng-lạ")
        until(has_ended(store, asked))
    assert seen(store, asked).state == RenderingState.DONE
    assert "giọng-lạ" in seen(store, asked).notice


def test_a_voice_of_the_stations_own_reads_an_emergency_louder_and_says_why_it_was_its_turn(
    store, monkeypatch
):
    monkeypatch.delenv("BROADCASTER_KEY_FPT", raising=False)
    (store.folder / "settings.toml").write_text('engines = ["fpt", "piper", "espeak"]', encoding="utf-8")
    tiny_voice.make(store.folder / "voices", "thu-lan")
    with renderer(store):
        asked = ask(store, Spoken((Sentence(f"{GREETING}."),)), kind=Kind.EMERGENCY, voice="fpt-banmai")
        until(has_ended(store, asked))
    done = seen(store, asked)
    assert done.state == RenderingState.DONE
    assert done.clip.engine.startswith("Piper 1.")
    assert done.clip.voice == "piper-thu-lan"
    assert done.notice == "“Piper thu-lan” đọc thay cho giọng đã chọn. Chưa có khóa của FPT.AI."
    assert (done.clip.target_lufs, done.clip.loudness_lufs) == (-14.0, pytest.approx(-14.0, abs=0.5))
    sound = read_wav(clips.path_of(store.folder, done.clip_sha256))
    assert levels.integrated_loudness(sound) == pytest.approx(-14.0, abs=0.5)


def test_an_engine_that_does_not_exist_fails_with_a_sentence(store):
    (store.folder / "settings.toml").write_text('engines = ["loa-kèn"]', encoding="utf-8")
    with renderer(store):
        asked = ask(store, words(1))
        until(has_ended(store, asked))
    assert seen(store, asked).state == RenderingState.FAILED
    assert "loa-kèn" in seen(store, asked).error


def test_a_clip_that_cannot_be_kept_fails_with_a_sentence(store):
    (store.folder / "clips").mkdir(exist_ok=True)
    for number in range(256):  # files where the folders of clips belong
        (store.folder / "clips" / f"{number:02x}").touch()
    with renderer(store):
        asked = ask(store, words(1))
        until(lambda: seen(store, asked).error is not None)
    assert "ổ đĩa" in seen(store, asked).error


@pytest.mark.parametrize("module", ["espeak_worker", "studio_worker", "render_work"])
def test_a_child_killed_in_the_middle_costs_time_only(store, module):
    with renderer(store) as process:
        asked = ask(store, words(80))
        until(lambda: child(process, module) is not None and seen(store, asked).lease_until is not None)
        victim = child(process, module)
        assert victim is not None
        victim.kill()
        until(has_ended(store, asked))
    done = seen(store, asked)
    assert (done.state, done.error) == (RenderingState.DONE, None)
    assert clips.is_intact(store.folder, done.clip_sha256)


def test_a_renderer_killed_in_the_middle_takes_its_children_along_and_its_successor_goes_on(store):
    first = subprocess.Popen([sys.executable, "-m", "broadcaster.newsroom.renderer", "--data", store.folder])
    asked = ask(store, words(80))
    until(lambda: seen(store, asked).sentences_done > 0)
    orphans = psutil.Process(first.pid).children(recursive=True)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    with renderer(store):
        until(has_ended(store, asked))
        assert seen(store, asked).state == RenderingState.DONE
        assert psutil.wait_procs(orphans, 10)[1] == []


def test_two_renderers_on_one_store_make_each_clip_once(store):
    with renderer(store), renderer(store):
        asked = [ask(store, Spoken((Sentence(f"{GREETING} {'nữa ' * number}."),))) for number in range(6)]
        for each in asked:
            until(has_ended(store, each))
    assert {seen(store, each).state for each in asked} == {RenderingState.DONE}
    assert {seen(store, each).attempts for each in asked} == {1}
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Clip)) == 6


def test_what_killed_processes_left_behind_is_thrown_away_after_an_hour(store):
    incoming = store.folder / "clips" / "incoming"
    (incoming / "tmp-old").mkdir(parents=True)
    for name in ("tmp-old/clip.wav", "old.wav", "new.wav"):
        (incoming / name).write_bytes(b"half a clip")
    for name in ("tmp-old", "old.wav"):
        os.utime(incoming / name, (0, 0))
    Renderer(store, Settings(store.folder)).announce()
    assert [file.name for file in incoming.iterdir()] == ["new.wav"]


def test_a_renderer_that_is_told_to_stop_hands_back_what_it_had(store):
    with renderer(store):
        asked = ask(store, words(300))
        until(lambda: seen(store, asked).sentences_done > 0)
    assert seen(store, asked).state == RenderingState.WAITING
    assert seen(store, asked).lease_until is None


def test_waiting_costs_little_and_leaves_a_sign_of_life(store):
    with renderer(store) as process:
        until(lambda: pulse.read(store.folder, "renderer") is not None)
        first = pulse.read(store.folder, "renderer")
        until(lambda: pulse.read(store.folder, "renderer").at > first.at)
        assert first.pid == process.pid
        assert psutil.Process(process.pid).memory_info().rss < 45 * 1024 * 1024
        assert psutil.Process(process.pid).children() == []
        if os.name == "posix":
            assert psutil.Process(process.pid).nice() >= 10


def test_waiting_needs_neither_database_nor_sound_libraries():
    heavy = "{'sqlalchemy', 'numpy'}"
    code = f"import sys, broadcaster.newsroom.renderer; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
