"""How sound is shaped on its way to each kind of loudspeaker. Light: no samples, so a page may name them.

A clip is mastered once and heard on many zones, so it carries what suits them all: lows cut at 200 Hz, the
stated loudness, no peak above -1 dBTP. What only one kind of loudspeaker needs happens in its player.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from audio.outputs.spec import OutputSpec

CEILING_DBTP, LOSSY_CEILING_DBTP = -1.0, -3.0
"""A lossy coder, and the pre-emphasis of a transmitter, raise peaks by up to 2 dB."""
LOSSY_CODECS = frozenset({"G722", "PCMU"})
OPTION = "zone_kinds"
"""Key in `OutputSpec.options`: the kinds of all zones that hear this output."""


@dataclass(frozen=True, slots=True)
class SoundProfile:
    """What a player does to everything that it plays."""

    high_pass_hz: float = 0.0
    """0: no more than the clip's own."""
    presence_db: float = 0.0
    """A lift around 2.5 kHz, where consonants live."""
    ceiling_dbtp: float = CEILING_DBTP
    """No peak above; what the two above have raised is turned down."""

    @property
    def is_plain(self) -> bool:
        return self == SoundProfile()


PROFILES = {
    "horn": SoundProfile(high_pass_hz=280.0, presence_db=3.0),
    "column": SoundProfile(presence_db=2.0),
    "indoor": SoundProfile(),
    "fm": SoundProfile(ceiling_dbtp=LOSSY_CEILING_DBTP),
    "stream": SoundProfile(ceiling_dbtp=LOSSY_CEILING_DBTP),
    "plain": SoundProfile(),
}
"""By kind of zone; judgement within what is measured. Horns carry nothing below 250-300 Hz and lows only push
their drivers about; a lift at 2.5 kHz raised intelligibility in noise a little and never lowered it."""


def profile_of(spec: OutputSpec) -> SoundProfile:
    """Return how the player of `spec` shapes its sound: by the zones that hear it and by the way to them."""
    heard_by = [PROFILES[kind] for kind in spec.options.get(OPTION, ()) if kind in PROFILES]
    profile = _common(heard_by or [SoundProfile()])
    ceiling_dbtp = LOSSY_CEILING_DBTP if is_lossy(spec) else CEILING_DBTP
    return replace(profile, ceiling_dbtp=min(profile.ceiling_dbtp, ceiling_dbtp))


def is_lossy(spec: OutputSpec) -> bool:
    """Return whether what is sent is not, sample by sample, what is heard."""
    return spec.kind == "icecast" or spec.options.get("codec") in LOSSY_CODECS


def _common(profiles: Sequence[SoundProfile]) -> SoundProfile:
    """Return what harms none of them: the highest corner, the least lift, the lowest ceiling."""
    return SoundProfile(
        high_pass_hz=max(each.high_pass_hz for each in profiles),
        presence_db=min(each.presence_db for each in profiles),
        ceiling_dbtp=min(each.ceiling_dbtp for each in profiles),
    )
