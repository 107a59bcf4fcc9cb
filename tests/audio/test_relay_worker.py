"""The process that listens: what it says, how often it opens, and how it goes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import psutil
import pytest

from audio import relay_link
from audio.relay_frames import BEAT, LOST, OPENED, QUIET, SOUND, SOUNDS
from audio.relay_link import RelayLink
from audio.relay_worker import Worker
from audio.speech import frames
from tests.audio.radio import Radio, serving
from tests.sound_server import RATE_HZ, eventually


class Listening:
    """One worker and all that it says, with the moment of each frame."""

    def __init__(self, address: str, command: tuple[str, ...] = relay_link.COMMAND) -> None:
        self.said: list[tuple[float, bytes, bytes]] = []
        self.link = RelayLink(address, self._take, command)
        self._tending = threading.Event()
        self._thread = threading.Thread(target=self._tend, daemon=True)

    def __enter__(self) -> Listening:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tending.set()
        self._thread.join(5)
        self.link.close()

    def seconds(self) -> float:
        return sum(len(body) for _, kind, body in tuple(self.said) if kind == SOUND) / 2 / RATE_HZ

    def words(self, kind: bytes) -> list[dict[str, object]]:
        return [json.loads(body) for _, each, body in tuple(self.said) if each == kind]

    def _take(self, kind: bytes, body: bytes) -> None:
        self.said.append((time.monotonic(), kind, body))

    def _tend(self) -> None:
        while not self._tending.wait(0.1):
            self.link.tend()


@pytest.fixture
def radio() -> Iterator[Radio]:
    with serving() as made:
        yield made


def test_a_source_that_has_gone_is_looked_for_once_a_second(radio):
    with Listening(radio.url("/live.mp3")) as listening:
        eventually(lambda: listening.seconds() > 0.5, 8.0, "it sounds")
        assert listening.words(OPENED)[0] == {
            "codec": "mp3float", "rate_hz": 48000, "channels": 1, "is_segmented": False
        }  # fmt: skip
        radio.air = "off"
        eventually(lambda: len(listening.words(LOST)) >= 3, 9.0, "it is tried again")
        assert [word["trouble"] for word in listening.words(LOST)] == ["ended", "not_found", "not_found"]
        apart = [
            second - first for (first, _), (second, _) in zip(radio.asked[1:], radio.asked[2:], strict=False)
        ]
        assert all(each > 0.95 for each in apart), apart
        assert any(kind == BEAT for _, kind, _ in listening.said), "it says that it is there while it waits"


def test_a_station_that_sends_faster_than_time_is_broken_and_left_alone(radio):
    with Listening(radio.url("/endless.mp3")) as listening:
        eventually(lambda: listening.words(LOST), 8.0, "it is given up")
        assert listening.words(LOST)[0] == {"trouble": "too_fast"}
        assert 39 < listening.seconds() < 55, "no more than a burst of it"
        time.sleep(1.2)  # not to hope: to see that nothing follows
        assert radio.times_asked("/endless.mp3") == 1


def test_it_goes_when_the_player_has_gone(radio):
    process = subprocess.Popen(
        [*relay_link.COMMAND, radio.url("/live.mp3")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    assert frames.read_answer(process.stdout) is not None
    process.stdin.close()
    assert process.wait(5) == 0
    process.stdout.close()


@pytest.mark.parametrize("fate", ["dies", "hangs"])
def test_a_worker_that_dies_or_hangs_is_replaced(fate, monkeypatch):
    monkeypatch.setattr(relay_link, "HUNG_S", 0.5)
    does = {"dies": "raise SystemExit(1)", "hangs": "import time; time.sleep(60)"}[fate]
    with Listening("http://dai.vn/", (sys.executable, "-c", does)) as listening:
        first = eventually(lambda: listening.link.pid, 5.0, "a first worker")
        eventually(lambda: listening.link.pid != first, 8.0, "a second worker")
        assert {"trouble": "crashed"} in listening.words(LOST)
    assert not psutil.pid_exists(first)


def test_dead_air_is_told_where_it_begins_and_ends_in_the_sound():
    out = BytesIO()
    worker = Worker("http://dai.vn/", out)  # type: ignore[arg-type]
    silent, loud = np.zeros(4800, np.float32), np.full(4800, 0.1, np.float32)
    for block in [loud] * 3 + [silent] * 55 + [loud] * 3:
        worker._send(block)
    out.seek(0)
    kinds = b"".join(frame[0] for frame in iter(lambda: frames.read_answer(out), None))
    assert kinds.count(QUIET) == kinds.count(SOUNDS) == 1
    assert kinds.index(QUIET) == 3 + 49 and kinds[-4:] == SOUNDS + SOUND * 3
