"""Which piece of a microphone's sound goes on when: order, cushion, gaps and backlog, without a clock."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.playout.live_feed import CUSHION_S, LATE_S, PATIENCE_S, Feed
from broadcaster.playout.live_spool import Piece

BLOCK_S = 0.2


def piece(number):
    return Piece(number, Path(f"{number}.wav"), BLOCK_S)


def numbers(pieces):
    return [each.number for each in pieces]


def stream(arrivals, until, step=0.05):
    """Let pieces arrive at their moments (number -> moment); return (moment, number) of what goes on."""
    feed, out, now, left = Feed(0.0), [], 0.0, dict(arrivals)
    while now < until:
        here = [number for number, at in left.items() if at <= now + 1e-9]
        feed.arrive([piece(number) for number in sorted(here)], now)
        for number in here:
            del left[number]
        out += [(round(now, 3), number) for number in numbers(feed.due(now))]
        now += step
    return feed, out


def even(count, first=0.2):
    return {number: first + number * BLOCK_S for number in range(count)}


def test_sound_waits_for_its_cushion_and_then_goes_on_as_it_comes():
    feed, out = stream(even(20), 5.0)
    assert numbers_of(out) == list(range(20))
    assert out[0][0] - 0.2 <= CUSHION_S
    assert [moment for moment, _ in out[3:]] == sorted(moment for moment, _ in out[3:])
    assert (feed.missing, feed.dropped_s) == (0, 0.0)


def numbers_of(out):
    return [number for _, number in out]


def test_pieces_that_overtake_each_other_are_put_in_order():
    arrivals = even(10) | {4: 1.4, 5: 1.3}
    _, out = stream(arrivals, 4.0)
    assert numbers_of(out) == list(range(10))


def test_a_piece_that_never_comes_is_passed_over_soon():
    arrivals = {number: at for number, at in even(20).items() if number != 8}
    feed, out = stream(arrivals, 5.0)
    assert numbers_of(out) == [number for number in range(20) if number != 8]
    after = {number: moment for moment, number in out}[9]
    assert after - even(20)[9] <= PATIENCE_S + 0.1
    assert feed.missing == 1


def test_one_that_comes_after_it_was_passed_over_is_dropped():
    arrivals = even(20) | {8: 3.5}
    feed, out = stream(arrivals, 5.0)
    assert 8 not in numbers_of(out)
    assert round(feed.dropped_s, 3) == BLOCK_S


def test_a_short_stall_loses_nothing():
    arrivals = {number: at if not 2.0 < at < 3.5 else 3.5 for number, at in even(25).items()}
    feed, out = stream(arrivals, 6.0)
    assert numbers_of(out) == list(range(25))
    assert feed.dropped_s == 0.0


def test_after_a_long_stall_only_the_newest_is_heard():
    arrivals = {number: at if not 2.0 < at < 6.0 else 6.0 for number, at in even(40).items()}
    feed, out = stream(arrivals, 9.0)
    heard = numbers_of(out)
    assert heard == sorted(heard)
    assert heard[-1] == 39
    assert feed.dropped_s > 2.0
    at_six = [number for moment, number in out if 5.9 < moment < 6.2]
    assert len(at_six) * BLOCK_S <= CUSHION_S + BLOCK_S + 1e-6


def test_after_running_dry_a_cushion_is_gathered_anew():
    arrivals = {number: at if number < 10 else at + 1.5 for number, at in even(20).items()}
    _, out = stream(arrivals, 7.0)
    first = {number: moment for moment, number in out}[10]
    assert first - arrivals[10] >= CUSHION_S - BLOCK_S - 0.05


def test_what_is_said_while_an_amplifier_warms_up_is_not_played_late():
    feed = Feed(starts_at=3.0)
    out = []
    for step in range(80):
        now = step * 0.05
        if step % 4 == 0:
            feed.arrive([piece(step // 4)], now)
        out += [(now, number) for number in numbers(feed.due(now))]
    assert out[0][0] >= 3.0 - CUSHION_S - 0.05
    assert out[0][1] >= (3.0 - 2 * CUSHION_S) / BLOCK_S - 2
    assert feed.dropped_s == 0.0


def test_the_end_lets_everything_be_heard_that_has_come():
    feed = Feed(0.0)
    feed.arrive([piece(0), piece(1)], 0.1)
    assert numbers(feed.due(0.1)) == []
    assert numbers(feed.rest(0.2)) == [0, 1]
    assert round(feed.given_s, 3) == 2 * BLOCK_S


@given(st.lists(st.floats(0, 8), min_size=5, max_size=40), st.randoms())
def test_whatever_the_network_does_order_holds_and_nothing_is_given_twice(delays, random):
    arrivals = {number: 0.2 + number * BLOCK_S + delay for number, delay in enumerate(delays)}
    feed, out = stream(arrivals, 20.0, step=0.1)
    rest = numbers(feed.rest(20.0))
    heard = numbers_of(out) + rest
    assert heard == sorted(set(heard))
    assert len(heard) * BLOCK_S + feed.dropped_s <= len(delays) * BLOCK_S + 1e-6


@given(st.lists(st.floats(0, 6), min_size=20, max_size=60))
def test_no_piece_goes_on_that_would_lag_more_than_the_limit(delays):
    arrivals = {number: 0.2 + number * BLOCK_S + delay for number, delay in enumerate(delays)}
    _, out = stream(arrivals, 25.0, step=0.1)
    dry = 0.0
    for moment, _ in out:
        assert dry - moment <= LATE_S + 1e-6
        dry = max(dry, moment) + BLOCK_S
