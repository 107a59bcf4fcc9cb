from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from schedules.clock import LOCAL, ClockGuard, OffsetClock, Step, SystemClock, clock_from_environment
from tests.clocks import FakeClock


@pytest.fixture
def offset_file(tmp_path):
    return tmp_path / "offset"


def offset_s(clock: OffsetClock) -> float:
    return round((clock.now() - datetime.now(UTC)).total_seconds(), 1)


def settle(path) -> None:
    """Let the file look as if it was written long ago."""
    os.utime(path, (1_000_000_000, 1_000_000_000))


def test_the_system_clock_tells_aware_moments_in_utc():
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs((now - datetime.now(UTC)).total_seconds()) < 5


def test_the_station_lives_seven_hours_ahead_of_utc():
    assert datetime(2026, 6, 1, tzinfo=LOCAL).utcoffset() == timedelta(hours=7)


def test_the_monotonic_clock_never_goes_back():
    clock = SystemClock()
    first = clock.monotonic()
    assert clock.monotonic() >= first


def test_an_offset_clock_without_its_file_is_the_system_clock(offset_file):
    assert offset_s(OffsetClock(offset_file)) == 0


def test_an_offset_clock_follows_its_file_at_once(offset_file):
    clock = OffsetClock(offset_file)
    for written in ("3600", "-3600", "-7200\n", "157766400.5", "0"):
        offset_file.write_text(written)
        assert offset_s(clock) == float(written)


def test_an_offset_clock_goes_back_when_its_file_is_removed(offset_file):
    offset_file.write_text("3600")
    clock = OffsetClock(offset_file)
    assert offset_s(clock) == 3600
    offset_file.unlink()
    assert offset_s(clock) == 0


@pytest.mark.parametrize("nonsense", ["", "một giờ", "nan", "inf", "1e300", "\x00"])
def test_an_offset_that_is_no_number_changes_nothing(offset_file, nonsense):
    offset_file.write_text("60")
    clock = OffsetClock(offset_file)
    assert offset_s(clock) == 60
    offset_file.write_text(nonsense, encoding="utf-8")
    assert offset_s(clock) == 60


def test_an_offset_file_is_not_read_again_while_it_looks_the_same(offset_file):
    offset_file.write_text("100")
    settle(offset_file)
    clock = OffsetClock(offset_file)
    assert offset_s(clock) == 100
    offset_file.write_text("200")
    settle(offset_file)
    assert offset_s(clock) == 100


def test_a_file_written_twice_within_one_tick_is_read_again(offset_file):
    offset_file.write_text("100")
    clock = OffsetClock(offset_file)
    assert offset_s(clock) == 100
    written_at = offset_file.stat().st_mtime_ns
    offset_file.write_text("200")
    os.utime(offset_file, ns=(written_at, written_at))
    assert offset_s(clock) == 200


@pytest.mark.parametrize("is_there_first", [True, False])
def test_nonsense_without_a_good_offset_before_it_is_no_offset(offset_file, is_there_first):
    clock = OffsetClock(offset_file)
    assert is_there_first or offset_s(clock) == 0
    offset_file.write_text("?")
    assert offset_s(clock) == 0


def test_the_offset_leaves_the_monotonic_clock_alone(offset_file):
    offset_file.write_text("3600")
    assert abs(OffsetClock(offset_file).monotonic() - SystemClock().monotonic()) < 5


def test_the_environment_chooses_the_clock(monkeypatch, offset_file):
    monkeypatch.delenv("BROADCASTER_CLOCK_OFFSET_FILE", raising=False)
    assert isinstance(clock_from_environment(), SystemClock)
    offset_file.write_text("-3600")
    monkeypatch.setenv("BROADCASTER_CLOCK_OFFSET_FILE", str(offset_file))
    clock = clock_from_environment()
    assert isinstance(clock, OffsetClock)
    assert offset_s(clock) == -3600


def look(guard: ClockGuard, clock: FakeClock) -> Step | None:
    return guard.check(clock.now(), clock.monotonic())


@pytest.mark.parametrize("by_s", [3600.0, -3600.0, 5 * 365 * 86_400.0, 2.5, -2.5])
def test_the_guard_notices_a_step_once_and_tells_its_size(by_s):
    clock, guard = FakeClock(), ClockGuard()
    assert look(guard, clock) is None
    clock.advance(0.5)
    clock.step(by_s)
    step = look(guard, clock)
    assert step is not None
    assert step.by_s == pytest.approx(by_s, abs=1e-3)
    assert look(guard, clock) is None


def test_the_guard_lets_time_pass_however_long():
    clock, guard = FakeClock(), ClockGuard()
    for seconds in (0.5, 60, 86_400):
        assert look(guard, clock) is None
        clock.advance(seconds)
    assert look(guard, clock) is None


def test_the_guard_ignores_a_clock_that_is_pulled_slowly():
    clock, guard = FakeClock(), ClockGuard(threshold_s=2.0)
    for _ in range(20):
        clock.step(1.9)
        assert look(guard, clock) is None


def test_the_first_look_of_the_guard_is_never_a_step():
    assert ClockGuard().check(datetime(2031, 1, 1, tzinfo=UTC), 5.0) is None


def test_a_fake_clock_passes_time_on_both_and_steps_only_the_wall():
    clock = FakeClock(datetime(2026, 1, 1, 7, tzinfo=LOCAL), monotonic=10)
    clock.advance(5)
    clock.step(-60)
    assert clock.now() == datetime(2025, 12, 31, 23, 59, 5, tzinfo=UTC)
    assert clock.monotonic() == 15
    clock.advance_to(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
