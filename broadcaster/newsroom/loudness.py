"""How loud each kind of clip is meant to be, and whether it came out so."""

from __future__ import annotations

from typing import Protocol

from audio.profiles import CEILING_DBTP
from broadcaster.store.models import Kind

EMERGENCY_ABOVE_SPEECH_LU = 2.0
"""-14 LUFS beside the -16 of speech: louder still lost intelligibility (measured)."""
MUSIC_BELOW_SPEECH_LU = 4.0
SPEECH_LUFS = -16.0
TOLERANCE_LU = 0.5
_METERS_DIFFER_DB = 0.05


class Measured(Protocol):
    """A clip's row."""

    @property
    def loudness_lufs(self) -> float: ...
    @property
    def true_peak_dbtp(self) -> float: ...
    @property
    def target_lufs(self) -> float | None: ...


def of_speech(kind: str, speech_lufs: float = SPEECH_LUFS) -> float:
    """Return the loudness in LUFS for a spoken bulletin of this kind."""
    return speech_lufs + (EMERGENCY_ABOVE_SPEECH_LU if kind == Kind.EMERGENCY else 0.0)


def of_music(speech_lufs: float = SPEECH_LUFS) -> float:
    return speech_lufs - MUSIC_BELOW_SPEECH_LU


def is_as_meant(clip: Measured) -> bool:
    """Return whether the clip is as loud as it was meant to be, with no peak above the ceiling."""
    target_lufs = SPEECH_LUFS if clip.target_lufs is None else clip.target_lufs
    is_loud_enough = abs(clip.loudness_lufs - target_lufs) <= TOLERANCE_LU
    return is_loud_enough and clip.true_peak_dbtp <= CEILING_DBTP + _METERS_DIFFER_DB
