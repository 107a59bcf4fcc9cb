"""When an amplifier or transmitter is on: ahead of the first sample, held between items, never for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Timing:
    lead_in_s: float = 0.0
    """From on to the first sample: relays, tubes and transmitters swallow what comes sooner."""
    hold_s: float = 120.0
    """It stays on for so long after the last sample, so that it does not click between two items."""
    longest_on_s: float = 14_400.0
    """A safety limit: whatever is thought to play, it is turned off then, unless an emergency sounds."""


@dataclass(frozen=True, slots=True)
class Use:
    """Sound through it; moments in seconds of one clock."""

    starts_s: float
    ends_s: float | None
    """None: it sounds or waits to, and nobody knows until when."""
    is_emergency: bool = False


class Power(StrEnum):
    OFF = "off"
    ON = "on"
    TOO_LONG = "too_long"
    """Off, although something wants it on: it was on for as long as it may be."""


def wanted(now_s: float, uses: Iterable[Use], timing: Timing, on_since_s: float | None) -> Power:
    """Return whether it should be on; `on_since_s` is None while it is off."""
    wanting = [use for use in uses if _wants(now_s, use, timing)]
    if not wanting:
        return Power.OFF
    if any(use.is_emergency and _sounds(now_s, use) for use in wanting):
        return Power.ON
    is_too_long = on_since_s is not None and now_s - on_since_s >= timing.longest_on_s
    return Power.TOO_LONG if is_too_long else Power.ON


def _wants(now_s: float, use: Use, timing: Timing) -> bool:
    """An emergency turns it on as soon as it is known, even before its own moment."""
    has_begun = use.is_emergency or now_s >= use.starts_s - timing.lead_in_s
    return has_begun and (use.ends_s is None or now_s < use.ends_s + timing.hold_s)


def _sounds(now_s: float, use: Use) -> bool:
    return use.ends_s is None or now_s < use.ends_s
