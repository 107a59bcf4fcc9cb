"""Filters on a stream: the same samples as on a whole recording, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest

from audio import filters, levels
from audio.formats import Pcm
from tests.audio.sounds import noise, sine

HORN = (*filters.high_pass(280.0, 48_000), filters.peaking(2500.0, 3.0, 0.7, 48_000))


@pytest.mark.parametrize("sizes", [(960,), (1, 441, 2400, 5000, 64)])
def test_a_stream_is_filtered_as_a_whole_recording_is(sizes):
    whole = noise(2.0, 0.1).samples
    stream, streaming = whole.copy(), filters.StreamFilter(HORN)
    start = number = 0
    while start < len(stream):
        size = sizes[number % len(sizes)]
        streaming.filter(stream[start : start + size])
        start, number = start + size, number + 1
    assert np.abs(stream - filters.apply(whole, HORN)).max() < 1e-5


def test_a_rested_stream_begins_anew():
    streaming = filters.StreamFilter(HORN)
    first, again = noise(0.02).samples, noise(0.02).samples
    streaming.filter(first)
    streaming.filter(noise(0.1, seed=2).samples)
    streaming.rest()
    streaming.filter(again)
    assert np.array_equal(first, again)


@pytest.mark.parametrize("hz", [100, 500, 2500])
def test_turning_phases_leaves_every_level(hz):
    tone = sine(hz, 1.0, 0.5)
    turned = filters.apply(tone.samples, [filters.all_pass(500.0, 0.7, 48_000)] * 2)
    assert levels.rms_dbfs(Pcm(turned[9600:], 48_000)) == pytest.approx(levels.rms_dbfs(tone), abs=0.05)
