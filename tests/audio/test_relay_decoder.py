"""Every kind of stream is decoded as it was sent; everything else is told apart, each by its own name."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from audio import relay_hls, relay_http
from audio.outputs.icecast import icecast_output
from audio.outputs.output import RATE_HZ, Block
from audio.outputs.ways import IcecastWay
from audio.relay_decoder import Stream
from audio.relay_hls import Edge
from audio.relay_trouble import CLAUSES, SENTENCES, RelayError, Trouble
from tests.audio.radio import Radio, programme, serving
from tests.contracts.listeners import Icecast, icecast, likeness  # noqa: F401
from tests.sound_server import Samples, eventually


@pytest.fixture(scope="module")
def radio() -> Iterator[Radio]:
    with serving() as made:
        made.burst_s = 3.0
        yield made


def listened(address: str, seconds: float, edge: Edge | None = None) -> Samples:
    """Return what is decoded of a stream until there is so much of it."""
    stream = Stream(address, edge or Edge(), time.sleep)
    heard: list[np.ndarray] = []
    try:
        for part in stream.samples():
            heard.append(part)
            if sum(map(len, heard)) >= seconds * RATE_HZ:
                break
    finally:
        stream.close()
    return np.rint(np.concatenate(heard) * 32768).astype(np.int16)


def listened_if_any(address: str) -> list[Samples]:
    """Return what was heard, or nothing: a server may close a line at the moment at which a mount begins."""
    try:
        return [listened(address, 0.9)]
    except RelayError:
        return []


def trouble_with(address: str, seconds: float = 1.0) -> Trouble:
    with pytest.raises(RelayError) as found:
        listened(address, seconds)
    return found.value.trouble


def is_the_programme(heard: Samples) -> bool:
    """Whether what was heard is a stretch of the programme, wherever in it the listening began."""
    twice = np.concatenate([programme(), programme()])
    return likeness(heard[RATE_HZ // 5 :][: RATE_HZ // 2], twice) > 0.9


@pytest.mark.parametrize("path", ["/live.mp3", "/live.aac", "/icy", "/nghe.m3u", "/nghe.pls"])
def test_streams_and_playlists_are_decoded(radio, path):
    assert is_the_programme(listened(radio.url(path), 0.9))


def test_opus_of_a_real_icecast_is_decoded(icecast: Icecast):  # noqa: F811
    """Sent by an output of ours, so that one station can relay another."""
    sound = np.concatenate([programme(), programme()])
    at = 0

    def render(frames: int) -> Block:
        nonlocal at
        part = np.take(sound, range(at, at + frames), mode="wrap")
        at += frames
        return Block(part, ())

    output = icecast_output(IcecastWay("127.0.0.1", icecast.port, "/loa", "opus", 48, "source", None), 0.0)
    output.open(render)
    try:
        eventually(icecast.has_stream, 5.0, "the mount is there")
        heard = eventually(lambda: listened_if_any(icecast.url), 10.0, "it is decoded")
        assert is_the_programme(heard[0])
    finally:
        output.close()


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        ("/no-such", Trouble.NOT_FOUND),
        ("/denied", Trouble.DENIED),
        ("/broken", Trouble.SERVER),
        ("/page", Trouble.NOT_AUDIO),
        ("/page-as-audio", Trouble.NOT_AUDIO),
        ("/noise", Trouble.NOT_AUDIO),
        ("/concat", Trouble.NOT_AUDIO),
        ("/file.mp3", Trouble.NOT_LIVE),
        ("/ended.m3u8", Trouble.NOT_LIVE),
        ("/locked.m3u8", Trouble.UNSUPPORTED),
        ("/round", Trouble.REDIRECTS),
        ("/to-file", Trouble.REDIRECTS),
        ("/nothing", Trouble.ENDED),
        ("/gone", Trouble.ENDED),
        ("/gibberish", Trouble.NOT_AUDIO),
    ],
)
def test_what_is_no_live_sound_is_told_by_its_name(radio, path, trouble):
    assert trouble_with(radio.url(path)) is trouble


@pytest.mark.parametrize(
    ("address", "trouble"),
    [
        ("http://127.0.0.1:9/", Trouble.UNREACHABLE),
        ("http://dai.khong-co.invalid/", Trouble.NO_NAME),
        ("file:///etc/passwd", Trouble.BAD_ADDRESS),
    ],
)
def test_who_is_not_there_is_told_by_name(address, trouble):
    assert trouble_with(address) is trouble


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path):
    with serving(secure_in=tmp_path) as radio:
        assert trouble_with(radio.url("/live.mp3")) is Trouble.CERTIFICATE


def test_a_server_that_stops_and_one_that_says_nothing_are_given_up(radio, monkeypatch):
    monkeypatch.setattr(relay_http, "PATIENCE_S", 0.7)
    with serving() as stalling:
        stalling.air = "stalled"
        assert trouble_with(stalling.url("/live.mp3")) is Trouble.STALLED
    assert trouble_with(radio.url("/mute")) is Trouble.NO_ANSWER


def test_every_trouble_has_its_words():
    assert set(CLAUSES) == set(Trouble)
    assert set(SENTENCES) == set(Trouble) - {Trouble.BAD_ADDRESS}, (
        "the address says itself what is wrong with it"
    )


# --- HLS ---


def test_nothing_is_heard_of_a_playlist_before_it_moves(monkeypatch):
    monkeypatch.setattr(relay_hls, "_STUCK_TARGETS", 1)
    with serving() as stuck:
        stuck.frozen_s = time.monotonic()
        assert trouble_with(stuck.url("/live.m3u8")) is Trouble.STUCK
        assert not any(path.startswith("/segment") for _, path in stuck.asked)


def test_a_playlist_is_followed_at_the_pace_of_time_and_nothing_of_it_is_heard_twice():
    """Also not after a break: what was heard before it is over."""
    with serving() as station:
        edge, began_s = Edge(), time.monotonic()
        heard = listened(station.url("/master.m3u8"), 3.0, edge)
        took_s = time.monotonic() - began_s
        listened(station.url("/live.m3u8"), 1.0, edge)
        taken = [int(path[9:-4]) for _, path in station.asked if path.startswith("/segment")]
    assert is_the_programme(heard[RATE_HZ:])
    assert all(first < second for first, second in pairwise(taken)), taken
    assert took_s > 0.7, "nothing is heard of a playlist before it has moved"
