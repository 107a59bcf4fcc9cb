"""Icecast, RTP and Snapcast with real servers and listeners: what is heard is what was sent."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from audio.outputs.output import RATE_HZ, Block, NoDevice, output_for
from audio.outputs.spec import OutputSpec
from audio.outputs.ways import PASSWORD_VARIABLE
from audio.player_words import NO_DEVICE_EXIT, Ended, Fault, Kept, Ready, Report
from tests.contracts.listeners import (
    GROUP,
    PASSWORD,
    Icecast,
    Listener,
    Snapserver,
    StreamListener,
    free_port,
    free_rtp_port,
    hum,
    icecast,  # noqa: F401
    rtp_listener,
    rtp_socket,
    snapcast_listener,
    snapserver,  # noqa: F401
)
from tests.player_rig import Told, read_clip, write_clip
from tests.sound_server import eventually

CLIP_S = 0.6


def silence(frames: int) -> Block:
    return Block(np.zeros(frames, np.int16), ())


class Counts:
    """Counts what is pulled."""

    def __init__(self) -> None:
        self.frames = 0

    def __call__(self, frames: int) -> Block:
        self.frames += frames
        return silence(frames)


def send_and_hear(player: Told, listener: Listener, folder: Path, item: str = "bản tin") -> float:
    """Play a clip; return how much like it was what the listener heard."""
    clip = hum(CLIP_S)
    listener.wait_until_it_hears()
    player.link.arm(item, write_clip(folder / "clip.wav", clip), time.monotonic() + 0.2)
    ended = player.wait_for(Ended, item)
    assert (ended.how, ended.seconds_accepted) == ("whole", CLIP_S)
    if player.link.spec.aircheck is not None:
        assert np.array_equal(read_clip(Path(player.wait_for(Kept, item).path)), clip)
    return listener.hears(clip)


def test_a_listener_of_opus_hears_what_was_sent(icecast: Icecast, tmp_path: Path) -> None:  # noqa: F811
    with Told(OutputSpec("icecast", icecast.target, aircheck=tmp_path / "kept")) as player:
        assert player.wait_for(Ready).is_loudspeaker
        assert eventually(icecast.has_stream)
        assert icecast.content_type() == "audio/ogg"
        with StreamListener(icecast.url) as listener:
            assert send_and_hear(player, listener, tmp_path) > 0.9


def test_a_listener_of_mp3_hears_what_was_sent(icecast: Icecast, tmp_path: Path) -> None:  # noqa: F811
    spec = OutputSpec("icecast", icecast.target, options={"format": "mp3", "bitrate_kbps": 96})
    with Told(spec) as player:
        player.wait_for(Ready)
        assert eventually(icecast.has_stream)
        assert icecast.content_type() == "audio/mpeg"
        with StreamListener(icecast.url) as listener:
            assert send_and_hear(player, listener, tmp_path) > 0.9


@pytest.mark.parametrize("codec", ["L16", "G722", "PCMU"])
def test_a_network_loudspeaker_hears_what_was_sent(codec: str, tmp_path: Path) -> None:
    port = free_rtp_port()
    options = {"codec": codec, "interface": "127.0.0.1"}
    spec = OutputSpec("rtp", f"{GROUP}:{port}", options=options, aircheck=tmp_path / "kept")
    with Told(spec) as player:
        player.wait_for(Ready)
        with rtp_listener(tmp_path, port, codec) as listener:
            alike = send_and_hear(player, listener, tmp_path)
    assert alike > (0.9999 if codec == "L16" else 0.95)


def test_a_snapcast_client_hears_what_was_sent(snapserver: Snapserver, tmp_path: Path) -> None:  # noqa: F811
    with Told(OutputSpec("snapcast", str(snapserver.pipe), aircheck=tmp_path / "kept")) as player:
        player.wait_for(Ready)
        with snapcast_listener(snapserver) as listener:
            assert send_and_hear(player, listener, tmp_path) > 0.9


@pytest.mark.parametrize(("codec", "kind", "size"), [("L16", 97, 972), ("G722", 9, 172), ("PCMU", 0, 172)])
def test_rtp_packets_fit_and_come_evenly_without_a_hole(codec: str, kind: int, size: int) -> None:
    port = free_rtp_port()
    options = {"codec": codec, "interface": "127.0.0.1"}
    output = output_for(OutputSpec("rtp", f"{GROUP}:{port}", options=options))
    with rtp_socket(port) as member:
        output.open(silence)
        packets, moments_s = [], []
        for _ in range(40):
            packets.append(member.recv(2000))
            moments_s.append(time.monotonic())
        output.close()
    numbers = [int.from_bytes(packet[2:4], "big") for packet in packets]
    assert {packet[0] >> 6 for packet in packets} == {2}
    assert {packet[1] & 0x7F for packet in packets} == {kind}
    assert {len(packet) for packet in packets[1:]} == {size}, "the resampler shortens only the first"
    assert numbers == [(numbers[0] + step) % 65_536 for step in range(40)]
    per_step = 2 if codec == "L16" else 1
    assert np.median(np.diff(moments_s[::per_step])) == pytest.approx(0.020, abs=0.008)


def test_a_killed_icecast_is_noticed_and_used_again_when_it_is_back(
    icecast: Icecast,  # noqa: F811
    tmp_path: Path,
) -> None:
    with Told(OutputSpec("icecast", icecast.target)) as player:
        player.wait_for(Ready)
        player.link.arm("lâu", write_clip(tmp_path / "long.wav", hum(30.0)), time.monotonic())
        player.wait_for(Report, "lâu", such_that=lambda report: report.seconds_accepted > 0.3)
        icecast.kill()
        killed_s = time.monotonic()
        player.wait_for(Report, such_that=lambda report: report.callback_age_s > 0.8)
        accepted = player.all(Report, "lâu")[-1].seconds_accepted
        assert "Icecast" in player.wait_for(Fault, such_that=lambda fault: fault.kind == "device_lost").text
        assert time.monotonic() - killed_s < 4.0
        assert player.all(Report, "lâu")[-1].seconds_accepted == accepted, "nothing is taken by the dead"
        icecast.start()
        back_s = time.monotonic()
        eventually(lambda: len(player.all(Ready)) == 2)
        assert time.monotonic() - back_s < 3.0
        player.link.cut("lâu")
        player.wait_for(Ended, "lâu")
        assert eventually(icecast.has_stream)
        with StreamListener(icecast.url) as listener:
            assert send_and_hear(player, listener, tmp_path) > 0.9


def test_a_server_that_stays_away_ends_the_player_with_a_clear_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    with Told(OutputSpec("icecast", f"127.0.0.1:{free_port()}/loa")) as player:
        assert "Không kết nối được Icecast 127.0.0.1" in player.wait_for(Fault).text
        assert player.gone() == NO_DEVICE_EXIT


def test_a_wrong_password_is_told_without_showing_it(
    icecast: Icecast,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "sai-bét")
    with Told(OutputSpec("icecast", icecast.target)) as player:
        fault = player.wait_for(Fault)
        assert fault.kind == "no_device"
        assert "không nhận mật khẩu nguồn" in fault.text
    assert "sai-bét" not in str(player.words) + capfd.readouterr().err


def test_the_password_may_stand_in_a_file_that_only_its_owner_reads(
    icecast: Icecast,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE)
    file = tmp_path / "icecast.password"
    output = output_for(OutputSpec("icecast", icecast.target, options={"password_file": str(file)}))
    with pytest.raises(NoDevice, match="Không đọc được tệp mật khẩu"):
        output.open(silence)
    file.write_text(f"{PASSWORD}\n")
    file.chmod(0o644)
    with pytest.raises(NoDevice, match="chmod 600"):
        output.open(silence)
    file.chmod(0o600)
    output.open(silence)
    output.close()
    with pytest.raises(NoDevice, match=PASSWORD_VARIABLE):
        output_for(OutputSpec("icecast", icecast.target)).open(silence)


def test_a_mount_that_another_source_holds_is_told(icecast: Icecast) -> None:  # noqa: F811
    first, second = (output_for(OutputSpec("icecast", icecast.target)) for _ in range(2))
    first.open(silence)
    try:
        with pytest.raises(NoDevice, match="nguồn khác"):
            second.open(silence)
    finally:
        first.close()


def test_what_is_no_icecast_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    with (
        answering(b"220 mail.example ESMTP\r\n\r\n") as port,
        pytest.raises(NoDevice, match="không trả lời như"),
    ):
        output_for(OutputSpec("icecast", f"127.0.0.1:{port}/loa")).open(silence)


def test_a_server_that_takes_no_more_is_handed_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers and then reads nothing, as one that hangs."""
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    with answering(b"HTTP/1.1 100 Continue\r\n\r\n") as port:
        spec = OutputSpec("icecast", f"127.0.0.1:{port}/loa", options={"format": "mp3", "bitrate_kbps": 320})
        output, pulls = output_for(spec), Counts()
        output.open(pulls)
        try:
            assert eventually(lambda: stood_still(pulls), why="it stops pulling") < RATE_HZ
        finally:
            output.close()


