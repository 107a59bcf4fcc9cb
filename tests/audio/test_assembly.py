from __future__ import annotations

import numpy as np
import pytest

from audio import assembly, chimes, mastering
from audio.assembly import Part
from audio.formats import Pcm, silence
from tests.audio.sounds import sine


def spoken(seconds: float, tail_s: float = 0.3) -> Pcm:
    """A sentence of one second as an engine gives it: with silence of its own around it."""
    pieces = [silence(0.1, 22_050), sine(300, seconds, 0.3, 22_050), silence(tail_s, 22_050)]
    return Pcm(np.concatenate([piece.samples for piece in pieces]), 22_050)


def gaps_s(pcm: Pcm) -> list[float]:
    """Return the silences of 0.1 s and longer, in order, the one at the end included."""
    is_loud = np.abs(pcm.samples) > 0.003
    places = np.append(np.flatnonzero(is_loud), len(is_loud))
    wide = np.diff(places)
    return [round(frames / pcm.rate_hz, 2) for frames in wide if frames > pcm.rate_hz / 10]


def test_an_engines_own_silence_is_cut_off():
    assert assembly.trimmed(spoken(1.0)).seconds == pytest.approx(1.05, abs=0.02)


def test_silence_and_nothing_are_trimmed_to_nothing():
    for empty in (silence(0.0, 22_050), silence(1.0, 22_050)):
        assert len(assembly.trimmed(empty).samples) == 0


def test_a_sound_without_silence_keeps_its_length():
    assert assembly.trimmed(sine(300, 1.0, 0.3, 22_050)).seconds == pytest.approx(1.0, abs=0.01)


def test_pauses_are_those_asked_for():
    parts = [Part(spoken(1.0), 450), Part(spoken(1.0), 800), Part(spoken(1.0), 1000)]
    heard = gaps_s(assembly.assemble(parts))
    assert heard == pytest.approx([0.5, 0.85, 0.45], abs=0.03)


def test_repeats_are_separated_by_silence_and_the_reminder():
    whole = assembly.assemble([Part(spoken(1.0), 450)], repeats=3, reminder=spoken(0.5))
    assert gaps_s(whole) == pytest.approx([2.55, 0.85, 2.55, 0.85, 0.45], abs=0.03)


def test_the_chime_comes_first_and_is_about_as_loud_as_the_speech():
    chime = chimes.opening_chime()
    whole = assembly.assemble([Part(spoken(3.0), 450)], chime=chime)
    opening = Pcm(whole.samples[: len(chime.samples)], 48_000)
    speech = Pcm(whole.samples[len(chime.samples) :], 48_000)
    assert mastering.loudness_of(opening) == pytest.approx(mastering.loudness_of(speech), abs=2.0)
    assert whole.seconds == pytest.approx(chime.seconds + 0.5 + 3.05 + 0.4, abs=0.05)


def test_nothing_clicks_where_pieces_meet():
    whole = assembly.assemble([Part(sine(300, 0.5, 0.3, 22_050), 450)] * 3)
    assert np.abs(np.diff(whole.samples)).max() < 0.03


def test_voices_of_different_rates_are_not_mixed():
    with pytest.raises(ValueError, match="one rate"):
        assembly.joined([Part(spoken(1.0), 450), Part(sine(300, 1.0), 450)])
