"""The mixer without a device: time is a number that the test moves."""

from __future__ import annotations

import numpy as np
import pytest

from audio.mixer import Mixer
from audio.outputs.output import RATE_HZ, Samples
from audio.player_words import BUSES, Ended, Fault, Started
from audio.sources import StreamSource
from audio.stream_clock import StreamClock
from audio.voice import Voice, fade_ramp
from tests.player_rig import noise

START_S = 1000.0


class Stream:
    """Asks a mixer for samples as a device does, in real time of its own."""

    def __init__(self, latency_s: float = 0.0, lead_in_s: float = 0.0) -> None:
        self.now_s = START_S
        self.mixer = Mixer(latency_s, lead_in_s, monotonic=lambda: self.now_s)
        self.spans: list[tuple[str, int, int]] = []

    def play(self, seconds: float, block: int = 960) -> Samples:
        """Return the next so many seconds of the stream."""
        blocks = []
        for _ in range(round(seconds * RATE_HZ / block)):
            sound = self.mixer.render(block)
            blocks.append(sound.samples.copy())
            self.spans += sound.spans
            self.now_s += block / RATE_HZ
        return np.concatenate(blocks)

    def arm(self, item: str, samples: Samples, after_s: float, bus: str = "programme") -> StreamSource:
        source = StreamSource()
        source.put(samples)
        source.finish()
        self.mixer.arm(Voice(item, BUSES.index(bus), self.now_s + after_s, source))
        return source

    def started(self) -> list[tuple[str, float]]:
        said = [word for word in self.mixer.words if isinstance(word, Started)]
        return [(word.item, round(word.at_monotonic_s - START_S, 6)) for word in said]

    def ended(self) -> list[tuple[str, str, float]]:
        said = [word for word in self.mixer.words if isinstance(word, Ended)]
        return [(word.item, word.how, round(word.seconds_accepted, 6)) for word in said]


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.mark.parametrize("block", [64, 441, 960, 1920, 48_000])
def test_an_item_lies_at_its_sample_whatever_the_size_of_the_blocks(stream: Stream, block: int) -> None:
    clip = noise(0.5)
    stream.arm("a", clip, 1.0)
    heard = stream.play(3.0, block)
    assert np.array_equal(heard[RATE_HZ : RATE_HZ + len(clip)], clip)
    assert not heard[:RATE_HZ].any() and not heard[RATE_HZ + len(clip) :].any()
    assert stream.started() == [("a", 1.0)]
    assert stream.ended() == [("a", "whole", 0.5)]


def test_the_constant_of_the_output_is_taken_off_the_start() -> None:
    stream = Stream(latency_s=0.030)
    stream.arm("a", noise(0.1), 1.0)
    heard = stream.play(2.0)
    assert np.flatnonzero(heard)[0] == round(0.970 * RATE_HZ)
    assert stream.started() == [("a", 1.0)]