def test_a_frozen_snapserver_is_handed_no_more_and_goes_on_when_thawed(snapserver: Snapserver) -> None:  # noqa: F811
    output, pulls = output_for(OutputSpec("snapcast", str(snapserver.pipe))), Counts()
    output.open(pulls)
    try:
        eventually(lambda: pulls.frames > RATE_HZ // 2)
        snapserver.signal(signal.SIGSTOP)
        frozen_at = pulls.frames
        last = eventually(lambda: stood_still(pulls))
        assert last - frozen_at < RATE_HZ // 4, "no more than the pipe holds"
        snapserver.signal(signal.SIGCONT)
        eventually(lambda: pulls.frames > last + RATE_HZ // 2)
    finally:
        output.close()


def test_a_killed_snapserver_is_used_again_when_it_is_back(
    snapserver: Snapserver,  # noqa: F811
    tmp_path: Path,
) -> None:
    with Told(OutputSpec("snapcast", str(snapserver.pipe))) as player:
        player.wait_for(Ready)
        snapserver.kill()
        player.wait_for(Fault, such_that=lambda fault: fault.kind == "device_lost")
        snapserver.start()
        eventually(lambda: len(player.all(Ready)) == 2)
        with snapcast_listener(snapserver) as listener:
            assert send_and_hear(player, listener, tmp_path) > 0.9


def test_a_pipe_that_is_none_or_that_nobody_reads_is_told(tmp_path: Path) -> None:
    pipe, file = tmp_path / "loa", tmp_path / "tệp"
    with pytest.raises(NoDevice, match="hãy chạy Snapserver"):
        output_for(OutputSpec("snapcast", str(pipe))).open(silence)
    os.mkfifo(pipe)
    with pytest.raises(NoDevice, match="Chưa có Snapserver"):
        output_for(OutputSpec("snapcast", str(pipe))).open(silence)
    file.touch()
    with pytest.raises(NoDevice, match="không phải là đường ống"):
        output_for(OutputSpec("snapcast", str(file))).open(silence)


def test_a_network_card_that_is_not_there_is_told() -> None:
    output = output_for(OutputSpec("rtp", f"{GROUP}:5004", options={"interface": "198.51.100.7"}))
    with pytest.raises(NoDevice, match="card mạng"):
        output.open(silence)


def stood_still(pulls: Counts, for_s: float = 0.3) -> int:
    """Return what was pulled in all when nothing is pulled any more; 0 while something is."""
    before = pulls.frames
    deadline_s = time.monotonic() + for_s
    while time.monotonic() < deadline_s:
        if pulls.frames != before:
            return 0
        time.sleep(0.01)
    return before


class answering:  # noqa: N801 - reads as a verb
    """A server that says one thing to whoever comes, and then neither reads nor hangs up."""

    def __init__(self, words: bytes) -> None:
        self._words = words
        self._door = socket.socket()
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self._door.bind(("127.0.0.1", 0))
        self._door.listen()
        self._guests: list[socket.socket] = []

    def __enter__(self) -> int:
        threading.Thread(target=self._answer, daemon=True).start()
        port: int = self._door.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        for each in (self._door, *self._guests):
            each.close()

    def _answer(self) -> None:
        with suppress(OSError):
            guest, _ = self._door.accept()
            self._guests.append(guest)
            guest.sendall(self._words)
