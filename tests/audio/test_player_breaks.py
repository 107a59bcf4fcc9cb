"""What happens when the sound server, the player or the station dies or hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from audio.outputs.soundcard import SoundCard
from audio.player_lines import command_line
from audio.player_link import NO_DEVICE_EXIT, Armed, Ended, Fault, Gone, OutputSpec, Ready, Report
from audio.player_words import (
    Kept,
    Open,
)
from tests.player_rig import Told, noise, read_clip, write_clip
from tests.sound_server import SoundServer, eventually, own_sound_server  # noqa: F401

CARD = OutputSpec("soundcard")


def heard_for(seconds: float):  # type: ignore[no-untyped-def]
    return lambda report: report.seconds_accepted > seconds


def test_after_a_dead_sound_server_returns_the_item_goes_on(
    own_sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    clip = noise(1.6, 51)
    with Told(OutputSpec("soundcard", aircheck=tmp_path / "kept")) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", clip), 0.0)
        player.wait_for(Report, "a", such_that=heard_for(0.2))
        own_sound_server.kill()
        stopped = player.wait_for(Report, "a", such_that=lambda report: report.callback_age_s > 1.0)
        assert player.wait_for(Fault).kind == "device_lost"
        frozen = player.all(Report, "a")[-1]
        assert frozen.position_s == stopped.position_s, "what nobody hears does not count"
        own_sound_server.start()
        back_s = time.monotonic()
        eventually(lambda: len(player.all(Ready)) == 2)
        assert time.monotonic() - back_s < 3.0
        ended = player.wait_for(Ended, "a")
        rest = clip[round(stopped.position_s * 48_000) + 12_000 :]
        own_sound_server.ear.find(rest, within_s=3.0)
        kept = read_clip(Path(player.wait_for(Kept, "a").path))
    assert np.array_equal(kept, clip), "one record of both halves"
    assert (ended.how, ended.seconds_accepted) == ("whole", 1.6)


def test_a_sound_server_that_stays_away_ends_the_player(
    own_sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    with Told(CARD) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", noise(5.0)), 0.0)
        player.wait_for(Report, "a", such_that=heard_for(0.2))
        own_sound_server.kill()
        killed_s = time.monotonic()
        assert player.gone() == NO_DEVICE_EXIT
    assert time.monotonic() - killed_s < 5.0
    assert [fault.kind for fault in player.all(Fault)] == ["device_lost"] + ["no_device"] * 3


def test_a_frozen_sound_server_is_seen_and_recovered_from(
    own_sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    with Told(CARD) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", noise(1.2, 52)), 0.0)
        player.wait_for(Report, "a", such_that=heard_for(0.2))
        own_sound_server.freeze()
        player.wait_for(Fault)
        # Its close hangs now; words must flow all the same.
        player.wait_for(Report, "a", such_that=lambda report: report.callback_age_s > 2.5)
        own_sound_server.thaw()
        thawed_s = time.monotonic()
        eventually(lambda: len(player.all(Ready)) == 2)
        assert time.monotonic() - thawed_s < 3.0
        ended = player.wait_for(Ended, "a")
    assert (ended.how, ended.seconds_accepted) == ("whole", 1.2)


def test_a_sound_server_that_stays_frozen_ends_the_player(own_sound_server: SoundServer) -> None:  # noqa: F811
    with Told(CARD) as player:
        player.wait_for(Ready)
        own_sound_server.freeze()
        assert player.gone(within_s=10.0) == NO_DEVICE_EXIT


def test_cutting_while_the_device_is_dead_ends_the_item_at_once(
    own_sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    with Told(CARD) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", noise(5.0)), 0.0)
        player.wait_for(Report, "a", such_that=heard_for(0.2))
        own_sound_server.freeze()
        player.wait_for(Report, "a", such_that=lambda report: report.callback_age_s > 1.2)
        player.link.cut()
        assert player.wait_for(Ended, "a", within_s=1.0).how == "cut"
        own_sound_server.thaw()


def test_opening_again_and_again_leaves_no_clients_behind(own_sound_server: SoundServer) -> None:  # noqa: F811
    from audio.mixer import Mixer

    card, before = SoundCard(), own_sound_server.clients()
    for _ in range(70):
        card.open(Mixer(0.0).render)
        card.close()
    eventually(lambda: own_sound_server.clients() == before, 15.0)


@pytest.fixture
def to_file(tmp_path: Path) -> OutputSpec:
    return OutputSpec("file", folder=tmp_path / "out")


def test_a_killed_player_is_gone_and_the_same_link_starts_a_new_one(to_file: OutputSpec) -> None:
    with Told(to_file) as player:
        player.wait_for(Ready)
        os.kill(player.link.pid or 0, signal.SIGKILL)
        assert player.gone() == -signal.SIGKILL
        assert not player.link.is_alive
        player.link.start()
        eventually(lambda: len(player.all(Ready)) == 2)
        player.link.kill()
        player.link.start()
        eventually(lambda: len(player.all(Ready)) == 3)
    kinds = [type(word) for word in player.words if isinstance(word, Ready | Gone)]
    assert kinds == [Ready, Gone, Ready, Gone, Ready, Gone]


def test_a_running_link_is_not_started_twice(to_file: OutputSpec) -> None:
    with Told(to_file) as player, pytest.raises(RuntimeError):
        player.link.start()


def test_a_hung_player_shows_its_age_and_closing_does_not_wait_for_it(to_file: OutputSpec) -> None:
    with Told(to_file) as player:
        player.wait_for(Ready)
        os.kill(player.link.pid or 0, signal.SIGSTOP)
        eventually(lambda: player.link.last_word_age_s > 1.0)
        for number in range(2000):  # more than the pipe of a frozen process holds
            player.link.arm(f"{number}" * 10, Path("/nowhere.wav"), 0.0)
        asked_s = time.monotonic()
        player.link.close(wait_s=0.3)
        assert time.monotonic() - asked_s < 2.0
        assert player.gone() == -signal.SIGKILL


def test_when_its_input_closes_the_player_fades_out_and_goes(to_file: OutputSpec, tmp_path: Path) -> None:
    steady = np.full(5 * 48_000, 5000, np.int16)
    with Told(to_file) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", steady), 0.0)
        player.wait_for(Report, "a", such_that=heard_for(0.2))
        asked_s = time.monotonic()
        player.link.close()
        assert time.monotonic() - asked_s < 1.0
        assert player.gone() == 0
    assert player.wait_for(Ended, "a").how == "cut"
    written = read_clip(tmp_path / "out" / "a.wav")
    assert written[-1] == 0 and np.abs(np.diff(written.astype(int))).max() <= 2


def test_when_the_station_is_killed_the_player_goes(tmp_path: Path) -> None:
    station = (
        "import sys; from pathlib import Path; from audio.player_link import *\n"
        "link = PlayerLink('p', OutputSpec('file', folder=Path(sys.argv[1])), lambda name, word: None)\n"
        "link.start(); print(link.pid, flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", station, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        player = psutil.Process(int(process.stdout.readline()))
        process.kill()
    eventually(lambda: not player.is_running() or player.status() == psutil.STATUS_ZOMBIE, 3.0)


def test_a_player_is_small(own_sound_server: SoundServer, tmp_path: Path) -> None:  # noqa: F811
    with Told(CARD) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", noise(60.0)), 0.0)
        player.wait_for(Armed, "a")
        player.wait_for(Report, "a", such_that=heard_for(0.2))
        resident_mb = psutil.Process(player.link.pid).memory_info().rss / 1e6
    assert resident_mb <= 60.0


@pytest.mark.parametrize("part", ["loader.Loader.feed", "reporter.Reporter.reports", "mixer.Mixer.render"])
def test_a_thread_that_breaks_ends_the_player_loudly(part: str, tmp_path: Path) -> None:
    module, broken = part.split(".", 1)
    code = (
        f"import audio.{module}, audio.player\n"
        f"audio.{module}.{broken} = lambda *_: 1 / 0\n"
        "audio.player.main()"
    )
    player = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    with player:
        assert player.stdin is not None
        player.stdin.write(command_line(Open(OutputSpec("file", folder=tmp_path / "out"))))
        player.stdin.flush()
        assert player.wait(8) == 1


def test_a_file_output_without_room_is_a_lost_device_and_goes_on_when_there_is_room(
    to_file: OutputSpec, tmp_path: Path
) -> None:
    clip = noise(1.0)
    with Told(to_file) as player:
        player.wait_for(Ready)
        room = psutil.Process(player.link.pid)
        room.rlimit(psutil.RLIMIT_FSIZE, (30_000, psutil.RLIM_INFINITY))
        player.link.arm("a", write_clip(tmp_path / "a.wav", clip), 0.0)
        assert player.wait_for(Fault).kind == "device_lost"
        room.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        assert player.wait_for(Ended, "a").how == "whole"
