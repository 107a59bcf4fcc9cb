"""A real player on a real sound server: what its monitor heard, to the sample."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from audio.outputs import cards
from audio.player_link import Armed, Ended, Fault, OutputSpec, Ready, Report, Started
from tests.player_rig import Told, noise, start_errors_ms, write_clip
from tests.sound_server import (
    DEVICE,
    RATE_HZ,
    Samples,
    SoundServer,
    _session_server,  # noqa: F401
    sound_server,  # noqa: F401
)

pytestmark = pytest.mark.usefixtures("sound_server")
CARD = OutputSpec("soundcard", DEVICE)
CALM = OutputSpec("soundcard", DEVICE, options={"period_ms": 200})
"""For every sample: a machine busy with other tests must not tear the sound."""
SOON_S = 1.0


def is_heard_whole(attempt: Callable[[], int]) -> bool:
    """Whether one of three attempts differs by 2 at most: a machine busy with other tests may tear one."""
    return any(attempt() <= 2 for _ in range(3))


def differences(heard: Samples, sent: Samples) -> int:
    """Return the greatest difference of any two samples, in steps of 16 bit."""
    off = np.abs(heard[: len(sent)].astype(int) - sent.astype(int))
    torn_at = int(np.argmax(off > 2))
    print("first differing sample:", torn_at, "zeros behind it:", int((heard[torn_at:][:9600] == 0).sum()))
    return int(off.max())


def test_heard_equals_sent_and_adjacent_items_have_no_gap(
    sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    assert is_heard_whole(lambda: play_five_adjacent(sound_server, tmp_path))


def play_five_adjacent(server: SoundServer, tmp_path: Path) -> int:
    clips = [noise(0.2123 + 0.05 * seed, 11 + seed) for seed in range(5)]
    with Told(CALM) as player:
        at_s = start_s = time.monotonic() + SOON_S
        for number, clip in enumerate(clips):
            player.link.arm(f"{number}", write_clip(tmp_path / f"{number}.wav", clip), start_s)
            start_s += len(clip) / RATE_HZ
        assert player.wait_for(Ready).is_loudspeaker
        assert player.wait_for(Armed, "0").frames == len(clips[0])
        assert player.wait_for(Ended, "4").how == "whole"
        assert player.wait_for(Ended, "0").seconds_accepted == pytest.approx(len(clips[0]) / RATE_HZ)
        began = server.ear.find(clips[0], at_s - 0.5)
        server.ear.wait_for(start_s + 0.2)
    assert player.wait_for(Started, "0").at_monotonic_s == pytest.approx(at_s, abs=0.001)
    return differences(server.ear.heard()[began:], np.concatenate(clips))


def test_starts_are_exact(sound_server: SoundServer, tmp_path: Path) -> None:  # noqa: F811
    errors_ms = start_errors_ms(sound_server.ear, CARD, tmp_path, 7)
    # A busy machine lets the stream run dry now and then; how often is for `make bench` to say.
    off_ms = np.sort(np.abs(errors_ms))
    assert off_ms[2] < 1.0, f"placed by the sample whenever the stream did not run dry: {errors_ms}"


def test_a_cut_fades_out_in_a_tenth_of_a_second(sound_server: SoundServer, tmp_path: Path) -> None:  # noqa: F811
    steady = (8000 * np.sin(np.arange(RATE_HZ * 3) * 0.2)).astype(np.int16)
    with Told(CARD) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", steady), 0.0, from_s=0.5)
        player.wait_for(Report, "a", such_that=lambda report: report.seconds_accepted > 0.3)
        cut_s = time.monotonic()
        player.link.cut("a")
        ended = player.wait_for(Ended, "a")
        heard = sound_server.ear.between(cut_s - 0.2, cut_s + 0.9)
    loudness = np.abs(heard[: len(heard) // 480 * 480]).reshape(-1, 480).max(axis=1)
    full, silent = np.flatnonzero(loudness >= 7900)[-1], np.flatnonzero(loudness > 0)[-1]
    assert ended.how == "cut"
    assert (full - 20) * 10 < 500, "the cut is obeyed at once"
    assert 60 <= (silent - full) * 10 <= 120, "and takes a tenth of a second"


def test_an_emergency_pre_empts_a_bulletin_at_once(
    sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    alert = noise(0.5, 21)
    with Told(CALM) as player:
        player.link.arm("bulletin", write_clip(tmp_path / "b.wav", noise(5.0, 22, 500)), 0.0)
        player.wait_for(Report, "bulletin", such_that=lambda report: report.seconds_accepted > 0.3)
        ordered_s = time.monotonic()
        player.link.arm("alert", write_clip(tmp_path / "e.wav", alert), 0.0, bus="emergency")
        cut = player.wait_for(Ended, "bulletin")
        player.wait_for(Ended, "alert")
        began = sound_server.ear.find(alert, ordered_s)
    assert sound_server.ear.moment_of(began) - ordered_s < 0.6
    assert cut.how == "cut" and cut.text
    after_fade = sound_server.ear.heard()[began + 4800 : began + len(alert)]
    assert np.corrcoef(after_fade[:4800], alert[4800:9600])[0, 1] > 0.99, "nothing else is left in it"


def test_reports_tell_how_far_and_how_loud(tmp_path: Path) -> None:
    with Told(CARD) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", noise(2.0, 31)), 0.0, from_s=0.25)
        ended = player.wait_for(Ended, "a")
        reports = player.all(Report, "a")
        silence = player.wait_for(Report, such_that=lambda report: report.item is None)
    assert 3 <= len(reports) <= 5
    assert ended.seconds_accepted == pytest.approx(1.75)
    for report in reports:
        assert report.position_s == pytest.approx(report.seconds_accepted + 0.25)
        assert report.rms_dbfs == pytest.approx(-20.8, abs=0.5)
        assert -15 < report.peak_dbfs < 0
        assert report.callback_age_s < 0.5
    assert ended.level_dbfs == pytest.approx(-20.8, abs=0.5)
    assert silence.rms_dbfs == -120.0


def test_what_cannot_be_read_does_not_hurt_what_plays(sound_server: SoundServer, tmp_path: Path) -> None:  # noqa: F811
    assert is_heard_whole(lambda: play_among_bad_ones(sound_server, tmp_path))


def play_among_bad_ones(server: SoundServer, tmp_path: Path) -> int:
    clip, began_s = noise(1.2, 41), time.monotonic()
    good = write_clip(tmp_path / "good.wav", clip)
    (tmp_path / "text.wav").write_text("đây không phải âm thanh", encoding="utf-8")
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "cut.wav").write_bytes(good.read_bytes()[:5000])
    write_clip(tmp_path / "none.wav", noise(0.0))
    write_clip(tmp_path / "22k.wav", clip, rate_hz=22_050)
    write_clip(tmp_path / "stereo.wav", clip, channels=2)
    bad = ("text", "empty", "cut", "none", "22k", "stereo", "missing")
    with Told(CALM) as player:
        player.link.arm("good", good, 0.0)
        player.wait_for(Started, "good")
        for name in bad:
            player.link.arm(name, tmp_path / f"{name}.wav", 0.0)
            ended = player.wait_for(Ended, name)
            assert (ended.how, ended.seconds_accepted) == ("failed", 0.0)
            assert f"{name}.wav" in ended.text
        assert player.wait_for(Ended, "good").how == "whole"
        began = server.ear.find(clip, began_s)
        server.ear.wait_for(time.monotonic())
    assert [fault.kind for fault in player.all(Fault)] == ["bad_file"] * len(bad)
    return differences(server.ear.heard()[began:], clip)


def test_a_start_behind_the_end_is_an_item_already_heard(tmp_path: Path) -> None:
    with Told(CARD) as player:
        player.link.arm("a", write_clip(tmp_path / "a.wav", noise(0.5)), 0.0, from_s=9.0)
        ended = player.wait_for(Ended, "a")
    assert (ended.how, ended.seconds_accepted) == ("whole", 0.0)


def test_the_page_can_list_the_sound_cards() -> None:
    assert cards.devices() == [cards.Device(DEVICE, True)]


def test_a_card_that_is_not_there_is_named_and_the_player_goes() -> None:
    with Told(OutputSpec("soundcard", "Loa cũ")) as player:
        fault = player.wait_for(Fault)
        assert fault.kind == "no_device"
        assert "Loa cũ" in fault.text
        assert player.gone() == 3


def test_the_gain_of_a_player_is_heard_and_told(sound_server: SoundServer, tmp_path: Path) -> None:  # noqa: F811
    began_s, steady = time.monotonic(), (8000 * np.sin(np.arange(RATE_HZ) * 0.2)).astype(np.int16)
    with Told(CARD) as player:
        player.link.gain(-20.0, 5.0)
        player.link.arm("a", write_clip(tmp_path / "a.wav", steady), 0.0)
        ended = player.wait_for(Ended, "a")
        heard = sound_server.ear.between(began_s, time.monotonic())
    assert ended.level_dbfs == pytest.approx(-35.3, abs=0.2)
    assert 795 <= np.abs(heard).max() <= 802


def test_a_player_looks_for_its_card_as_often_as_it_is_told() -> None:
    with Told(OutputSpec("soundcard", "Loa cũ", options={"reopen_tries": 2})) as player:
        assert player.gone() == 3
    assert len(player.all(Fault)) == 2
