"""The window of a relay by the sample, and what fills it: with a stream that the test feeds by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from audio.outputs.output import RATE_HZ
from audio.player_words import Incident, Relayed, Word
from audio.relay_filler import HeldFiller, filler_of
from audio.relay_frames import LOST, QUIET, SOUND, SOUNDS
from audio.relay_receiver import LIVE_FRAMES, MOST_FRAMES, Receiver
from audio.relay_source import FADE_FRAMES, GRACE_FRAMES, MOST_INCIDENTS, RelaySource
from audio.sources import BadSource
from tests.player_rig import noise, write_clip

BLOCK = 960
CHUNK = 4800


class Line:
    """A link without a process; `send` is what its worker would say."""

    def __init__(self, _address: str, take: Callable[[bytes, bytes], None]) -> None:
        self._take = take
        self.is_closed = False

    def send(self, seconds: float, value: int = 1000) -> None:
        for _ in range(round(seconds * RATE_HZ / CHUNK)):
            self._take(SOUND, np.full(CHUNK, value, "<i2").tobytes())

    def say(self, kind: bytes, body: bytes = b"{}") -> None:
        self._take(kind, body)

    def tend(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


class Stage:
    """A relay with a window of so many seconds, and all that is heard and told of it."""

    def __init__(self, seconds: float = 10.0) -> None:
        self.now_s = 1000.0
        self.told: list[Word] = []
        self.receiver = Receiver("http://dai.vn/", Line)  # type: ignore[arg-type]
        self.line: Line = self.receiver._link  # type: ignore[assignment]
        filler = HeldFiller(np.full(RATE_HZ, -500, np.int16))
        self.source = RelaySource(
            "r", self.receiver, filler, self.now_s + seconds, self.told.append, lambda: self.now_s
        )
        self._parts: list[np.ndarray] = []

    @property
    def heard(self) -> np.ndarray:
        return np.concatenate(self._parts)

    def begin(self, at_s: float = 1000.0) -> Stage:
        self.source.begin(at_s)
        return self

    def play(self, seconds: float, feed: int | None = None) -> np.ndarray:
        """Let time pass; with `feed` the stream brings as much of that value as is heard."""
        before = len(self._parts)
        for number in range(round(seconds * RATE_HZ / BLOCK)):
            if feed is not None and number % (CHUNK // BLOCK) == 0:
                self.line.send(0.1, feed)
            out = np.zeros(BLOCK, np.float32)
            taken = self.source.take(out)
            self._parts.append(out[:taken])
            self.now_s += BLOCK / RATE_HZ
        return np.concatenate(self._parts[before:])

    def incidents(self) -> list[tuple[str, str]]:
        return [(word.kind, word.text) for word in self.told if isinstance(word, Incident)]

    def share(self) -> tuple[float, float]:
        last = [word for word in self.told if isinstance(word, Relayed)][-1]
        return round(last.stream_s, 2), round(last.filler_s, 2)


def test_a_stream_that_is_there_fills_the_window_to_the_sample():
    stage = Stage(3.0)
    stage.line.send(2.0)
    stage.begin()
    stage.play(4.0, feed=1000)
    assert len(stage.heard) == 3 * RATE_HZ
    assert stage.source.is_finished and not stage.source.failure
    inner = stage.heard[FADE_FRAMES * 2 : -FADE_FRAMES]
    assert (inner == 1000).all()
    assert stage.heard[0] == pytest.approx(0, abs=1) and stage.heard[-1] == pytest.approx(0, abs=1)
    assert stage.share() == (3.0, 0.0) and stage.incidents() == []


@pytest.mark.parametrize("late_s", [0.25, 2.0, 2.9999])
def test_a_start_that_is_late_ends_when_it_was_to_end(late_s):
    stage = Stage(3.0).begin(1000.0 + late_s)
    stage.play(4.0)
    assert len(stage.heard) == int((3.0 - late_s) * RATE_HZ + 0.01)


def test_a_device_that_stood_still_does_not_push_the_end_back():
    stage = Stage(5.0)
    stage.line.send(2.0)
    stage.begin()
    stage.play(1.0, feed=1000)
    stage.now_s += 2.0
    stage.play(5.0, feed=1000)
    assert len(stage.heard) / RATE_HZ == pytest.approx(3.0, abs=0.15)
    assert len(stage.heard) <= 3 * RATE_HZ


def test_the_stream_fades_over_into_the_filler_and_back():
    stage = Stage(20.0)
    stage.line.send(2.0)
    stage.begin()
    stage.play(3.0, feed=1000)
    stage.line.say(LOST, b'{"trouble": "ended"}')
    gone = stage.play(4.0)
    assert (gone[-RATE_HZ:] == -500).all()
    back = stage.play(3.0, feed=800)
    assert (back[-RATE_HZ:] == 800).all()
    steps = np.abs(np.diff(np.concatenate([gone, back])))
    assert steps.max() < 5, "no step is heard"
    stage.play(10.0, feed=800)
    assert [kind for kind, _ in stage.incidents()] == ["relay_lost", "relay_back"]
    assert stage.incidents()[0][1] == "Mất nguồn tiếp âm ở 5 giây: nguồn ngắt kết nối."
    assert "giây phát tiếng chờ" in stage.incidents()[1][1]
    stream_s, filler_s = stage.share()
    assert stream_s + filler_s == pytest.approx(20.0)
    assert 2.5 < filler_s < 4.5


def test_what_comes_after_a_break_is_live():
    stage = Stage(20.0)
    stage.line.send(2.0)
    stage.begin()
    stage.play(2.0, feed=1000)
    stage.play(6.0)
    stage.line.send(30.0, 700)
    stage.line.send(1.0, 900)
    assert stage.receiver.ring.frames <= LIVE_FRAMES + CHUNK
    heard = stage.play(2.5, feed=900)
    assert (heard == 700).sum() < 1.2 * RATE_HZ, "of thirty old seconds no more than one is kept"


def test_the_stream_that_waits_for_its_moment_stays_live_and_small():
    stage = Stage()
    stage.line.send(60.0, 300)
    stage.line.send(2.0, 900)
    assert stage.receiver.ring.frames <= LIVE_FRAMES + CHUNK < MOST_FRAMES
    stage.begin()
    assert (stage.play(1.0, feed=900)[FADE_FRAMES * 2 :] == 900).all()


def test_a_stream_still_being_opened_is_waited_for_in_silence_then_filled():
    stage = Stage(10.0).begin()
    waiting = stage.play(GRACE_FRAMES / RATE_HZ)
    assert not waiting.any() and stage.incidents() == []
    assert (stage.play(2.0)[-RATE_HZ:] == -500).all()
    assert stage.incidents() == [
        ("relay_lost", "Chưa có nguồn tiếp âm khi đến giờ: nguồn ngừng gửi âm thanh.")
    ]
    stage.line.send(1.0)
    stage.play(1.0, feed=1000)
    assert stage.incidents()[1][0] == "relay_back"


def test_a_stream_that_never_comes_is_a_failure_although_the_filler_sounds():
    stage = Stage(5.0).begin()
    stage.line.say(LOST, b'{"trouble": "unreachable"}')
    stage.play(6.0)
    assert stage.source.is_finished
    assert stage.source.failure == "Không nhận được tiếng từ nguồn tiếp âm: không kết nối được máy chủ."
    assert stage.share() == (0.0, 5.0)
    assert (stage.heard[GRACE_FRAMES + BLOCK : -FADE_FRAMES] == -500).all()


def test_dead_air_is_filled_and_told_and_the_first_sound_after_it_is_heard():
    stage = Stage(20.0)
    stage.line.send(2.0)
    stage.begin()
    stage.play(2.0, feed=1000)
    stage.line.say(QUIET)
    assert (stage.play(2.0, feed=0)[-RATE_HZ:] == -500).all()
    stage.line.say(SOUNDS)
    assert (stage.play(3.0, feed=600)[-RATE_HZ:] == 600).all()
    assert "nguồn im tiếng" in stage.incidents()[0][1]


def test_a_source_that_comes_and_goes_does_not_fill_the_history():
    stage = Stage(300.0)
    stage.line.send(2.0)
    stage.begin()
    for _ in range(MOST_INCIDENTS):
        stage.play(1.5)
        stage.line.send(1.5)
        stage.play(0.5)
    assert len(stage.incidents()) == MOST_INCIDENTS + 1
    assert "chập chờn" in stage.incidents()[-1][1]


def test_closing_closes_the_line():
    stage = Stage()
    stage.source.close()
    assert stage.line.is_closed


# --- fillers ---


def taken(filler: object, seconds: float) -> np.ndarray:
    parts = []
    for _ in range(round(seconds * RATE_HZ / BLOCK)):
        out = np.empty(BLOCK, np.float32)
        filler.take(out)  # type: ignore[attr-defined]
        parts.append(out)
    return np.concatenate(parts)


def test_the_tone_is_quiet_but_no_dead_air():
    heard = taken(filler_of(None), 20.0) / 32768
    loudness = 10 * np.log10(np.square(heard[: 20 * RATE_HZ]).reshape(4, -1).mean(axis=1))
    assert (loudness > -45).all() and (loudness < -25).all(), "each 5 s of it"


@pytest.mark.parametrize("seconds", [1.5, 11.0])
def test_a_clip_is_repeated_without_a_gap(tmp_path: Path, seconds: float):
    clip = noise(seconds, 5)
    filler = filler_of(write_clip(tmp_path / "cho.wav", clip))
    rounds = []
    for _ in range(round(2.5 * seconds / 0.5)):
        filler.read_ahead()
        rounds.append(taken(filler, 0.5))
    filler.close()
    heard = np.concatenate(rounds)
    assert (heard == np.resize(clip, len(heard))).all()


def test_a_clip_that_goes_while_it_plays_is_followed_by_the_tone(tmp_path: Path):
    path = write_clip(tmp_path / "cho.wav", noise(11.0, 5))
    filler = filler_of(path)
    path.unlink()
    for _ in range(24):
        filler.read_ahead()
        heard = taken(filler, 0.5)
    filler.close()
    assert np.abs(heard).max() < 0.1 * 32768
    later = np.concatenate([heard, taken(filler, 4.0)])
    assert np.abs(later).max() > 1000, "it is not silent"


def test_a_clip_that_is_no_clip_is_told(tmp_path: Path):
    with pytest.raises(BadSource):
        filler_of(tmp_path / "khong-co.wav")
