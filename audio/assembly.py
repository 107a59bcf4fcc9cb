"""Putting a clip together: chime, sentences, pauses of our own, repeats.

Engines end each call with a tail of their own (espeak-ng: 300 ms) and pause where they please, or not at all
(a heading runs into the next line). So silence is cut off both ends of every sentence and ours put between.
Cutting and fading is pydub's; joining is one concatenation, never `+` in a loop (20 s for half an hour).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from audio import mastering
from audio.formats import CLIP_RATE_HZ, Pcm, from_s16, resample, silence, to_s16

with warnings.catch_warnings():
    # pydub looks for ffmpeg at import and complains aloud; we never decode through it.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

BEFORE_REPEAT_S = 2.5
REMINDER = "Xin nhắc lại."
REMINDER_PAUSE_MS = 800
AFTER_CHIME_S = 0.5
AT_END_S = 0.4
CHIME_BELOW_SPEECH_LU = 1.0
_HEARD_FIRST_S = 60.0
"""Part of the speech whose loudness the chime follows: one voice does not change after a minute."""
_SILENT_DBFS = -50.0
_STEP_MS = 5
_KEEP_BEFORE_MS, _KEEP_AFTER_MS = 10, 40
"""Left standing before and after what is heard: soft onsets and the fall of a last vowel."""
_FADE_MS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One spoken sentence and the silence that follows it."""

    pcm: Pcm
    pause_ms: int


def trimmed(pcm: Pcm) -> Pcm:
    """Return `pcm` without the silence at its ends, faded over 5 ms; without a sound in it, nothing."""
    segment = _segment(pcm)
    lead = detect_leading_silence(segment, _SILENT_DBFS, _STEP_MS)
    tail = detect_leading_silence(segment.reverse(), _SILENT_DBFS, _STEP_MS)
    start, end = max(0, lead - _KEEP_BEFORE_MS), min(len(segment), len(segment) - tail + _KEEP_AFTER_MS)
    if lead >= len(segment) or end - start < 2 * _FADE_MS:
        return Pcm(pcm.samples[:0], pcm.rate_hz)
    kept = segment[start:end].fade_in(_FADE_MS).fade_out(_FADE_MS)
    return from_s16(kept.raw_data, pcm.rate_hz)


def _segment(pcm: Pcm) -> AudioSegment:
    return AudioSegment(data=to_s16(pcm), sample_width=2, frame_rate=pcm.rate_hz, channels=1)


def joined(parts: Sequence[Part]) -> Pcm:
    """Return all `parts` (of one rate) in a row at 48 kHz, trimmed, with their pauses; resampled once."""
    rate_hz = parts[0].pcm.rate_hz
    if any(part.pcm.rate_hz != rate_hz for part in parts):
        raise ValueError("one voice has one rate")
    pieces = (
        piece for part in parts for piece in (trimmed(part.pcm), silence(part.pause_ms / 1000, rate_hz))
    )
    return resample(_concatenated(pieces, rate_hz), CLIP_RATE_HZ)


def assemble(
    parts: Sequence[Part], *, chime: Pcm | None = None, repeats: int = 1, reminder: Pcm | None = None
) -> Pcm:
    """Return one recording at 48 kHz: chime, all `parts`, and again after `reminder` for each repeat.

    The chime is brought near the loudness of the speech, so that one master gain suits both.
    """
    speech = joined([*parts[:-1], Part(parts[-1].pcm, 0)])
    between = [silence(BEFORE_REPEAT_S)]
    if reminder is not None:
        between.append(joined([Part(reminder, REMINDER_PAUSE_MS)]))
    opening = [] if chime is None else [_as_loud(chime, speech), silence(AFTER_CHIME_S)]
    again = [piece for _ in range(repeats - 1) for piece in (*between, speech)]
    return _concatenated([*opening, speech, *again, silence(AT_END_S)], CLIP_RATE_HZ)


def in_a_row(pieces: Sequence[Pcm], pause_s: float) -> Pcm:
    """Return `pieces` trimmed, `pause_s` between them, at the rate of the first."""
    rate_hz = pieces[0].rate_hz
    gap = silence(pause_s, rate_hz)
    spaced = (each for piece in pieces for each in (gap, trimmed(resample(piece, rate_hz))))
    return _concatenated(list(spaced)[1:], rate_hz)


def _as_loud(chime: Pcm, speech: Pcm) -> Pcm:
    first = Pcm(speech.samples[: round(_HEARD_FIRST_S * speech.rate_hz)], speech.rate_hz)
    wanted = mastering.loudness_of(first) - CHIME_BELOW_SPEECH_LU
    gain = 10 ** ((wanted - mastering.loudness_of(chime)) / 20)
    return Pcm(chime.samples * np.float32(gain), chime.rate_hz)


def _concatenated(pieces: Iterable[Pcm], rate_hz: int) -> Pcm:
    return Pcm(np.concatenate([piece.samples for piece in pieces]), rate_hz)
