"""Trying an address: what is told of a stream that can be heard, and a sentence for every one that cannot."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.formats import read_wav
from audio.levels import integrated_loudness
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.newsroom import relay_trials
from broadcaster.newsroom.relay_trials import TARGET_LUFS, Trial, Trials
from tests.audio.radio import Radio, serving
from tests.sound_server import eventually


@pytest.fixture(scope="module")
def radio() -> Iterator[Radio]:
    with serving() as made:
        made.burst_s = 7.0
        yield made


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Trials]:
    made = Trials(tmp_path)
    yield made
    made.close()


def tried(trials: Trials, address: str) -> Trial:
    number = trials.begin(address)

    def look() -> Trial | None:
        found = trials.look(number)
        return found if found.is_over else None

    found = eventually(look, 20.0, "the trial is over")
    assert found is not None
    return found


def test_a_good_stream_is_described_and_can_be_heard_as_it_would_be(trials, radio):
    found = tried(trials, radio.url("/live.mp3"))
    assert found.is_good and (found.codec, found.channels) == ("MP3", 1)
    assert 0 <= found.first_sound_s < 20
    heard = read_wav(found.sound)
    assert heard.seconds == pytest.approx(8.0, abs=0.2)
    assert integrated_loudness(heard) == pytest.approx(TARGET_LUFS, abs=1.5)
    assert found.louder_db == pytest.approx(TARGET_LUFS - found.loudness_lufs)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/khong-co", "không có luồng này"),
        ("/page", "trang web"),
        ("/endless.mp3", "nhanh hơn thời gian thật"),
        ("/silent.mp3", "không có tiếng"),
    ],
)
def test_a_stream_that_cannot_be_relayed_is_told_with_the_next_step(trials, radio, path, says):
    found = tried(trials, radio.url(path))
    assert not found.is_good and says in found.sentence
    assert found.sentence.endswith(".")


def test_an_address_that_may_not_be_opened_is_refused_beside_its_field(trials):
    with pytest.raises(Invalid) as refused:
        trials.begin("file:///etc/passwd")
    assert refused.value.field == "address"


def test_only_a_few_listen_at_once_and_all_end_with_the_page(trials, monkeypatch):
    monkeypatch.setattr(relay_trials, "COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
    number = trials.begin("http://dai.vn/1")
    trials.begin("http://dai.vn/2")
    with pytest.raises(Refused):
        trials.begin("http://dai.vn/3")
    assert not trials.look(number).is_over
    trials.close()
    assert trials.look(number) == Trial("http://dai.vn/1", True, relay_trials._CRASHED)


def test_a_trial_that_hangs_is_ended(trials, monkeypatch):
    monkeypatch.setattr(relay_trials, "COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(relay_trials, "DEADLINE_S", 0.0)
    number = trials.begin("http://dai.vn/1")
    assert eventually(lambda: trials.look(number).is_over)


@pytest.mark.parametrize("number", ["", "../../etc", "0" * 16, "0" * 15, "x" * 16])
def test_a_trial_that_is_not_known_is_not_found(trials, number):
    with pytest.raises(NotFound):
        trials.look(number)


def test_old_trials_are_forgotten(trials, monkeypatch):
    monkeypatch.setattr(relay_trials, "COMMAND", (sys.executable, "-c", ""))
    first = trials.begin("http://dai.vn/1")
    eventually(lambda: trials.look(first).is_over)
    monkeypatch.setattr(relay_trials, "KEPT_S", -1.0)
    trials.begin("http://dai.vn/2")
    with pytest.raises(NotFound):
        trials.look(first)
