from __future__ import annotations

import numpy as np
import pytest

from audio import chimes, levels


@pytest.mark.parametrize(
    "sound", [chimes.opening_chime(), chimes.attention_tone(3.0)], ids=["chime", "attention"]
)
def test_a_chime_begins_and_ends_without_a_click(sound):
    assert sound.rate_hz == 48_000
    assert np.abs(sound.samples[[0, -1]]).max() < 1e-3
    assert np.abs(np.diff(sound.samples)).max() < 0.2
    assert levels.peak_dbfs(sound) == pytest.approx(-6.02, abs=0.1)


def test_the_opening_chime_rises_in_four_notes():
    chime = chimes.opening_chime()
    found = []
    for place in range(4):
        start = round((0.42 * place + 0.02) * 48_000)
        piece = chime.samples[start : start + 16_000] * np.hanning(16_000)
        spectrum = np.abs(np.fft.rfft(piece))
        found.append(round(float(np.argmax(spectrum)) * 3))
    assert found == sorted(found)
    assert len(set(found)) == 4


def test_the_attention_tone_is_as_long_as_asked():
    assert chimes.attention_tone(1.3).seconds == pytest.approx(1.3)
