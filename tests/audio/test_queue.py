"""Items whose parts come while they play: in the mixer by a clock of the test, and in a real player."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from audio.chimes import attention_tone
from audio.formats import to_s16
from audio.outputs.output import RATE_HZ
from audio.player_link import Ended, Fault, OutputSpec, Ready, Report, Started
from audio.player_words import BUSES, Armed, Incident
from audio.queue_source import QueueSource
from audio.sources import AHEAD_FRAMES
from audio.voice import Voice, fade_ramp
from tests.audio.test_mixer import START_S, Stream
from tests.player_rig import Told, noise, read_clip, write_clip

NONE = np.empty(0, np.int16)


class Queues:
    """A stream with one queue in it."""

    def __init__(self, folder: Path, opening: np.ndarray = NONE, bus: str = "emergency") -> None:
        self.folder = folder
        self.stream = Stream()
        self.bad: list[str] = []
        self.source = QueueSource(opening, self.bad.append)
        self.voice = Voice("q", BUSES.index(bus), START_S, self.source)
        self.stream.mixer.arm(self.voice)

    def append(self, samples: np.ndarray) -> None:
        name = f"{len(list(self.folder.iterdir()))}.wav"
        self.source.append(write_clip(self.folder / name, samples))

    def said(self, kind: type) -> list[object]:
        return [word for word in self.stream.mixer.words if isinstance(word, kind)]


@pytest.fixture
def queue(tmp_path: Path) -> Queues:
    return Queues(tmp_path)


@pytest.mark.parametrize("block", [441, 960, 3840])
def test_parts_that_are_there_in_time_follow_each_other_without_a_gap(queue: Queues, block: int) -> None:
    parts = [noise(0.2003, seed) for seed in range(5)]
    queue.append(parts[0])
    heard = [queue.stream.play(0.1, block)]
    for part in parts[1:]:
        queue.append(part)
        heard.append(queue.stream.play(0.1, block))
    queue.source.finish()
    heard.append(queue.stream.play(1.0, block))
    together = np.concatenate(parts)
    assert np.array_equal(np.concatenate(heard)[: len(together)], together)
    assert queue.stream.ended() == [("q", "whole", round(len(together) / RATE_HZ, 6))]


def test_between_parts_it_is_silent_and_nothing_is_wrong(queue: Queues) -> None:
    queue.append(noise(0.2))
    queue.stream.play(0.2)
    assert not queue.stream.play(5.0).any()
    queue.append(noise(0.3, 2))
    assert np.array_equal(queue.stream.play(0.3), noise(0.3, 2))
    queue.source.finish()
    queue.stream.play(0.1)
    assert queue.said(Fault) == []
    assert queue.stream.ended() == [("q", "whole", 0.5)], "a pause is no sound of its own"


def test_a_queue_begins_with_its_first_part(queue: Queues) -> None:
    queue.stream.arm("bulletin", noise(3.0), 0.0)
    queue.stream.play(1.0)
    assert queue.stream.started() == [("bulletin", 0.0)], "an empty queue takes nothing over"
    queue.append(noise(0.2))
    queue.stream.play(1.0)
    assert queue.stream.started() == [("bulletin", 0.0), ("q", 1.0)]
    assert queue.stream.ended() == [("bulletin", "cut", 1.1)]


def test_what_is_lower_waits_until_the_queue_is_finished(queue: Queues) -> None:
    queue.append(noise(0.1))
    queue.stream.arm("bulletin", noise(0.5), 0.0)
    queue.stream.play(1.0)
    assert [item for item, _ in queue.stream.started()] == ["q"]
    queue.source.finish()
    queue.stream.play(1.0)
    assert queue.stream.ended() == [("q", "whole", 0.1), ("bulletin", "whole", 0.5)]


def test_a_queue_that_is_finished_empty_ends_whole(queue: Queues) -> None:
    queue.source.finish()
    queue.stream.play(0.1)
    assert queue.stream.ended() == [("q", "whole", 0.0)]


def test_a_queue_can_be_cut_in_a_pause_and_before_its_first_part(tmp_path: Path) -> None:
    for parts in (0, 1):
        queue = Queues(tmp_path)
        for _ in range(parts):
            queue.append(noise(0.1))
        queue.stream.play(0.5)
        queue.stream.mixer.cut("q", fade_ramp(0.1))
        queue.stream.play(0.2)
        assert queue.stream.ended() == [("q", "cut", 0.1 * parts)]


def test_the_opening_sounds_at_the_next_sample_without_any_file(tmp_path: Path) -> None:
    tone = noise(0.3, 7)
    queue = Queues(tmp_path, tone)
    assert np.array_equal(queue.stream.play(0.3), tone)
    queue.append(noise(0.1, 8))
    assert np.array_equal(queue.stream.play(0.1), noise(0.1, 8))


def test_bad_parts_are_told_and_the_queue_goes_on(queue: Queues, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("không phải âm thanh", encoding="utf-8")
    queue.append(noise(0.1, 1))
    queue.source.append(tmp_path / "text.wav")
    queue.source.append(tmp_path / "missing.wav")
    queue.append(noise(0.1, 2))
    queue.source.finish()
    heard = queue.stream.play(0.5)
    assert np.array_equal(heard[:9600], np.concatenate([noise(0.1, 1), noise(0.1, 2)]))
    assert len(queue.bad) == 2 and "text.wav" in queue.bad[0] and "missing.wav" in queue.bad[1]
    assert queue.stream.ended() == [("q", "whole", 0.2)]


def test_a_part_that_breaks_off_is_told_and_the_next_one_follows(queue: Queues, tmp_path: Path) -> None:
    long = write_clip(tmp_path / "long.wav", noise(30.0))
    queue.source.append(long)
    with long.open("r+b") as file:
        file.truncate(44 + 15 * RATE_HZ * 2)
    queue.append(noise(0.1, 2))
    queue.source.finish()
    for _ in range(40):
        queue.stream.play(0.5)
        queue.source.read_ahead()
    assert queue.stream.ended() == [("q", "whole", 15.1)]
    assert len(queue.bad) == 1 and "long.wav" in queue.bad[0]


def test_a_long_queue_lies_on_disk_and_not_in_memory(queue: Queues) -> None:
    for seed in range(30):
        queue.append(noise(2.0, seed))
    queue.source.finish()
    ahead, heard = [], []
    for _ in range(130):
        heard.append(queue.stream.play(0.5))
        ahead.append(queue.source._frames_ahead())
        queue.source.read_ahead()
    assert max(ahead) <= 2 * AHEAD_FRAMES
    assert np.array_equal(
        np.concatenate(heard)[: 60 * RATE_HZ], np.concatenate([noise(2.0, seed) for seed in range(30)])
    )


def test_a_part_whose_reader_is_late_is_said(queue: Queues) -> None:
    queue.append(noise(30.0))
    queue.stream.play(12.0)
    assert len(queue.said(Fault)) == 1
    queue.source.read_ahead()
    assert queue.stream.play(0.5).any()


def test_what_is_kept_of_it_holds_short_pauses_and_no_long_ones(queue: Queues) -> None:
    queue.append(noise(0.1))
    queue.stream.play(10.0)
    kept = sum(last - first for _, first, last in queue.stream.spans) / RATE_HZ
    assert 2.0 < kept < 2.2


def test_a_player_plays_a_queue_with_its_tone_at_once(tmp_path: Path) -> None:
    tone = np.frombuffer(to_s16(attention_tone()), "<i2")
    with Told(OutputSpec("file", folder=tmp_path / "out")) as player:
        player.wait_for(Ready)
        player.link.begin_queue("lệnh", time.monotonic(), "emergency", "attention")
        for seed in range(3):
            player.link.append("lệnh", write_clip(tmp_path / f"{seed}.wav", noise(0.2, seed)))
        player.link.append("lệnh", tmp_path / "missing.wav")
        player.link.finish("lệnh")
        ended = player.wait_for(Ended, "lệnh")
    heard = read_clip(tmp_path / "out" / "lệnh.wav")
    assert np.array_equal(heard, np.concatenate([tone, *(noise(0.2, seed) for seed in range(3))]))
    assert (ended.how, ended.seconds_accepted) == ("whole", pytest.approx(3.6))
    assert player.all(Armed, "lệnh") == [Armed("lệnh", len(tone))]
    assert [(word.item, word.kind) for word in player.all(Incident)] == [("lệnh", "bad_part")]


def test_a_player_is_patient_with_a_queue_and_says_so_of_strangers(tmp_path: Path) -> None:
    part = write_clip(tmp_path / "part.wav", noise(0.2))
    with Told(OutputSpec("file", folder=tmp_path / "out")) as player:
        player.wait_for(Ready)
        player.link.append("lạ", part)
        player.link.finish("lạ")
        player.link.begin_queue("mic", time.monotonic(), "live")
        player.link.begin_queue("mic", time.monotonic(), "live")
        player.link.append("mic", part)
        player.wait_for(Report, "mic", such_that=lambda report: report.seconds_accepted == pytest.approx(0.2))
        player.wait_for(Report, "mic", such_that=lambda report: report.rms_dbfs == -120.0)
        player.link.append("mic", part)
        player.link.finish("mic")
        assert player.wait_for(Ended, "mic").seconds_accepted == pytest.approx(0.4)
        player.link.append("mic", part)
        player.link.cut()
    assert [fault.kind for fault in player.all(Fault)] == ["bad_command"] * 3
    assert len(player.all(Started, "mic")) == 1