@pytest.mark.parametrize("drift_s", [0.0, 0.03, -0.03])
def test_adjacent_items_follow_each_other_without_a_gap(stream: Stream, drift_s: float) -> None:
    first, second = noise(0.5003, 1), noise(0.4, 2)
    stream.arm("a", first, 0.5)
    stream.arm("b", second, 0.5 + len(first) / RATE_HZ + drift_s)
    heard = stream.play(2.0)[RATE_HZ // 2 :]
    assert np.array_equal(heard[: len(first) + len(second)], np.concatenate([first, second]))


def test_items_with_a_pause_between_keep_it(stream: Stream) -> None:
    stream.arm("a", noise(0.5, 1), 0.1)
    stream.arm("b", noise(0.5, 2), 1.0)
    stream.play(2.0)
    assert stream.started() == [("a", 0.1), ("b", 1.0)]


def test_an_item_waits_until_its_bus_is_free(stream: Stream) -> None:
    stream.arm("a", noise(1.0, 1), 0.1)
    stream.arm("b", noise(0.5, 2), 0.6)
    stream.play(2.0)
    assert stream.started() == [("a", 0.1), ("b", 1.1)]
    assert [how for _, how, _ in stream.ended()] == ["whole", "whole"]


def test_the_past_starts_at_once(stream: Stream) -> None:
    stream.play(1.0)
    stream.arm("a", noise(0.2), -5.0)
    stream.play(1.0)
    assert stream.started() == [("a", 1.0)]


def test_a_higher_bus_starts_at_its_sample_and_fades_the_lower_out(stream: Stream) -> None:
    tone = np.full(2 * RATE_HZ, 1000, np.int16)
    stream.arm("bulletin", tone, 0.0)
    stream.arm("alert", np.full(RATE_HZ // 2, 5000, np.int16), 0.5, "emergency")
    heard = stream.play(2.0).astype(int)
    at = RATE_HZ // 2
    assert heard[at - 1] == 1000 and heard[at] == 6000
    fading = heard[at : at + 4800] - 5000
    assert (np.diff(fading) <= 0).all() and fading[-1] == 0
    assert np.abs(np.diff(fading)).max() <= 2, "the fade has no step"
    assert (heard[at + 4800 : at + RATE_HZ // 2] == 5000).all()
    assert stream.ended() == [("bulletin", "cut", 0.6), ("alert", "whole", 0.5)]


def test_a_lower_bus_waits_for_a_higher_one(stream: Stream) -> None:
    stream.arm("alert", noise(1.0, 1), 0.0, "emergency")
    stream.arm("bulletin", noise(0.2, 2), 0.5)
    stream.play(2.0)
    assert stream.started() == [("alert", 0.0), ("bulletin", 1.0)]


def test_two_at_full_scale_do_not_wrap_around(stream: Stream) -> None:
    stream.arm("bulletin", np.full(RATE_HZ, 32767, np.int16), 0.0)
    stream.arm("alert", np.full(RATE_HZ, 32767, np.int16), 0.5, "emergency")
    assert stream.play(1.0).min() == 32767


def test_a_cut_fades_what_plays_and_drops_what_waits(stream: Stream) -> None:
    stream.arm("a", np.full(RATE_HZ, 1000, np.int16), 0.0)
    stream.arm("b", noise(1.0), 1.0)
    stream.play(0.5)
    stream.mixer.cut(None, fade_ramp(0.1))
    heard = stream.play(1.0)
    assert heard[0] == 1000 and not heard[4800:].any()
    assert sorted(stream.ended()) == [("a", "cut", 0.6), ("b", "cut", 0.0)]


def test_a_cut_names_its_item_and_no_other(stream: Stream) -> None:
    stream.arm("a", noise(0.5, 1), 0.0)
    stream.arm("b", noise(0.5, 2), 0.5)
    stream.mixer.cut("b", fade_ramp(0.1))
    stream.mixer.cut("unknown", fade_ramp(0.1))
    stream.play(1.0)
    assert stream.ended() == [("b", "cut", 0.0), ("a", "whole", 0.5)]


def test_what_is_cut_while_the_device_is_dead_does_not_sound_on_its_return(stream: Stream) -> None:
    stream.arm("a", noise(2.0), 0.0)
    stream.play(0.5)
    stream.now_s += 5.0
    stream.mixer.cut(None, fade_ramp(0.1))
    stream.mixer.settle()
    assert stream.ended() == [("a", "cut", 0.5)]
    stream.mixer.begin_stream()
    assert not stream.play(0.5).any()


def test_settling_leaves_a_living_device_alone(stream: Stream) -> None:
    stream.arm("a", noise(1.0), 0.0)
    stream.play(0.5)
    stream.mixer.cut(None, fade_ramp(0.1))
    stream.mixer.settle()
    assert stream.ended() == []


def test_after_a_break_the_item_goes_on_where_it_broke_off(stream: Stream) -> None:
    clip = noise(1.0)
    stream.arm("a", clip, 0.0)
    before = stream.play(0.4)
    stream.now_s += 5.0
    stream.mixer.begin_stream()
    after = stream.play(1.0)
    assert np.array_equal(np.concatenate([before, after])[: len(clip)], clip)
    assert stream.ended() == [("a", "whole", 1.0)]


def test_a_stream_begins_with_silence_that_costs_no_sample() -> None:
    stream, clip = Stream(lead_in_s=0.1), noise(0.5)
    stream.arm("a", clip, -1.0)
    heard = stream.play(1.0)
    assert np.array_equal(heard[4800 : 4800 + len(clip)], clip)
    assert not heard[:4800].any()


def test_a_source_that_is_late_is_heard_as_a_gap_and_said_once(stream: Stream) -> None:
    source = StreamSource()
    source.put(np.full(9600, 7, np.int16))
    stream.mixer.arm(Voice("a", 2, START_S, source))
    assert not stream.play(0.5)[9600:].any()
    source.put(np.full(9600, 7, np.int16))
    source.finish()
    assert np.count_nonzero(stream.play(0.5)) == 9600
    assert len([word for word in stream.mixer.words if isinstance(word, Fault)]) == 1
    assert stream.ended() == [("a", "whole", 0.4)]


def test_a_source_that_never_comes_back_can_still_be_cut(stream: Stream) -> None:
    source = StreamSource()
    source.put(np.full(960, 7, np.int16))
    stream.mixer.arm(Voice("a", 2, START_S, source))
    stream.play(0.5)
    stream.mixer.cut("a", fade_ramp(0.1))
    stream.play(0.5)
    assert stream.ended() == [("a", "cut", 0.02)]


def test_the_level_is_that_of_what_was_rendered(stream: Stream) -> None:
    wave = np.rint(10_000 * np.sin(np.arange(RATE_HZ) * 2 * np.pi * 440 / RATE_HZ)).astype(np.int16)
    stream.arm("a", wave, 0.0)
    stream.play(1.1)
    level_dbfs = next(word.level_dbfs for word in stream.mixer.words if isinstance(word, Ended))
    assert level_dbfs == pytest.approx(20 * np.log10(10_000 / 32768 / np.sqrt(2)), abs=0.01)


def test_spans_tell_which_samples_belong_to_which_item(stream: Stream) -> None:
    stream.arm("a", noise(0.01, 1), 0.0)
    stream.arm("b", noise(0.01, 2), 0.01)
    stream.play(0.1)
    assert stream.spans == [("a", 0, 480), ("b", 480, 960)]


def test_the_clock_keeps_its_zero_while_callbacks_come_late() -> None:
    clock, late = StreamClock(), np.random.default_rng(1).exponential(0.004, 2000)
    off_s = []
    for call in range(2000):
        clock.observe(START_S + call * 0.02 + float(late[call]), call * 960)
        off_s.append(abs(clock.time_of(0) - START_S))
    assert max(off_s[100:]) < 0.002


@pytest.mark.parametrize("period_s", [0.02, 0.08, 0.2])
def test_within_a_second_the_clock_follows_an_output_that_ran_dry(period_s: float) -> None:
    clock, calls_in_a_second = StreamClock(), round(1 / period_s)
    for call in range(4 * calls_in_a_second):
        dry_s = 0.040 if call >= 3 * calls_in_a_second else 0.0
        clock.observe(START_S + call * period_s + dry_s, round(call * period_s * RATE_HZ))
    assert clock.time_of(0) == pytest.approx(START_S + 0.040, abs=0.0005)


def test_the_clock_follows_a_card_that_runs_fast() -> None:
    clock, rate = StreamClock(), 1.0001
    for call in range(20_000):
        clock.observe(START_S + call * 0.02 / rate, call * 960)
    now = 20_000 * 960
    assert clock.time_of(now) == pytest.approx(START_S + 20_000 * 0.02 / rate, abs=0.001)


def test_the_gain_moves_without_a_step_and_stays(stream: Stream) -> None:
    stream.arm("a", np.full(3 * RATE_HZ, 10_000, np.int16), 0.0)
    stream.play(0.5, 441)
    stream.mixer.gain(-20.0, 1.0)
    moving = stream.play(1.0, 480).astype(int)
    after = stream.play(0.5)
    assert abs(moving[0] - 10_000) <= 1 and abs(moving[-1] - 1000) <= 1
    assert np.diff(moving).max() <= 0 and np.diff(moving).min() >= -1
    assert (after == 1000).all()


def test_the_gain_spares_an_emergency(stream: Stream) -> None:
    stream.mixer.gain(-60.0, 0.0)
    stream.arm("alert", noise(0.5), 0.0, "emergency")
    assert np.array_equal(stream.play(0.5), noise(0.5))


def test_the_gain_outlives_the_device(stream: Stream) -> None:
    stream.mixer.gain(-20.0, 1.0)
    stream.arm("a", np.full(RATE_HZ, 10_000, np.int16), 0.0)
    stream.play(0.1)
    stream.now_s += 5.0
    stream.mixer.begin_stream()
    assert (stream.play(0.5) == 1000).all()


def test_in_silence_a_gain_is_there_at_once(stream: Stream) -> None:
    stream.mixer.gain(-20.0, 30.0)
    stream.play(0.1)
    stream.arm("a", np.full(RATE_HZ, 10_000, np.int16), 0.0)
    assert (stream.play(0.5) == 1000).all()


def test_a_gain_during_a_gain_goes_on_from_where_it_is(stream: Stream) -> None:
    stream.arm("a", np.full(3 * RATE_HZ, 10_000, np.int16), 0.0)
    stream.play(0.5)
    stream.mixer.gain(-20.0, 1.0)
    before = stream.play(0.5)[-1]
    stream.mixer.gain(0.0, 0.5)
    back = stream.play(1.0).astype(int)
    assert abs(back[0] - before) <= 1 and np.diff(back).min() >= 0 and back[-1] == 10_000


def test_the_level_told_is_that_after_the_gain(stream: Stream) -> None:
    stream.mixer.gain(-12.0, 0.0)
    stream.arm("a", np.full(RATE_HZ, 16_384, np.int16), 0.0)
    stream.play(1.1)
    level_dbfs = next(word.level_dbfs for word in stream.mixer.words if isinstance(word, Ended))
    assert level_dbfs == pytest.approx(-18.0, abs=0.1)
