"""Sounds of our own making that come before words: the opening chime and the attention tone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from audio.formats import CLIP_RATE_HZ, Pcm, Samples
from audio.player_words import ATTENTION_S

_NOTES_HZ = (523.25, 659.26, 783.99, 1046.50)
"""C5 E5 G5 C6: a rising major chord, above what a horn loudspeaker cuts off."""
_NOTE_EVERY_S = 0.42
_RING_S = 1.6
_PARTIALS = ((1.0, 1.0, 0.55), (2.0, 0.35, 0.30), (3.0, 0.12, 0.18), (4.17, 0.05, 0.10))
"""(multiple of the note, strength, seconds to fall to 1/e) of a small struck bar."""
_ATTENTION_HZ = (660.0, 880.0)
_ATTENTION_TURN_S = 0.25
_PEAK = 0.5


def opening_chime() -> Pcm:
    """Return four rising bell notes, 2.9 s, peak -6 dBFS."""
    frames = round((_NOTE_EVERY_S * (len(_NOTES_HZ) - 1) + _RING_S) * CLIP_RATE_HZ)
    mixed = np.zeros(frames)
    for place, note_hz in enumerate(_NOTES_HZ):
        start = round(place * _NOTE_EVERY_S * CLIP_RATE_HZ)
        struck = _bell(note_hz)
        mixed[start : start + len(struck)] += struck
    return _at_peak(mixed)


def attention_tone(seconds: float = ATTENTION_S) -> Pcm:
    """Return two tones in turn, 0.25 s each, peak -6 dBFS: says "listen" before an emergency order.

    Neither the 554/440 Hz pair of NF S 32-001 nor the temporal pattern of ISO 8201, which order people out
    of a building.
    """
    time_s = np.arange(round(seconds * CLIP_RATE_HZ)) / CLIP_RATE_HZ
    turn = (time_s / _ATTENTION_TURN_S).astype(int) % len(_ATTENTION_HZ)
    phase = 2 * np.pi * np.cumsum(np.array(_ATTENTION_HZ)[turn]) / CLIP_RATE_HZ
    return _at_peak(_softened(np.sin(phase) + 0.3 * np.sin(2 * phase), 0.01))


def _bell(note_hz: float) -> npt.NDArray[np.float64]:
    time_s = np.arange(round(_RING_S * CLIP_RATE_HZ)) / CLIP_RATE_HZ
    rung = sum(
        strength * np.exp(-time_s / fall_s) * np.sin(2 * np.pi * multiple * note_hz * time_s)
        for multiple, strength, fall_s in _PARTIALS
    )
    return _softened(np.asarray(rung), 0.004)


def _softened(sound: npt.NDArray[np.float64], seconds: float) -> npt.NDArray[np.float64]:
    """Return `sound` faded in and out, so that it does not click."""
    frames = min(round(seconds * CLIP_RATE_HZ), len(sound) // 2)
    rise = (1 - np.cos(np.pi * np.arange(frames) / max(frames, 1))) / 2
    envelope = np.ones(len(sound))
    envelope[:frames], envelope[len(sound) - frames :] = rise, rise[::-1]
    return sound * envelope


def _at_peak(sound: npt.NDArray[np.float64]) -> Pcm:
    loudest = float(np.abs(sound).max(initial=0.0)) or 1.0
    samples: Samples = (sound * (_PEAK / loudest)).astype(np.float32)
    return Pcm(samples, CLIP_RATE_HZ)
