"""What was sent beside what was heard, without a device: times are given."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from audio import compare
from audio.ear_timeline import HEARD_SLACK_S, SENT_SLACK_S, Comparison, Sent, Timeline, levels_of
from audio.ear_words import Heard
from audio.outputs.wav_file import WavFile
from tests.audio.talking import babble, room, street

RATE_HZ = 16_000
Way = Callable[[np.ndarray], np.ndarray]
STEP_S = 0.5


def s16(samples: np.ndarray) -> np.ndarray:
    return np.rint(samples * 32768).clip(-32768, 32767).astype(np.int16)


class Rehearsal:
    """A player that writes and an ear that hears, half a second at a time."""

    def __init__(self, folder: Path, delay_s: float = 0.2) -> None:
        self.now_s = 1000.0
        self.delay_s = delay_s
        self.heard = Timeline(HEARD_SLACK_S)
        self.sent = Sent(folder)
        self.comparison = Comparison(self.sent, self.heard)
        self.words: list[Heard] = []
        self._folder = folder
        self._air = np.zeros(0, np.float32)
        """What can be heard, from second 1000 on."""

    def play(
        self,
        seconds: float,
        item: str = "tin",
        seed: int = 1,
        heard: Way = lambda clean: clean,
        parts: int = 1,
    ) -> None:
        """Let an item of some parts sound, two seconds apart; `heard` is what becomes of it on the way."""
        file = WavFile(self._folder / f"{item}.wav.part", is_new=True)
        for part in range(parts):
            self.rest(2.0 if part else 0.0)
            wide = babble(seconds, seed + part, rate_hz=48_000)
            start = round((self.now_s - 1000.0 + self.delay_s) * RATE_HZ)
            silence = np.zeros(max(0, start - len(self._air)), np.float32)
            self._air = np.concatenate([self._air, silence, heard(np.asarray(wide[::3]))])
            for first in range(0, len(wide), 24_000):
                self._pass(functools.partial(file.write, s16(wide[first : first + 24_000])))
        file.close()
        file.path.rename(file.path.with_suffix(""))

    def rest(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self._pass(lambda: None)

    def _pass(self, write: Callable[[], object]) -> None:
        self.now_s += STEP_S
        write()
        first = round((self.now_s - STEP_S - 1000.0) * RATE_HZ)
        captured = np.zeros(round(STEP_S * RATE_HZ), np.float32)
        part = self._air[first : first + len(captured)]
        captured[: len(part)] = part
        self.heard.add(levels_of(s16(captured).tobytes(), RATE_HZ), self.now_s)
        self.sent.look(self.now_s)
        self.words += self.comparison.results(self.now_s)


@pytest.fixture
def rehearsal(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path)


def test_what_comes_out_is_recognised_within_nine_seconds(rehearsal):
    rehearsal.play(20.0)
    first = rehearsal.words[0]
    assert (first.item, first.is_same) == ("tin", True)
    assert first.match > 0.9
    assert all(word.is_same for word in rehearsal.words)
    assert sum(word.fresh_s for word in rehearsal.words) == pytest.approx(17.0, abs=1.5)


def test_through_a_loud_room_it_is_still_recognised(rehearsal):
    rehearsal.play(30.0, heard=lambda clean: (wet := room(clean, RATE_HZ)) + street(wet))
    assert np.mean([word.is_same for word in rehearsal.words]) > 0.95


@pytest.mark.parametrize("heard", [np.zeros_like, lambda clean: street(clean) * np.float32(0.3)])
def test_silence_and_a_street_are_not_taken_for_it(rehearsal, heard):
    rehearsal.play(20.0, heard=heard)
    assert rehearsal.words
    assert not any(word.is_same for word in rehearsal.words)


def test_silence_is_told_from_other_sound_by_its_level(rehearsal):
    rehearsal.play(15.0, heard=np.zeros_like)
    assert rehearsal.words[-1].level_dbfs < -55
    rehearsal.play(15.0, item="hai", heard=street)
    assert rehearsal.words[-1].level_dbfs > -40


def test_a_loudspeaker_that_falls_silent_is_noticed_in_eight_seconds(rehearsal):
    def broken_after(clean: np.ndarray) -> np.ndarray:
        return np.concatenate([clean[: 20 * RATE_HZ], np.zeros(len(clean) - 20 * RATE_HZ, np.float32)])

    rehearsal.play(32.0, heard=broken_after)
    unheard = [number for number, word in enumerate(rehearsal.words) if not word.is_same]
    assert unheard
    sent_s = 5.0 + 0.5 * unheard[0] + 3.0
    assert 20 < sent_s <= 28.5
    assert all(not word.is_same for word in rehearsal.words[unheard[0] :])


def test_a_stream_that_comes_seconds_late_is_recognised_too(tmp_path):
    rehearsal = Rehearsal(tmp_path, delay_s=7.0)
    rehearsal.play(40.0)
    assert rehearsal.words[-1].is_same
    assert np.mean([word.is_same for word in rehearsal.words[20:]]) == 1.0


def test_pauses_between_the_parts_of_an_item_do_not_shift_it(rehearsal):
    rehearsal.play(6.0, parts=4)
    assert len(rehearsal.words) > 40
    assert all(word.is_same for word in rehearsal.words)


def test_an_item_that_begins_a_new_file_goes_on(rehearsal):
    for seed in (1, 2):
        rehearsal.play(8.0, seed=seed)
        (rehearsal._folder / "tin.wav").unlink()
    rehearsal.rest(5.0)
    assert sum(word.fresh_s for word in rehearsal.words) > 12
    assert all(word.is_same for word in rehearsal.words)


def test_an_item_that_has_begun_before_the_ear_is_followed_from_there(tmp_path):
    file = WavFile(tmp_path / "tin.wav.part", is_new=True)
    file.write(s16(babble(30.0, 1, rate_hz=48_000)))
    sent = Sent(tmp_path)
    sent.look(1000.0)
    file.close()
    (known,) = sent.items.values()
    assert known.timeline.end_s - known.timeline.start_s <= SENT_SLACK_S


def test_what_is_over_is_forgotten(rehearsal):
    rehearsal.play(6.0)
    rehearsal.rest(60.0)
    assert rehearsal.sent.items == {}


def test_a_timeline_keeps_to_the_clock():
    line = Timeline(0.5)
    second = np.full((50, len(compare.BANDS_HZ) - 1), -20.0, np.float32)
    line.add(second, 101.0)
    line.add(second, 102.1)
    assert line.end_s == pytest.approx(102.0)
    line.add(second, 110.0)
    assert line.end_s == pytest.approx(110.0, abs=0.03)
    assert line.between(104.0, 105.0).max() == compare.FLOOR_DBFS
    assert line.between(109.2, 109.9).min() == -20.0
    line.add(second, 109.0)
    assert line.end_s <= 110.6
