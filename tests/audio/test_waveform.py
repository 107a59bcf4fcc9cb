"""The picture of a sound can be read by eye and by ear, and takes few bytes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from audio import waveform
from audio.waveform_outline import outline

SVG = "{http://www.w3.org/2000/svg}"
WAVE = [50, 100, 0, 70] * 180


def drawn(**more):
    return ET.fromstring(waveform.draw(WAVE, 95.0, "Âm thanh “A & <B>”", "Dài 95 giây", **more))


def test_it_says_what_it_shows():
    svg = drawn()
    assert svg.get("role") == "img"
    assert svg.find(f"{SVG}title").text == "Âm thanh “A & <B>”"
    assert svg.find(f"{SVG}desc").text == "Dài 95 giây"


def test_time_stands_below_as_people_say_it():
    assert [each.text for each in drawn().iter(f"{SVG}text")][:4] == ["0:00", "0:10", "0:20", "0:30"]
    assert len(list(drawn(width=360).iter(f"{SVG}text"))) < 7


def test_what_is_left_out_is_hatched_where_it_lies():
    marked = [each for each in drawn(kept=[[19.0, 47.5], [57.0, 95.0]]).iter(f"{SVG}rect") if each.get("x")]
    hatched = [each for each in marked if each.get("fill", "").startswith("url")]
    assert [(float(each.get("x")), float(each.get("width"))) for each in hatched] == [
        (0.0, pytest.approx(144.0)),
        (pytest.approx(360.0), pytest.approx(72.0)),
    ]
    assert not list(drawn(kept=[[0.0, 95.0]]).iter(f"{SVG}pattern"))


@pytest.mark.parametrize("width", [320, 720])
def test_it_is_small_and_carries_no_style_and_no_code(width):
    text = waveform.draw(WAVE, 1800.0, "a", kept=[[1.0, 1700.0]], width=width)
    assert len(text) < 9000
    assert "style" not in text
    assert "script" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_thousand_pauses_in_four_hours_stay_a_small_picture():
    kept = [[12.0 * number, 12.0 * number + 9.0] for number in range(1200)]
    assert len(waveform.draw(WAVE, 14_400.0, "a", kept=kept)) < 9000


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (65, "1:05"), (3725, "1:02:05"), (0.5, "0:00,5"), (59.99, "1:00")]
)
def test_the_clock(seconds, text):
    assert waveform.clock(seconds) == text


def test_an_outline_goes_from_nothing_to_the_highest():
    peaks_db = np.concatenate([np.full(500, -90.0), np.full(500, -6.0), np.full(440, -30.0)])
    drawn_outline = outline(peaks_db)
    assert (min(drawn_outline), max(drawn_outline), len(drawn_outline)) == (0, 100, 720)
    assert drawn_outline[-1] == 50
    assert outline(peaks_db[:0]) == [0] * 720
    assert len(outline(peaks_db[:9])) == 720
