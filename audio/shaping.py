"""Giving a player's stream the sound profile of its output, block by block and without delay."""

from __future__ import annotations

from audio import filters
from audio.formats import CLIP_RATE_HZ, Samples
from audio.limiter import StreamLimiter
from audio.outputs.spec import OutputSpec
from audio.profiles import SoundProfile, profile_of

_S16 = 32768.0


class Shaper:
    """Filter and limiter of one output. Measured on 20 ms blocks: half a per cent of a core."""

    def __init__(self, profile: SoundProfile, full_scale: float = 1.0) -> None:
        sections = _sections(profile)
        self._filter = filters.StreamFilter(sections) if sections else None
        self._limiter = StreamLimiter(profile.ceiling_dbtp, full_scale)

    def shape(self, block: Samples) -> None:
        """Shape `block` in place."""
        if self._filter is not None:
            self._filter.filter(block)
        self._limiter.limit(block)

    def rest(self) -> None:
        """Forget what was: silence lies between it and what comes next."""
        if self._filter is not None:
            self._filter.rest()
        self._limiter.rest()


def shaper_for(spec: OutputSpec) -> Shaper | None:
    """Return what shapes the 16-bit steps that go to `spec`; None where a clip is right as it is."""
    profile = profile_of(spec)
    return None if profile.is_plain else Shaper(profile, _S16)


def _sections(profile: SoundProfile) -> tuple[filters.Biquad, ...]:
    low = filters.high_pass(profile.high_pass_hz, CLIP_RATE_HZ) if profile.high_pass_hz else ()
    lift = filters.peaking(2500.0, profile.presence_db, 0.7, CLIP_RATE_HZ)
    return (*low, lift) if profile.presence_db else low
