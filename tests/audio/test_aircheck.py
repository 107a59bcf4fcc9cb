"""What is kept of what was heard: by itself, and by a real player that is killed or has no room."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from audio import aircheck
from audio.aircheck import PART, WAITING_FRAMES, Aircheck
from audio.outputs.output import RATE_HZ, Block, Samples, Span
from audio.player_link import Ended, Fault, OutputSpec, Ready, Report
from audio.player_words import Kept, Word
from tests.player_rig import Told, noise, read_clip, write_clip
from tests.sound_server import (
    DEVICE,
    SoundServer,
    _session_server,  # noqa: F401
    eventually,
    sound_server,  # noqa: F401
)

HOSTILE_NAMES = ("../../etc/x", "..", "a/b+2.wav.part", "CON:\\*?", "bản tin sáng", "x" * 400)


class Record:
    """An aircheck and what it said; `hear` is what an output would have accepted."""

    def __init__(self, folder: Path) -> None:
        self.said: list[Word] = []
        self.folder = folder
        self.check = Aircheck(folder, self.said.append)

    def hear(self, item: str, samples: Samples, is_over: bool = True) -> None:
        for first in range(0, len(samples), 4800):
            part = samples[first : first + 4800]
            self.check.take(Block(part, (Span(item, 0, len(part)),)))
        if is_over:
            self.check.take(Block(samples[:0], (), (item,)))

    def leave(self) -> list[Kept]:
        """Return what was kept in all."""
        self.check.start()
        self.check.leave(10.0)
        return self.words()

    def words(self) -> list[Kept]:
        return [word for word in self.said if isinstance(word, Kept)]

    def faults(self) -> list[str]:
        return [word.text for word in self.said if isinstance(word, Fault)]


@pytest.fixture
def kept(tmp_path: Path) -> Record:
    return Record(tmp_path / "kept")


def test_what_belongs_to_an_item_is_kept_and_nothing_else(kept: Record) -> None:
    samples = noise(0.1)
    kept.check.take(Block(samples, (Span("a", 100, 4800),)))
    kept.check.take(Block(samples, ()))
    kept.check.take(Block(samples, (Span("a", 0, 50), Span("b", 40, 4800)), ("a",)))
    samples[:] = 0  # the block is reused
    a, b = kept.leave()
    assert np.array_equal(read_clip(Path(a.path)), np.concatenate([noise(0.1)[100:], noise(0.1)[:50]]))
    assert np.array_equal(read_clip(Path(b.path)), noise(0.1)[40:])
    assert (a.item, a.seconds, b.item) == ("a", 4750 / RATE_HZ, "b")


def test_an_item_that_sounds_again_overwrites_nothing(kept: Record) -> None:
    for seed in range(3):
        kept.hear("12", noise(0.1, seed))
    names = [Path(word.path).name for word in kept.leave()]
    assert names == ["12.wav", "12+2.wav", "12+3.wav"]
    assert np.array_equal(read_clip(kept.folder / "12+2.wav"), noise(0.1, 1))


def test_silence_and_items_without_sound_leave_no_file(kept: Record) -> None:
    kept.check.take(Block(noise(0.1), (), ("never begun",)))
    assert kept.leave() == []
    assert not kept.folder.exists()


@pytest.mark.parametrize("item", HOSTILE_NAMES)
def test_a_name_never_leads_out_of_the_folder(kept: Record, item: str) -> None:
    kept.hear(item, noise(0.1))
    (word,) = kept.leave()
    assert word.item == item
    assert [path.resolve() for path in kept.folder.iterdir()] == [Path(word.path).resolve()]


@pytest.mark.parametrize("item", HOSTILE_NAMES[:-1])
def test_what_a_dead_player_left_is_mended_and_told(kept: Record, item: str) -> None:
    kept.hear(item, noise(0.5))
    (word,) = kept.leave()
    left = Path(word.path + PART)
    Path(word.path).rename(left)
    with left.open("r+b") as file:  # as it lies there without its last header, torn in the middle of a sample
        file.write(b"RIFF\0\0\0\0WAVE")
        file.truncate(44 + 2 * 20_000 + 1)
    (mended,) = Record(kept.folder).leave()
    assert mended == Kept(item, word.path, 20_000 / RATE_HZ)
    assert np.array_equal(read_clip(Path(mended.path)), noise(0.5)[:20_000])


def test_what_holds_no_sound_or_is_still_written_is_not_mended(kept: Record) -> None:
    kept.folder.mkdir()
    (kept.folder / f"empty.wav{PART}").write_bytes(b"RIFF")
    kept.hear("alive", noise(0.1), is_over=False)
    kept.check.start()
    eventually((kept.folder / f"alive.wav{PART}").exists)
    assert Record(kept.folder).leave() == []
    assert [path.name for path in kept.folder.iterdir()] == [f"alive.wav{PART}"]
    kept.check.leave(10.0)
    assert np.array_equal(read_clip(kept.folder / "alive.wav"), noise(0.1))


def test_a_disk_that_stalls_costs_the_rest_of_the_item_and_is_said_once(kept: Record) -> None:
    kept.hear("a", noise(30.0))
    kept.hear("b", noise(0.1, 2))
    kept.check.start()
    eventually(lambda: not kept.check._waiting)
    kept.hear("c", noise(0.1, 3))
    kept.check.leave(10.0)
    a, c = kept.words()
    assert (a.item, c.item) == ("a", "c")
    assert a.seconds == pytest.approx(WAITING_FRAMES / RATE_HZ, abs=0.2)
    assert np.array_equal(read_clip(Path(a.path)), noise(30.0)[: round(a.seconds * RATE_HZ)])
    assert len(kept.faults()) == 1 and "quá chậm" in kept.faults()[0]


def test_a_folder_that_cannot_be_used_is_said_once_until_it_can(kept: Record) -> None:
    kept.folder.write_text("là tệp", encoding="utf-8")
    kept.check.start()
    for name in ("a", "b"):
        kept.hear(name, noise(0.1))
    eventually(kept.faults)
    kept.folder.unlink()
    kept.hear("c", noise(0.1))
    eventually(kept.words)
    (kept.folder / "c.wav").unlink()
    kept.folder.rmdir()
    kept.folder.write_text("là tệp", encoding="utf-8")
    kept.hear("d", noise(0.1))
    kept.check.leave(10.0)
    assert len(kept.faults()) == 2
    assert all(str(kept.folder) in text for text in kept.faults())


def test_a_mistake_of_ours_is_said_and_costs_the_record_only(
    kept: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aircheck, "_new_file", lambda *_: 1 / 0)
    for _ in range(300):
        kept.hear("a", noise(0.2))
    assert kept.leave() == []
    assert len(kept.faults()) == 1
    kept.hear("b", noise(0.1))


def test_a_very_long_item_is_kept_in_several_files(kept: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aircheck, "LONGEST_FRAMES", RATE_HZ)
    samples = noise(2.5)
    kept.hear("live", samples)
    words = kept.leave()
    assert [Path(word.path).name for word in words] == ["live.wav", "live+2.wav", "live+3.wav"]
    assert np.array_equal(np.concatenate([read_clip(Path(word.path)) for word in words]), samples)


def test_a_player_keeps_the_mix_that_it_handed_over(tmp_path: Path) -> None:
    with Told(OutputSpec("file", folder=tmp_path / "out", aircheck=tmp_path / "kept")) as player:
        player.wait_for(Ready)
        player.link.gain(-6.0, 0.0)
        player.link.arm("bulletin", write_clip(tmp_path / "b.wav", noise(5.0)), 0.0)
        player.wait_for(Report, "bulletin", such_that=lambda report: report.seconds_accepted > 0.2)
        player.link.arm("alert", write_clip(tmp_path / "a.wav", noise(0.3, 2)), 0.0, bus="emergency")
        for item in ("bulletin", "alert"):
            ended = player.wait_for(Ended, item)
            word = player.wait_for(Kept, item)
            assert word.seconds == pytest.approx(ended.seconds_accepted)
            assert np.array_equal(read_clip(Path(word.path)), read_clip(tmp_path / "out" / f"{item}.wav"))
    assert not list((tmp_path / "kept").glob(f"*{PART}"))


def test_what_is_kept_is_what_the_sound_card_played(sound_server: SoundServer, tmp_path: Path) -> None:  # noqa: F811
    spec = OutputSpec("soundcard", DEVICE, options={"period_ms": 200}, aircheck=tmp_path / "kept")
    with Told(spec) as player:
        began_s = time.monotonic()
        player.link.arm("a", write_clip(tmp_path / "a.wav", noise(0.8)), 0.0)
        held = read_clip(Path(player.wait_for(Kept, "a").path))
        first = sound_server.ear.find(held, began_s)
    assert np.array_equal(held, noise(0.8))
    heard = sound_server.ear.heard()[first : first + RATE_HZ // 10].astype(int)
    assert np.abs(heard - held[: RATE_HZ // 10]).max() <= 2


def test_a_player_that_leaves_completes_what_it_keeps(tmp_path: Path) -> None:
    with Told(OutputSpec("file", folder=tmp_path / "out", aircheck=tmp_path / "kept")) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", noise(9.0)), 0.0)
        player.wait_for(Report, "a", such_that=lambda report: report.seconds_accepted > 0.2)
        player.link.close()
        word = player.wait_for(Kept, "a", within_s=1.0)
    assert len(read_clip(Path(word.path))) == round(word.seconds * RATE_HZ) > 9600


def test_what_a_killed_player_kept_is_told_by_the_next(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.wav", noise(9.0))
    with Told(OutputSpec("file", folder=tmp_path / "out", aircheck=tmp_path / "kept")) as player:
        player.link.arm("a", clip, 0.0)
        player.wait_for(Report, "a", such_that=lambda report: report.seconds_accepted > 0.9)
        os.kill(player.link.pid or 0, signal.SIGKILL)
        player.gone()
        assert player.all(Kept) == []
        player.link.start()
        mended = player.wait_for(Kept, "a")
        player.link.arm("a", clip, 0.0, from_s=8.0)
        rest = player.wait_for(Kept, "a", such_that=lambda word: word != mended)
    assert mended.seconds > 0.3
    assert np.array_equal(read_clip(Path(mended.path)), noise(9.0)[: round(mended.seconds * RATE_HZ)])
    assert np.array_equal(read_clip(Path(rest.path)), noise(9.0)[8 * RATE_HZ :])


def test_a_full_disk_costs_the_record_and_never_the_sound(
    sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    spec = OutputSpec("soundcard", DEVICE, aircheck=tmp_path / "kept")
    with Told(spec) as player:
        player.wait_for(Ready)
        room = psutil.Process(player.link.pid)
        room.rlimit(psutil.RLIMIT_FSIZE, (30_000, psutil.RLIM_INFINITY))
        for item in ("a", "b"):
            player.link.arm(item, write_clip(tmp_path / f"{item}.wav", noise(0.6)), 0.0)
            ended = player.wait_for(Ended, item)
            assert (ended.how, ended.seconds_accepted) == ("whole", 0.6)
        assert player.wait_for(Kept, "b").seconds < 0.4
        room.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        player.link.arm("c", write_clip(tmp_path / "c.wav", noise(0.3)), 0.0)
        assert player.wait_for(Kept, "c").seconds == pytest.approx(0.3)
    (fault,) = player.all(Fault)
    assert fault.kind == "not_kept" and "đầy" in fault.text
    assert len(read_clip(tmp_path / "kept" / "a.wav")) == (30_000 - 44) // 2
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["a.wav", "b.wav", "c.wav"]


@pytest.mark.parametrize("item_s", [1.0, 95.0])
def test_the_last_of_a_disk_is_left_to_the_station(tmp_path: Path, item_s: float) -> None:
    room = iter([aircheck.LEAVE_FREE_BYTES] * (0 if item_s < 30 else 3))
    said: list[Word] = []
    check = Aircheck(tmp_path / "1", said.append, free=lambda _: next(room, aircheck.LEAVE_FREE_BYTES - 1))
    check.start()
    second = noise(1.0, 5)
    for number in range(round(item_s)):
        check.take(Block(second, (Span("tin", 0, len(second)),)))
        if number % 15 == 14:
            eventually(lambda: not check._waiting, 5.0)
    check.take(Block(second[:0], (), ("tin",)))
    check.leave(10.0)
    kept_s = [word.seconds for word in said if isinstance(word, Kept)]
    assert [word.kind for word in said if isinstance(word, Fault)] == ["not_kept"]
    assert kept_s == ([] if item_s < 30 else [pytest.approx(89.0, abs=1.1)])
    assert not list((tmp_path / "1").glob(f"*{PART}"))
