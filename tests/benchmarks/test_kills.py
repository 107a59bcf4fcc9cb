"""kill -9 of each kind of process at 20 moments spread over an airing; and again while the clock is set.

About 25 minutes each. What has to hold is asserted; what happened is printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schedules.clock import OFFSET_FILE_VARIABLE, OffsetClock, SystemClock
from tests.journeys.killing import SPAN_S, Killing
from tests.journeys.stations import KINDS
from tests.sound_server import SoundServer, own_sound_server  # noqa: F401

pytestmark = pytest.mark.benchmark
MOMENTS = 20


def _run(killing: Killing, kind: str, just_before: Callable[[], object] = lambda: None) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for number in range(MOMENTS):
        outcome = killing.kill_during_an_airing(kind, 0.1 + SPAN_S * number / MOMENTS, just_before)
        assert not outcome.heard_twice, (kind, number)
        outcomes[f"{outcome.row.result} {outcome.row.cause}".strip()] += 1
    return outcomes


@pytest.fixture
def server(own_sound_server: SoundServer) -> SoundServer:  # noqa: F811
    return own_sound_server


@pytest.fixture
def killing(server: SoundServer, tmp_path: Path) -> Iterator[Killing]:
    killing = Killing(tmp_path / "tram", server, SystemClock(), {})
    yield killing
    killing.close()


def test_kills_at_twenty_moments(killing):
    for kind in KINDS:
        print(f"\nkill -9 {kind}: {dict(_run(killing, kind))}", flush=True)
    killing.assert_nothing_is_lost()


def test_kills_while_the_clock_is_set(server, tmp_path):
    offset = tmp_path / "offset"
    offset.write_text("0", encoding="ascii")
    killing = Killing(tmp_path / "tram", server, OffsetClock(offset), {OFFSET_FILE_VARIABLE: str(offset)})
    steps = iter([3600, 0] * 10_000)

    def step() -> None:
        offset.write_text(str(next(steps)), encoding="ascii")

    try:
        for kind in KINDS:
            print(f"\nclock ±1 h, kill -9 {kind}: {dict(_run(killing, kind, step))}", flush=True)
        killing.assert_nothing_is_lost()
    finally:
        killing.close()
