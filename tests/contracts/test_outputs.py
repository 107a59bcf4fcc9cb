"""What every output must do: pull at the pace of real time from open to close, and say what it is."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from audio.outputs.output import RATE_HZ, Block, NoDevice, Output, OutputError, Span, output_for
from audio.outputs.spec import OutputSpec
from tests.contracts.listeners import (
    GROUP,
    Icecast,
    Snapserver,
    free_rtp_port,
    icecast,  # noqa: F401
    snapserver,  # noqa: F401
)
from tests.player_rig import read_clip
from tests.sound_server import _session_server, eventually, sound_server  # noqa: F401

KINDS = ("soundcard", "file", "icecast", "rtp", "snapcast")
pytestmark = pytest.mark.usefixtures("sound_server")


class Pulls:
    """Gives a ramp, so that every sample shows which one it is; counts what was pulled."""

    def __init__(self) -> None:
        self.frames = 0
        self.calls = 0
        self.item: str | None = None
        self._last: str | None = None

    def __call__(self, frames: int) -> Block:
        first, last, self._last = self.frames, self._last, self.item
        self.frames += frames
        self.calls += 1
        samples = (np.arange(first, first + frames) % 20_000).astype(np.int16)
        ended = () if last in (None, self._last) else (last,)
        return Block(samples, (Span(self._last, 0, frames),) if self._last else (), ended)


@pytest.fixture(params=KINDS)
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Output:
    return output_for(spec_of(request.param, request, tmp_path))


def spec_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> OutputSpec:
    match kind:
        case "icecast":
            server: Icecast = request.getfixturevalue("icecast")
            return OutputSpec(kind, server.target)
        case "rtp":
            return OutputSpec(kind, f"{GROUP}:{free_rtp_port()}", options={"interface": "127.0.0.1"})
        case "snapcast":
            reader: Snapserver = request.getfixturevalue("snapserver")
            return OutputSpec(kind, str(reader.pipe))
        case _:
            return OutputSpec(kind, folder=folder / "out")


def test_it_pulls_in_real_time(output: Output) -> None:
    pulls = Pulls()
    output.open(pulls)
    try:
        eventually(lambda: pulls.frames > RATE_HZ // 2)
        frames, began_s = pulls.frames, time.monotonic()
        eventually(lambda: pulls.frames - frames >= RATE_HZ, 5.0)
        took_s = time.monotonic() - began_s
    finally:
        output.close()
    assert took_s == pytest.approx(1.0, abs=0.3)


def test_after_close_it_pulls_no_more_and_opens_again(output: Output) -> None:
    for _ in range(3):
        pulls = Pulls()
        output.open(pulls)
        eventually(lambda pulls=pulls: pulls.calls > 2)  # type: ignore[misc]
        output.close()
        calls = pulls.calls
        assert not threading.Event().wait(0.2)
        assert pulls.calls == calls


def test_closing_twice_or_unopened_does_no_harm(output: Output) -> None:
    output.close()
    output.open(Pulls())
    output.close()
    output.close()


def test_it_says_what_it_is(output: Output) -> None:
    output.open(Pulls())
    output.close()
    assert output.device
    assert output.latency_s >= 0
    assert output.is_loudspeaker is (type(output).__name__ != "FileOutput")


@pytest.mark.parametrize("spec", [OutputSpec("fax"), OutputSpec("file"), OutputSpec("rtp", "loa")])
def test_what_is_no_output_is_refused(spec: OutputSpec) -> None:
    with pytest.raises(OutputError):
        output_for(spec)


def test_a_sound_card_that_is_not_there_is_refused_at_once() -> None:
    with pytest.raises(NoDevice, match="Loa cũ"):
        output_for(OutputSpec("soundcard", "Loa cũ")).open(Pulls())


def test_a_folder_that_cannot_be_made_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("là tệp", encoding="utf-8")
    with pytest.raises(OutputError, match="out"):
        output_for(OutputSpec("file", folder=tmp_path / "out")).open(Pulls())


def test_files_hold_what_sounds_and_silence_fills_no_disk(tmp_path: Path) -> None:
    output, pulls = output_for(OutputSpec("file", folder=tmp_path)), Pulls()
    output.open(pulls)
    eventually(lambda: pulls.calls > 3)
    assert not list(tmp_path.iterdir())
    for item in ("12", "12", "../../etc/x"):
        calls, pulls.item = pulls.calls, item
        eventually(lambda calls=calls: pulls.calls > calls + 4)  # type: ignore[misc]
        calls, pulls.item = pulls.calls, None
        eventually(lambda calls=calls: pulls.calls > calls + 2)  # type: ignore[misc]
    output.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["12-2.wav", "12.wav", "_.._etc_x.wav"]
    for path in tmp_path.iterdir():
        assert set(np.diff(read_clip(path).astype(int))) <= {1, -19_999}
